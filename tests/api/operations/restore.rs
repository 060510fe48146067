//! A backup is put in the place of a store that was lost.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::*;

/// Events accepted before the backup, and after it.
const BEFORE: u64 = 40;
const AFTER: u64 = 20;

/// Slow enough for the backup to come in the middle.
fn slow() -> Options {
    let limits = "{ requests_per_second: 40, concurrency: 4, timeout_ms: 2000 }";
    Options { limits: limits.into(), ..Options::default() }
}

async fn accept(app: &TestApp, ids: impl Iterator<Item = u64>) {
    let ids = ids.map(|id| async move { app.accept(&created(id, &format!("第 {id} 个"))).await });
    join_all(ids).await;
}

async fn delivered(app: &TestApp, ids: impl Iterator<Item = u64>) {
    for id in ids {
        app.until(&format!("created-{id}"), &["delivered"]).await;
    }
}

async fn backup(folder: &Path) {
    let store = format!("sqlite:{}", folder.join("deskbridge.db").display());
    let to = folder.join("backup.db").display().to_string();
    let made = run_to_end(deskbridge(&["store", "backup", &to, "--store", &store])).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// As the documents say: the backup under the store's name, and nothing of the log of before.
fn restore(folder: &Path) {
    for name in ["deskbridge.db", "deskbridge.db-wal", "deskbridge.db-shm"] {
        let gone = fs::remove_file(folder.join(name));
        assert!(gone.is_ok() || name != "deskbridge.db", "{name}");
    }
    fs::copy(folder.join("backup.db"), folder.join("deskbridge.db")).expect("a copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_backup_is_lost_and_what_was_delivered_since_makes_no_ticket_twice() {
    let mut process = Process::start(slow()).await;
    let folder = process.app.folder.clone();
    accept(&process.app, 1..=BEFORE).await;
    process.app.until("created-1", &["delivered"]).await;
    backup(folder.path()).await;
    accept(&process.app, BEFORE + 1..=BEFORE + AFTER).await;
    delivered(&process.app, 1..=BEFORE + AFTER).await;
    process.kill().await;
    restore(folder.path());
    let process = process.restart().await;
    delivered(&process.app, 1..=BEFORE).await;
    let lost = process.app.record(&format!("created-{}", BEFORE + 1)).await;
    assert_eq!(lost.status, 404, "what came after the backup is not in it");
    // A sender that isn't sure sends again.
    accept(&process.app, 1..=BEFORE + AFTER).await;
    delivered(&process.app, 1..=BEFORE + AFTER).await;
    let mut subjects: BTreeMap<String, u32> = BTreeMap::new();
    for ticket in process.app.tickets().await {
        let subject = ticket["subject"].as_str().unwrap_or_default().to_owned();
        *subjects.entry(subject).or_default() += 1;
    }
    let of_ours: Vec<_> = subjects.iter().filter(|(subject, _)| subject.starts_with('第')).collect();
    assert_eq!(of_ours.len() as u64, BEFORE + AFTER);
    assert!(of_ours.iter().all(|(_, times)| **times == 1), "{of_ours:?}");
    assert!(process.log().contains("the store was restored from a backup"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_ticket_views_is_told_to_read_anew_and_hears_of_what_comes_then() {
    follow_over_a_restore(Options::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_encrypted_ticket_views_is_told_and_hears_likewise() {
    let encryption_keys = format!("k1:{}\n", BASE64_STANDARD.encode([1; 32]));
    follow_over_a_restore(Options { encryption_keys, ..Options::default() }).await;
}

async fn follow_over_a_restore(options: Options) {
    let options = Options { ticketviews: "{ refresh_s: 60 }".into(), ..options };
    let mut process = Process::start(options).await;
    let folder = process.app.folder.clone();
    // Of the view of all tickets.
    let cursor = async |app: &TestApp| {
        let read = app.get("/ticketviews/2/tickets").await;
        (read.status == 200).then(|| read.json["cursor"].as_i64()).flatten()
    };
    let after_another = async |app: &TestApp, id: u64, than: i64| {
        app.deliver(&created(id, "打印机离线")).await;
        let refresh = app.client.post(app.path("/ticketviews/2/refresh")).bearer_auth(OPS_KEY);
        assert_eq!(send(refresh.header("prefer", "wait=20")).await.status, 200);
        eventually(async || cursor(app).await.filter(|now| *now > than)).await
    };
    let before = eventually(async || cursor(&process.app).await).await;
    backup(folder.path()).await;
    let since = after_another(&process.app, 1, before).await;
    process.kill().await;
    restore(folder.path());
    let process = process.restart().await;
    let restored = eventually(async || cursor(&process.app).await).await;
    assert!(restored > since, "{restored} is given to one state only, as {since} is");
    let lost = process.app.get(&format!("/ticketviews/2/changes?since={since}")).await;
    assert_eq!((lost.status, lost.str("/code")), (410, "cursor_expired"));
    let stream = process.app.client.get(process.app.path("/ticketviews/stream")).bearer_auth(OPS_KEY);
    let stream = stream.header("last-event-id", since.to_string()).timeout(Duration::MAX);
    let reset = Events::open(stream).await.next().await;
    assert_eq!((reset.kind.as_str(), &reset.data["code"]), ("reset", &json!("cursor_expired")));
    assert_eq!(reset.data["detail"], lost.str("/detail"), "the numbers say nothing of how much changed");
    let newest = after_another(&process.app, 2, restored).await;
    let told = process.app.get(&format!("/ticketviews/2/changes?since={restored}")).await;
    assert_eq!((told.status, told.json["cursor"].as_i64()), (200, Some(newest)));
}
