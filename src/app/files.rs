//! What the files of a configuration hold, as one hash of their bytes.
//!
//! Bytes are compared and not times, and by looking again and again rather than by the system's notices: a Kubernetes
//! ConfigMap changes by a link being turned, a network folder sends no notices, and a file can be written with the
//! time of an older one. The files are few and small, so a look costs less than a request.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::config::Config;

/// Bytes of a file that are looked at: far more than any configuration has, and an end to a file that has none.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Folders below `schemas` and `mappings` that are gone into: an end to a link that leads back.
const MAX_DEPTH: usize = 8;

/// Two of the same value: the files hold the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of the connections file, the files it names, and what stands in `schemas` and `mappings` beside it. A file
    /// that can't be read counts by the reason.
    pub(super) fn of(config: &Path) -> Self {
        let folder = config.parent().unwrap_or(Path::new(""));
        let mut files = Config::files(config);
        files.insert(config.to_owned());
        for name in ["schemas", "mappings"] {
            files_below(&folder.join(name), MAX_DEPTH, &mut files);
        }
        let mut hash = Sha256::new();
        for file in files {
            // Of one length each, so that no two sets of files read the same.
            hash.update(Sha256::digest(file.as_os_str().as_encoded_bytes()));
            hash.update(content(&file).unwrap_or_else(|error| Sha256::digest(error.to_string()).into()));
        }
        Self(hash.finalize().into())
    }
}

fn content(file: &Path) -> io::Result<[u8; 32]> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(Sha256::digest(&bytes).into())
}

/// Without hidden entries, which are an editor's or the inside of a ConfigMap.
fn files_below(folder: &Path, depth: usize, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match (entry.file_name().as_encoded_bytes().starts_with(b"."), path.is_dir()) {
            (true, _) => {}
            (false, true) if depth > 0 => files_below(&path, depth - 1, files),
            (false, true) => {}
            (false, false) => drop(files.insert(path)),
        }
    }
}
