//! The definition of a field, of tickets (§7.1) or of companies (§8.7).

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::scalar::{self, Fields};

/// A field of tickets or of companies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The numeric id, which is unique; the `columnId` of option writes.
    pub id: String,
    /// `url`: the address of the resource; missing from the samples.
    pub url: Option<String>,
    /// What `custom_fields` call it. Two fields can have the same (§7.1).
    pub key: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Its type, one of [`field_type`](super::field_type); others may come.
    pub field_type: Option<u8>,
    /// Whether it is one of the system's own.
    pub system: Option<bool>,
    /// `isRequired` as sent. The document says that 0 is mandatory and 1 optional, and may be wrong about it
    /// (§7.1), so the reader decides. Company fields have none.
    pub is_required: Option<u8>,
    /// Whether only some may change it.
    pub is_readonly: Option<bool>,
    /// `readonly_range`, if it is read-only: for all support agents (1), a group (2), one agent (3) or the current
    /// user (4).
    pub readonly_range: Option<u8>,
    /// `readonly_support`: the id of the agent or group that the range means.
    pub readonly_support: Option<String>,
    /// What can be chosen in a dropdown, an advanced checkbox or a cascade.
    pub options: Vec<FieldOption>,
    /// `custom_field_table`: the columns of a form or a product table, whose shape is not documented.
    pub table: Option<Value>,
}

/// One choice of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldOption {
    /// The option's id.
    pub key: String,
    /// The option's text.
    pub value: String,
    /// The choices below it, in a cascade.
    pub subset: Vec<FieldOption>,
}

impl Field {
    /// Nothing if the value is not an object with an `id`.
    pub(super) fn read(value: &Value, time_zone: &TimeZone) -> Option<Field> {
        let fields = Fields::of(value, time_zone)?;
        Some(Field {
            id: fields.id("id")?,
            url: fields.text("url"),
            key: fields.text("key"),
            name: fields.text("name"),
            field_type: fields.number("type"),
            system: fields.flag("system"),
            is_required: fields.number("isRequired"),
            is_readonly: fields.flag("isReadonly"),
            readonly_range: fields.number("readonly_range"),
            readonly_support: fields.id("readonly_support"),
            options: options(fields.get("custom_field_options")),
            table: fields.get("custom_field_table").cloned(),
        })
    }
}

/// The depth is bounded by that of the JSON, which the parser limits.
fn options(value: Option<&Value>) -> Vec<FieldOption> {
    let option = |item: &Value| {
        Some(FieldOption {
            key: scalar::text(item.get("key"))?,
            value: scalar::text(item.get("value")).unwrap_or_default(),
            subset: options(item.get("subset_value")),
        })
    };
    value.and_then(Value::as_array).into_iter().flatten().filter_map(option).collect()
}
