#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| deskbridge::fuzzing::vendor_decoders(data));
