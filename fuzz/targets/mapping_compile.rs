#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbridge::fuzzing::mapping_compile(data));
