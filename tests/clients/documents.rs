//! The examples that the vendor's documents print, each in a file, mended where they are no JSON: comments and
//! ellipses are taken out.

use std::{fs, path::Path};

use serde_json::Value;

/// The example in `documents/{name}.json`.
pub(crate) fn document(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/documents");
    fs::read_to_string(folder.join(name).with_extension("json")).unwrap()
}

/// The same, parsed.
pub(crate) fn document_json(name: &str) -> Value {
    serde_json::from_str(&document(name)).unwrap()
}
