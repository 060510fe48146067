//! The choices of a field: replaced, added, renamed and removed, by the row that the mapping has for the field.

use deskbridge::sandbox::credentials;
use serde_json::{Value, json};

use crate::harness::*;

/// The row's target in the seed data: a dropdown, and a cascade.
const MAPPING: (&str, &str) = ("SelectField_1", "field_9");

fn options_event(id: &str, how: &str, field: &str, options: Value) -> Value {
    let data = json!({ "field_name": field, "field_label": "下拉列表字段", "options": options });
    event(id, &format!("field_options.{how}"), data)
}

/// The shipped mapping with its first row going to another field.
fn mapping_to(key: &str) -> String {
    let shipped = include_str!("../../mappings/udesk-bangwo8.yaml");
    let row = "{ to: field_9,";
    assert!(shipped.contains(row));
    // The row that has the target in the shipped file makes way.
    let free = shipped.replace(&format!("to: {key} }}"), "to: field_that_is_elsewhere }");
    free.replace(row, &format!("{{ to: {key},"))
}

/// A service whose mapping sends the first choice field to `key`.
async fn app_to(key: &str) -> TestApp {
    let app = TestApp::start().await;
    app.write_mapping("udesk-bangwo8", &mapping_to(key));
    app.restart().await
}

/// The field as the simulator's API lists it.
async fn field(app: &TestApp, key: &str) -> Value {
    let url = format!("{}/api/v1/tickets/ticket_fields.json", app.sandbox.bangwo8_url());
    let request = app
        .client
        .get(url)
        .basic_auth(credentials::BANGWO8_ADMIN_ACCOUNT, Some(credentials::BANGWO8_ADMIN_PASSWORD));
    let answer = send(request).await;
    let fields = answer.json.as_array().expect("a list");
    fields.iter().find(|field| field["key"] == key).unwrap_or_else(|| panic!("no field {key}")).clone()
}

/// The names of choices, those below a choice in brackets after it.
fn names(options: &Value) -> String {
    let name = |option: &Value| {
        let below = names(&option["subset_value"]);
        let text = option["value"].as_str().expect("a name");
        if below.is_empty() { text.to_owned() } else { format!("{text}({below})") }
    };
    options.as_array().into_iter().flatten().map(name).collect::<Vec<_>>().join(" ")
}

async fn choices(app: &TestApp, key: &str) -> String {
    names(&field(app, key).await["custom_field_options"])
}

/// The key of a cascade in the seed data that no other field has.
async fn cascade() -> String {
    let app = TestApp::start().await;
    let url = format!("{}/api/v1/tickets/ticket_fields.json", app.sandbox.bangwo8_url());
    let admin = (credentials::BANGWO8_ADMIN_ACCOUNT, credentials::BANGWO8_ADMIN_PASSWORD);
    let fields = send(app.client.get(url).basic_auth(admin.0, Some(admin.1))).await.json;
    let fields = fields.as_array().expect("a list");
    let alone = |key: &Value| fields.iter().filter(|field| field["key"] == *key).count() == 1;
    let found = fields.iter().find(|field| field["type"] == "18" && alone(&field["key"]));
    found.expect("a cascade with a key of its own")["key"].as_str().expect("a key").to_owned()
}

#[tokio::test]
async fn the_choices_of_a_field_are_replaced_by_those_of_the_event() {
    let app = TestApp::start().await;
    let (source, key) = MAPPING;
    let options = json!([{ "0": "退货" }, { "1": "换货" }]);
    let record = app.delivered(&options_event("o1", "replaced", source, options)).await;
    assert_eq!((record.str("/lane"), record.str("/target/kind")), ("field:SelectField_1", "field"));
    assert_eq!(record.str("/target/id"), field(&app, key).await["id"].as_str().expect("an id"));
    assert_eq!(choices(&app, key).await, "退货 换货");
}

#[tokio::test]
async fn a_choice_is_renamed_by_its_external_id_and_a_new_one_is_added() {
    let app = TestApp::start().await;
    let (source, key) = MAPPING;
    app.delivered(&options_event("o1", "replaced", source, json!([{ "0": "退货" }, { "1": "换货" }]))).await;
    app.delivered(&options_event("o2", "changed", source, json!([{ "1": "换新" }, { "2": "维修" }]))).await;
    assert_eq!(choices(&app, key).await, "退货 换新 维修");
}

#[tokio::test]
async fn a_choice_is_removed_also_if_it_was_made_by_hand() {
    let app = TestApp::start().await;
    let (source, key) = MAPPING;
    let before = choices(&app, key).await;
    let by_hand = before.split(' ').next().expect("a seeded choice").to_owned();
    app.delivered(&options_event("o1", "deleted", source, json!([{ "9": by_hand.clone() }]))).await;
    assert_eq!(choices(&app, key).await, before.replacen(&format!("{by_hand} "), "", 1));
    let again = app.deliver(&options_event("o2", "deleted", source, json!([{ "9": by_hand }]))).await;
    assert_eq!((again.str("/status"), again.str("/reason/code")), ("skipped", "nothing_to_apply"));
}

#[tokio::test]
async fn the_levels_of_a_cascade_are_made_from_the_top() {
    let cascade = cascade().await;
    let app = app_to(&cascade).await;
    let sichuan = json!([{ "title": "四川", "value": "7", "subs": [{ "title": "成都", "value": "0" }, { "title": "绵阳", "value": "1" }] }]);
    app.delivered(&options_event("o1", "changed", "SelectField_1", sichuan)).await;
    assert!(choices(&app, &cascade).await.contains("四川(成都 绵阳)"), "{}", choices(&app, &cascade).await);
    let replaced = app
        .parked(&options_event(
            "o2",
            "replaced",
            "SelectField_1",
            json!([{ "title": "四川", "value": "7", "subs": [{ "title": "成都", "value": "0" }] }]),
        ))
        .await;
    assert_eq!(replaced.str("/reason/code"), "cascade_not_replaceable");
}

#[tokio::test]
async fn a_field_that_the_target_lacks_or_has_twice_waits_for_an_operator() {
    let app = app_to("field_no_one_has").await;
    let record = app.parked(&options_event("o1", "changed", "SelectField_1", json!([{ "0": "甲" }]))).await;
    assert_eq!(record.str("/reason/code"), "unknown_field");
    assert!(record.str("/reason/message").contains("field_no_one_has"));
    let unmapped =
        app.parked(&options_event("o2", "changed", "SelectField_99", json!([{ "0": "甲" }]))).await;
    assert_eq!(unmapped.str("/reason/code"), "unknown_field");
    assert!(unmapped.str("/reason/message").contains("add one to custom_fields"));
}

#[tokio::test]
async fn a_key_that_two_fields_have_waits_for_an_operator() {
    let app = app_to("field_24").await;
    let record = app.parked(&options_event("o1", "changed", "SelectField_1", json!([{ "0": "甲" }]))).await;
    assert_eq!(record.str("/reason/code"), "ambiguous_field", "{}", record.text);
}

#[tokio::test]
async fn deleting_a_leaf_leaves_what_stands_above_and_beside_it() {
    let app = app_to(&cascade().await).await;
    let sichuan = |subs: Value| json!([{ "title": "四川", "value": "7", "subs": subs }]);
    let both = json!([{ "title": "成都", "value": "0" }, { "title": "绵阳", "value": "1" }]);
    app.delivered(&options_event("o1", "changed", "SelectField_1", sichuan(both))).await;
    let leaf = sichuan(json!([{ "title": "绵阳", "value": "1" }]));
    app.delivered(&options_event("o2", "deleted", "SelectField_1", leaf)).await;
    assert!(choices(&app, &cascade().await).await.contains("四川(成都)"));
}

#[tokio::test]
async fn options_below_others_do_not_fall_into_a_drop_down() {
    let app = TestApp::start().await;
    let (source, key) = MAPPING;
    let before = choices(&app, key).await;
    let nested = json!([{ "title": "四川", "value": "7", "subs": [{ "title": "成都", "value": "0" }] }]);
    let record = app.parked(&options_event("o1", "changed", source, nested)).await;
    assert_eq!(record.str("/reason/code"), "not_a_cascade");
    assert_eq!(choices(&app, key).await, before);
}

#[tokio::test]
async fn older_news_of_a_field_is_skipped() {
    let app = TestApp::start().await;
    let (source, key) = MAPPING;
    let of = |id: &str, how: &str, day: u32, name: &str| {
        let mut event = options_event(id, how, source, json!([{ "0": name }]));
        event["data"]["updated_at"] = json!(format!("2024-05-{day:02} 10:00:00 +0800"));
        event
    };
    app.delivered(&of("o1", "replaced", 20, "新选项")).await;
    for (id, how, day) in [("o2", "changed", 10), ("o3", "replaced", 15), ("o4", "deleted", 19)] {
        let record = app.deliver(&of(id, how, day, "旧选项")).await;
        assert_eq!(
            (record.str("/status"), record.str("/reason/code")),
            ("skipped", "stale"),
            "{}",
            record.text
        );
    }
    assert_eq!(choices(&app, key).await, "新选项");
}

#[tokio::test]
async fn what_the_vendor_refuses_is_told_in_its_own_words() {
    let app = TestApp::start().await;
    let twice = json!([{ "0": "同名" }, { "1": "同名" }]);
    let record = app.deliver(&options_event("o1", "replaced", "SelectField_1", twice)).await;
    assert_eq!(record.str("/status"), "dead", "{}", record.text);
    assert_eq!(record.str("/reason/code"), "option_name_repeated");
}
