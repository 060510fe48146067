//! Which fields of a ticket have another value than before. Pure.
//!
//! Values are compared as they are written: normalizing writes one value in one way only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::json;

/// The field whose members are fields of their own.
const CUSTOM: &str = "custom_fields";

/// The names of the fields that two states of a normalized ticket differ in, sorted: `status`, or
/// `custom_fields.field_12` for a custom field. What is no JSON object has no fields.
pub(super) fn fields(before: &RawValue, after: &RawValue) -> Vec<String> {
    let (before, after) = (members(before), members(after));
    let mut names = Vec::new();
    for name in differing(&before, &after) {
        match (name, before.get(name), after.get(name)) {
            (CUSTOM, Some(before), Some(after)) => {
                let keys = (members(before), members(after));
                names.extend(differing(&keys.0, &keys.1).map(|key| format!("{CUSTOM}.{key}")));
            }
            _ => names.push(name.to_owned()),
        }
    }
    names
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

fn members(object: &RawValue) -> Members<'_> {
    json::from_str(object.get()).unwrap_or_default()
}

/// The names that don't have the same value in both.
fn differing<'a>(before: &'a Members<'_>, after: &'a Members<'_>) -> impl Iterator<Item = &'a str> {
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
    let text = |members: &'a Members<'_>, name: &str| members.get(name).map(|value| value.get());
    names.into_iter().filter(move |name| text(before, name) != text(after, name))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    fn fields(before: Value, after: Value) -> Vec<String> {
        super::fields(&to_raw_value(&before).unwrap(), &to_raw_value(&after).unwrap())
    }

    #[test]
    fn fields_are_told_by_name_and_custom_ones_by_their_key() {
        let before = json!({
            "id": 7, "subject": "打印机离线", "status": { "code": 1 }, "tags": ["急"],
            "custom_fields": { "field_9": { "value": null }, "field_12": { "value": "合同制定" } }
        });
        let mut after = before.clone();
        assert_eq!(fields(before.clone(), after.clone()), [""; 0]);
        after["status"]["code"] = json!(2);
        after["tags"] = json!([]);
        after["custom_fields"]["field_12"]["value"] = json!("合同签订");
        assert_eq!(fields(before, after), ["custom_fields.field_12", "status", "tags"]);
    }

    #[test]
    fn a_field_that_comes_or_goes_is_one_that_changed() {
        let before = json!({ "a": null, "custom_fields": { "field_1": 1 } });
        let after = json!({ "b": null, "custom_fields": { "field_2": 1 } });
        assert_eq!(fields(before, after), ["a", "b", "custom_fields.field_1", "custom_fields.field_2"]);
        assert_eq!(fields(json!({ "custom_fields": {} }), json!({})), ["custom_fields"]);
        assert_eq!(fields(json!({ "custom_fields": [] }), json!({ "custom_fields": null })), [""; 0]);
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        assert_eq!(fields(json!(1), json!([2])), [""; 0]);
        assert_eq!(fields(json!(1), json!({ "id": 7 })), ["id"]);
    }
}
