//! `deskbridge events`: the operator's commands, on a running service.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::harness::*;

/// Runs `deskbridge events …` on a service, by the key that may do everything.
async fn events(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    by(app, OPS_KEY, CONNECTION, arguments).await
}

async fn by(app: &TestApp, key: &str, connection: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = deskbridge(&["events"]);
    command.args(arguments).args(["--url", &app.url, "--connection", connection]).env("DESKBRIDGE_KEY", key);
    let output = run_to_end(command).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A service with a dead event of ticket 1 and a parked one of ticket 2, behind which another waits.
async fn held() -> TestApp {
    let app = TestApp::start().await;
    app.fault(1, refusal()).await;
    assert_eq!(app.deliver(&created(1, "打印机离线")).await.str("/status"), "dead");
    app.parked(&created_with(2, json!({ "status": "外星" }))).await;
    app.accept(&updated_with(2, 1, json!({ "subject": "之后" }))).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_a_table_or_a_line_of_json_each() {
    let app = held().await;
    let (code, out, err) = events(&app, &["list"]).await;
    assert_eq!(code, Some(0), "{err}");
    for told in ["created-1", "dead", "rejected", "created-2", "unknown_value", "updated-2-1", "ticket:2"] {
        assert!(out.contains(told), "{told} in {out}");
    }
    let (_, out, _) = events(&app, &["list", "--status", "parked", "--json"]).await;
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["id"], &lines[0]["lane"]), (&json!("created-2"), &json!("ticket:2")));
    let (_, out, _) = events(&app, &["list", "--code", "rejected", "--json", "--limit", "1"]).await;
    assert!(out.contains("created-1") && out.lines().count() == 1, "{out}");
    let (code, out, _) = events(&app, &["list", "--lane", "ticket:99"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "no event meets this\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_cut_says_so_beside_it() {
    let app = held().await;
    let shapes: [&[&str]; 2] = [&[], &["--json"]];
    for (what, limit, told) in [
        ("list", "2", "2 events shown, and there are more: --limit NUMBER shows more\n"),
        ("list", "3", ""),
        ("lanes", "1", "1 lane shown, and there are more: --limit NUMBER shows more\n"),
        ("lanes", "2", ""),
    ] {
        for shape in shapes {
            let (code, out, err) = events(&app, &[&[what, "--limit", limit][..], shape].concat()).await;
            assert_eq!((code, err.as_str()), (Some(0), told), "{what} {limit} {shape:?}: {out}");
            assert!(shape.is_empty() || out.lines().count().to_string() == limit, "{out}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_narrow_terminal_no_id_and_no_time_is_broken() {
    let app = held().await;
    let mut long = created_with(3, json!({ "status": "外星" }));
    long["id"] = json!("0198a7c2-5b1e-7c3a-9d4f-工单三-2026-11-20");
    app.parked(&long).await;
    for columns in [80, 100, 200] {
        let mut command = deskbridge(&["events", "list", "--url", &app.url, "--connection", CONNECTION]);
        command.env("DESKBRIDGE_KEY", OPS_KEY).env("COLUMNS", columns.to_string());
        let output = run_to_end(command).await;
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(out.lines().all(|line| line.width() <= columns), "{columns}: {out}");
        let (_, json, _) = events(&app, &["list", "--json"]).await;
        for event in json.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
            let text = |member: &str| event[member].as_str().expect("a text").to_owned();
            let second = text("accepted_at")[.."2026-11-20T01:00:00".len()].to_owned();
            for word in [text("id"), text("type"), text("lane"), text("status"), second] {
                assert!(out.contains(&word), "{columns}: {word} in {out}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_flag_can_not_be_is_told_in_words_of_the_command_line() {
    let app = TestApp::start().await;
    for (arguments, told) in [
        (["list", "--since", "yesterday"], "--since"),
        (["list", "--until", "2026-11-01"], "2026-11-01T00:00:00+08:00"),
        (["list", "--status", "foo"], "--status: "),
        (["replay", "--since", "yesterday"], "2026-11-01T00:00:00+08:00"),
    ] {
        let (code, _, err) = events(&app, &arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {err}");
        assert!(err.contains(told) && !err.contains("%2B"), "{arguments:?}: {err}");
    }
    let (code, _, err) = events(&app, &["list", "--since", "2026-11-01T00:00:00+08:00"]).await;
    assert_eq!(code, Some(0), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lanes_that_wait_are_listed_with_what_holds_them() {
    let app = held().await;
    let (code, out, err) = events(&app, &["lanes", "--json"]).await;
    assert_eq!(code, Some(0), "{err}");
    let lanes: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = lanes.iter().map(|lane| (lane["lane"].as_str(), lane["waiting"].as_u64())).collect();
    assert_eq!(told, [(Some("ticket:2"), Some(1)), (Some("ticket:1"), Some(0))]);
    let (_, out, _) = events(&app, &["lanes"]).await;
    assert!(out.contains("created-2") && out.contains("unknown_value: "), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_shown_and_explained_for_reading_and_for_programs() {
    let app = held().await;
    app.delivered(&created(3, "别的工单")).await;
    let (code, out, err) = events(&app, &["show", "created-3"]).await;
    assert_eq!(code, Some(0), "{err}");
    for told in [
        "delivered",
        "proved by standard_webhooks",
        "by udesk-bangwo8 ",
        "POST /api/v1/tickets",
        "target ticket ",
    ] {
        assert!(out.contains(told), "{told} in {out}");
    }
    assert!(!out.contains("别的工单"), "what the sender wrote is for explain: {out}");
    let (_, out, _) = events(&app, &["show", "created-3", "--json"]).await;
    let record: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(record["status"], "delivered");
    let (code, out, err) = events(&app, &["explain", "created-2"]).await;
    assert_eq!(code, Some(0), "{err}");
    for told in [
        "SHA-256 ",
        "外星",
        "events/udesk/ticket.created.json: valid",
        "in force",
        "unknown_value",
        "a replay",
    ] {
        assert!(out.contains(told), "{told} in {out}");
    }
    let (_, out, _) = events(&app, &["explain", "created-2", "--json"]).await;
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["now"]["outcome"], "parked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_waits_is_told_with_what_it_waits_behind() {
    let app = held().await;
    for command in ["show", "explain"] {
        let (code, out, err) = events(&app, &[command, "updated-2-1"]).await;
        assert_eq!(code, Some(0), "{err}");
        assert!(out.contains("waits behind created-2 (parked, unknown_value)\n"), "{command}: {out}");
        assert!(!out.contains("a replay"), "it can't be replayed: {out}");
    }
    let (_, out, _) = events(&app, &["explain", "updated-2-1"]).await;
    assert!(out.contains("it          would come to: "), "{out}");
    let (_, out, _) = events(&app, &["explain", "created-2"]).await;
    assert!(out.contains("a replay    would come to: ") && !out.contains("waits behind"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_is_replayed_or_discarded_by_its_id() {
    let app = held().await;
    let (code, out, err) =
        events(&app, &["replay", "created-1", "--mapping", "pinned", "--new-request-ids"]).await;
    assert_eq!(code, Some(0), "{err}");
    assert!(out.ends_with("; events show created-1 tells what comes of it\n"), "{out}");
    app.until("created-1", &["delivered"]).await;
    let (code, out, err) = events(&app, &["discard", "created-2"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "created-2 is discarded\n"), "{err}");
    let (code, _, err) = events(&app, &["replay", "created-1"]).await;
    assert_eq!(code, Some(1));
    assert!(err.contains("only a parked or dead event can be replayed"), "{err}");
    let (code, _, err) = events(&app, &["show", "nobody"]).await;
    assert_eq!(code, Some(1));
    assert!(err.starts_with("deskbridge: there is no such event, or no longer: "), "{err}");
    assert!(err.contains("a subscriber's message that is dead, is forgotten 30 days after that"), "{err}");
    assert!(err.ends_with(" (unknown_event)\n"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_counted_first_and_changed_only_with_consent() {
    let app = held().await;
    let (code, out, err) = events(&app, &["replay", "--all", "--dry-run"]).await;
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out, "2 parked or dead events of acme would be replayed\n");
    let (code, _, err) = events(&app, &["discard", "--all"]).await;
    assert_eq!(code, Some(2), "nobody is there to be asked");
    assert!(err.contains("--yes"), "{err}");
    assert_eq!(app.record("created-1").await.str("/status"), "dead");
    let (code, out, err) = events(&app, &["discard", "--status", "parked", "--yes"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "1 event discarded\n"), "{err}");
    let (code, out, err) = events(&app, &["replay", "--status", "dead", "--yes"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "1 event replayed\n"), "{err}");
    app.until("created-1", &["delivered"]).await;
    let (code, out, _) = events(&app, &["replay", "--all", "--yes"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "0 parked or dead events of acme would be replayed\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_exits_with_2_and_says_what_to_do() {
    let app = TestApp::start().await;
    let wrong: [(&str, &str, &[&str], &str); 8] = [
        ("wrong-key-of-somebody", CONNECTION, &["list"], "--key"),
        (FLOW_KEY, CONNECTION, &["list"], "lacks the scope read"),
        (WALL_KEY, CONNECTION, &["explain", "created-1"], "lacks the scope operate"),
        (OPS_KEY, "amce", &["list"], "amce: there is no such connection, only acme"),
        (OPS_KEY, CONNECTION, &["list", "--status", "daed"], "must be one of"),
        (OPS_KEY, CONNECTION, &["replay"], "--all"),
        (OPS_KEY, CONNECTION, &["replay", "created-1", "--all"], "not both"),
        (OPS_KEY, CONNECTION, &["discard", "--status", "delivered", "--yes"], "parked or dead"),
    ];
    for (key, connection, arguments, told) in wrong {
        let (code, out, err) = by(&app, key, connection, arguments).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.contains(told) && err.lines().count() <= 2, "{arguments:?}: {err}");
        assert!(!err.contains(key), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_named_and_never_written_on_the_command_line() {
    let app = TestApp::start().await;
    let at = ["list", "--connection", CONNECTION, "--url", &app.url, "--key"];
    let run = async |key: &str| {
        let output = run_to_end(deskbridge(&[&["events"][..], &at[..], &[key][..]].concat())).await;
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let (code, err) = run(OPS_KEY).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("env:NAME or file:PATH") && !err.contains(OPS_KEY), "{err}");
    let (code, err) = run("env:NOT_SET").await;
    assert_eq!(code, Some(2));
    assert!(err.contains("NOT_SET"), "{err}");
    let file = format!("file:{}", app.folder.path().join("ops-key").display());
    assert_eq!(run(&file).await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_is_told_in_a_line() {
    let nowhere = free_address();
    let at = ["events", "list", "--connection", CONNECTION];
    let mut command = deskbridge(&at);
    command.env("DESKBRIDGE_LISTEN", &nowhere).env("DESKBRIDGE_KEY", OPS_KEY);
    let output = run_to_end(command).await;
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains(&format!("http://{nowhere}/ can't be reached")), "{err}");
    // Something answers, but it is another service.
    let app = TestApp::start().await;
    let mut command = deskbridge(&at);
    command.args(["--url", &app.sandbox.bangwo8_url()]).env("DESKBRIDGE_KEY", OPS_KEY);
    let output = run_to_end(command).await;
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("doesn't answer as deskbridge does"), "{err}");
}
