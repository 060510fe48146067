//! JSON Pointers (RFC 6901), taken apart once.

use serde_json::Value;

/// Where a value stands in an event's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    text: String,
    tokens: Vec<String>,
}

impl Pointer {
    /// `None` for what is no pointer to a member.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens =
            text.strip_prefix('/')?.split('/').map(|t| t.replace("~1", "/").replace("~0", "~")).collect();
        Some(Self { text: text.to_owned(), tokens })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The value that stands there.
    pub(super) fn of<'v>(&self, data: &'v Value) -> Option<&'v Value> {
        self.tokens.iter().try_fold(data, |value, token| match value {
            Value::Object(members) => members.get(token),
            Value::Array(items) => items.get(index(token)?),
            _ => None,
        })
    }
}

/// An index has no sign and no leading zeros.
fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with(['0', '+', '-']);
    plain.then(|| token.parse().ok()).flatten()
}

/// A JSON Pointer one step longer (RFC 6901, section 3).
pub(super) fn join(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}
