#![no_main]
//! See `svod_fuzz::exports`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    svod_fuzz::exports(data);
});
