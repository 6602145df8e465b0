#![no_main]
//! See `svod_fuzz::wire`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    svod_fuzz::wire(data);
});
