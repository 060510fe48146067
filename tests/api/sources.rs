//! Help desks that came by files alone: their tickets, replies and companies arrive without a line of Rust.

use serde_json::{Value, json};

use crate::harness::*;

const ZENDESK: &str = include_str!("../../examples/events/zendesk/ticket.created.json");
const FRESHDESK: &str = include_str!("../../examples/events/freshdesk/ticket.created.json");

fn source(vendor: &str, parameters: &str) -> Options {
    Options {
        vendor: vendor.into(),
        mapping: format!("{vendor}-bangwo8"),
        parameters: parameters.into(),
        ..Options::default()
    }
}

async fn zendesk() -> TestApp {
    let parameters = "{ ticket_template_id: 4, agents: { li.na@acme.example: 565124 }, groups: { 98738: 344124 }, \
                      contacts: { wangfang@xinxiwang.example: 21130282 }, default_contact_id: 21101341 }";
    TestApp::with(source("zendesk", parameters)).await
}

async fn freshdesk() -> TestApp {
    let parameters = "{ ticket_template_id: 4, agents: { 47000456789: 565124 }, groups: { 售后1组: 344124 }, \
                      contacts: { wangfang@xinxiwang.example: 21130282 }, default_contact_id: 21101341 }";
    TestApp::with(source("freshdesk", parameters)).await
}

/// The example of the repository.
fn example(text: &str) -> Value {
    serde_json::from_str(text).expect("an envelope")
}

fn assert_holds(ticket: &Value, expected: &Value) {
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&ticket[name], value, "{name} of {ticket}");
    }
}

/// The names of the companies that were made.
async fn companies_made(app: &TestApp) -> Vec<Value> {
    let made = app.requests("POST", "/api/v1/companies.json").await;
    made.into_iter().map(|mut request| request["body"]["company"]["companyName"].take()).collect()
}

/// The reply that was added last.
async fn last_reply(app: &TestApp) -> Value {
    app.last_written("PUT").await["ticketReply"]["replyMsg"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_zendesk_arrives_with_its_fields_and_its_reply() {
    let app = zendesk().await;
    let record = app.delivered(&example(ZENDESK)).await;
    assert_eq!(
        (record.str("/lane"), &record.json["ignored"]),
        ("ticket:35436", &json!([])),
        "{}",
        record.text
    );
    let id = record.str("/target/id");
    let expected = json!({
        "subject": "打印机离线，无法打印合同", "ticketStatus": 2, "priorityLevel": 3, "ticketType": 2, "ticketSource": 9,
        "tagList": "打印机,vip", "servicerUserId": 565124, "servicerGroupId": 344124, "custUserId": 21130282,
        "descript": "三楼东侧的打印机从今天早上开始离线，重启后仍然如此。\n\
                     [附件 现场照片.jpg] https://acme.zendesk.com/attachments/token/1/?name=photo.jpg",
        "custom_fields": [
            { "key": "field_1", "value": "三楼东侧" }, { "key": "field_3", "value": "2026-03-05" },
            { "key": "field_7", "value": "2" }, { "key": "field_9", "value": "1197504" },
            { "key": "field_11", "value": "4672422,4672431" }
        ]
    });
    assert_holds(&app.ticket(id).await, &expected);

    let comment = json!({
        "id": 77, "html_body": "<p>已更换<b>网卡</b></p>", "public": true, "author": { "name": "李娜", "role": "agent" },
    });
    let reply = event("zendesk-comment-77", "ticket.replied", json!({ "id": 35436, "comment": comment }));
    assert_eq!(app.delivered(&reply).await.str("/target/id"), id);
    assert_eq!(last_reply(&app).await, "【客服 李娜】\n已更换网卡");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_freshdesk_arrives_with_its_fields_and_its_reply() {
    let app = freshdesk().await;
    let record = app.delivered(&example(FRESHDESK)).await;
    assert_eq!(
        (record.str("/lane"), &record.json["ignored"]),
        ("ticket:6541", &json!([])),
        "{}",
        record.text
    );
    let id = record.str("/target/id");
    let expected = json!({
        "subject": "打印机离线，无法打印合同", "ticketStatus": 2, "priorityLevel": 3, "ticketType": 3, "ticketSource": 9,
        "tagList": "打印机,vip", "servicerUserId": 565124, "servicerGroupId": 344124, "custUserId": 21130282,
        "descript": "三楼东侧的打印机从今天早上开始离线，重启后仍然如此。\n\
                     [附件 现场照片.jpg] https://cdn.freshdesk.example/data/helpdesk/attachments/production/1/photo.jpg",
        "custom_fields": [
            { "key": "field_1", "value": "三楼东侧" }, { "key": "field_3", "value": "2026-03-05" },
            { "key": "field_7", "value": "2" }, { "key": "field_9", "value": "1197504" },
            { "key": "field_11", "value": "4672422,4672431" }
        ]
    });
    assert_holds(&app.ticket(id).await, &expected);

    let conversation =
        json!({ "id": 88, "body": "<div>还是不行</div>", "incoming": true, "user": { "name": "王芳" } });
    let reply = event(
        "freshdesk-conversation-88",
        "ticket.replied",
        json!({ "id": 6541, "conversation": conversation }),
    );
    assert_eq!(app.delivered(&reply).await.str("/target/id"), id);
    assert_eq!(last_reply(&app).await, "【客户 王芳】\n还是不行");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_one_field_leaves_the_others_as_they_are() {
    let app = zendesk().await;
    let id = app.delivered(&example(ZENDESK)).await.str("/target/id").to_owned();
    let solved = json!({ "id": 35436, "status": "solved", "updated_at": "2026-03-03T01:12:43Z" });
    let record = app.delivered(&event("zendesk-35436-solved", "ticket.updated", solved)).await;
    assert_eq!(record.str("/target/id"), id);
    let ticket = app.ticket(&id).await;
    assert_eq!((&ticket["ticketStatus"], &ticket["priorityLevel"]), (&json!(4), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_company_of_a_ticket_is_made_with_it_and_changed_by_its_own_events() {
    for (app, ticket, id) in
        [(zendesk().await, ZENDESK, 509_974), (freshdesk().await, FRESHDESK, 47_000_998_877_u64)]
    {
        app.delivered(&example(ticket)).await;
        assert_eq!(companies_made(&app).await, ["成都新希望有限公司"]);
        let linked = app.get(&format!("/links/company/{id}")).await.str("/target_id").to_owned();
        let renamed = event("renamed", "company.updated", json!({ "id": id, "name": "成都新希望集团" }));
        assert_eq!(app.delivered(&renamed).await.str("/target/id"), linked);
        assert_eq!(companies_made(&app).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_of_the_tenants_own_waits_for_the_mapping_and_is_known_to_one_that_extends_it() {
    let app = freshdesk().await;
    let mut ticket = example(FRESHDESK);
    ticket["data"]["status"] = json!(8);
    let record = app.parked(&ticket).await;
    assert_eq!(record.str("/reason/code"), "unknown_value", "{}", record.text);
    app.write_mapping(
        "acme",
        "extends: freshdesk-bangwo8\n\
         vocabulary: { source: { status: { waiting_parts: ['8', 等待配件] } } }\n\
         tables: { status: { arms: { waiting_parts: 3 } } }\n",
    );
    let own = Options { mapping: "acme".into(), ..source("freshdesk", "{ ticket_template_id: 4 }") };
    let app = app.restart_with(own).await;
    let replay = app.operate("/events/freshdesk-6541-2026-03-02T01:12:43Z/replay").await;
    assert_eq!(replay.status, 200, "{}", replay.text);
    let record = app.until("freshdesk-6541-2026-03-02T01:12:43Z", &["delivered"]).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["ticketStatus"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_of_the_source_is_refused() {
    let app = zendesk().await;
    let cases = [
        (json!({ "id": "35 436" }), vec!["/data/id anyOf"]),
        (json!({ "description": " " }), vec!["/data/description pattern"]),
        (json!({ "custom_fields": { "1": "x" } }), vec!["/data/custom_fields type"]),
        (json!({ "updated_at": "3月2日" }), vec!["/data/updated_at anyOf"]),
        (json!({ "comment": { "body": "回复有自己的类型" } }), vec!["/data/comment falseSchema"]),
    ];
    for (changes, expected) in cases {
        let mut ticket = example(ZENDESK);
        ticket["data"] = with(ticket["data"].take(), changes.clone());
        let answer = app.post(&ticket).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), expected, "{changes}: {}", answer.text);
    }
}

/// What a vendor puts in place of a placeholder; in place of others, nothing.
const FILLED: &[(&str, &str)] = &[
    ("ticket.id", "35437"),
    ("ticket.title", "发票抬头有误"),
    ("ticket.subject", "发票抬头有误"),
    ("ticket.verbatim_description", "请改为成都新希望有限公司。"),
    ("ticket.description", "<div>请改为<b>成都新希望有限公司</b>。</div>"),
    ("ticket.status", "Open"),
    ("ticket.priority", "High"),
    ("ticket.ticket_type", "Question"),
    ("ticket.via", "Web form"),
    ("ticket.source", "Portal"),
    ("ticket.tags | split: ' ' | join: ','", "发票,财务"),
    ("ticket.requester.email", "wangfang@xinxiwang.example"),
    ("ticket.organization.id", "509974"),
    ("ticket.organization.name", "成都新希望有限公司"),
    ("ticket.ticket_field_360000000101", "一楼大厅"),
    ("ticket.cf_sample_text", "一楼大厅"),
    ("ticket.updated_at_with_timestamp", "2026-03-02T01:12Z"),
    ("ticket.latest_public_comment.id", "79"),
    ("ticket.latest_public_comment.value", "还是不行"),
    ("ticket.latest_public_comment.author.name", "王芳"),
    ("current_user.role", "End user"),
];

/// A body as the vendor sends it.
fn filled(template: &str) -> Value {
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (placeholder, rest) = part.split_once("}}").expect("a placeholder ends");
        let known = FILLED.iter().find(|(name, _)| *name == placeholder);
        text.push_str(known.map_or("", |(_, value)| value));
        text.push_str(rest);
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The blocks of a language in a document.
fn blocks<'d>(document: &'d str, language: &str) -> Vec<&'d str> {
    let fence = format!("```{language}\n");
    document.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

const ZENDESK_DOCS: &str = include_str!("../../docs/zendesk.md");
const FRESHDESK_DOCS: &str = include_str!("../../docs/freshdesk.md");

#[tokio::test(flavor = "multi_thread")]
async fn the_bodies_that_the_documents_give_to_zendesks_triggers_make_a_ticket_and_a_reply() {
    let app = zendesk().await;
    let bodies: Vec<Value> = blocks(ZENDESK_DOCS, "json").into_iter().map(filled).collect();
    let [created, replied] = &bodies[..] else { panic!("two bodies: {bodies:?}") };
    let record = app.delivered(created).await;
    assert_eq!(record.json["ignored"], json!([]), "{}", record.text);
    let expected = json!({
        "subject": "发票抬头有误", "descript": "请改为成都新希望有限公司。", "ticketStatus": 2, "priorityLevel": 3,
        "ticketType": 1, "ticketSource": 8, "tagList": "发票,财务", "custUserId": 21130282,
        "custom_fields": [{ "key": "field_1", "value": "一楼大厅" }]
    });
    assert_holds(&app.ticket(record.str("/target/id")).await, &expected);
    app.delivered(replied).await;
    assert_eq!(last_reply(&app).await, "【客户 王芳】\n还是不行");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_that_the_documents_give_to_freshdesks_automations_makes_a_ticket() {
    let app = freshdesk().await;
    let bodies = blocks(FRESHDESK_DOCS, "json");
    let [created] = bodies[..] else { panic!("one body: {bodies:?}") };
    let record = app.delivered(&filled(created)).await;
    assert_eq!(record.json["ignored"], json!([]), "{}", record.text);
    let expected = json!({
        "subject": "发票抬头有误", "descript": "请改为成都新希望有限公司。", "ticketStatus": 2, "priorityLevel": 3,
        "ticketType": 1, "ticketSource": 8, "custUserId": 21130282,
        "custom_fields": [{ "key": "field_1", "value": "一楼大厅" }]
    });
    assert_holds(&app.ticket(record.str("/target/id")).await, &expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mappings_that_the_documents_show_are_taken_by_the_service() {
    for (vendor, document) in [("zendesk", ZENDESK_DOCS), ("freshdesk", FRESHDESK_DOCS)] {
        let mut app = TestApp::with(source(vendor, "{ ticket_template_id: 4 }")).await;
        let shown = blocks(document, "yaml").into_iter().find(|block| block.starts_with("extends:"));
        app.write_mapping("acme", shown.expect("a mapping"));
        let own = Options { mapping: "acme".into(), ..source(vendor, "{ ticket_template_id: 4 }") };
        app = app.restart_with(own).await;
        assert_eq!(app.get("/events").await.status, 200);
    }
}
