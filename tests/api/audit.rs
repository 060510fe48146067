//! What operators did, as it is told afterwards.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{harness::*, ticketviews::until_read};

/// What the target answers to a write that it refuses for good.
fn refusal() -> Value {
    json!({ "status": 200, "body": { "state": "403", "message": "columnId does not exist" } })
}

/// How late the simulator answers where the answer is never to be heard: longer than the test.
const NEVER_MS: u64 = 120_000;

/// A key for another connection, that may look at the log.
fn guest() -> Options {
    let keys =
        "  - { name: guest, scopes: [read, operate, admin], secret: file:guest-key, connections: [beta] }\n";
    Options { keys: keys.into(), neighbours: vec!["beta"], ..Options::default() }
}

impl TestApp {
    /// The log by a key, newest first.
    async fn audit(&self, key: &str, query: &str) -> Answer {
        send(self.client.get(format!("{}/v1/audit?{query}", self.url)).bearer_auth(key)).await
    }

    /// The entries that the key with every scope is told, but those of the configuration.
    async fn done(&self) -> Vec<Value> {
        let answer = self.audit(OPS_KEY, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let entries = answer.json["entries"].as_array().expect("entries").clone();
        entries.into_iter().filter(|entry| entry["connection"].is_string()).collect()
    }
}

/// What of an entry is the same each time.
fn told(entry: &Value) -> Value {
    let [actor, action, connection, object, options, outcome, count] =
        ["actor", "action", "connection", "object", "options", "outcome", "count"].map(|name| &entry[name]);
    json!([actor, action, connection, object, options, outcome, count])
}

#[tokio::test(flavor = "multi_thread")]
async fn each_action_of_an_operator_leaves_an_entry_of_who_what_and_what_came_of_it() {
    let app = TestApp::start().await;
    app.fault(3, refusal()).await;
    for id in 1..=3 {
        assert_eq!(app.deliver(&created(id, "打印机离线")).await.str("/status"), "dead");
    }
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let replay = app.client.post(app.path("/events/created-1/replay")).bearer_auth(OPS_KEY);
    assert_eq!(send(replay.header("traceparent", parent)).await.status, 200);
    assert_eq!(app.operate("/events/created-2/discard").await.status, 200);
    assert_eq!(app.operate("/events/nobody/discard").await.status, 404);
    let dry = json!({ "filter": {}, "dry_run": true });
    assert_eq!(app.order("/dead-letters/replay", &dry).await.status, 200);
    assert_eq!(app.order("/dead-letters/discard", &json!({ "filter": 7 })).await.status, 422);
    let some = json!({ "filter": { "lane": "ticket:3" }, "mapping": "pinned" });
    assert_eq!(app.order("/dead-letters/replay", &some).await.json, json!({ "replayed": 1 }));
    let none = json!({ "filter": { "type": "ticket.updated" } });
    assert_eq!(app.order("/dead-letters/discard", &none).await.json, json!({ "discarded": 0 }));
    assert_eq!(app.operate("/ticketviews/stream/tokens").await.status, 201);
    assert_eq!(app.operate("/ticketviews/12/refresh").await.status, 404);
    let entries = app.done().await;
    let how = json!({ "mapping": "current", "key": "same" });
    let pinned = json!({ "mapping": "pinned", "key": "same" });
    let held = json!({ "waiting": "keep" });
    assert_eq!(
        entries.iter().rev().map(told).collect::<Vec<_>>(),
        [
            json!(["ops", "event.replay", "acme", "created-1", how, "done", 1]),
            json!(["ops", "event.discard", "acme", "created-2", null, "done", 1]),
            json!(["ops", "event.discard", "acme", "nobody", null, "unknown_event", null]),
            json!(["ops", "dead_letters.replay", "acme", { "lane": "ticket:3" }, pinned, "done", 1]),
            json!(["ops", "dead_letters.discard", "acme", { "type": "ticket.updated" }, held, "done", 0]),
            json!(["ops", "stream.token", "acme", null, null, "done", 1]),
            json!(["ops", "ticketview.refresh", "acme", "12", null, "ticketviews_off", null]),
        ],
        "neither a dry run nor a body that can't be read is an action"
    );
    assert_eq!(entries[6]["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(entries.iter().all(|entry| entry["ended_at"].is_string()));
    let metrics = app.metrics().await;
    let line = "deskbridge_operator_actions_total{action=\"event.discard\",result=\"failed\"} 1\n";
    assert!(metrics.contains(line), "{metrics}");
    assert!(!app.audit(OPS_KEY, "").await.text.contains(OPS_KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_a_cursor_to_the_next_and_a_filter_that_is_wrong_says_how() {
    let app = TestApp::start().await;
    for id in 1..=5 {
        app.operate(&format!("/events/nobody-{id}/discard")).await;
    }
    let mut objects = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.audit(OPS_KEY, &format!("action=event.discard&limit=2{cursor}")).await;
        objects.extend(page.json["entries"].as_array().unwrap().iter().map(|it| it["object"].clone()));
        match page.str("/next_cursor") {
            "" => break,
            next => cursor = format!("&cursor={next}"),
        }
    }
    assert_eq!(json!(objects), json!(["nobody-5", "nobody-4", "nobody-3", "nobody-2", "nobody-1"]));
    for (query, word) in [
        ("action=event.eat", "dead_letters.discard"),
        ("since=gestern", "since"),
        ("since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z", "must be before until"),
        ("cursor=x", "cursor"),
        ("page=2", "connection"),
    ] {
        let refused = app.audit(OPS_KEY, query).await;
        assert_eq!((refused.status, refused.str("/code")), (400, "invalid_query"), "{query}");
        assert!(refused.str("/detail").contains(word), "{query}: {}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_may_not_do_is_told_once_and_counted_each_time() {
    let app = TestApp::with(guest()).await;
    for _ in 0..3 {
        let refused = send(app.client.post(app.path("/events/x/replay")).bearer_auth(WALL_KEY)).await;
        assert_eq!(refused.status, 403);
    }
    assert_eq!(send(app.client.post(app.path("/events/x/discard")).bearer_auth(GUEST_KEY)).await.status, 403);
    assert_eq!(send(app.client.post(app.path("/events/x/discard")).bearer_auth("nobody")).await.status, 401);
    let entries = app.done().await;
    assert_eq!(
        entries.iter().rev().map(told).collect::<Vec<_>>(),
        [
            json!(["wall", "event.replay", "acme", null, null, "forbidden", 1]),
            json!(["guest", "event.discard", "acme", null, null, "forbidden", 1]),
        ]
    );
    let line = "deskbridge_operator_actions_total{action=\"event.replay\",result=\"forbidden\"} 3\n";
    assert!(app.metrics().await.contains(line));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_reads_the_log_and_one_of_some_connections_reads_of_these() {
    let app = TestApp::with(guest()).await;
    app.operate("/events/nobody/discard").await;
    let beta = format!("{}/v1/connections/beta/events/nobody/discard", app.url);
    send(app.client.post(beta).bearer_auth(GUEST_KEY)).await;
    assert_eq!(app.audit(WALL_KEY, "").await.str("/code"), "forbidden");
    assert_eq!(app.audit("nobody", "").await.status, 401);
    let all = app.audit(OPS_KEY, "").await;
    let actions: Vec<&str> =
        all.json["entries"].as_array().unwrap().iter().filter_map(|it| it["action"].as_str()).collect();
    assert_eq!(actions, ["event.discard", "event.discard", "configuration.applied"]);
    for (query, expected) in [("", 1), ("connection=beta", 1), ("connection=acme", 0)] {
        let seen = app.audit(GUEST_KEY, query).await;
        let entries = seen.json["entries"].as_array().unwrap();
        assert_eq!(entries.len(), expected, "{query}");
        assert!(entries.iter().all(|entry| entry["connection"] == "beta"), "{}", seen.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_written_down_is_not_done() {
    let app = TestApp::start().await;
    app.parked(&created_with(1, json!({ "status": "外星" }))).await;
    let file = rusqlite::Connection::open(app.folder.path().join("deskbridge.db")).unwrap();
    let trigger = "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END";
    file.execute_batch(trigger).unwrap();
    for path in ["/events/created-1/discard", "/events/created-1/replay", "/ticketviews/stream/tokens"] {
        let refused = app.operate(path).await;
        assert_eq!((refused.status, refused.str("/code")), (503, "audit_unavailable"), "{path}");
        assert_eq!(refused.header("retry-after"), "10");
    }
    let refused = app.order("/dead-letters/discard", &json!({ "filter": {} })).await;
    assert_eq!(refused.str("/code"), "audit_unavailable");
    assert_eq!(app.record("created-1").await.str("/status"), "parked");
    file.execute_batch("DROP TRIGGER broken").unwrap();
    assert_eq!(app.operate("/events/created-1/discard").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_over_an_action_leaves_an_entry_that_has_not_ended() {
    let mut process = Process::start(Options::default()).await;
    process.app.parked(&created_with(1, json!({ "status": "外星" }))).await;
    process.kill().await;
    // What was in force is so still: the start writes no entry, and the first is the operator's.
    let mut process = process.restart_dying("audit.after_commit:1").await;
    let discard = process.app.client.post(process.app.path("/events/created-1/discard")).bearer_auth(OPS_KEY);
    assert!(discard.send().await.is_err(), "nobody answers");
    process.kill().await;
    let process = process.restart().await;
    let entries = process.app.done().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(told(&entries[0]), json!(["ops", "event.discard", "acme", "created-1", null, null, null]));
    assert_eq!(process.app.record("created-1").await.str("/status"), "parked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_whose_caller_leaves_is_waited_for_by_a_stop_and_broken_off_after_its_grace() {
    let options =
        Options { ticketviews: "{ refresh_s: 60 }".into(), limits: PATIENT.into(), ..Options::default() };
    let app = TestApp::with(options.clone()).await;
    until_read(&app).await;
    app.fault_at("/api/v1/ticketviews/15/", 0, json!({ "delay_ms": NEVER_MS })).await;
    let finished = refresh_and_leave(&app, 2).await;
    let hasty = Options { shutdown_grace_s: 0, ..options };
    let app = app.restart_with(hasty).await;
    let broken_off = refresh_and_leave(&app, 30).await;
    let app = app.restart().await;
    let entries = app.done().await;
    assert_eq!(
        entries.iter().rev().map(|entry| json!([entry["number"], told(entry)])).collect::<Vec<_>>(),
        [
            json!([finished, ["ops", "ticketview.refresh", "acme", "15", null, "done", 1]]),
            json!([broken_off, ["ops", "ticketview.refresh", "acme", "15", null, "broken_off", null]]),
        ]
    );
    assert!(entries.iter().all(|entry| entry["ended_at"].is_string()));
}

/// Wants a view read and would wait so many seconds, but leaves as soon as it is begun; the number of its entry.
async fn refresh_and_leave(app: &TestApp, wait: u64) -> Value {
    let mut stream = connect(app).await;
    let head = format!(
        "POST /v1/connections/{CONNECTION}/ticketviews/15/refresh HTTP/1.1\r\nhost: localhost\r\n\
         authorization: Bearer {OPS_KEY}\r\nprefer: wait={wait}\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("it is sent");
    let under_way = |entry: &Value| entry["ended_at"].is_null();
    let begun = eventually(async || app.done().await.into_iter().find(under_way)).await;
    // A reset: after a mere end of what is sent, the answer may still be read.
    stream.set_zero_linger().expect("an option of the socket");
    begun["number"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_leaves_an_entry_when_it_is_applied_and_when_it_is_refused_and_a_restart_none() {
    let app = TestApp::start().await;
    let file = app.folder.path().join("deskbridge.yaml");
    let good = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, good.replace("mapping: udesk-bangwo8", "mapping: nothing")).unwrap();
    app.reloaded("refused", 1).await;
    std::fs::write(&file, good.replace("on_dead: park", "on_dead: skip")).unwrap();
    app.applied(1).await;
    let app = app.restart_as_it_is().await;
    let log = app.audit(OPS_KEY, "").await;
    let entries: Vec<Value> = log.json["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["action"], it["outcome"]]))
        .collect();
    assert_eq!(
        json!(entries),
        json!([
            ["configuration.applied", "done"],
            ["configuration.refused", "refused"],
            ["configuration.applied", "done"]
        ])
    );
    let newest = &log.json["entries"][0];
    assert_eq!(newest["options"], json!({ "connections": ["acme"], "api_keys": 3 }));
    assert!(newest["actor"].is_null(), "nobody's key stands behind a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_the_log_as_a_table_and_as_json() {
    let app = TestApp::start().await;
    app.operate("/events/nobody/discard").await;
    let run = async |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .args(["audit", "--url", &app.url, "--key"])
            .arg(format!("file:{}", app.folder.path().join("ops-key").display()))
            .args(args)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, table, _) = run(&["--connection", "acme"]).await;
    assert_eq!(code, Some(0));
    for word in ["ops", "event.discard", "nobody", "unknown_event"] {
        assert!(table.contains(word), "{table}");
    }
    let (code, lines, _) = run(&["--json", "--action", "event.discard"]).await;
    assert_eq!(code, Some(0));
    let entry: Value = serde_json::from_str(lines.trim()).unwrap();
    assert_eq!(entry["actor"], "ops");
    let cut = "1 action shown, and there are more: --limit NUMBER shows more\n";
    for (limit, told) in [("1", cut), ("2", "")] {
        let (code, lines, beside) = run(&["--json", "--limit", limit]).await;
        assert_eq!((code, beside.as_str()), (Some(0), told));
        assert_eq!(lines.lines().count().to_string(), limit, "{lines}");
    }
    let (code, nothing, _) = run(&["--until", "2001-01-01T00:00:00Z"]).await;
    assert_eq!((code, nothing.trim()), (Some(0), "nothing of this was done"));
    let (code, _, why) = run(&["--action", "event.eat"]).await;
    assert_eq!(code, Some(2));
    assert!(why.contains("event.replay"), "{why}");
}
