//! The definitions of custom fields in one form (§4.3, §5.6), and what they say about values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::scalar::{self, Fields};

/// What kind of value a field takes (§4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One option: `droplist` or `radio`.
    One,
    /// Any number of options: `checkbox`.
    Many,
    /// A path through a cascade: `chained_droplist`.
    Path,
    /// Anything that is written as text: `text`, `area_text`, `date`, `time`, `datetime`, `link`, `number`,
    /// `numeric`, and whatever comes later.
    #[serde(untagged)]
    Text(String),
}

/// One custom field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldDefinition {
    /// `field_name`, e.g. `SelectField_3`: what values are filed under.
    pub name: String,
    /// `field_label`: what people call it.
    pub label: Option<String>,
    /// `content_type`.
    pub kind: FieldKind,
    /// The remark.
    pub comment: Option<String>,
    /// What can be chosen, hidden options included: old tickets hold them. Empty for a cascade of v1, whose
    /// options are known to be wrong (§3.9).
    pub options: Vec<FieldOption>,
    /// v1 `permission`, the customer's right: 0 hidden, 1 visible, 2 editable, 3 required.
    pub permission: Option<u8>,
    /// v1 `requirment` or `requirement`, which is deprecated.
    pub required: Option<bool>,
    /// The id (v2).
    pub id: Option<u64>,
    /// When it was last changed (v2).
    pub updated_at: Option<Timestamp>,
    /// What customers may do with it, of tickets and customers (v2); its values are not known.
    pub customer_permission: Option<String>,
    /// What agents may do with it, of customers and organizations (v2); its values are not known.
    pub agent_permission: Option<String>,
    /// `numeric`, `duration` or `percentage`: what a computed field comes to (v2).
    pub calculate_result_type: Option<String>,
}

/// One choice of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldOption {
    /// What a ticket holds for it, a number so far.
    pub index: String,
    /// What people read.
    pub name: String,
    /// Whether it is no longer offered (v2).
    pub hidden: bool,
    /// Whether it is chosen unless somebody chooses another one (v2).
    pub default: bool,
    /// The choices below it, in a cascade of v2.
    pub subs: Vec<FieldOption>,
}

/// The custom fields of one resource by name.
///
/// They change when an administrator changes them; read them again when a value has no definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldDefinitions(BTreeMap<String, FieldDefinition>);

impl FieldDefinition {
    /// Reads a definition of either family; nothing without a `field_name`.
    pub fn read(raw: &RawValue) -> Option<FieldDefinition> {
        let fields = Fields::of(raw)?;
        let kind = kind(fields.text("content_type"));
        Some(FieldDefinition {
            name: fields.text("field_name")?,
            label: fields.text("field_label"),
            comment: fields.text("comment"),
            options: options(fields.nested("options"), &kind),
            permission: fields.integer("permission").and_then(|number| number.try_into().ok()),
            required: fields.flag("requirment").or_else(|| fields.flag("requirement")),
            id: fields.id("id"),
            updated_at: fields.time("updated_at"),
            customer_permission: fields.text("customer_permission"),
            agent_permission: fields.text("agent_permission"),
            calculate_result_type: fields.text("calculate_result_type"),
            kind,
        })
    }

    /// The option of an index.
    pub fn option(&self, index: &str) -> Option<&FieldOption> {
        self.options.iter().find(|option| option.index == index)
    }

    /// The index of an option by its name. Of two with the same name one that is still offered wins.
    pub fn index_of(&self, name: &str) -> Option<&str> {
        let mut named: Vec<&FieldOption> = self.options.iter().filter(|option| option.name == name).collect();
        named.sort_by_key(|option| option.hidden);
        named.first().map(|option| option.index.as_str())
    }
}

impl FieldDefinitions {
    /// Puts definitions in order; of two with the same name the last one counts.
    pub fn new(definitions: impl IntoIterator<Item = FieldDefinition>) -> FieldDefinitions {
        FieldDefinitions(definitions.into_iter().map(|field| (field.name.clone(), field)).collect())
    }

    /// The definition of a field.
    pub fn get(&self, name: &str) -> Option<&FieldDefinition> {
        self.0.get(name)
    }

    /// All definitions in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &FieldDefinition> {
        self.0.values()
    }

    /// What the custom fields of a read resource say. One without a definition is told by its identifier; one that
    /// is empty, or a text that is no scalar, is left out.
    pub fn values(&self, custom_fields: &Map<String, Value>) -> BTreeMap<String, FieldValue> {
        let read = |(name, value): (&String, &Value)| Some((name.clone(), self.value(name, value)?));
        custom_fields.iter().filter_map(read).collect()
    }

    fn value(&self, name: &str, value: &Value) -> Option<FieldValue> {
        let takes_text = match self.get(name) {
            Some(definition) => matches!(definition.kind, FieldKind::Text(_)),
            None => !is_selection(name),
        };
        if takes_text {
            return scalar::text(Some(value)).map(FieldValue::Text);
        }
        let chosen = indexes(value);
        (!chosen.is_empty()).then_some(FieldValue::Chosen(chosen))
    }
}

/// The value of a custom field in the connector's own terms.
#[derive(Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// The text, in the syntax of its kind (§4.2).
    Text(String),
    /// The indexes of what is chosen: one, several, or the steps of a path.
    Chosen(Vec<String>),
}

/// What was written into a field is content, so only how much there is of it is shown.
impl std::fmt::Debug for FieldValue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FieldValue::Text(_) => formatter.write_str("Text([redacted])"),
            FieldValue::Chosen(chosen) => write!(formatter, "Chosen({} of its options)", chosen.len()),
        }
    }
}

/// Whether an identifier is that of a selection, which a definition may be missing for (§4.3).
pub(super) fn is_selection(name: &str) -> bool {
    name.starts_with("SelectField_")
}

/// Tickets join indexes by commas, customers and organizations list them (§5.2).
fn indexes(value: &Value) -> Vec<String> {
    let parts = match value {
        Value::Array(items) => items.iter().filter_map(|item| scalar::text(Some(item))).collect(),
        other => scalar::text(Some(other)).into_iter().collect::<Vec<_>>(),
    };
    let indexes = parts.iter().flat_map(|part| part.split(',')).map(str::trim);
    indexes.filter(|index| !index.is_empty()).map(str::to_owned).collect()
}

fn kind(content_type: Option<String>) -> FieldKind {
    match content_type.as_deref() {
        Some("droplist" | "radio") => FieldKind::One,
        Some("checkbox") => FieldKind::Many,
        Some("chained_droplist") => FieldKind::Path,
        other => FieldKind::Text(other.unwrap_or("text").to_owned()),
    }
}

/// v1 lists objects of one key, index to name (§4.3); v2 objects of `value`, `title`, `is_hide` and `subs`
/// (§5.6). That `value` is the index follows from what tickets hold.
fn options(value: Option<&Value>, kind: &FieldKind) -> Vec<FieldOption> {
    let items = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    items
        .flat_map(|object| match (object.contains_key("title"), kind) {
            (true, _) => v2_option(object).into_iter().collect(),
            (false, FieldKind::Path) => vec![],
            (false, _) => object.iter().filter_map(v1_option).collect(),
        })
        .collect()
}

fn v1_option((index, name): (&String, &Value)) -> Option<FieldOption> {
    let name = scalar::text(Some(name))?;
    Some(FieldOption { index: index.clone(), name, hidden: false, default: false, subs: vec![] })
}

/// The depth is bounded by that of the JSON, which the parser limits.
fn v2_option(object: &Map<String, Value>) -> Option<FieldOption> {
    Some(FieldOption {
        index: scalar::text(object.get("value"))?,
        name: scalar::text(object.get("title"))?,
        hidden: object.get("is_hide").and_then(Value::as_bool).unwrap_or_default(),
        default: object.get("default").and_then(Value::as_bool).unwrap_or_default(),
        subs: options(object.get("subs"), &FieldKind::Path),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Option<FieldDefinition> {
        FieldDefinition::read(&serde_json::value::to_raw_value(&value).unwrap())
    }

    #[test]
    fn options_of_both_families_are_read() {
        let v1 = read(json!({"field_name": "SelectField_1", "content_type": "radio", "requirment": true,
            "options": [{"0": "男"}, {"1": "女"}]}));
        let v2 = read(json!({"field_name": "SelectField_1", "content_type": "radio", "requirement": true,
            "options": [{"title": "男", "value": "0"}, {"title": "女", "value": 1, "is_hide": false}]}));
        assert_eq!(v1, v2);
        let field = v1.unwrap();
        assert_eq!(
            (field.index_of("女"), field.option("0").map(|o| o.name.as_str())),
            (Some("1"), Some("男"))
        );
        assert_eq!(field.required, Some(true));
    }

    #[test]
    fn an_option_that_is_still_offered_wins_over_a_hidden_one() {
        let field = read(json!({"field_name": "SelectField_1", "content_type": "droplist", "options": [
            {"title": "网络", "value": "0", "is_hide": true}, {"title": "网络", "value": "4"}]}));
        assert_eq!(field.unwrap().index_of("网络"), Some("4"));
    }

    #[test]
    fn only_the_definition_tells_a_path_from_a_text() {
        let fields = FieldDefinitions::new([
            read(json!({"field_name": "SelectField_3", "content_type": "checkbox"})).unwrap(),
            read(json!({"field_name": "TextField_1", "content_type": "text"})).unwrap(),
        ]);
        let custom = json!({"SelectField_3": "0,3", "TextField_1": "0,3", "TextField_7": 13, "SelectField_9": "",
            "SelectField_4": ["0"]});
        let values = fields.values(custom.as_object().unwrap());
        assert_eq!(values["SelectField_3"], FieldValue::Chosen(vec!["0".into(), "3".into()]));
        assert_eq!(values["TextField_1"], FieldValue::Text("0,3".into()));
        assert_eq!(values["TextField_7"], FieldValue::Text("13".into()));
        assert_eq!(values["SelectField_4"], FieldValue::Chosen(vec!["0".into()]));
        assert_eq!(values.len(), 4);
    }
}
