//! Bangwo8's own shape, made of what it sent: as its documents print it, every scalar as text and nothing as `""`.

use serde_json::Value;

/// A ticket as a list of the vendor's has it, its keys in the order they were sent.
pub(super) fn ticket(sent: &Value) -> Value {
    spelled_out(sent)
}

/// A view as a list of the vendor's has it, its keys in the order they were sent. `ticket_count` is among them if
/// it was asked for, with the count of that moment.
pub(super) fn view(sent: &Value) -> Value {
    spelled_out(sent)
}

fn spelled_out(value: &Value) -> Value {
    match value {
        Value::Null => Value::from(""),
        Value::Bool(flag) => Value::from(if *flag { "1" } else { "0" }),
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(text) => Value::from(text.as_str()),
        Value::Array(items) => items.iter().map(spelled_out).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), spelled_out(value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_text_and_nothing_is_empty_text_in_the_order_they_were_sent() {
        let sent = json!({
            "ticketId": 5_237_431, "subject": "测试工单", "tagList": null, "active": true,
            "custom_fields": [{ "key": "field_16", "value": [] }, { "key": "field_28", "value": [{ "rowId": 1 }] }]
        });
        let expected = concat!(
            r#"{"ticketId":"5237431","subject":"测试工单","tagList":"","active":"1","#,
            r#""custom_fields":[{"key":"field_16","value":[]},{"key":"field_28","value":[{"rowId":"1"}]}]}"#
        );
        assert_eq!(ticket(&sent).to_string(), expected);
    }

    #[test]
    fn what_the_document_prints_stays_as_it_is() {
        let view_of_the_document = json!({ "id": "9", "title": "您组中未解决的工单", "active": "0", "createDT": "2019-08-16 00:00:07", "updateDT": "" });
        assert_eq!(view(&view_of_the_document).to_string(), view_of_the_document.to_string());
    }
}
