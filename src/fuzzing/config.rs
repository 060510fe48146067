//! The connections file.

use std::{fs, path::PathBuf, sync::LazyLock};

use crate::config::Config;

/// A folder of this process's own.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("deskbridge-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
});

/// A file is taken, or refused with at least one mistake that stands in it; and it is the same the second time.
pub fn config(data: &[u8]) {
    // Secrets may be in any file: no input shall wait for one that never ends.
    if data.windows(5).any(|part| part == b"file:") {
        return;
    }
    let file = FOLDER.join("deskbridge.yaml");
    fs::write(&file, data).expect("a file");
    // Either ends a line (YAML 1.2, section 5.4).
    let lines = data.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    let told = || match Config::load(&file) {
        Ok(config) => config.connections.len().to_string(),
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            assert!(problems.iter().all(|problem| problem.place.line <= lines as u64 + 1), "{problems:?}");
            problems.iter().map(ToString::to_string).collect()
        }
    };
    assert_eq!(told(), told());
    Config::named(&file);
}
