#![no_main]
//! See `svod_fuzz::sheets`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    svod_fuzz::sheets(data);
});
