#![no_main]
//! See `svod_fuzz::text`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    svod_fuzz::text(data);
});
