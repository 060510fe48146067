//! `deskbridge sandbox`: its options, what it holds in memory, and what it leaves behind.

use std::process::Stdio;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

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
async fn an_address_that_is_taken_is_told_with_advice() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = held.local_addr().expect("its address").to_string();
    for (option, other) in [("--bangwo8-listen", "--udesk-listen"), ("--udesk-listen", "--bangwo8-listen")] {
        let output = run_to_end(deskbridge(&["sandbox", option, &taken, other, "127.0.0.1:0"])).await;
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{option}: {err}");
        assert!(err.starts_with(&format!("deskbridge: can't listen on {taken}: ")), "{option}: {err}");
        assert!(err.ends_with(&format!("; choose another address with {option}\n")), "{option}: {err}");
    }
}

#[tokio::test]
async fn it_logs_to_a_file_and_dumps_its_state_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, dump) = (folder.path().join("requests.ndjson"), folder.path().join("state.json"));
    let mut command = deskbridge(&ANY);
    command.args(["--with-parent", "--generate", "tickets=5", "--switch", "counts=number", "--log"]);
    command.arg(&log).arg("--dump").arg(&dump);
    let mut simulators = Simulators::start(command).await;
    assert_eq!(simulators.get("/tickets.json?per_page=1").await["count"], 28);
    simulators.end().await;
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert_eq!(
        serde_json::from_str::<Value>(&logged).expect("one line of JSON")["path"],
        "/api/v1/tickets.json"
    );
    let state: Value = serde_json::from_str(&std::fs::read_to_string(&dump).expect("a dump")).expect("JSON");
    assert_eq!(state["bangwo8"]["tickets"].as_array().map(Vec::len), Some(23));
}

/// A third of this is held whatever is made up; a hundred bytes kept of every ticket would exceed it.
#[cfg(target_os = "linux")]
const MOST_HELD_KIB: usize = 100 * 1024;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_million_generated_rows_are_read_in_bounded_memory() {
    let mut command = deskbridge(&ANY);
    command.args(["--with-parent", "--generate"]);
    command.arg("tickets=1000000,companies=5000,contacts=20000,replies=3000000");
    let mut simulators = Simulators::start(command).await;
    let last = simulators.get("/tickets.json?per_page=100&page=10001").await;
    assert_eq!(last["tickets"].as_array().map(Vec::len), Some(23));
    let owned = simulators.get("/companies/1000000000/tickets.json?per_page=100").await;
    assert_eq!(owned["count"], "200");
    let before = simulators.most_held_kib();
    let mut read = 0;
    for page in 1..=300 {
        let walked = simulators.get(&format!("/tickets.json?per_page=100&page={page}")).await;
        assert_eq!(walked["tickets"].as_array().map(Vec::len), Some(100), "page {page}");
        read += walked.to_string().len() / 1024;
    }
    let held = simulators.most_held_kib();
    assert!(held < MOST_HELD_KIB, "{held} KiB were held");
    assert!(held - before < read / 4, "of {read} KiB that were read, {} KiB were kept", held - before);
    simulators.end().await;
}

/// A running `deskbridge sandbox --with-parent`. Dropped, it is killed.
struct Simulators {
    child: Child,
    bangwo8: String,
    client: reqwest::Client,
}

impl Simulators {
    async fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).await.expect("a line");
        let vendors: Value = serde_json::from_str(&line).expect("JSON");
        let bangwo8 = vendors["bangwo8"].as_str().expect("a URL").to_owned();
        Self { child, bangwo8, client: http_client() }
    }

    /// What the administrator of the Bangwo8 desk reads.
    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}/api/v1{path}", self.bangwo8));
        let request = request.basic_auth("sandbox-admin", Some("sandbox-admin-password"));
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The most memory that the process has ever held.
    #[cfg(target_os = "linux")]
    fn most_held_kib(&self) -> usize {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
        line.trim().strip_suffix(" kB").and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Ends it as its parent's end does.
    async fn end(&mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().await.expect("its end").success());
    }
}
