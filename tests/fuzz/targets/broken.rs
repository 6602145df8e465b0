#![no_main]
//! A target whose promise is broken by every input: it shows that a broken promise is seen.

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert!(data.is_empty()));
