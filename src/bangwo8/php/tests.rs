use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn the_documents_own_values_are_read() {
    let rated = "a:4:{s:2:\"SN\";s:16:\"xpt87wm7u4a64lv4\";s:5:\"total\";i:0;s:4:\"data\";a:0:{}s:10:\"isAppraise\";i:0;}";
    let expected = json!({ "SN": "xpt87wm7u4a64lv4", "total": 0, "data": [], "isAppraise": 0 });
    assert_eq!(decode(rated), Some(expected));
}

#[test]
fn every_scalar_is_read() {
    for (text, value) in [
        ("N;", json!(null)),
        ("b:1;", json!(true)),
        ("b:0;", json!(false)),
        ("i:-42;", json!(-42)),
        ("d:0.5;", json!(0.5)),
        ("d:1.0E+25;", json!(1e25)),
        ("d:-3;", json!(-3.0)),
        ("s:0:\"\";", json!("")),
        ("s:6:\"中文\";", json!("中文")),
        ("s:4:\"a\";b\";", json!("a\";b")),
    ] {
        assert_eq!(decode(text), Some(value), "{text}");
    }
}

#[test]
fn keys_that_count_from_0_make_a_list_and_any_others_an_object() {
    assert_eq!(decode("a:2:{i:0;s:3:\"一\";i:1;N;}"), Some(json!(["一", null])));
    assert_eq!(decode("a:2:{i:1;i:7;i:2;i:8;}"), Some(json!({ "1": 7, "2": 8 })));
    assert_eq!(decode("a:2:{i:0;i:7;s:4:\"名\u{e9}\u{0}\";"), None);
    assert_eq!(decode("a:2:{i:0;i:7;s:3:\"名\";i:8;}"), Some(json!({ "0": 7, "名": 8 })));
    assert_eq!(decode("a:3:{i:0;i:7;i:2;i:8;i:1;i:9;}"), Some(json!({ "0": 7, "2": 8, "1": 9 })));
}

#[test]
fn objects_references_and_code_are_refused_wherever_they_stand() {
    for part in [
        "O:8:\"stdClass\":0:{}",
        "C:11:\"ArrayObject\":0:{}",
        "E:7:\"A:Green\";",
        "R:1;",
        "r:1;",
        "S:1:\"\\61\";",
        "o:0:{}",
    ] {
        assert_eq!(decode(part), None, "{part}");
        assert_eq!(decode(&format!("a:1:{{i:0;{part}}}")), None, "{part}");
    }
}

#[test]
fn what_php_would_not_have_written_is_refused() {
    for text in [
        "",
        "N",
        "N;N;",
        " N;",
        "b:2;",
        "b:true;",
        "i:;",
        "i:+5;",
        "i:05;",
        "i:1.5;",
        "i:9223372036854775808;",
        "d:NAN;",
        "d:INF;",
        "d:infinity;",
        "d:;",
        "s:1:\"ab\";",
        "s:3:\"ab\";",
        "s:-1:\"\";",
        "s:1:\"中\";",
        "s:2:\"中\";",
        "s:99999999999999999999:\"\";",
        "s:5:\"ab\";",
        "a:1:{}",
        "a:0:{i:0;N;}",
        "a:1:{i:0;N;",
        "a:1:{b:1;N;}",
        "a:1:{a:0:{}N;}",
        "a:2:{i:0;N;i:0;N;}",
        "a:2:{s:1:\"a\";N;s:1:\"a\";N;}",
        "a:2:{i:5;N;s:1:\"5\";N;}",
        "a:18446744073709551615:{i:0;N;}",
    ] {
        assert_eq!(decode(text), None, "{text}");
    }
}

#[test]
fn nesting_and_length_have_an_end() {
    let nested = |depth: usize| format!("{}N;{}", "a:1:{i:0;".repeat(depth), "}".repeat(depth));
    assert!(decode(&nested(MAX_DEPTH)).is_some());
    assert_eq!(decode(&nested(MAX_DEPTH + 1)), None);
    assert_eq!(decode(&nested(100_000)), None);
    let long = |bytes: usize| format!("s:{bytes}:\"{}\";", "x".repeat(bytes));
    assert!(decode(&long(MAX_BYTES - 100)).is_some());
    assert_eq!(decode(&long(MAX_BYTES)), None);
}

/// What PHP writes for a value.
fn serialised(value: &Value) -> String {
    match value {
        Value::Null => "N;".to_owned(),
        Value::Bool(flag) => format!("b:{};", u8::from(*flag)),
        Value::Number(number) if number.is_f64() => format!("d:{number};"),
        Value::Number(number) => format!("i:{number};"),
        Value::String(text) => format!("s:{}:\"{text}\";", text.len()),
        Value::Array(items) => {
            let items = items.iter().enumerate().map(|(at, item)| format!("i:{at};{}", serialised(item)));
            format!("a:{}:{{{}}}", items.len(), items.collect::<String>())
        }
        Value::Object(object) => {
            let members = object.iter().map(|(key, value)| format!("{}{}", key_of(key), serialised(value)));
            format!("a:{}:{{{}}}", object.len(), members.collect::<String>())
        }
    }
}

/// PHP turns keys that are numbers into such.
fn key_of(key: &str) -> String {
    match key.parse::<i64>() {
        Ok(number) if number.to_string() == key => format!("i:{number};"),
        _ => format!("s:{}:\"{key}\";", key.len()),
    }
}

/// Any value that PHP can hold and JSON can tell.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        "[a-z中文字\"';{}:0-9\\\\é]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-z中]{1,4}", inner), 1..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_php_writes_is_read_as_it_was(value in value()) {
        prop_assert_eq!(decode(&serialised(&value)), Some(value));
    }

    #[test]
    fn no_text_stops_the_reader(text in any::<String>()) {
        let _whatever = decode(&text);
    }

    /// Near misses go deeper than noise does.
    #[test]
    fn no_damage_stops_the_reader(value in value(), at in any::<prop::sample::Index>(), by in "[aisdbNORC:;{}\"0-9中]{0,3}") {
        let mut text: Vec<char> = serialised(&value).chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, by.chars());
        let _whatever = decode(&text.into_iter().collect::<String>());
    }

    #[test]
    fn a_text_that_is_cut_off_is_refused(value in value(), at in any::<prop::sample::Index>()) {
        let text: Vec<char> = serialised(&value).chars().collect();
        let cut: String = text[..at.index(text.len())].iter().collect();
        prop_assert_eq!(decode(&cut), None);
    }
}
