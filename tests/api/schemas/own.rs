//! Our own normalized ticket, and schemas that stand beside the configuration.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::harness::*;

fn generic() -> Options {
    let parameters = "{ ticket_template_id: 4, agents: { li@desk.example: 565124 }, groups: { 售后: 344124 }, \
                      contacts: { '+8613800000000': 30851821 }, default_contact_id: 21101341 }";
    Options {
        vendor: "generic".into(),
        mapping: "generic-bangwo8".into(),
        parameters: parameters.into(),
        ..Options::default()
    }
}

fn normalized() -> Value {
    json!({
        "external_id": "T-2026/1", "subject": "打印机离线", "description": "<p>三楼东侧</p>",
        "description_type": "html", "status": "pending", "priority": "高", "type": "故障", "channel": "call_centre",
        "requester": { "id": "c-9", "name": "王芳", "email": null, "phone": "+8613800000000" },
        "assignee": { "name": "李", "email": "li@desk.example" }, "group": "售后", "tags": ["打印", "三楼"],
        "custom_fields": { "field_1": "备注", "field_7": 13, "field_9": "下拉选项2",
                           "field_11": ["多选框选项1", "多选框选项4"], "field_14": null },
        "created_at": "2026-05-01T10:00:00+08:00", "updated_at": "2026-05-01T10:00:00+08:00"
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_normalized_ticket_arrives_with_every_field_in_place() {
    let app = TestApp::with(generic()).await;
    let record = app.deliver(&event("g-1", "ticket.created", normalized())).await;
    assert_eq!(
        (record.str("/status"), record.str("/lane")),
        ("delivered", "ticket:T-2026/1"),
        "{}",
        record.text
    );
    assert_eq!(record.json["ignored"], json!([]), "{}", record.text);
    let ticket = app.ticket(record.str("/target/id")).await;
    let expected = json!({
        "subject": "打印机离线", "descript": "三楼东侧", "ticketStatus": 3, "priorityLevel": 3, "ticketType": 3,
        "ticketSource": 3, "tagList": "打印,三楼", "servicerUserId": 565124, "servicerGroupId": 344124,
        "custUserId": 30851821, "ticketTemplateId": 4,
        "custom_fields": [
            { "key": "field_1", "value": "备注" }, { "key": "field_7", "value": "13" },
            { "key": "field_9", "value": "1197504" }, { "key": "field_11", "value": "4672422,4672431" }
        ]
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&ticket[name], value, "{name} of {ticket}");
    }
    let link = app.get("/links/ticket/T-2026%2F1").await;
    assert_eq!(link.str("/target_id"), record.str("/target/id"), "{}", link.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_no_table_knows_is_the_default_contact_and_is_reported() {
    let app = TestApp::with(generic()).await;
    let mut data = normalized();
    data["requester"] = json!({ "name": "没人认识" });
    data["group"] = json!("没有这个组");
    let record = app.deliver(&event("g-2", "ticket.created", data)).await;
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!((&ticket["custUserId"], &ticket["servicerGroupId"]), (&json!(21_101_341), &json!(0)));
    let reported = json!([
        { "pointer": "/requester/name", "reason": "no_table_entry" },
        { "pointer": "/group", "reason": "no_table_entry" }
    ]);
    let (mut found, mut reported) = (record.json["ignored"].clone(), reported);
    for list in [&mut found, &mut reported] {
        list.as_array_mut().expect("a list").sort_by_key(ToString::to_string);
    }
    assert_eq!(found, reported);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_normalized_ticket_is_taken_strictly() {
    let app = TestApp::with(generic()).await;
    let cases = [
        (json!({ "statsu": "open" }), vec!["/data additionalProperties"]),
        (json!({ "requester": { "mail": "x" } }), vec!["/data/requester additionalProperties"]),
        (json!({ "custom_fields": { "field_1": {} } }), vec!["/data/custom_fields/field_1 anyOf"]),
        (json!({ "created_at": "2026-05-01 10:00" }), vec!["/data/created_at anyOf"]),
        (json!({ "external_id": "" }), vec!["/data/external_id anyOf"]),
        (json!({ "status": null }), vec!["/data/status type"]),
    ];
    for (changes, expected) in cases {
        let mut data = normalized();
        for (name, value) in changes.as_object().expect("an object") {
            data[name] = value.clone();
        }
        let answer = app.post(&event("g-3", "ticket.created", data)).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), expected, "{changes}: {}", answer.text);
    }
    // A shape of another source.
    let answer = app.post(&created(1, "x")).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
}

fn write_schema(folder: &Path, text: &str) {
    let below = folder.join("schemas/events/udesk");
    fs::create_dir_all(&below).expect("a folder");
    fs::write(below.join("ticket.created.json"), text).expect("a file");
}

/// Schemas as `STRICTER`, with a pattern in place of the greatest length.
fn patterned(pattern: &str) -> String {
    STRICTER.replace("\"maxLength\": 20", &format!("\"pattern\": {}", json!(pattern)))
}

/// The shipped shape, with subjects of 20 characters at most.
const STRICTER: &str = r#"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "x-entity": { "kind": "ticket", "id": "/id" },
    "$ref": "../../udesk/ticket.json",
    "required": ["id", "subject", "status"],
    "properties": { "subject": { "maxLength": 20 } }
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_beside_the_configuration_stands_in_place_of_the_shipped_one() {
    let app = TestApp::start().await;
    let long = created(1, "一二三四五六七八九十一二三四五六七八九十一");
    write_schema(app.folder.path(), STRICTER);
    let app = app.restart().await;
    let answer = app.post(&long).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(answer.violations(), ["/data/subject maxLength"]);
    fs::remove_dir_all(app.folder.path().join("schemas")).expect("the folder is there");
    let app = app.restart().await;
    assert_eq!(app.post(&long).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_schema_is_an_error_of_check_that_names_the_file() {
    let app = TestApp::start().await;
    let config = app.folder.path().join("deskbridge.yaml");
    let config = config.to_str().expect("a path");
    let no_entity = STRICTER.replace("x-entity", "x-entitee");
    let cases = [
        ("{ \"type\": ", "EOF while parsing"),
        (no_entity.as_str(), "x-entity must say which entity"),
        (&STRICTER.replace("\"maxLength\": 20", "\"maxLength\": \"many\""), "\"many\""),
        (&STRICTER.replace("udesk/ticket.json", "udesk/tickets.json"), "udesk/tickets.json"),
    ];
    for (text, reason) in cases {
        write_schema(app.folder.path(), text);
        let output = run_to_end(deskbridge(&["check", "--config", config])).await;
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{printed}");
        assert!(printed.contains("schemas/events/udesk/ticket.created.json"), "{printed}");
        assert!(printed.contains(reason), "{reason:?} in {printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_that_only_backtracking_could_match_is_an_error_of_check() {
    let app = TestApp::start().await;
    let config = app.folder.path().join("deskbridge.yaml");
    for pattern in [r"(.)\1", "(?=a)b", "(?<!a)b", "(?>a+)b", "((a{1,900}){1,900}){1,900}"] {
        write_schema(app.folder.path(), &patterned(pattern));
        let output = run_to_end(deskbridge(&["check", "--config", config.to_str().expect("a path")])).await;
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{pattern}: {printed}");
        assert!(printed.contains("schemas/events/udesk/ticket.created.json"), "{pattern}: {printed}");
        assert!(printed.contains("regex"), "{pattern}: {printed}");
    }
}

/// A backtracking engine would try 2^100000 ways to read it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pattern_with_nested_repetitions_takes_no_longer_for_it() {
    let app = TestApp::start().await;
    write_schema(app.folder.path(), &patterned("^(a+)+(a*)*$"));
    let app = app.restart().await;
    let answer = app.post(&created(1, &format!("{}!", "a".repeat(100_000)))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(answer.violations(), ["/data/subject pattern"]);
    assert_eq!(app.post(&created(1, &"a".repeat(100_000))).await.status, 202);
}
