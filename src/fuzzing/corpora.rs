//! The kept inputs, once each.

use std::{fs, path::Path};

#[test]
fn every_kept_input_keeps_what_its_door_promises() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, door) in super::DOORS {
        let inputs: Vec<_> = fs::read_dir(corpus.join(name)).expect("a corpus").collect();
        assert!(!inputs.is_empty(), "the corpus of {name} is empty");
        for input in inputs {
            let path = input.expect("an input").path();
            let told = std::panic::catch_unwind(|| door(&fs::read(&path).expect("an input")));
            assert!(told.is_ok(), "{}", path.display());
        }
    }
}
