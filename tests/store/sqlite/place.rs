//! A file in a folder of its own.

use std::path::PathBuf;

use tempfile::TempDir;

use super::support::Desk;

/// A process that starts knows that the one before is dead: nobody else can have had the file.
pub(crate) const RECOVERS_AT_ONCE: bool = true;

/// Journals that a property is tried with.
pub(crate) const CASES: u32 = 32;

/// Where a test's store is; gone with it.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) async fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    /// All that is on the disk: the file, and what is beside it.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.0.path()).expect("a folder");
        let files = files.map(|file| std::fs::read(file.expect("a file").path()).expect("it can be read"));
        files.flatten().collect()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("desk.db")
    }
}

impl Desk {
    pub(crate) fn file(&self) -> PathBuf {
        self.place.file()
    }
}
