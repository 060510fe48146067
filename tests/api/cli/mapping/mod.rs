//! `mapping`: what each command prints of shipped mappings, of a tenant's own, and of files with mistakes.

mod cases;
mod events;
mod mistakes;

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::*;

/// A tenant's mapping: all of the shipped one, but for the arms of its priorities.
pub(super) const MINE: &str = "\
source: udesk
target: bangwo8
extends: udesk-bangwo8
tables:
  priority:
    arms: { urgency: 3, medium: park }
    lossy: 紧急 与 高 都是 高
";

/// What a command said and how it ended.
pub(super) struct Said {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) error: String,
}

impl Said {
    /// What a command with --json printed.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.error))
    }
}

/// Runs a command in a folder.
pub(super) async fn mapping(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = deskbridge(&["mapping"]);
    command.args(arguments).current_dir(folder);
    let output = run_to_end(command).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Said { code: output.status.code(), out: text(output.stdout), error: text(output.stderr) }
}

/// This repository.
pub(super) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with `mappings/acme.yaml`.
pub(super) fn folder_with(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("mappings")).expect("a folder");
    fs::write(folder.path().join("mappings/acme.yaml"), text).expect("a mapping");
    folder
}
