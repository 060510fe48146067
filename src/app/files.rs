//! What the files of a configuration hold, as one hash of their bytes.
//!
//! Bytes are compared and not times, and by looking again and again rather than by the system's notices: a Kubernetes
//! ConfigMap changes by a link being turned, a network folder sends no notices, and a file can be written with the
//! time of an older one. The files are few and small, so a look costs less than a request.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    config::Config,
    disk::{self, Below},
    mapping::{Library, SourceSchemas},
};

/// Bytes of the hash that are shown.
const SHOWN: usize = 6;

/// Two of the same value: the files hold the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    /// Enough of it to tell one set of files from another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(SHOWN).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Fingerprint {
    /// Of the connections file, the files it names, and what stands in `schemas` and `mappings` beside it. A file
    /// that can't be read counts by the reason.
    pub(super) fn of(config: &Path) -> Self {
        let folder = config.parent().unwrap_or(Path::new(""));
        let named = Config::named(config);
        // A mapping may build on files anywhere; what the sources send has no part in that.
        let library = Library::beside(folder, SourceSchemas::default());
        let mut files = named.secrets;
        files.extend(named.mappings.iter().flat_map(|name| library.files(name)));
        files.insert(config.to_owned());
        for name in ["schemas", "mappings"] {
            files.extend(Below::of(&folder.join(name), disk::MAX_DEPTH).files);
        }
        Self::of_each(files)
    }

    /// Of these files alone.
    pub(super) fn of_each(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let mut hash = Sha256::new();
        for file in files {
            // Of one length each, so that no two sets of files read the same.
            hash.update(Sha256::digest(file.as_os_str().as_encoded_bytes()));
            hash.update(content(&file).unwrap_or_else(|error| Sha256::digest(error.to_string()).into()));
        }
        Self(hash.finalize().into())
    }
}

fn content(path: &Path) -> io::Result<[u8; 32]> {
    Ok(Sha256::digest(disk::read(path, disk::MAX_BYTES)?).into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A file in this folder, whose own folder is made.
    fn write(folder: &Path, name: &str, text: &str) {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    const CONNECTIONS: &str = "
api_keys: [{ name: ops, scopes: [read], secret: file:secrets/ops }]
connections:
  acme:
    source: { vendor: udesk, verify: [{ standard_webhooks: { secrets: [file:secrets/new, file:secrets/old] } }] }
    target: { vendor: bangwo8, base_url: https://b8.example, auth: { basic: { account: file:secrets/a, password: file:secrets/b } }, headers: { Cookie: file:secrets/c } }
    mapping: mine/acme.yaml
";

    #[test]
    fn every_file_that_takes_part_is_seen_to_change_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("deskbridge.yaml");
        write(folder.path(), "deskbridge.yaml", CONNECTIONS);
        write(folder.path(), "mine/acme.yaml", "extends: mine/base.yaml");
        let mut before = Fingerprint::of(&config);
        let parts = [
            "secrets/ops",
            "secrets/new",
            "secrets/old",
            "secrets/a",
            "secrets/b",
            "secrets/c",
            "mine/base.yaml",
            "mine/acme.yaml",
            "mappings/other.yaml",
            "schemas/events/udesk/ticket.created.json",
        ];
        for part in parts {
            for text in ["one", "two"] {
                write(folder.path(), part, text);
                let after = Fingerprint::of(&config);
                assert!(before != after, "{part}");
                before = after;
            }
        }
        for other in ["secrets/unnamed", "deskbridge.db", "mappings/.acme.yaml.swp", "schemas/..data/x.json"]
        {
            write(folder.path(), other, "x");
            assert!(before == Fingerprint::of(&config), "{other}");
        }
        fs::remove_file(folder.path().join("secrets/old")).unwrap();
        assert!(before != Fingerprint::of(&config));
    }

    #[test]
    fn a_link_that_leads_back_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mappings")).unwrap();
        std::os::unix::fs::symlink(".", folder.path().join("mappings/again")).unwrap();
        let config = folder.path().join("deskbridge.yaml");
        assert!(Fingerprint::of(&config) == Fingerprint::of(&config));
    }
}
