//! Custom field definitions, kept once for the two shapes in which the families show them, and the values
//! that tickets have in them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Field {
    pub(crate) id: u64,
    pub(crate) category: Category,
    pub(crate) field_name: String,
    pub(crate) field_label: String,
    pub(crate) content_type: String,
    pub(crate) comment: Option<String>,
    /// Selections only. An option's value is its place, so hidden ones must stay.
    #[serde(default)]
    pub(crate) options: Vec<Choice>,
    /// What customers may do, 0 to 3.
    pub(crate) permission: u64,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) calculate_result_type: Option<String>,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    Ticket,
    Customer,
    Organization,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) default: bool,
    #[serde(default)]
    pub(crate) is_hide: bool,
    /// The next level of a cascade.
    #[serde(default)]
    pub(crate) subs: Vec<Choice>,
}

/// Why a value is refused; as text it is what follows `验证失败: ` (§6.1).
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadValue {
    #[error("{0} 不是正确的网址格式, 仅支持http, https 或 ftp 开头的网址")]
    Link(String),
    #[error("{0} 选项不存在")]
    Choice(String),
}

/// How a written selection names its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Index,
    Name,
}

impl Field {
    pub(crate) fn is_selection(&self) -> bool {
        matches!(self.content_type.as_str(), "droplist" | "radio" | "checkbox" | "chained_droplist")
    }

    pub(crate) fn is_cascade(&self) -> bool {
        self.content_type == "chained_droplist"
    }

    /// A written value as it is stored: text, or option indexes joined by commas.
    pub(crate) fn stored(&self, written: &str, by: By) -> Result<String, BadValue> {
        match self.content_type.as_str() {
            _ if written.is_empty() => Ok(String::new()),
            "link" if !is_link(written) => Err(BadValue::Link(self.field_label.clone())),
            _ if self.is_selection() => {
                let indexes = self.indexes(written, by);
                indexes.ok_or_else(|| BadValue::Choice(self.field_label.clone()))
            }
            _ => Ok(written.to_owned()),
        }
    }

    /// Commas separate, whatever an option is called: one with a comma in its name can't be written by name.
    fn indexes(&self, written: &str, by: By) -> Option<String> {
        let mut level = self.options.as_slice();
        let mut indexes = Vec::new();
        for part in written.split(',') {
            let index = place(level, part, by)?;
            indexes.push(index.to_string());
            if self.is_cascade() {
                level = &level.get(index)?.subs;
            }
        }
        Some(indexes.join(","))
    }
}

fn place(level: &[Choice], written: &str, by: By) -> Option<usize> {
    match by {
        By::Index => written.parse().ok().filter(|index| *index < level.len()),
        By::Name => level.iter().position(|choice| choice.title == written),
    }
}

fn is_link(text: &str) -> bool {
    ["http://", "https://", "ftp://"].iter().any(|scheme| text.starts_with(scheme))
}

/// A value as text: what is stored is always text, also of numbers (§2.4).
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
