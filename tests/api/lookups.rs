//! What a mapping asks of links and vendors: found, shared by all who ask, and missing in so many words.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use deskbridge::sandbox::credentials;

use crate::harness::*;

/// A service whose mapping is the shipped one with these fields of a ticket in place of its own.
async fn mapped(fields: &str) -> TestApp {
    let app = TestApp::start().await;
    let fields: String = fields.lines().map(|line| format!("    {}\n", line.trim())).collect();
    let extended = "source: udesk\ntarget: bangwo8\nextends: udesk-bangwo8\nticket:\n  fields:\n";
    app.write_mapping("acme", &format!("{extended}{fields}"));
    app.restart_with(options()).await
}

fn options() -> Options {
    Options {
        mapping: "acme".into(),
        limits: PATIENT.into(),
        parameters: "{ ticket_template_id: 4, default_contact_id: 21101341 }".into(),
        ..Options::default()
    }
}

/// A rule for the agent of a ticket.
fn agent(by: &str, on_missing: &str) -> String {
    format!(
        "servicerUserId: {{ from: [/assignee], lookup: {{ table: agents, vendor: {{ {by} }}, on_missing: {on_missing} }}, \
         lossy: 同一客服有多种写法 }}"
    )
}

fn assigned(id: u64, to: &str) -> Value {
    created_with(id, json!({ "assignee_id": null, "assignee": to }))
}

async fn servicer(app: &TestApp, record: &Answer) -> Value {
    app.ticket(record.str("/target/id")).await["servicerUserId"].clone()
}

/// A call of the simulator's API as its administrator.
fn admin(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    let (account, password) = (credentials::BANGWO8_ADMIN_ACCOUNT, credentials::BANGWO8_ADMIN_PASSWORD);
    let url = format!("{}/api/v1{path}", app.sandbox.bangwo8_url());
    app.client.request(method, url).basic_auth(account, Some(password)).header("Requestid", "by-hand")
}

async fn add_agent(app: &TestApp, id: u64, name: &str) {
    let agent = json!({ "id": id, "name": name, "createDT": "2024-01-02 03:04:05", "isStat": "1" });
    assert_eq!(app.control(Method::POST, "supports", &agent).await.status, 201);
}

#[tokio::test]
async fn an_agent_is_found_in_the_vendors_list_which_many_events_read_once() {
    let app = mapped(&agent("name: /assignee", "park")).await;
    let events: Vec<Value> = (1..=40).map(|id| assigned(id, "李娜")).collect();
    for event in &events {
        app.accept(event).await;
    }
    for id in 1..=40 {
        let record = app.until(&format!("created-{id}"), &["delivered"]).await;
        assert_eq!(servicer(&app, &record).await, 565_124);
    }
    assert_eq!(app.requests("GET", "/api/v1/supports.json").await.len(), 1);
}

#[tokio::test]
async fn an_email_is_compared_without_regard_to_case() {
    let app = mapped(&agent("email: /replied_by", "park")).await;
    let event = created_with(1, json!({ "assignee_id": null, "replied_by": "LiNa@EXAMPLE.com" }));
    assert_eq!(servicer(&app, &app.delivered(&event).await).await, 565_124);
}

#[tokio::test]
async fn an_agent_who_is_missing_parks_the_event_until_added_and_replayed() {
    let app = mapped(&agent("name: /assignee", "park")).await;
    let parked = app.parked(&assigned(1, "赵磊")).await;
    assert!(parked.str("/reason/message").contains("/assignee"), "{}", parked.text);
    add_agent(&app, 565_200, "赵磊").await;
    assert_eq!(app.operate("/events/created-1/replay").await.status, 200);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(servicer(&app, &record).await, 565_200, "what was known before the replay is not believed");
}

#[tokio::test]
async fn an_agent_who_was_just_added_is_found_by_itself() {
    let app = mapped(&agent("name: /assignee", "omit")).await;
    app.delivered(&assigned(1, "李娜")).await;
    add_agent(&app, 565_200, "赵磊").await;
    let mut id = 1;
    // A list that is a few seconds old is believed to be whole.
    let found = eventually(async || {
        id += 1;
        let record = app.delivered(&assigned(id, "赵磊")).await;
        (servicer(&app, &record).await == 565_200).then_some(record)
    })
    .await;
    assert!(!found.text.contains("/assignee"), "nothing of the agent is ignored: {}", found.text);
    let lists = app.requests("GET", "/api/v1/supports.json").await.len();
    assert!((2..=7).contains(&lists), "one reading for each few seconds, not for each event: {lists}");
}

#[tokio::test]
async fn an_agent_who_is_missing_is_left_out_and_told() {
    let app = mapped(&agent("name: /assignee", "omit")).await;
    let record = app.delivered(&assigned(1, "赵磊")).await;
    assert_eq!(servicer(&app, &record).await, 0);
    let ignored = record.json["ignored"].as_array().expect("a list").clone();
    assert!(ignored.iter().any(|part| part["pointer"] == "/assignee"), "{}", record.text);
}

#[tokio::test]
async fn two_agents_of_one_name_are_nobody_and_the_record_says_so() {
    let app = mapped(&agent("name: /assignee", "omit")).await;
    add_agent(&app, 565_200, "李娜").await;
    let record = app.delivered(&assigned(1, "李娜")).await;
    assert_eq!(servicer(&app, &record).await, 0);
    let ambiguous = json!({ "pointer": "/assignee", "reason": "ambiguous" });
    assert!(record.json["ignored"].as_array().expect("a list").contains(&ambiguous), "{}", record.text);
}

#[tokio::test]
async fn a_lookup_that_fails_is_tried_again_and_leaves_no_doubt_about_the_ticket() {
    let app = mapped(&agent("name: /assignee", "park")).await;
    app.fault_at("/api/v1/supports.json", 2, json!({ "status": 500 })).await;
    let record = app.delivered(&assigned(1, "李娜")).await;
    let codes: Vec<&str> = (0..2)
        .map(|attempt| record.json["attempts"][attempt]["reason"]["code"].as_str().expect("a code"))
        .collect();
    assert_eq!(codes, ["lookup_unavailable", "lookup_unavailable"], "{}", record.text);
    assert_eq!(record.str("/attempts/0/calls/1/path"), "/api/v1/supports.json", "{}", record.text);
    assert_eq!(record.str("/attempts/0/calls/1/code"), "unavailable");
    assert!(app.requests("GET", "/api/v1/tickets.json").await.is_empty(), "nothing to look for");
    assert_eq!(servicer(&app, &record).await, 565_124);
}

#[tokio::test]
async fn a_lookup_that_is_refused_for_good_waits_as_long_as_credentials_do() {
    let app = mapped(&agent("name: /assignee", "park")).await;
    app.fault_at("/api/v1/supports.json", 0, json!({ "status": 403, "body": {} })).await;
    app.accept(&assigned(1, "李娜")).await;
    let record = app.until("created-1", &["retrying"]).await;
    assert_eq!(record.str("/reason/code"), "lookup_forbidden", "{}", record.text);
    app.mend().await;
    app.until("created-1", &["delivered"]).await;
}

#[tokio::test]
async fn a_template_is_found_by_its_name() {
    let rule = "ticketTemplateId: { from: [/user_group_name], lookup: { vendor: { name: /user_group_name }, \
                on_missing: park }, lossy: 名称前后空格 }";
    let app = TestApp::start().await;
    let extended =
        "source: udesk\ntarget: bangwo8\nextends: udesk-bangwo8\nparameters: { ticket_template_id: ~ }\n";
    app.write_mapping("acme", &format!("{extended}ticket:\n  fields:\n    {rule}\n"));
    let app = app.restart_with(Options { parameters: "{}".into(), ..options() }).await;
    let record = app.delivered(&created_with(1, json!({ "user_group_name": "销售跟进" }))).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["ticketTemplateId"], 9);
}

#[tokio::test]
async fn a_contact_is_found_by_its_binding_or_else_the_default_is_taken() {
    let rule = "custUserId: { from: [/user_id], lookup: { table: contacts, vendor: { binding: /user_id }, \
                on_missing: default }, default: { parameter: default_contact_id }, lossy: 默认联系人 }";
    let app = mapped(rule).await;
    let binding = json!({ "cId": 21_130_282, "openId": "77", "account_source": "open" });
    let bound = send(admin(&app, Method::POST, "/user/relationship/cid.json").json(&binding)).await;
    assert_eq!(bound.status, 200, "{}", bound.text);
    let known = app.delivered(&created_with(1, json!({ "user_id": 77 }))).await;
    assert_eq!(app.ticket(known.str("/target/id")).await["custUserId"], 21_130_282);
    let unknown = app.delivered(&created_with(2, json!({ "user_id": 78 }))).await;
    assert_eq!(app.ticket(unknown.str("/target/id")).await["custUserId"], 21_101_341);
    // There is none: that is believed for a while, and the other event's answer for longer.
    app.delivered(&updated_with(1, 1, json!({ "user_id": 77, "subject": "新标题" }))).await;
    assert_eq!(app.requests("GET", "/api/v1/user/relationship/cid.json").await.len(), 2);
}

/// A service whose mapping has these rows of custom fields in place of the shipped ones of the same names.
async fn with_rows(rows: &str, options: Options) -> TestApp {
    let app = TestApp::start().await;
    let rows: String = rows.lines().map(|line| format!("      {}\n", line.trim())).collect();
    let extended =
        "source: udesk\ntarget: bangwo8\nextends: udesk-bangwo8\nticket:\n  custom_fields:\n    rows:\n";
    app.write_mapping("acme", &format!("{extended}{rows}"));
    app.restart_with(options).await
}

fn custom(ticket: &Value, key: &str) -> Value {
    let fields = ticket["custom_fields"].as_array().expect("a list");
    let found = fields.iter().find(|field| field["key"] == key);
    found.map(|field| field["value"].clone()).unwrap_or_default()
}

#[tokio::test]
async fn a_company_is_found_by_its_link_or_name_or_made_once_by_many_events() {
    let row = "TextField_1: { to: field_1, lookup: { of: company, vendor: { name: /custom_fields/TextField_1 }, \
               on_missing: create }, lossy: 公司只按名称区分 }";
    let app = with_rows(row, options()).await;
    let of = |id: u64, name: &str| created_with(id, json!({ "custom_fields": { "TextField_1": name } }));
    for id in 1..=10 {
        app.accept(&of(id, "成都新希望有限公司")).await;
    }
    let mut ids = Vec::new();
    for id in 1..=10 {
        let record = app.until(&format!("created-{id}"), &["delivered"]).await;
        ids.push(custom(&app.ticket(record.str("/target/id")).await, "field_1"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(app.requests("POST", "/api/v1/companies.json").await.len(), 1);
    let known = app.delivered(&of(11, "华信 电梯")).await;
    assert_eq!(custom(&app.ticket(known.str("/target/id")).await, "field_1"), "12352630");
}

#[tokio::test]
async fn a_company_is_found_by_the_link_of_an_event_of_its_own() {
    let row = "TextField_1: { to: field_1, lookup: { of: company, link: /custom_fields/TextField_1, on_missing: park }, \
               lossy: 多个来源公司可能是同一家 }";
    let app = with_rows(row, options()).await;
    let of = |id: u64| created_with(id, json!({ "custom_fields": { "TextField_1": "77" } }));
    let parked = app.parked(&of(1)).await;
    assert_eq!(parked.str("/reason/code"), "not_found", "{}", parked.text);
    let company = json!({ "id": 77, "name": "华信 电梯" });
    app.delivered(&event("company", "company.created", company)).await;
    app.delivered(&of(2)).await;
    assert_eq!(custom(&app.last_written("POST").await, "field_1"), "12352630");
}

#[tokio::test]
async fn choices_go_by_the_fields_of_both_vendors() {
    let rows = "SelectField_1: { to: field_9, as: choice, options: vendor }
                SelectField_2: { to: field_10, as: choice, options: vendor, send: id }
                SelectField_3: { to: field_11, as: choices, options: vendor }";
    let app = with_rows(
        rows,
        Options { api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(), ..options() },
    )
    .await;
    let chosen =
        json!({ "custom_fields": { "SelectField_1": "1", "SelectField_2": "1", "SelectField_3": "0,2" } });
    let record = app.delivered(&created_with(1, chosen)).await;
    let written = app.last_written("POST").await;
    assert_eq!(custom(&written, "field_9"), "下拉选项2");
    assert_eq!(custom(&written, "field_10"), "1197524", "by its id");
    assert_eq!(custom(&written, "field_11"), "多选框选项1,多选框选项3");
    let calls = record.json["attempts"][0]["calls"].as_array().expect("a list").clone();
    for list in ["/api/v2/ticket_fields.json", "/api/v1/tickets/ticket_fields.json"] {
        assert!(calls.iter().any(|call| call["path"] == list), "{list}: {}", record.text);
    }
    // An option that only the source has.
    let hidden = created_with(2, json!({ "custom_fields": { "SelectField_1": "3" } }));
    let parked = app.parked(&hidden).await;
    assert_eq!(parked.str("/reason/code"), "unknown_option", "{}", parked.text);
    let option = json!([{ "optionName": "已停用选项" }]);
    let added =
        send(admin(&app, Method::PUT, "/tickets/ticket_fields/8769557/options.json").json(&option)).await;
    assert!(added.text.contains("已停用选项"), "{}", added.text);
    app.operate("/events/created-2/replay").await;
    app.until("created-2", &["delivered"]).await;
    assert_eq!(custom(&app.last_written("POST").await, "field_9"), "已停用选项");
}

#[tokio::test]
async fn a_cascade_goes_by_the_path_of_names() {
    let row = "SelectField_4: { to: field_36, as: cascade, options: vendor }";
    let api = "{ base_url: UDESK, v2: { email: file:udesk-email, token: file:udesk-token } }";
    let app = with_rows(row, Options { api: api.into(), ..options() }).await;
    let first = created_with(1, json!({ "custom_fields": { "SelectField_4": "1" } }));
    app.delivered(&first).await;
    assert_eq!(custom(&app.last_written("POST").await, "field_36"), json!(["吉林省"]));
    let deeper = created_with(2, json!({ "custom_fields": { "SelectField_4": "1,1" } }));
    let parked = app.parked(&deeper).await;
    assert_eq!(parked.str("/reason/code"), "unknown_option", "吉林市 is 吉林 there: {}", parked.text);
}
