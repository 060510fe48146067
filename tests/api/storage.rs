//! What is wrong with the disk is told, with advice, and nothing that was answered with 202 is lost by it.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::*;

/// Bytes that a file may have until there is room again: the store's tables and a few large events.
const ROOM: u64 = 1024 * 1024;
/// How long a worker has an event for itself without renewing it, in seconds.
const LEASE_S: &str = "2";
/// Bytes of a large event's text.
const LARGE: usize = 100_000;

/// A service whose configuration, secrets and simulators a process can use; it itself only lends them.
async fn furnished() -> TestApp {
    TestApp::with(Options { workers: 0, ..Options::default() }).await
}

fn at(serving: &Serving, path: &str) -> String {
    format!("http://{}/v1/connections/{CONNECTION}{path}", serving.address)
}

async fn post(app: &TestApp, serving: &Serving, event: &Value) -> Answer {
    let request = app.client.post(at(serving, "/events")).header("content-type", "application/json");
    send(signed(request, SIGNING_KEY, now(), event.to_string().as_bytes())).await
}

async fn record(app: &TestApp, serving: &Serving, id: &str) -> Answer {
    send(app.client.get(at(serving, &format!("/events/{id}"))).bearer_auth(OPS_KEY)).await
}

async fn delivered(app: &TestApp, serving: &Serving, id: &str) {
    eventually(async || (record(app, serving, id).await.str("/status") == "delivered").then_some(())).await;
}

/// A store with delivered events, closed.
async fn closed_store(app: &TestApp) -> PathBuf {
    let mut serving = Serving::start(app.folder.path()).await;
    for id in 1..=20 {
        assert_eq!(post(app, &serving, &created(id, "打印机离线")).await.status, 202);
        delivered(app, &serving, &format!("created-{id}")).await;
    }
    serving.terminate().await;
    assert_eq!(serving.ended().await.code(), Some(0), "{}", serving.log());
    let file = app.folder.path().join("program.db");
    // Pages that still stand in the log would take the place of those that a test damages.
    let store = rusqlite::Connection::open(&file).expect("a store");
    store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("a checkpoint");
    file
}

fn overwrite(file: &Path, from: u64, bytes: usize) {
    let mut file = OpenOptions::new().write(true).open(file).expect("a file");
    file.seek(SeekFrom::Start(from)).expect("a place in it");
    file.write_all(&vec![0xA5; bytes]).expect("it is written");
}

/// A command that the modes of files bind, as they bind everybody but root.
fn bound_by_modes(command: &Command) -> Command {
    let command = command.as_std();
    let mut bound = match rustix::process::geteuid().is_root() {
        true => {
            let mut bound = Command::new("setpriv");
            bound.arg("--bounding-set=-dac_override,-dac_read_search").arg(command.get_program());
            bound
        }
        false => Command::new(command.get_program()),
    };
    bound.args(command.get_args()).stdin(Stdio::null()).kill_on_drop(true);
    bound
}

async fn refused_at_start(command: Command) -> String {
    let output = run_to_end(command).await;
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.lines().count() <= 2, "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_events_loses_none_and_takes_them_again_when_there_is_room() {
    let app = furnished().await;
    let log = app.folder.path().join("serve.log");
    // A limit for files is a disk that is full for this process alone. Its signal would end the process; a full
    // disk has none.
    let mut command = Command::new("prlimit");
    command.arg(format!("--fsize={ROOM}:")).args(["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    let serve = serve_command(app.folder.path());
    command.arg(serve.as_std().get_program()).args(serve.as_std().get_args());
    // What could not be settled for want of room is tried again when its lease ends.
    command.env("DESKBRIDGE_LEASE_S", LEASE_S);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap()).kill_on_drop(true);
    let serving = Serving::of(command, log).await;
    let large = |id| created(id, &"满".repeat(LARGE / 3));
    let mut taken = Vec::new();
    let refusal = loop {
        let id = taken.len() as u64 + 1;
        match post(&app, &serving, &large(id)).await {
            answer if answer.status == 202 => taken.push(id),
            answer => break answer,
        }
    };
    assert!(!taken.is_empty());
    assert!((500..=599).contains(&refusal.status), "{}", refusal.text);
    assert_eq!(refusal.header("content-type"), "application/problem+json", "{}", refusal.text);
    let id = serving.id().to_string();
    assert!(
        Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited:"]).status().await.unwrap().success()
    );
    let next = taken.len() as u64 + 1;
    eventually(async || (post(&app, &serving, &large(next)).await.status == 202).then_some(())).await;
    for id in taken.into_iter().chain([next]) {
        delivered(&app, &serving, &format!("created-{id}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_be_written_is_refused_at_the_start() {
    let app = furnished().await;
    let file = closed_store(&app).await;
    fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
    let said = refused_at_start(bound_by_modes(&serve_command(app.folder.path()))).await;
    assert!(said.contains("program.db") && said.contains("may not be written"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_may_not_be_written_is_refused_at_the_start() {
    let app = furnished().await;
    let folder = app.folder.path().join("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    let mut command = deskbridge(&["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--config").arg(app.folder.path().join("deskbridge.yaml"));
    command.arg("--store").arg(format!("sqlite:{}", folder.join("program.db").display()));
    let said = refused_at_start(bound_by_modes(&command)).await;
    assert!(said.contains("program.db") && said.contains("ermission denied"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_store_is_refused_at_the_start_with_advice() {
    let app = furnished().await;
    let file = closed_store(&app).await;
    overwrite(&file, 0, 100);
    let said = refused_at_start(serve_command(app.folder.path())).await;
    assert!(said.contains("program.db") && said.contains("go back to a backup"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_page_is_told_with_advice_and_nothing_is_accepted_on_it() {
    let app = furnished().await;
    let file = closed_store(&app).await;
    let store = rusqlite::Connection::open(&file).unwrap();
    let number = |sql| store.query_row(sql, [], |row| row.get::<_, u64>(0)).unwrap();
    let page = number("SELECT rootpage FROM sqlite_master WHERE name = 'events'");
    let bytes = number("PRAGMA page_size");
    drop(store);
    overwrite(&file, (page - 1) * bytes, usize::try_from(bytes).unwrap());
    let serving = Serving::start(app.folder.path()).await;
    let posted = post(&app, &serving, &created(99, "打印机离线")).await;
    let listed = send(app.client.get(at(&serving, "/events")).bearer_auth(OPS_KEY)).await;
    for answer in [posted, listed] {
        answer.assert_problem(500, "internal");
        assert!(answer.str("/detail").contains("the log says why"), "{}", answer.text);
    }
    assert!(serving.log().contains("PRAGMA integrity_check"), "{}", serving.log());
    let log: Vec<Value> = serving.log().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(log.iter().any(|line| line["level"] == json!("ERROR")), "{}", serving.log());
}
