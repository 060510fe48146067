//! Ticket fields: the custom ones and, in the second list, some system ones.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::{Admitted, Answer, Reply};
use crate::sandbox::switches::RequiredFields;

/// Types of section "field types" that the simulator treats in a way of their own.
pub(crate) mod kind {
    pub(crate) const DROPDOWN: &str = "1";
    pub(crate) const TEXT: &str = "2";
    pub(crate) const MULTI_LINE: &str = "3";
    pub(crate) const INTEGER: &str = "4";
    pub(crate) const DECIMAL: &str = "5";
    pub(crate) const CHECKBOX: &str = "6";
    pub(crate) const DATE: &str = "8";
    pub(crate) const FORM: &str = "11";
    pub(crate) const ATTACHMENT: &str = "12";
    pub(crate) const STARS: &str = "13";
    pub(crate) const MULTI_CHOICE: &str = "14";
    pub(crate) const PHONE: &str = "17";
    pub(crate) const CASCADE: &str = "18";
    pub(crate) const SIGNATURE: &str = "23";
}

/// Stored in its wire form, where every scalar is text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Field {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    #[serde(default = "custom_mark")]
    system: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(rename = "isRequired")]
    is_required: String,
    #[serde(default)]
    pub(crate) custom_field_options: Vec<FieldOption>,
    /// `isReadonly` and the like, passed on as they are.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldOption {
    pub(crate) key: String,
    pub(crate) value: String,
    /// The option's id elsewhere, `""` if none. Only the endpoints of options show it.
    #[serde(default, rename = "extendId", skip_serializing_if = "String::is_empty")]
    pub(crate) extend_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) subset_value: Vec<FieldOption>,
}

fn custom_mark() -> String {
    "0".to_owned()
}

/// `GET /tickets/ticket_fields.json`.
pub(crate) fn custom(desk: &Desk, _: &Admitted<'_>) -> Answer {
    let custom = desk.fields.iter().filter(|field| !field.is_system());
    Ok(Reply::ok(custom.map(|field| field.wire(false)).collect()))
}

/// `GET /tickets/ticket_fields2.json`.
pub(crate) fn all(desk: &Desk, _: &Admitted<'_>) -> Answer {
    Ok(Reply::ok(desk.fields.iter().map(|field| field.wire(true)).collect()))
}

impl Field {
    pub(crate) fn is_system(&self) -> bool {
        self.system == "1"
    }

    /// The documents say twice that 1 means optional and 0 mandatory, and their samples make one doubt it.
    pub(crate) fn is_mandatory(&self, reading: RequiredFields) -> bool {
        match reading {
            RequiredFields::Off => false,
            RequiredFields::AsDocumented => self.is_required == "0",
            RequiredFields::Inverted => self.is_required == "1",
        }
    }

    /// The option with this text or id.
    pub(crate) fn option(&self, text_or_id: &str) -> Option<&FieldOption> {
        self.custom_field_options.iter().find(|option| option.value == text_or_id || option.key == text_or_id)
    }

    fn wire(&self, with_system: bool) -> Value {
        let mut wire = Map::new();
        wire.insert("id".to_owned(), json!(self.id));
        wire.insert("name".to_owned(), json!(self.name));
        wire.insert("key".to_owned(), json!(self.key));
        if with_system {
            wire.insert("system".to_owned(), json!(self.system));
        }
        wire.insert("type".to_owned(), json!(self.kind));
        wire.insert("isRequired".to_owned(), json!(self.is_required));
        wire.extend(self.rest.clone());
        if !self.custom_field_options.is_empty() {
            wire.insert("custom_field_options".to_owned(), options(&self.custom_field_options));
        }
        Value::Object(wire)
    }
}

/// Options as every list of fields shows them; a leaf has no `subset_value` (§7.1).
pub(crate) fn options(options: &[FieldOption]) -> Value {
    options
        .iter()
        .map(|option| match option.subset_value.as_slice() {
            [] => json!({"key": option.key, "value": option.value}),
            below => json!({"key": option.key, "value": option.value, "subset_value": self::options(below)}),
        })
        .collect()
}
