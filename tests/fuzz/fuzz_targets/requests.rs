#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| orgsearch_tests::fuzz::run("requests", input));
