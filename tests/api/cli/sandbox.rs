//! `deskbridge sandbox`: its options, and what it leaves behind.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::harness::*;

const ANY: [&str; 5] = ["sandbox", "--bangwo8-listen", "127.0.0.1:0", "--udesk-listen", "127.0.0.1:0"];

#[tokio::test]
async fn wrong_options_exit_with_2_and_name_what_exists() {
    for (option, value, told) in [
        ("--switch", "count=number", "there are ticket_enums, "),
        ("--switch", "counts=words", "counts: must be one of \"text\", \"number\", not \"words\""),
        ("--switch", "counts", "must be NAME=VALUE"),
        ("--generate", "ticket=5", "there are tickets, companies, contacts, replies"),
        ("--generate", "tickets=many", "tickets: must be from 0 to 10000000"),
        ("--seed", "many", "--seed"),
    ] {
        let arguments = [&ANY[..], &[option, value]].concat();
        let output = run_to_end(deskbridge(&arguments)).await;
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{option} {value}: {err}");
        assert!(err.contains(told), "{option} {value}: {err}");
    }
}

#[tokio::test]
async fn it_logs_to_a_file_and_dumps_its_state_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, dump) = (folder.path().join("requests.ndjson"), folder.path().join("state.json"));
    let mut command = deskbridge(&ANY);
    command.args(["--with-parent", "--generate", "tickets=5", "--switch", "counts=number", "--log"]);
    command.arg(&log).arg("--dump").arg(&dump).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("a process");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).await.expect("a line");
    let vendors: Value = serde_json::from_str(&line).expect("JSON");
    let url = format!("{}/api/v1/tickets.json?per_page=1", vendors["bangwo8"].as_str().expect("a URL"));
    let request = http_client().get(url).basic_auth("sandbox-admin", Some("sandbox-admin-password"));
    let list: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(list["count"], 28);
    drop(child.stdin.take());
    assert!(child.wait().await.expect("its end").success());
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert_eq!(
        serde_json::from_str::<Value>(&logged).expect("one line of JSON")["path"],
        "/api/v1/tickets.json"
    );
    let state: Value = serde_json::from_str(&std::fs::read_to_string(&dump).expect("a dump")).expect("JSON");
    assert_eq!(state["bangwo8"]["tickets"].as_array().map(Vec::len), Some(23));
}
