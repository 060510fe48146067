//! Which requests a fault befalls, and how many of them.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::sandbox::call::Call;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// A prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// A whole path in which `*` stands for any text; without one, exactly this path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    glob: Option<String>,
    /// The share of the requests that it befalls, from 0 to 1; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) chance: Option<f64>,
    /// How many requests are left; 0 = every one until the rules are cleared.
    #[serde(default = "once")]
    pub(super) times: u32,
    pub(super) fault: Fault,
}

fn once() -> u32 {
    1
}

impl Rule {
    pub(super) fn matches(&self, call: &Call) -> bool {
        self.method.as_ref().is_none_or(|method| *method == call.method)
            && self.path.as_ref().is_none_or(|prefix| call.path.starts_with(prefix))
            && self.glob.as_ref().is_none_or(|glob| is_like(&call.path, glob))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(method) = &self.method
            && !METHODS.contains(&method.as_str())
        {
            return Err(format!("method: {method:?} is not one of {METHODS:?}"));
        }
        if self.path.is_some() && self.glob.is_some() {
            return Err("glob: excludes path".to_owned());
        }
        for (name, path) in [("path", &self.path), ("glob", &self.glob)] {
            if let Some(path) = path.as_ref().filter(|path| !path.starts_with('/')) {
                return Err(format!("{name}: {path:?} must start with /"));
            }
        }
        if self.chance.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err("chance: must be from 0 to 1".to_owned());
        }
        self.fault.check()
    }

    /// Whether it can only befall callers that have a token.
    pub(crate) fn needs_tokens(&self) -> bool {
        self.fault.expires_token()
    }
}

fn is_like(path: &str, glob: &str) -> bool {
    let Some((head, rest)) = glob.split_once('*') else {
        return path == glob;
    };
    let Some(mut left) = path.strip_prefix(head) else {
        return false;
    };
    let mut parts = rest.split('*');
    let tail = parts.next_back().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_star_stands_for_any_text_and_the_rest_for_itself() {
        for (path, glob, expected) in [
            ("/a/b.json", "/a/b.json", true),
            ("/a/b.json", "/a/b", false),
            ("/a/12.json", "/a/*.json", true),
            ("/a/12/c.json", "/a/*/c.json", true),
            ("/a/12.json", "/a/*_v2.json", false),
            ("/a/x/y/z", "/a/*/y/*", true),
            ("/ab", "/ab*b", false),
            ("/a", "*", true),
        ] {
            assert_eq!(is_like(path, glob), expected, "{path} {glob}");
        }
    }
}
