//! `mapping preview`, `coverage` and `diff` on events, exported and stored.

use std::fs;

use serde_json::{Value, json};

use super::*;

/// The entry of a list whose members are these.
fn entry<'a>(list: &'a Value, members: &[(&str, &str)]) -> &'a Value {
    let fits = |entry: &&Value| members.iter().all(|(name, value)| entry[*name] == *value);
    list.as_array().expect("a list").iter().find(fits).unwrap_or_else(|| panic!("no {members:?} in {list}"))
}

/// A service with these events in its store, accepted and not worked on.
async fn stored(events: &[Value]) -> TestApp {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for event in events {
        app.accept(event).await;
    }
    app.write_mapping("mine", MINE);
    app
}

/// The arguments that name the store and the connection of a service.
fn of(app: &TestApp) -> [String; 6] {
    let folder = app.folder.path();
    let store = format!("sqlite:{}", folder.join("deskbridge.db").display());
    let config = folder.join("deskbridge.yaml").display().to_string();
    ["--store".into(), store, "--connection".into(), CONNECTION.into(), "--config".into(), config]
}

async fn on_store(app: &TestApp, arguments: &[&str]) -> Said {
    let store = of(app);
    let arguments: Vec<&str> = arguments.iter().copied().chain(store.iter().map(String::as_str)).collect();
    mapping(app.folder.path(), &arguments).await
}

#[tokio::test]
async fn a_preview_shows_the_calls_of_a_file_with_and_without_its_envelope() {
    let folder = folder_with(MINE);
    let event = created_with(1, json!({ "priority": "紧急", "tags": ["vip"] }));
    fs::write(folder.path().join("event.json"), event.to_string()).expect("a file");
    fs::write(folder.path().join("data.json"), event["data"].to_string()).expect("a file");
    let said = mapping(folder.path(), &["preview", "acme", "--event", "event.json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.error);
    assert!(said.out.starts_with("ticket.created of ticket:1: 1 call\n"), "{}", said.out);
    assert!(said.out.contains("1. POST /api/v1/tickets.json"), "{}", said.out);
    assert!(said.out.contains("\"priorityLevel\": 3"), "{}", said.out);
    let bare = ["preview", "acme", "--event", "data.json", "--type", "ticket.created", "--json"];
    let report = mapping(folder.path(), &bare).await.json();
    assert_eq!(report["calls"][0]["body"]["ticket"]["priorityLevel"], 3);
    entry(&report["arms"], &[("table", "tables.priority"), ("value", "urgency")]);
    assert!(report["rules"].as_array().expect("rules").contains(&json!("ticket.fields.subject")));
}

#[tokio::test]
async fn a_preview_of_an_event_that_parks_or_would_be_refused_says_why() {
    let folder = folder_with(MINE);
    let file = folder.path().join("event.json");
    fs::write(&file, created_with(1, json!({ "status": "审批中" })).to_string()).expect("a file");
    let said = mapping(folder.path(), &["preview", "acme", "--event", "event.json"]).await;
    assert_eq!(said.code, Some(0), "{}", said.error);
    assert!(said.out.contains("parked: unknown_value: /status"), "{}", said.out);
    fs::write(&file, created_with(1, json!({ "id": null, "content": 7 })).to_string()).expect("a file");
    let said = mapping(folder.path(), &["preview", "acme", "--event", "event.json"]).await;
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.error.contains("/data/id"), "{}", said.error);
}

#[tokio::test]
async fn coverage_tells_what_exported_events_hit_and_what_reaches_no_target() {
    let folder = folder_with(MINE);
    let events = [
        created_with(1, json!({ "priority": "紧急", "spare": "多余的内容" })),
        created_with(2, json!({ "priority": "urgency" })),
        created_with(3, json!({ "priority": "加急" })),
        created_with(4, json!({ "content": 7 })),
    ];
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    fs::write(folder.path().join("events.ndjson"), lines.join("\n")).expect("a file");
    let command = ["coverage", "acme", "--events", "events.ndjson"];
    let report = mapping(folder.path(), &[&command[..], &["--json"]].concat()).await.json();
    assert_eq!(report["events"], 4);
    assert_eq!(
        entry(&report["outcomes"], &[("outcome", "parked"), ("reason", "unknown_value")])["events"],
        1
    );
    assert_eq!(entry(&report["outcomes"], &[("reason", "schema_violation")])["events"], 1);
    let arm = |value: &str| entry(&report["arms"], &[("table", "tables.priority"), ("value", value)]);
    assert_eq!((&arm("urgency")["events"], &arm("low")["events"]), (&json!(2), &json!(0)));
    let stranger = entry(&report["values_without_arm"], &[("pointer", "/priority")]);
    assert_eq!((&stranger["value"], &stranger["events"]), (&json!("加急"), &json!(1)));
    let spare = entry(&report["unmapped"], &[("pointer", "/spare")]);
    assert_eq!((&spare["events"], &spare["bytes"]), (&json!(1), &json!("\"多余的内容\"".len())));
    assert!(spare["share"].as_f64().is_some_and(|share| share > 0.0 && share < 100.0));
    let said = mapping(folder.path(), &command).await;
    assert_eq!(said.code, Some(0), "{}", said.error);
    assert!(said.out.contains("4 events") && said.out.contains("never") && said.out.contains("加急"));
}

#[tokio::test]
async fn coverage_reads_the_store_of_a_running_service() {
    let events: Vec<Value> = (1..=150).map(|id| created(id, "打印机离线")).collect();
    let app = stored(&events).await;
    let report = on_store(&app, &["coverage", "udesk-bangwo8", "--json"]).await.json();
    assert_eq!(report["events"], 150, "more than one page");
    let open = entry(&report["arms"], &[("table", "tables.status"), ("value", "open")]);
    assert_eq!(open["events"], 150);
    let late =
        on_store(&app, &["coverage", "udesk-bangwo8", "--json", "--since", "2100-01-01T00:00:00Z"]).await;
    assert_eq!(late.json()["events"], 0);
}

#[tokio::test]
async fn a_diff_groups_what_would_change_of_stored_events_by_its_cause() {
    let events: Vec<Value> = [(1, "紧急"), (2, "urgency"), (3, "紧急"), (4, "紧急"), (5, "标准"), (6, "低")]
        .into_iter()
        .map(|(id, priority)| created_with(id, json!({ "priority": priority })))
        .collect();
    let app = stored(&events).await;
    let report = on_store(&app, &["diff", "udesk-bangwo8", "mine", "--json"]).await.json();
    assert_eq!((&report["events"], &report["changed"]), (&json!(6), &json!(5)));
    let changed = entry(&report["causes"], &[("change", "changed"), ("at", "fields/priorityLevel")]);
    assert_eq!(changed["rule"], "ticket.fields.priorityLevel");
    assert_eq!(changed["arm"], "tables.priority urgency");
    assert_eq!(changed["events"], 4);
    let examples = json!([
        { "event": "created-1", "before": 4, "after": 3 },
        { "event": "created-2", "before": 4, "after": 3 },
        { "event": "created-3", "before": 4, "after": 3 },
    ]);
    assert_eq!(changed["examples"], examples);
    let parks = entry(&report["causes"], &[("change", "parks")]);
    assert_eq!((&parks["events"], &parks["arm"]), (&json!(1), &json!("tables.priority medium")));
    assert_eq!(parks["examples"][0]["event"], "created-5");
    let same = on_store(&app, &["diff", "udesk-bangwo8", "udesk-bangwo8"]).await;
    assert_eq!((same.code, same.out.as_str()), (Some(0), "0 of 6 events would be mapped otherwise.\n"));
}

#[tokio::test]
async fn a_preview_is_what_is_then_sent() {
    let app = TestApp::start().await;
    let created = created_with(7, json!({ "reply": { "id": 3, "content": "已更换硒鼓" } }));
    let updated =
        updated_with(7, 1, json!({ "status": "resolved", "updated_at": "2026-05-05T10:00:00+08:00" }));
    let options = json!({ "field_name": "SelectField_1", "options": [{ "0": "退货" }, { "1": "换货" }] });
    let options = event("o1", "field_options.replaced", options);
    let company = event("c1", "company.created", json!({ "id": 9, "name": "北京某某科技" }));
    for event in [created, updated, options, company] {
        let before = writes(&app).await.len();
        let preview = preview(&app, &event).await;
        fs::write(app.folder.path().join("event.json"), event.to_string()).expect("a file");
        let command = ["preview", "udesk-bangwo8", "--event", "event.json", "--json"];
        let printed = on_store(&app, &command).await.json();
        assert_eq!(printed, preview.json, "both doors tell the same");
        assert_eq!(writes(&app).await.len(), before, "nothing was sent");
        let record = app.delivered(&event).await;
        let sent: Vec<Value> = writes(&app).await.split_off(before);
        let made = record.str("/target/id");
        let told: Vec<Value> = preview.json["calls"]
            .as_array()
            .expect("calls")
            .iter()
            .filter_map(|call| told(call, made))
            .collect();
        assert_eq!(told, sent, "{}", preview.text);
    }
}

/// The writes that Bangwo8 was asked for, oldest first.
async fn writes(app: &TestApp) -> Vec<Value> {
    let all = app.requests("", "/api/v1/").await;
    let writes = all.into_iter().filter(|request| request["method"] != "GET");
    writes.map(|request| json!({ "method": request["method"], "path": request["path"], "body": request["body"] })).collect()
}

/// A previewed write as the simulator logs it; none for what is done only to something that was there before.
fn told(call: &Value, made: &str) -> Option<Value> {
    let when = call["when"].as_str().unwrap_or_default();
    if call["method"] == "GET" || when == "a company has exactly this name" {
        return None;
    }
    let path = call["path"].as_str().expect("a path").replace("{new ticket}", made).replace("{field}", made);
    Some(json!({ "method": call["method"], "path": path, "body": call["body"] }))
}

async fn preview(app: &TestApp, event: &Value) -> Answer {
    let request = app.client.post(app.path("/preview")).header("content-type", "application/json");
    let answer = send(request.bearer_auth(WALL_KEY).body(event.to_string())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

#[tokio::test]
async fn a_preview_needs_a_key_and_an_event_and_stores_nothing() {
    let app = TestApp::start().await;
    let post = |key: &str, body: String| {
        let request = app.client.post(app.path("/preview")).header("content-type", "application/json");
        send(request.bearer_auth(key).body(body))
    };
    let event = created(1, "打印机离线").to_string();
    for (key, body, status, code) in [
        ("no-key-at-all-of-anybody", event.clone(), 401, "unauthorized"),
        (FLOW_KEY, event.clone(), 403, "forbidden"),
        (WALL_KEY, "{".to_owned(), 400, "malformed_json"),
        (
            WALL_KEY,
            json!({ "id": "1", "type": "ticket.created", "data": {} }).to_string(),
            422,
            "schema_violation",
        ),
    ] {
        let answer = post(key, body).await;
        assert_eq!((answer.status, answer.str("/code")), (status, code), "{}", answer.text);
    }
    assert_eq!(post(OPS_KEY, event).await.str("/outcome"), "calls");
    assert_eq!(app.get("/events").await.json["events"], json!([]));
    assert!(writes(&app).await.is_empty());
}
