#![no_main]
//! See `svod_fuzz::workbook`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    svod_fuzz::workbook(data);
});
