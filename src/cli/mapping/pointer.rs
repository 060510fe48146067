//! JSON Pointers as keys of a report: items of a list are one place, however many there are.

use serde_json::Value;

/// The pointer with `*` for each index of a list.
pub(super) fn of_any_item(pointer: &str, data: &Value) -> String {
    let mut at = Some(data);
    let mut parts = Vec::new();
    for part in pointer.split('/').skip(1) {
        let in_list = at.is_some_and(Value::is_array);
        parts.push(if in_list { "*" } else { part });
        at = at.and_then(|value| value.pointer(&format!("/{part}")));
    }
    parts.iter().map(|part| format!("/{part}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_of_a_list_are_one_place_and_members_named_by_numbers_are_not() {
        let data = json!({ "a": [{ "b": 1 }], "c": { "7": 1 } });
        assert_eq!(of_any_item("/a/0/b", &data), "/a/*/b");
        assert_eq!(of_any_item("/c/7", &data), "/c/7");
        assert_eq!(of_any_item("/not/there", &data), "/not/there");
    }
}
