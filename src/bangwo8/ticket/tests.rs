use jiff::tz;
use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

fn read(value: &Value) -> Option<Ticket> {
    Ticket::read(value, &tz::offset(8).to_time_zone())
}

#[test]
fn the_documented_sample_is_read() {
    let ticket = read(&json!({
        "ticketId": "5237431", "subject": "测试工单", "descript": "", "ticketSource": "工单工作台",
        "ticketType": "", "priorityLevel": "", "ticketStatus": "新建", "custUserId": "21130282",
        "servicerUserId": "565123", "ticketTemplateId": "4", "tagList": "",
        "createDT": "2019-12-19 14:28:51", "updateDT": "2019-12-19 14:37:26",
        "custom_fields": [
            {"key": "field_12", "value": "合同制定"},
            {"key": "field_16", "value": [{"name": "a.jpg", "uri": "1/a.jpg", "datetime": "2019-12-19 14:28:48"}]},
            {"key": "field_24", "value": ""},
            {"key": "field_33", "value": "a:1:{s:2:\"SN\";s:1:\"x\";}"},
        ],
    }))
    .unwrap();
    assert_eq!(ticket.id, TicketId::new("5237431"));
    assert_eq!(ticket.subject.as_deref(), Some("测试工单"));
    assert_eq!(ticket.descript, None);
    assert_eq!(ticket.ticket_status.unwrap().name, Some("new"));
    assert_eq!(ticket.ticket_source.unwrap().label, "工单工作台");
    assert_eq!(ticket.ticket_type, None);
    assert_eq!(ticket.created_at.unwrap().to_string(), "2019-12-19T06:28:51Z");
    assert_eq!(ticket.custom_fields.len(), 4);
    assert_eq!(ticket.custom_fields[3].1, json!("a:1:{s:2:\"SN\";s:1:\"x\";}"));
}

#[test]
fn a_ticket_needs_an_id_and_nothing_else() {
    assert!(read(&json!({"ticketId": 1})).is_some());
    for nameless in [json!({}), json!({"ticketId": ""}), json!({"ticketId": null}), json!([]), json!("1")] {
        assert_eq!(read(&nameless), None);
    }
}

#[test]
fn the_other_spelling_of_the_description_is_read_too() {
    let ticket = read(&json!({"ticketId": 1, "description": "d"})).unwrap();
    assert_eq!(ticket.descript.as_deref(), Some("d"));
}

#[test]
fn debug_shows_nothing_that_people_wrote() {
    let ticket = read(&json!({
        "ticketId": 1, "subject": "secret", "descript": "secret", "tagList": "secret",
        "custom_fields": [{"key": "field_1", "value": "secret"}],
    }));
    assert!(!format!("{ticket:?}").contains("secret"));
}

const KEYS: [&str; 25] = [
    "url",
    "subject",
    "descript",
    "ticketStatus",
    "ticketType",
    "priorityLevel",
    "ticketSource",
    "custUserId",
    "servicerUserId",
    "servicerGroupId",
    "ccUserIdList",
    "ccGroupIdList",
    "agentId",
    "createrId",
    "createrType",
    "ticketTemplateId",
    "customTemplateId",
    "tagList",
    "createDT",
    "updateDT",
    "openDT",
    "waitDT",
    "solveDT",
    "closeDT",
    "unknownKey",
];

/// Every spelling of a scalar that §4.1 knows.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u32>().prop_map(Value::from),
        any::<u32>().prop_map(|number| number.to_string().into()),
        (0..10u8).prop_map(Value::from),
        Just(json!("")),
        Just(Value::Null),
        Just(json!("0000-00-00 00:00:00")),
        Just(json!("2019-12-19 14:28:51")),
        "\\PC{0,12}".prop_map(Value::from),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![scalar(), any::<bool>().prop_map(Value::from), any::<f64>().prop_map(Value::from)];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&KEYS[..]).prop_map(str::to_owned),
        prop::sample::select(vec!["ticketId", "custom_fields", "key", "value"]).prop_map(str::to_owned),
        "[a-z]{1,4}",
    ]
}

proptest! {
    #[test]
    fn a_ticket_is_read_however_its_scalars_are_spelled(
        id in 1..u64::MAX,
        as_text in any::<bool>(),
        scalars in prop::collection::vec(prop::option::of(scalar()), KEYS.len()),
        custom in prop::collection::vec(("[a-z_0-9]{1,9}", json_value()), 0..5),
    ) {
        let mut object = Map::new();
        object.insert("ticketId".into(), if as_text { id.to_string().into() } else { id.into() });
        for (key, scalar) in KEYS.iter().zip(scalars) {
            if let Some(scalar) = scalar {
                object.insert((*key).to_owned(), scalar);
            }
        }
        let fields: Vec<Value> = custom.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        object.insert("custom_fields".into(), fields.into());
        let ticket = read(&object.into()).unwrap();
        prop_assert_eq!(ticket.id.as_str(), id.to_string());
        prop_assert_eq!(ticket.custom_fields, custom);
    }

    #[test]
    fn no_json_makes_the_reader_panic(value in json_value()) {
        let _ticket = read(&value);
    }
}
