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
    const ALIKE: f64 = 0.7;
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(given, name), name));
    match scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((score, name)) if score >= ALIKE => format!("; did you mean {name}?"),
        _ => String::new(),
    }
}

/// A value of a YAML file with its place.
pub type Spanned<T> = serde_saphyr::Spanned<T>;

/// The place of a value in its file.
pub fn place<T>(value: &Spanned<T>) -> Place {
    Place { line: value.referenced.line(), column: value.referenced.column() }
}

/// Reads a YAML file's text. The error names what was expected but never quotes the file, which may hold what
/// nobody should see in a log.
pub fn read_yaml<T: serde::de::DeserializeOwned>(
    file: &std::path::Path,
    text: &str,
) -> Result<T, Diagnostic> {
    let options = serde_saphyr::options! { with_snippet: false };
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
    match message.strip_prefix("unknown variant `").and_then(|rest| rest.split_once("`, expected")) {
        Some((_, known)) => format!("unknown value, expected{known}"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
