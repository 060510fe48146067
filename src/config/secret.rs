//! Secrets are named in the file, never written in it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use crate::{diagnostic::Spanned, disk};

/// What some editors begin a file with (Unicode 23.8): no part of what was written.
const MARK: char = '\u{feff}';
/// Longest secret in a file.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// `env:NAME` or `file:PATH`, as written. Not printed: it may be a literal secret put here by mistake.
#[derive(Clone)]
pub(super) struct SecretRef(String);

impl SecretRef {
    /// Fetches the secret. A relative path is taken from `folder`, that of the connections file.
    pub(super) fn resolve(&self, folder: &Path) -> Result<SecretString, String> {
        self.fetch(|path| disk::read(&folder.join(path), MAX_SECRET_BYTES))
    }

    fn fetch(&self, read: impl Fn(&str) -> io::Result<Vec<u8>>) -> Result<SecretString, String> {
        let text = match self.0.split_once(':') {
            Some(("env" | "file", "")) => {
                return Err("name what holds the secret: env:NAME or file:PATH".into());
            }
            Some(("env", name)) => std::env::var(name)
                .map_err(|_| format!("the environment variable {name} is not set, or not UTF-8"))?,
            Some(("file", path)) => read(path)
                .and_then(disk::text)
                .map_err(|error| format!("the secret's file {path} can't be read: {error}"))?,
            _ => return Err("a secret is written env:NAME or file:PATH; a literal is refused".into()),
        };
        let secret = text.strip_prefix(MARK).unwrap_or(&text).trim_end_matches(['\r', '\n']);
        match secret {
            secret if secret.trim().is_empty() => Err("the secret is empty".into()),
            secret if secret.contains(char::is_control) => Err("the secret has a line break or another \
                control character in it: write it on one line, alone"
                .into()),
            // HTTP takes blanks off a header's value: nobody could ever show it.
            secret if secret.trim() != secret => {
                Err("the secret begins or ends with a blank: take it off".into())
            }
            secret => Ok(SecretString::from(secret)),
        }
    }

    /// The variable it stands in, if it stands in one.
    pub(super) fn variable(&self) -> Option<String> {
        self.0.strip_prefix("env:").map(str::to_owned)
    }

    /// The file it stands in, if it stands in one.
    pub(super) fn file(&self, folder: &Path) -> Option<PathBuf> {
        self.0.strip_prefix("file:").map(|path| folder.join(path))
    }
}

/// The secret that `env:NAME` or `file:PATH` names, in a command: a shell's pipe will do. A literal is refused, without
/// being quoted.
///
/// Errors: a sentence for whoever wrote the name.
pub fn named_secret(name: &str) -> Result<SecretString, String> {
    SecretRef(name.to_owned()).fetch(|path| disk::read_any(Path::new(path), MAX_SECRET_BYTES))
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretRef")
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// One secret or a list of them.
#[derive(Debug, Clone)]
pub(super) struct SecretList(pub(super) Vec<Spanned<SecretRef>>);

impl<'de> Deserialize<'de> for SecretList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = SecretList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of secrets, each env:NAME or file:PATH")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SecretList, A::Error> {
                let mut secrets = Vec::new();
                while let Some(secret) = items.next_element()? {
                    secrets.push(secret);
                }
                Ok(SecretList(secrets))
            }

            /// Without this the usual message would quote the text, which may be a literal secret.
            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<SecretList, E> {
                Err(E::custom("write a list: secrets: [env:NAME]"))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_literal_is_refused_without_being_quoted() {
        let error = SecretRef("hunter2".into()).resolve("/".as_ref()).unwrap_err();
        assert!(error.contains("env:NAME or file:PATH") && !error.contains("hunter2"));
        assert!(!format!("{:?}", SecretRef("hunter2".into())).contains("hunter2"));
    }

    #[test]
    fn a_file_gives_its_text_without_what_editors_add() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["s3cret", "s3cret\n", "s3cret\r\n", "\u{feff}s3cret\n", "s3cret\n\n"] {
            std::fs::write(folder.path().join("key"), text).unwrap();
            let secret = SecretRef("file:key".into()).resolve(folder.path()).unwrap();
            assert_eq!(secret.expose_secret(), "s3cret", "{text:?}");
        }
    }

    #[test]
    fn what_holds_no_secret_or_more_than_one_line_is_refused_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        for (text, why) in [
            ("", "is empty"),
            ("\r\n", "is empty"),
            ("\u{feff}", "is empty"),
            ("  \n", "is empty"),
            ("hunter2\nhunter3\n", "on one line"),
            ("hun\0ter2", "on one line"),
            (" hunter2\n", "ends with a blank"),
            ("hunter2\u{3000}", "ends with a blank"),
        ] {
            std::fs::write(folder.path().join("key"), text).unwrap();
            let error = SecretRef("file:key".into()).resolve(folder.path()).unwrap_err();
            assert!(error.contains(why) && !error.contains("hunter"), "{text:?}: {error}");
        }
        for name in ["env:", "file:"] {
            let error = SecretRef(name.into()).resolve(folder.path()).unwrap_err();
            assert!(error.starts_with("name what holds the secret"), "{error}");
        }
    }
}
