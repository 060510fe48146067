//! What the vendor really sends, and what can't be mapped.

use serde_json::{Value, json};

use crate::harness::*;

const SAMPLE: &str = include_str!("../../../examples/events/udesk/ticket.created.json");

fn sample() -> Value {
    serde_json::from_str(SAMPLE).expect("JSON")
}

/// The sample under an id of its own, changed as JSON Merge Patch (RFC 7396) has it, but null stays null.
fn changed(number: u64, changes: &Value) -> Value {
    let mut event = sample();
    event["id"] = json!(format!("case-{number}"));
    event["data"]["id"] = json!(number);
    for (name, value) in changes.as_object().expect("an object") {
        event["data"][name] = value.clone();
    }
    event
}

fn without(mut event: Value, names: &[&str]) -> Value {
    let data = event["data"].as_object_mut().expect("an object");
    names.iter().for_each(|name| drop(data.remove(*name)));
    event
}

/// The values of the Bangwo8 ticket's custom fields, by key.
fn custom(ticket: &Value) -> Value {
    let fields = ticket["custom_fields"].as_array().expect("a list");
    fields
        .iter()
        .map(|field| (field["key"].as_str().expect("a key").to_owned(), field["value"].clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_sample_arrives_with_every_field_in_place() {
    let app = TestApp::start().await;
    let record = app.deliver(&sample()).await;
    assert_eq!(record.str("/status"), "delivered", "{}", record.text);
    let ticket = app.ticket(record.str("/target/id")).await;
    let expected = json!({
        "subject": "演示工单", "descript": "这是您的第一个工单", "ticketStatus": 2, "priorityLevel": 4,
        "ticketSource": 9, "servicerUserId": 565123, "servicerGroupId": 344124, "custUserId": 21130282,
        "ticketTemplateId": 4
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&ticket[name], value, "{name} of {ticket}");
    }
    let expected = json!({
        "field_1": "普通文本内容", "field_2": "多行文本内容1\r\n多行文本内容2", "field_3": "2016-08-11",
        "field_4": "14:44:36", "field_5": "2017-05-03 14:44", "field_6": "https://www.sample.com",
        "field_7": "13", "field_8": "13.33", "field_9": "1197501", "field_10": "1197521",
        "field_11": "4672422,4672431"
    });
    assert_eq!(custom(&ticket), expected);
    let ignored = json!([{ "pointer": "/custom_fields/SelectField_4", "reason": "no_row" }]);
    assert_eq!(record.json["ignored"], ignored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_the_newer_api_is_taken_as_well() {
    let app = TestApp::start().await;
    // An element of v2's list, without the `ticket` around it.
    let data = json!({
        "id": 1, "field_num": "#1", "subject": "演示工单", "content": "…", "content_type": "text",
        "user_id": 5, "user_name": "测试客户", "user_email": "test@sample.com", "user_cellphone": null,
        "assignee_id": 1, "assignee_name": "测试客服", "user_group_id": 1, "user_group_name": "售后1组",
        "template_id": 1, "priority": "紧急", "status": "已解决", "status_en": "resolved", "platform": "邮件",
        "satisfaction": null, "tags": "退款,加急", "custom_fields": {"SelectField_3": "0,3"},
        "created_at": "2016-07-28T20:44:08.000+08:00", "updated_at": "2017-05-04T14:26:18.000+08:00",
        "solving_at": null, "resolved_at": null, "closed_at": null
    });
    let record = app.deliver(&event("v2", "ticket.created", data)).await;
    assert_eq!(
        (record.str("/status"), &record.json["ignored"]),
        ("delivered", &json!([])),
        "{}",
        record.text
    );
    let ticket = app.ticket(record.str("/target/id")).await;
    let found = (&ticket["ticketStatus"], &ticket["priorityLevel"], &ticket["tagList"]);
    assert_eq!(found, (&json!(4), &json!(4), &json!("退款,加急")));
    assert_eq!(custom(&ticket)["field_11"], "4672422,4672431");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_chinese_and_english_mean_the_same() {
    let app = TestApp::start().await;
    let cases = [
        (
            "status",
            "ticketStatus",
            vec![(2, "open 打开 开启 solving 解决中"), (4, "resolved 已解决"), (6, "closed 已关闭")],
        ),
        (
            "priority",
            "priorityLevel",
            vec![(1, "low 低"), (2, "medium 标准"), (3, "high 高"), (4, "urgency 紧急")],
        ),
        (
            "platform",
            "ticketSource",
            vec![
                (9, "email 邮件"),
                (2, "wechat 微信 im 即时聊天"),
                (3, "call 电话"),
                (4, "weibo 微博"),
                (7, "api API"),
            ],
        ),
    ];
    let mut number = 100;
    for (from, to, values) in cases {
        for (code, names) in values {
            for name in names.split(' ') {
                number += 1;
                let record = app.deliver(&changed(number, &json!({ from: name }))).await;
                assert_eq!(record.str("/status"), "delivered", "{name}: {}", record.text);
                assert_eq!(app.ticket(record.str("/target/id")).await[to], code, "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_empty_null_or_absent_is_not_there() {
    let app = TestApp::start().await;
    let nobody = ["assignee", "assignee_id", "user_group_id", "user_group_name"];
    let all =
        |value: Value| changed(0, &nobody.map(|name| (name.to_owned(), value.clone())).into_iter().collect());
    let events = [all(Value::Null), all(json!("")), without(sample(), &nobody)];
    for (number, mut event) in (200..).zip(events) {
        event["id"] = json!(format!("case-{number}"));
        event["data"]["id"] = json!(number);
        for time in ["created_at", "updated_at", "solving_at", "closed_at"] {
            event["data"][time] = json!("");
        }
        let record = app.deliver(&event).await;
        assert_eq!(record.str("/status"), "delivered", "{}", record.text);
        let ticket = app.ticket(record.str("/target/id")).await;
        assert_eq!(
            (&ticket["servicerUserId"], &ticket["servicerGroupId"]),
            (&json!(0), &json!(0)),
            "{ticket}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_fields_come_as_text_number_list_or_option() {
    let app = TestApp::start().await;
    let option = |value: &str, text: &str| json!({ "value": value, "text": text });
    let cases = [
        ("TextField_7", "field_7", json!("13"), json!("13")),
        ("TextField_7", "field_7", json!(13), json!("13")),
        ("TextField_8", "field_8", json!(13.33), json!("13.33")),
        ("SelectField_1", "field_9", json!("1"), json!("1197504")),
        ("SelectField_1", "field_9", json!(1), json!("1197504")),
        ("SelectField_1", "field_9", json!(["1"]), json!("1197504")),
        ("SelectField_1", "field_9", json!("下拉选项2"), json!("1197504")),
        ("SelectField_1", "field_9", json!([option("1", "下拉选项2")]), json!("1197504")),
        ("SelectField_1", "field_9", option("1", "下拉选项2"), json!("1197504")),
        ("SelectField_3", "field_11", json!("0,3"), json!("4672422,4672431")),
        ("SelectField_3", "field_11", json!(["0", "3"]), json!("4672422,4672431")),
        ("SelectField_3", "field_11", json!([0, 3]), json!("4672422,4672431")),
        (
            "SelectField_3",
            "field_11",
            json!([option("0", "甲"), option("3", "乙")]),
            json!("4672422,4672431"),
        ),
    ];
    for (number, (from, to, value, expected)) in (300..).zip(cases) {
        let record = app.deliver(&changed(number, &json!({ "custom_fields": { from: value } }))).await;
        assert_eq!(record.str("/status"), "delivered", "{from} {value}: {}", record.text);
        assert_eq!(
            custom(&app.ticket(record.str("/target/id")).await),
            json!({ to: expected }),
            "{from} {value}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_mapped_is_refused_with_its_pointers() {
    let app = TestApp::start().await;
    let cases = [
        (json!({ "id": 0 }), vec!["/data/id anyOf"]),
        (json!({ "id": "A-1" }), vec!["/data/id anyOf"]),
        (json!({ "id": 1.5 }), vec!["/data/id anyOf"]),
        (json!({ "id": null }), vec!["/data/id anyOf"]),
        (json!({ "subject": "" }), vec!["/data/subject pattern"]),
        (json!({ "subject": null }), vec!["/data/subject type"]),
        (json!({ "status": null }), vec!["/data/status type"]),
        (json!({ "status": "" }), vec!["/data/status minLength"]),
        (json!({ "status": "x".repeat(256) }), vec!["/data/status maxLength"]),
        (json!({ "content": {} }), vec!["/data/content type"]),
        (json!({ "content_type": "markdown" }), vec!["/data/content_type enum"]),
        (json!({ "assignee": { "email": "a@b.c" } }), vec!["/data/assignee type"]),
        (json!({ "assignee_id": "first" }), vec!["/data/assignee_id anyOf"]),
        (json!({ "tags": [1] }), vec!["/data/tags anyOf"]),
        (json!({ "updated_at": "yesterday" }), vec!["/data/updated_at anyOf"]),
        (json!({ "custom_fields": [] }), vec!["/data/custom_fields type"]),
        (json!({ "custom_fields": { "a/b": {} } }), vec!["/data/custom_fields/a~1b anyOf"]),
        (
            json!({ "subject": 1, "status": 2 }),
            vec!["/data/status type", "/data/status type", "/data/subject type"],
        ),
    ];
    for (changes, expected) in cases {
        let event = event("e", "ticket.created", changed(1, &changes)["data"].clone());
        let answer = app.post(&event).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), expected, "{changes}: {}", answer.text);
    }
    for (event, expected) in [
        (without(sample(), &["id"]), vec!["/data required"]),
        (without(sample(), &["id", "subject", "status"]), vec!["/data required"; 3]),
        (event("e", "ticket.created", json!([])), vec!["/data type"]),
        (event("e", "ticket.replied", json!({ "id": 1 })), vec!["/data required"]),
        (event("e", "ticket.replied", json!({ "id": 1, "reply": {} })), vec!["/data/reply required"]),
        (event("e", "company.created", json!({ "id": 1 })), vec!["/data required"]),
        (event("e", "contact.created", json!({ "id": 1 })), vec!["/type enum"]),
    ] {
        let answer = app.post(&event).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), expected, "{}", answer.text);
    }
}
