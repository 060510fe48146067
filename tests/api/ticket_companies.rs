//! A ticket that brings its company along: several calls in order, each once, whatever fails between them.

use serde_json::{Value, json};

use crate::harness::*;

const COMPANY: &str = "成都新希望有限公司";

/// A service whose mapping writes the ticket's customer as a company, too.
async fn started(options: Options) -> TestApp {
    Box::pin(with_companies_by("/user_id", options)).await
}

/// The same with the company's id from another place.
async fn with_companies_by(lane: &str, options: Options) -> TestApp {
    let app = TestApp::start().await;
    let mapping = format!(
        "source: udesk
target: bangwo8
extends: udesk-bangwo8
ticket:
  company:
    lane: {lane}
    fields: {{ companyName: {{ from: /user_name, required: true }}, address: {{ from: /user }} }}
"
    );
    app.write_mapping("acme", &mapping);
    app.restart_with(Options { mapping: "acme".into(), ..options }).await
}

/// A ticket with a reply and a company, in one event.
fn everything(id: u64) -> Value {
    let reply = json!({ "content": "已更换网卡" });
    let data = json!({ "user_id": 77, "user_name": COMPANY, "reply": reply });
    event(&format!("all-{id}"), "ticket.replied", with(udesk_ticket(id, "打印机离线"), data))
}

async fn companies_named(app: &TestApp, name: &str) -> Vec<Value> {
    let state = app.sandbox.state();
    let companies = state["bangwo8"]["companies"].as_array().expect("a list");
    companies.iter().filter(|company| company["companyName"] == name).cloned().collect()
}

/// One ticket, one reply, one company, and what the record says of them.
async fn assert_each_once(app: &TestApp, record: &Answer, case: &str) {
    assert_eq!(record.str("/target/kind"), "ticket", "{case}");
    assert_eq!(app.tickets_named("打印机离线").await.len(), 1, "{case}");
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!(ticket["replies"].as_array().map(Vec::len), Some(1), "{case}: {ticket}");
    let companies = companies_named(app, COMPANY).await;
    assert_eq!(companies.len(), 1, "{case}");
    let link = app.get("/links/company/77").await;
    assert_eq!(link.str("/target_id"), companies[0]["uId"].to_string(), "{case}");
}

#[tokio::test]
async fn a_ticket_its_reply_and_its_company_are_written_in_this_order() {
    let app = started(Options::default()).await;
    let record = app.delivered(&everything(1)).await;
    assert_each_once(&app, &record, "nothing failed").await;
    let calls = record.json["attempts"][0]["calls"].as_array().expect("a list").clone();
    let writes: Vec<String> = calls
        .iter()
        .filter(|call| call["method"] != "GET" && !call["path"].as_str().expect("a path").contains("token"))
        .map(|call| format!("{} {}", call["method"], call["path"]).replace('"', ""))
        .collect();
    let reply = format!("PUT /api/v1/tickets/{}.json", record.str("/target/id"));
    assert_eq!(writes, ["POST /api/v1/tickets.json", &reply, "POST /api/v1/companies.json"]);
}

#[tokio::test]
async fn whatever_fails_between_the_calls_each_of_them_counts_once() {
    let faults = [
        ("POST", "/api/v1/tickets", json!({ "reset": "after" })),
        ("PUT", "/api/v1/tickets", json!({ "status": 503 })),
        ("GET", "/api/v1/companies", json!({ "status": 500 })),
        ("POST", "/api/v1/companies", json!({ "reset": "before" })),
        ("POST", "/api/v1/companies", json!({ "reset": "after" })),
        ("POST", "/api/v1/companies", json!({ "rate_limited": {} })),
    ];
    for behaviour in ["error", "ignored"] {
        for (method, path, fault) in &faults {
            let app = started(Options::default()).await;
            app.switch("duplicate_requestid", json!(behaviour)).await;
            let rule = json!({ "method": method, "path": path, "times": 1, "fault": fault });
            assert_eq!(app.control(reqwest::Method::POST, "faults", &rule).await.status, 201);
            let record = app.delivered(&everything(1)).await;
            assert_eq!(record.json["tried"], 2, "{method} {path} {fault}: {}", record.text);
            assert_each_once(&app, &record, &format!("{behaviour}: {method} {path} {fault}")).await;
        }
    }
}

#[tokio::test]
async fn what_is_repeated_of_an_update_because_a_later_call_failed_is_not_refused_for_good() {
    let app = started(Options::default()).await;
    app.switch("duplicate_requestid", json!("error")).await;
    app.delivered(&created(1, "打印机离线")).await;
    app.fault_at("/api/v1/companies.json", 1, json!({ "rate_limited": {} })).await;
    let record = app.delivered(&everything(1)).await;
    assert_eq!(record.json["tried"], 2, "{}", record.text);
    assert_each_once(&app, &record, "the company was refused for a while").await;
}

#[tokio::test]
async fn a_company_that_has_what_the_ticket_says_is_left_alone() {
    let app = started(Options::default()).await;
    app.delivered(&everything(1)).await;
    app.delivered(&everything(2)).await;
    assert_eq!(app.requests("PUT", "/api/v1/companies").await.len(), 0);
    let renamed = with(udesk_ticket(3, "改名"), json!({ "user_id": 77, "user_name": "成都新希望集团" }));
    app.delivered(&event("renamed", "ticket.created", renamed)).await;
    assert_eq!(companies_named(&app, "成都新希望集团").await.len(), 1, "by its link");
    assert_eq!(app.requests("POST", "/api/v1/companies.json").await.len(), 1);
}

#[tokio::test]
async fn tickets_and_the_companys_own_events_at_once_make_one_company() {
    let app = started(Options::default()).await;
    let own = json!({ "id": 77, "name": COMPANY, "description": "老客户" });
    app.accept(&event("own", "company.created", own)).await;
    for id in 1..=10 {
        app.accept(&everything(id)).await;
    }
    app.until("own", &["delivered"]).await;
    for id in 1..=10 {
        app.until(&format!("all-{id}"), &["delivered"]).await;
    }
    assert_eq!(companies_named(&app, COMPANY).await.len(), 1);
}

#[tokio::test]
async fn a_company_without_a_name_that_nobody_knows_keeps_no_ticket_waiting() {
    let app = started(Options::default()).await;
    let nameless = with(udesk_ticket(1, "无名"), json!({ "user_id": 78, "user_name": null }));
    let record = app.delivered(&event("nameless", "ticket.created", nameless)).await;
    let told = json!({ "pointer": "/user_id", "reason": "unknown_company" });
    assert!(record.json["ignored"].as_array().expect("a list").contains(&told), "{}", record.text);
}

#[tokio::test]
async fn a_company_whose_id_no_link_can_have_keeps_no_ticket_waiting() {
    let app = with_companies_by("/replied_by", Options::default()).await;
    for (n, id) in (1..).zip(["长".repeat(20_000), "x".repeat(513), "7\u{0}7".into(), "7\u{202e}7".into()]) {
        let data = with(udesk_ticket(n, "打印机离线"), json!({ "replied_by": id, "user_name": COMPANY }));
        let record = app.delivered(&event(&format!("odd-{n}"), "ticket.created", data)).await;
        let told = json!({ "pointer": "/replied_by", "reason": "invalid_id" });
        assert!(record.json["ignored"].as_array().expect("a list").contains(&told), "{n}: {}", record.text);
        assert_eq!(record.json["tried"], 1, "{n}: {}", record.text);
    }
    assert!(companies_named(&app, COMPANY).await.is_empty());
    let longest = "x".repeat(512);
    let data = with(udesk_ticket(9, "打印机离线"), json!({ "replied_by": longest, "user_name": COMPANY }));
    app.delivered(&event("longest", "ticket.created", data)).await;
    assert_eq!(companies_named(&app, COMPANY).await.len(), 1);
}
