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

    /// A stored value as people read it: the names of the options.
    pub(crate) fn shown(&self, stored: &str) -> String {
        if !self.is_selection() || stored.is_empty() {
            return stored.to_owned();
        }
        let mut level = self.options.as_slice();
        let mut names = Vec::new();
        for index in stored.split(',') {
            let Some(choice) = place(level, index, By::Index).and_then(|index| level.get(index)) else {
                break;
            };
            names.push(choice.title.as_str());
            if self.is_cascade() {
                level = &choice.subs;
            }
        }
        names.join(",")
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seeded(name: &str) -> Field {
        let all: Vec<Field> = serde_json::from_str(include_str!("../seed/fields.json")).unwrap();
        all.into_iter().find(|field| field.field_name == name).unwrap()
    }

    #[test]
    fn a_cascade_is_shown_by_the_names_along_its_path() {
        let cascade = seeded("SelectField_4");
        assert_eq!(cascade.shown("0,0,1"), "北京市,市辖区,海淀区");
        assert_eq!(cascade.stored("北京市,市辖区,海淀区", By::Name).unwrap(), "0,0,1");
    }

    #[test]
    fn an_option_with_a_comma_is_shown_and_can_not_be_written() {
        let boxes = seeded("SelectField_3");
        assert_eq!(boxes.shown("4"), "电话,邮件均可");
        assert!(boxes.stored("电话,邮件均可", By::Name).is_err());
        assert_eq!(boxes.stored("4", By::Index).unwrap(), "4");
    }

    proptest! {
        #[test]
        fn what_is_shown_of_boxes_without_commas_can_be_written_again(ticked in prop::collection::vec(0_usize..4, 1..5)) {
            let boxes = seeded("SelectField_3");
            let stored = ticked.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
            prop_assert_eq!(boxes.stored(&boxes.shown(&stored), By::Name).unwrap(), stored);
        }

        #[test]
        fn whatever_is_written_by_index_is_refused_or_stored_as_it_is(written in "[0-9,]{0,8}") {
            for name in ["SelectField_1", "SelectField_3", "SelectField_4"] {
                if let Ok(stored) = seeded(name).stored(&written, By::Index) {
                    let digits = |text: &str| text.split(',').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
                    prop_assert_eq!(digits(&stored), digits(&written));
                }
            }
        }
    }
}
