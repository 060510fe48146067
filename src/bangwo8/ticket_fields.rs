//! The definitions of custom ticket fields (§7).

use serde_json::Value;

use super::{
    client::Client,
    error::Error,
    query::Query,
    request::Request,
    scalar::{self, Fields},
};

/// A custom field of tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketField {
    /// The numeric id, which is unique.
    pub id: String,
    /// What `custom_fields` call it. Two fields can have the same (§7.1).
    pub key: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Its type, 1 to 23 (§7.2); others may come.
    pub field_type: Option<u8>,
    /// Whether it is one of the system's own.
    pub system: Option<bool>,
    /// `isRequired` as sent. The document says that 0 is mandatory and 1 optional, and may be wrong about it
    /// (§7.1), so the reader decides.
    pub is_required: Option<u8>,
    /// Whether only some may change it.
    pub is_readonly: Option<bool>,
    /// What can be chosen in a dropdown, an advanced checkbox or a cascade.
    pub options: Vec<FieldOption>,
}

/// One choice of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOption {
    /// The option's id.
    pub key: String,
    /// The option's text.
    pub value: String,
    /// The choices below it, in a cascade.
    pub subset: Vec<FieldOption>,
}

impl Client {
    /// The custom fields of tickets, without the system's own.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticket_fields(&self) -> Result<Vec<TicketField>, Error> {
        let request = Request::read(&["tickets", "ticket_fields"], Query::new());
        self.send(&request, |answer| {
            // A bare array, unlike every other list (§4.2).
            let items =
                answer.body.as_array().ok_or_else(|| answer.endpoint.bad_answer("it is not an array"))?;
            answer.items(items, |item| self.read_field(item))
        })
        .await
    }

    fn read_field(&self, value: &Value) -> Option<TicketField> {
        let fields = Fields::of(value, self.time_zone())?;
        Some(TicketField {
            id: fields.id("id")?,
            key: fields.text("key"),
            name: fields.text("name"),
            field_type: fields.count("type").and_then(|code| code.try_into().ok()),
            system: fields.flag("system"),
            is_required: fields.count("isRequired").and_then(|code| code.try_into().ok()),
            is_readonly: fields.flag("isReadonly"),
            options: options(fields.get("custom_field_options")),
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
