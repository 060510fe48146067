//! What is wrong with a file somebody wrote, and where.

use std::{fmt, path::PathBuf};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// deskbridge doesn't start with it.
    Error,
    /// It works, but not as it could.
    Warning,
}

/// A place in a file: line and column from 1; 0 where it isn't known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

/// One problem of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub place: Place,
    /// What is wrong and what to do.
    pub message: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(file: impl Into<PathBuf>, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, file: file.into(), place, message: message.into() }
    }

    /// A warning.
    pub fn warning(file: impl Into<PathBuf>, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, file: file.into(), place, message: message.into() }
    }

    /// True if deskbridge doesn't start with it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.place.line > 0 {
            write!(f, "{}:{}:", self.place.line, self.place.column)?;
        }
        let severity = if self.is_error() { "error" } else { "warning" };
        write!(f, " {severity}: {}", self.message)
    }
}

/// The known name most like `given`, as a question to append to a message.
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, known).map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

/// The known name most like `given`, if one is like it: of those that begin alike, the one that the fewest slips lead to.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.7;
    let alike = known.into_iter().filter(|name| strsim::jaro_winkler(given, name) >= ALIKE);
    let slips = |name: &&str| strsim::normalized_damerau_levenshtein(given, name);
    alike.max_by(|a, b| slips(a).total_cmp(&slips(b)))
}

/// Values inside each other in a YAML file at most: rules of a mapping stand eight deep in each other, with two levels
/// each. Reading deeper ones takes more stack than a thread has.
const MAX_DEPTH: usize = 32;

/// A value of a YAML file with its place.
pub type Spanned<T> = serde_saphyr::Spanned<T>;

/// The place of a value in its file.
pub fn place<T>(value: &Spanned<T>) -> Place {
    Place { line: value.referenced.line(), column: value.referenced.column() }
}

/// The text that a file's bytes are. The error tells where they are none.
pub fn utf8(file: &std::path::Path, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() as u64 + 1;
        Diagnostic::error(file, Place { line, column }, "is not UTF-8: save the file as UTF-8")
    })
}

/// Reads a YAML file's text. The error names what was expected but never quotes the file, which may hold what
/// nobody should see in a log.
pub fn read_yaml<T: serde::de::DeserializeOwned>(
    file: &std::path::Path,
    text: &str,
) -> Result<T, Diagnostic> {
    let budget = serde_saphyr::budget! { max_depth: MAX_DEPTH };
    let options = serde_saphyr::options! { with_snippet: false, budget: budget };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place =
            error.location().map_or_else(Place::default, |at| Place { line: at.line(), column: at.column() });
        Diagnostic::error(file, place, unquoted(&without_place(&error.without_snippet().to_string())))
    })
}

/// The parser ends its messages with the place, which stands before them here.
fn without_place(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    // What follows is for programs that choose how keys are read.
    message.split(", set DuplicateKeyPolicy").next().unwrap_or(message).trim_end().to_owned()
}

/// Without the text that is no known variant, which may be a secret in the wrong place, and without the key that
/// stands there twice, which may be a customer's address. Where it stands is told.
fn unquoted(message: &str) -> String {
    if message.starts_with("duplicate mapping key") {
        return "this key stands here a second time: remove one of the two".to_owned();
    }
    if message == "unexpected end of input" {
        return "the file is empty, or ends where something is still to come".to_owned();
    }
    if message.starts_with("multiple YAML documents") {
        return "a second document starts here: a file has one, so take out the line --- and what follows"
            .to_owned();
    }
    if let Some(wanted) = wanted(message) {
        return format!("write {wanted}");
    }
    if let Some((given, known)) = refused("unknown variant `", message) {
        return format!("unknown value, expected{known}{}", did_you_mean(given, listed(known)));
    }
    let meant = refused("unknown field `", message).map(|(given, known)| did_you_mean(given, listed(known)));
    format!("{message}{}", meant.unwrap_or_default())
}

/// What was given, and the names that would have been known: ` one of a, b`.
fn refused<'a>(kind: &str, message: &'a str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(kind)?.split_once("`, expected")
}

/// The names of such a list.
fn listed(names: &str) -> impl Iterator<Item = &str> {
    names.trim_start_matches(" one of").split(',').map(str::trim)
}

/// What a value of one of the program's types has to be, in words of those who write files.
fn wanted(message: &str) -> Option<String> {
    match message {
        "expected mapping start" => return Some("names with values here, NAME: VALUE".to_owned()),
        "expected sequence start" => {
            return Some("a list here, [A, B] or lines that begin with a dash".to_owned());
        }
        "expected string scalar" => return Some("a text here".to_owned()),
        _ => {}
    }
    if message.starts_with("invalid value") && message.contains("expected a nonzero u") {
        return Some("a whole number of at least 1".to_owned());
    }
    let most = match message.strip_prefix("invalid ")? {
        "u8" => u64::from(u8::MAX),
        "u16" => u64::from(u16::MAX),
        "u32" => u64::from(u32::MAX),
        "u64" | "usize" => u64::MAX,
        "boolean" => return Some("true or false".to_owned()),
        "floating point" => return Some("a number".to_owned()),
        _ => return None,
    };
    Some(format!("a whole number, without a sign or a point, of at most {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_of_its_kind_is_told_in_words_of_the_file() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct File {
            #[serde(default)]
            rate: Option<std::num::NonZeroU32>,
            #[serde(default)]
            days: u16,
            #[serde(default)]
            online: bool,
        }
        for (text, advice) in [
            ("rate: 0", "write a whole number of at least 1"),
            ("rate: 1e7", "write a whole number, without a sign or a point, of at most 4294967295"),
            ("days: -1", "write a whole number, without a sign or a point, of at most 65535"),
            ("days: soon", "write a whole number, without a sign or a point, of at most 65535"),
            ("online: perhaps", "write true or false"),
        ] {
            let found = read_yaml::<File>("a.yaml".as_ref(), text).unwrap_err().to_string();
            assert!(found.ends_with(&format!(": error: {advice}")), "{found}");
        }
    }

    #[test]
    fn what_is_of_another_shape_or_not_there_is_told_in_words_of_the_file() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct File {
            names: Vec<String>,
        }
        for (text, advice) in [
            ("", "the file is empty, or ends where something is still to come"),
            ("只有一行", "write names with values here, NAME: VALUE"),
            ("names: acme", "write a list here, [A, B] or lines that begin with a dash"),
            ("names: [[acme]]", "write a text here"),
            ("nmaes: [acme]", "unknown field `nmaes`, expected one of names; did you mean names?"),
        ] {
            let found = read_yaml::<File>("a.yaml".as_ref(), text).unwrap_err().to_string();
            assert!(found.ends_with(&format!(": error: {advice}")), "{found}");
        }
    }

    #[test]
    fn a_near_name_is_proposed_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("statsu", ["status", "priority"]), "; did you mean status?");
        assert_eq!(did_you_mean("xyz", ["status", "priority"]), "");
    }

    #[test]
    fn a_key_that_stands_there_twice_is_not_quoted() {
        let text = "contacts: { wang@personal.example: 1, wang@personal.example: 2 }";
        let found = read_yaml::<serde_json::Value>("a.yaml".as_ref(), text).unwrap_err().to_string();
        assert_eq!(found, "a.yaml:1:39: error: this key stands here a second time: remove one of the two");
    }

    #[test]
    fn an_error_of_the_parser_has_its_place_once() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct File {
            name: String,
        }
        let found = read_yaml::<File>("a.yaml".as_ref(), "name: x\nnaem: y\n").unwrap_err().to_string();
        assert!(found.starts_with("a.yaml:2:1: error: "), "{found}");
        assert!(found.contains("naem") && found.contains("name"), "{found}");
        assert_eq!(found.matches("line").count(), 0, "{found}");
    }
}
