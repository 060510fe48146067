//! What must not be seen, and the search for it.

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};

/// Digits of base64 that stand nowhere by chance.
const MIN_DIGITS: usize = 8;

/// Something that must not be seen, by the name that a failing test may print.
pub(super) struct Planted {
    name: String,
    bytes: Vec<u8>,
}

impl Planted {
    pub(super) fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self { name: name.to_owned(), bytes: bytes.as_ref().to_vec() }
    }

    /// True of what stands in the file of this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// Each secret that a configuration names as `file:`, in every form in which it could be written: as it stands, decoded,
/// and as a password of HTTP Basic would carry it.
pub(super) fn secrets_of(config: &Path) -> Vec<Planted> {
    let (folder, text) =
        (config.parent().expect("a folder"), fs::read_to_string(config).expect("a configuration"));
    let names = text.split("file:").skip(1);
    let name = |rest: &str| {
        rest.split(|c: char| c.is_whitespace() || "],}\"'".contains(c)).next().map(str::to_owned)
    };
    let mut names: Vec<String> = names.filter_map(name).filter(|name| !name.is_empty()).collect();
    names.sort();
    names.dedup();
    names
        .iter()
        .flat_map(|name| forms(name, fs::read_to_string(folder.join(name)).expect("a secret").trim()))
        .collect()
}

fn forms(name: &str, secret: &str) -> Vec<Planted> {
    let mut forms = vec![Planted::new(name, secret)];
    if let Some(encoded) = secret.strip_prefix("whsec_") {
        forms.push(Planted::new(&format!("{name}, without its prefix"), encoded));
        let key = BASE64_STANDARD.decode(encoded).expect("base64");
        forms.push(Planted::new(&format!("{name}, decoded"), key));
    }
    // What stands before it in an encoded text, say an account, shifts its digits by none, one or two bytes. The digits at
    // either end are not its own alone.
    for before in ["", "x", "xx"] {
        let encoded = BASE64_STANDARD.encode(format!("{before}{secret}"));
        let own = encoded.get(4..encoded.len().saturating_sub(4)).unwrap_or_default();
        if own.len() >= MIN_DIGITS {
            forms.push(Planted::new(&format!("{name}, in base64"), own));
        }
    }
    forms
}

/// Fails by name, and not by content: a test's output is read, too.
pub(super) fn assert_unseen(planted: &[Planted], place: &str, seen: &[u8]) {
    let text = latin(seen);
    let shown = planted.iter().filter(|it| !it.bytes.is_empty() && text.contains(&latin(&it.bytes)));
    let found: Vec<&str> = shown.map(|it| it.name.as_str()).collect();
    assert!(found.is_empty(), "{place} shows {found:?}: {}", around(planted, seen));
}

pub(super) fn contains(seen: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && latin(seen).contains(&latin(part))
}

/// Each byte as a character: texts are searched far faster than bytes, and logs have megabytes.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn position(seen: &[u8], part: &[u8]) -> Option<usize> {
    seen.windows(part.len()).position(|window| window == part)
}

/// What stands before the first thing found.
fn around(planted: &[Planted], seen: &[u8]) -> String {
    let first = planted.iter().filter_map(|it| position(seen, &it.bytes)).min().unwrap_or_default();
    let start = seen[..first]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1)
        .max(first.saturating_sub(400));
    format!("…{}[here]", String::from_utf8_lossy(&seen[start..first]))
}
