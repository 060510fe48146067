//! Where a store is, and how it is read.

use super::Keyring;

/// The path in `sqlite:PATH`; none of what SQLite would take for something else than a file: no store is in memory.
pub(super) fn file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    Some(path).filter(|path| !path.is_empty() && *path != ":memory:" && !path.starts_with("file:"))
}

/// A store's URL and the keys of what is encrypted in it. A URL alone is a place without keys. It may hold a password.
#[derive(Clone)]
pub struct Place {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// The first one encrypts, all decrypt.
    pub keys: Keyring,
}

impl From<&str> for Place {
    fn from(url: &str) -> Self {
        Self { url: url.to_owned(), keys: Keyring::default() }
    }
}

impl From<&String> for Place {
    fn from(url: &String) -> Self {
        Self::from(url.as_str())
    }
}

impl From<&Self> for Place {
    fn from(place: &Self) -> Self {
        place.clone()
    }
}
