//! Companies: made or changed by link or by exact name, never twice.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

fn company(id: u64, name: &str) -> Value {
    json!({
        "id": id, "name": name, "domains": "https://www.test1.example", "level": "normal", "description": "老客户",
        "custom_fields": {}, "updated_at": "2017-08-18T12:06:02.000+08:00", "token": null, "cellphones": []
    })
}

fn company_event(event_id: &str, kind: &str, data: Value) -> Value {
    event(event_id, kind, data)
}

/// The simulator's company of this id, as its API gives it.
async fn at_target(app: &TestApp, id: &str) -> Value {
    let url = format!("{}/api/v1/companies/{id}.json", app.sandbox.bangwo8_url());
    let admin = (
        deskbridge::sandbox::credentials::BANGWO8_ADMIN_ACCOUNT,
        deskbridge::sandbox::credentials::BANGWO8_ADMIN_PASSWORD,
    );
    let mut answer = send(app.client.request(Method::GET, url).basic_auth(admin.0, Some(admin.1))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["company"].take()
}

async fn creates(app: &TestApp) -> usize {
    app.requests("POST", "/api/v1/companies.json").await.len()
}

#[tokio::test]
async fn a_new_company_is_made_and_its_next_event_changes_it_by_its_link() {
    let app = TestApp::start().await;
    let made = app.delivered(&company_event("c1", "company.created", company(1, "成都新希望有限公司"))).await;
    assert_eq!((made.str("/lane"), made.str("/target/kind")), ("company:1", "company"));
    let id = made.str("/target/id").to_owned();
    let link = app.get("/links/company/1").await;
    assert_eq!(link.str("/target_id"), id);
    assert_eq!(at_target(&app, &id).await["companyName"], "成都新希望有限公司");
    // Another name: only the link can tell which company is meant.
    let renamed =
        with(company(1, "成都新希望集团"), json!({ "updated_at": "2017-08-19T12:06:02.000+08:00" }));
    let changed = app.delivered(&company_event("c2", "company.updated", renamed)).await;
    assert_eq!(changed.str("/target/id"), id);
    assert_eq!(at_target(&app, &id).await["companyName"], "成都新希望集团");
    assert_eq!(creates(&app).await, 1);
}

#[tokio::test]
async fn a_company_that_is_there_under_its_exact_name_is_changed_not_made() {
    let app = TestApp::start().await;
    let first = app.delivered(&company_event("c1", "company.created", company(1, "华东 一区代理"))).await;
    // Another source company of the same name, which the target can't keep apart.
    let second = app.delivered(&company_event("c2", "company.created", company(2, "华东 一区代理"))).await;
    assert_eq!(first.str("/target/id"), second.str("/target/id"));
    // A name of which the first is only a part is another company.
    let third = app.delivered(&company_event("c3", "company.created", company(3, "华东 一区代理商"))).await;
    assert_ne!(first.str("/target/id"), third.str("/target/id"));
    assert_eq!(creates(&app).await, 2);
}

#[tokio::test]
async fn a_name_that_the_search_hides_is_found_by_the_refusal_of_a_second() {
    let app = TestApp::start().await;
    let first = app.delivered(&company_event("c1", "company.created", company(1, "北京隐身科技"))).await;
    let empty = json!({ "body": { "results": [], "next_page": null, "previous_page": null, "count": 0 } });
    app.fault_at("/api/v1/companies/search.json", 1, empty).await;
    let second = app.delivered(&company_event("c2", "company.created", company(2, "北京隐身科技"))).await;
    assert_eq!(first.str("/target/id"), second.str("/target/id"));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_again_by_its_name() {
    for behaviour in ["replay", "error", "ignored"] {
        let app = TestApp::start().await;
        app.switch("duplicate_requestid", json!(behaviour)).await;
        app.fault_at("/api/v1/companies.json", 1, json!({ "reset": "after" })).await;
        let record = app.delivered(&company_event("c1", "company.created", company(1, "断线有限公司"))).await;
        assert_eq!(at_target(&app, record.str("/target/id")).await["companyName"], "断线有限公司");
        assert_eq!(creates(&app).await, 1, "{behaviour}: made once, found by its name the second time");
    }
}

#[tokio::test]
async fn a_company_whose_id_is_not_told_is_found_by_its_name() {
    let app = TestApp::start().await;
    let rule = json!({
        "method": "POST", "path": "/api/v1/companies", "times": 1,
        "fault": { "status": 200, "body": { "status": "0", "message": "Insert ok", "data": false } }
    });
    // The first of two names is there by another hand; the answer to its creation names no id.
    app.delivered(&company_event("c0", "company.created", company(9, "无号有限公司"))).await;
    let empty = json!({ "body": { "results": [], "next_page": null, "previous_page": null, "count": 0 } });
    app.fault_at("/api/v1/companies/search.json", 1, empty).await;
    assert_eq!(app.control(Method::POST, "faults", &rule).await.status, 201);
    let record = app.delivered(&company_event("c1", "company.created", company(1, "无号有限公司"))).await;
    assert_eq!(at_target(&app, record.str("/target/id")).await["companyName"], "无号有限公司");
}

#[tokio::test]
async fn an_update_without_a_name_of_a_company_nobody_knows_waits_for_an_operator() {
    let app = TestApp::start().await;
    let nameless = json!({ "id": 5, "description": "只改备注" });
    let record = app.parked(&company_event("c1", "company.updated", nameless)).await;
    assert_eq!(record.str("/reason/code"), "unknown_company");
    assert!(record.str("/reason/message").contains("companyName"), "{}", record.text);
}

#[tokio::test]
async fn older_news_of_a_company_is_skipped() {
    let app = TestApp::start().await;
    app.delivered(&company_event("c1", "company.created", company(1, "时间有限公司"))).await;
    let older = with(company(1, "旧名有限公司"), json!({ "updated_at": "2016-01-01T00:00:00.000+08:00" }));
    let record = app.deliver(&company_event("c2", "company.updated", older)).await;
    assert_eq!((record.str("/status"), record.str("/reason/code")), ("skipped", "stale"));
}

#[tokio::test]
async fn a_company_that_is_not_one_is_refused_with_every_violation() {
    let app = TestApp::start().await;
    let answer = app.post(&company_event("c1", "company.created", json!({ "id": 0, "name": " " }))).await;
    assert_eq!((answer.status, answer.str("/code")), (422, "schema_violation"));
    let pointers: Vec<&str> = answer.json["violations"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|v| v["pointer"].as_str())
        .collect();
    assert!(pointers.contains(&"/data/id") && pointers.contains(&"/data/name"), "{}", answer.text);
}
