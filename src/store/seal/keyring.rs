//! The keys: the first one encrypts, all of them decrypt.

use std::{fmt, path::Path, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};

use crate::disk;

/// Bytes of a key of AES-256.
pub(super) const KEY_BYTES: usize = 32;
/// Longest name of a key: each value carries it.
pub(super) const MAX_NAME_BYTES: usize = 32;
/// What some editors begin a file with (Unicode 23.8).
const MARK: char = '\u{feff}';
/// Longest file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The keys that a store's content is encrypted under; none by default. `Debug` shows their names alone.
#[derive(Clone, Default)]
pub struct Keyring(Arc<[Key]>);

pub(super) struct Key {
    pub(super) name: String,
    pub(super) key: LessSafeKey,
}

/// Why a file of keys can't be used. None of the texts holds a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file's own error.
    #[error("the encryption keys in {path} can't be read: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A key stands where the path of its file is meant.
    #[error(
        "DESKBRIDGE_ENCRYPTION_KEYS is the path of a file, not a key: write NAME:KEY into a file, and its path here"
    )]
    Key,
    /// A line is no key.
    #[error(
        "{path}:{line}: {why}; write one key a line as NAME:KEY, the key 32 random bytes in base64 (openssl rand -base64 32)"
    )]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no key in it.
    #[error(
        "{path} holds no encryption key: write one a line as NAME:KEY, or leave DESKBRIDGE_ENCRYPTION_KEYS empty"
    )]
    Empty {
        /// Which file.
        path: String,
    },
}

impl Keyring {
    /// Reads a file of keys, `NAME:BASE64` a line; empty lines and those that begin with `#` don't count.
    pub fn read(path: &Path) -> Result<Self, KeyringError> {
        let shown = path.display().to_string();
        let text = disk::read_text(path, MAX_FILE_BYTES).map_err(|source| match is_key(&shown) {
            true => KeyringError::Key,
            false => KeyringError::File { path: shown.clone(), source },
        })?;
        let mut keys: Vec<Key> = Vec::new();
        let text = text.strip_prefix(MARK).unwrap_or(&text);
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let key = Key::parse(content).and_then(|key| unused(key, &keys));
            keys.push(key.map_err(|why| KeyringError::Line { path: shown.clone(), line, why })?);
        }
        if keys.is_empty() { Err(KeyringError::Empty { path: shown }) } else { Ok(Self(keys.into())) }
    }

    /// True if nothing is encrypted, and nothing that is can be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the key that encrypts, if there is one.
    pub fn first_name(&self) -> Option<&str> {
        Some(self.first()?.name.as_str())
    }

    pub(super) fn first(&self) -> Option<&Key> {
        self.0.first()
    }

    pub(super) fn named(&self, name: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.name == name)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.name)).finish()
    }
}

impl Key {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let (name, key) = line.split_once(':').ok_or("there is no name before the key")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.chars().all(fits) {
            return Err("a key's name has 1 to 32 letters, digits, dots, hyphens and underscores");
        }
        let bytes = BASE64_STANDARD.decode(key.trim()).map_err(|_| "the key is not base64")?;
        if bytes.len() != KEY_BYTES {
            return Err("the key has not 32 bytes");
        }
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| "the key can't be used")?;
        Ok(Self { name: name.to_owned(), key: LessSafeKey::new(key) })
    }
}

/// Whether what should be a path looks like a key, with or without a name: it must not be told in an error then.
fn is_key(path: &str) -> bool {
    let key = path.rsplit_once(':').map_or(path, |(_, key)| key);
    BASE64_STANDARD.decode(key.trim()).is_ok_and(|bytes| bytes.len() >= KEY_BYTES)
}

fn unused(key: Key, keys: &[Key]) -> Result<Key, &'static str> {
    let is_used = keys.iter().any(|other| other.name == key.name);
    if is_used { Err("another key above has the same name") } else { Ok(key) }
}
