//! `store`: what it tells of a journal, what it forgets, and how a journal moves.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::PathBuf,
    process::Output,
};

use serde_json::Value;

use crate::harness::*;

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn store(arguments: &[&str]) -> Said {
    let arguments: Vec<&str> = ["store"].iter().chain(arguments).copied().collect();
    let Output { status, stdout, stderr } = run_to_end(deskbridge(&arguments)).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn file(app: &TestApp, name: &str) -> PathBuf {
    app.folder.path().join(name)
}

/// The URL of a store in the service's folder; the service's own is `deskbridge.db`.
fn url(app: &TestApp, name: &str) -> String {
    format!("sqlite:{}", file(app, name).display())
}

/// A service that has accepted so many events, each of a ticket of its own, and delivers none.
async fn accepting(events: u64) -> TestApp {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for id in 1..=events {
        app.accept(&created(id, "打印机离线")).await;
    }
    app
}

fn meddle(file: PathBuf, sql: &str) {
    rusqlite::Connection::open(file).expect("a store").execute_batch(sql).expect("it can be changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_store_is_left_as_it_is_by_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let (notes, inner, foreign) =
        (folder.path().join("记事.txt"), folder.path().join("desk"), folder.path().join("other.db"));
    fs::write(&notes, "下周的排班").expect("a file");
    fs::create_dir(&inner).expect("a folder");
    fs::write(folder.path().join("deskbridge.yaml"), "connections: {}").expect("a file");
    meddle(foreign.clone(), "CREATE TABLE t (x)");
    let seen = || {
        let files = fs::read_dir(folder.path()).expect("a folder").flatten();
        let of = |file: fs::DirEntry| (file.file_name(), file.metadata().expect("it is there").mode());
        let mut seen: Vec<_> = files.map(of).filter(|(name, _)| name != "other.db.lock").collect();
        seen.sort();
        seen
    };
    for file in [&notes, &inner, &foreign] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("its mode is set");
    }
    let (before, form) = (seen(), fs::read(&foreign).expect("a file"));
    let keys = folder.path().join("deskbridge.yaml");
    let (config, backup) = (keys.to_str().expect("a path"), keys.with_file_name("backup.db"));
    let backup = backup.to_str().expect("a path");
    for (file, why) in [
        (&notes, "this is no store of deskbridge: it is no database"),
        (&inner, "this is no store of deskbridge: it is no file"),
        (&foreign, "another program's database"),
    ] {
        let url = format!("sqlite:{}", file.display());
        for command in [
            &["serve", "--config", config, "--listen", "127.0.0.1:0", "--store", &url][..],
            &["store", "stats", "--store", &url],
            &["store", "prune", "--older-than", "1d", "--store", &url],
            &["store", "upgrade", "--store", &url],
            &["store", "backup", "--store", &url, backup],
        ] {
            let output = run_to_end(deskbridge(command)).await;
            let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
            assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
            assert!(said.contains(why), "{command:?}: {said}");
        }
        assert_eq!(seen(), before, "{file:?}");
    }
    assert_eq!(fs::read(&foreign).expect("a file"), form, "nothing was written to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_tell_of_a_store_that_a_service_works_with() {
    let app = accepting(3).await;
    let here = url(&app, "deskbridge.db");
    let said = store(&["stats", "--json", "--store", &here]).await;
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let events = serde_json::json!([{ "connection": CONNECTION, "status": "accepted", "events": 3 }]);
    assert_eq!((said.code, &report["events"]), (Some(0), &events), "{}{}", said.out, said.err);
    assert_eq!((&report["schema_version"], &report["gives_space_back"]), (&5.into(), &true.into()));
    assert!(report["used_bytes"].as_u64() > Some(8192), "{report}");
    let oldest: jiff::Timestamp =
        report["oldest_waiting"].as_str().expect("a time").parse().expect("RFC 3339");
    assert!(oldest <= jiff::Timestamp::now());
    let said = store(&["stats", "--store", &here]).await;
    assert!(said.out.contains("schema version  5") && said.out.contains("accepted"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn prune_leaves_a_store_in_use_alone_counts_beforehand_and_forgets_what_is_settled_only() {
    let mut app = TestApp::start().await;
    for id in 1..=3 {
        app.delivered(&created(id, "打印机离线")).await;
    }
    app.fault(0, serde_json::json!({ "status": 503 })).await;
    app.accept(&created(4, "还没有送到")).await;
    let here = url(&app, "deskbridge.db");
    let arguments = ["prune", "--older-than", "0s", "--store", &here];
    let in_use = store(&arguments).await;
    assert_eq!(in_use.code, Some(1), "{}", in_use.out);
    assert!(
        in_use.err.contains("in use") && in_use.err.contains("DESKBRIDGE_RETENTION_DAYS"),
        "{}",
        in_use.err
    );
    let dry = store(&[&arguments[..], &["--dry-run"]].concat()).await;
    assert_eq!(
        (dry.code, dry.out.as_str()),
        (Some(0), "3 settled events would be forgotten\n"),
        "{}",
        dry.err
    );
    app.stop().await;
    let old = store(&["prune", "--older-than", "1d", "--store", &here]).await;
    assert_eq!(old.out, "0 settled events forgotten\n", "{}", old.err);
    let done = store(&arguments).await;
    assert_eq!((done.code, done.out.as_str()), (Some(0), "3 settled events forgotten\n"), "{}", done.err);
    app.mend().await;
    let app = app.restart().await;
    assert_eq!(app.until("created-4", &["delivered"]).await.status, 200);
    assert_eq!(app.record("created-1").await.status, 404);
    let link = app.get("/links/ticket/1").await;
    assert_eq!(link.status, 200, "what stands for the ticket is still known: {}", link.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_moves_and_the_service_goes_on_from_the_copy() {
    let mut app = accepting(5).await;
    let (here, there) = (url(&app, "deskbridge.db"), url(&app, "moved/there.db"));
    let in_use = store(&["copy", &here, &there]).await;
    assert_eq!(in_use.code, Some(1), "{}", in_use.out);
    assert!(in_use.err.contains("in use by another deskbridge process"), "{}", in_use.err);
    app.stop().await;
    let copied = store(&["copy", &here, &there]).await;
    assert_eq!(copied.code, Some(0), "{}{}", copied.out, copied.err);
    assert!(copied.out.contains("equal") && !copied.out.contains("DIFFERENT"), "{}", copied.out);
    assert!(copied.out.ends_with(&format!("{there} holds the same\n")), "{}", copied.out);
    assert!(copied.err.contains("copying events: 5 of 5 rows"), "told in lines: {}", copied.err);
    let twice = store(&["copy", &here, &there]).await;
    assert_eq!(twice.code, Some(1));
    assert!(twice.err.contains("not empty"), "{}", twice.err);
    for of_old in ["deskbridge.db", "deskbridge.db-wal", "deskbridge.db-shm"] {
        // The log goes with the last process that had the file.
        fs::remove_file(file(&app, of_old)).ok();
    }
    fs::rename(file(&app, "moved/there.db"), file(&app, "deskbridge.db")).expect("it moves");
    let app = app.restart_with(Options::default()).await;
    for id in 1..=5 {
        assert_eq!(app.until(&format!("created-{id}"), &["delivered"]).await.status, 200);
    }
    assert_eq!(app.tickets_named("打印机离线").await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_changed_is_found_out() {
    let mut app = accepting(3).await;
    let (here, there) = (url(&app, "deskbridge.db"), url(&app, "there.db"));
    app.stop().await;
    assert_eq!(store(&["copy", &here, &there]).await.code, Some(0));
    let same = store(&["copy", &here, &there, "--verify"]).await;
    assert_eq!(same.code, Some(0), "{}{}", same.out, same.err);
    meddle(file(&app, "there.db"), "UPDATE events SET body = zeroblob(length(body)) WHERE seq = 2");
    let changed = store(&["copy", &here, &there, "--verify"]).await;
    assert_eq!(changed.code, Some(1), "{}", changed.out);
    assert!(changed.out.contains("DIFFERENT"), "{}", changed.out);
    assert!(changed.err.contains("differs in 1 table: take it away and copy again"), "{}", changed.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn upgrade_tells_from_which_version_to_which() {
    let mut app = accepting(1).await;
    let here = url(&app, "deskbridge.db");
    assert!(store(&["upgrade", "--store", &here]).await.err.contains("in use"));
    app.stop().await;
    let already = store(&["upgrade", "--store", &here]).await;
    assert_eq!(already.out, format!("{here}: schema version 5 already\n"), "{}", already.err);
    let steps_back = "ALTER TABLE events DROP COLUMN version; ALTER TABLE events DROP COLUMN verified_by;
                      ALTER TABLE deliveries DROP COLUMN request_key;
                      ALTER TABLE deliveries DROP COLUMN mapping; ALTER TABLE deliveries DROP COLUMN pinned;
                      ALTER TABLE attempts DROP COLUMN mapping; CREATE TABLE snapshots (view);
                      PRAGMA user_version = 2;
                      PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM;";
    meddle(file(&app, "deskbridge.db"), steps_back);
    let old = store(&["stats", "--store", &here]).await;
    assert_eq!(old.code, Some(1));
    assert!(old.err.contains("version 2") && old.err.contains("deskbridge store upgrade"), "{}", old.err);
    let upgraded = store(&["upgrade", "--store", &here]).await;
    let told = format!(
        "{here}: schema version 2 became 5\n\
         the file was written anew: from now on it gives space back to the disk\n"
    );
    assert_eq!((upgraded.code, upgraded.out), (Some(0), told), "{}", upgraded.err);
    let app = app.restart_with(Options::default()).await;
    assert_eq!(app.until("created-1", &["delivered"]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_answered_with_what_to_do_and_touches_nothing() {
    let mut app = accepting(1).await;
    app.stop().await;
    let (here, nothing) = (url(&app, "deskbridge.db"), url(&app, "nothing.db"));
    meddle(file(&app, "deskbridge.db"), "PRAGMA user_version = 99");
    let mistakes: [(&[&str], i32, &str); 10] = [
        (&["stats", "--store", &here], 1, "run a newer deskbridge"),
        (&["upgrade", "--store", &here], 1, "run a newer deskbridge"),
        (&["copy", &here, &nothing], 1, "run a newer deskbridge"),
        (&["copy", &here, &here], 2, "the same store twice"),
        (&["copy", &nothing, &here], 1, "there is no such file"),
        (&["stats", "--store", &nothing], 1, "there is no such file"),
        (&["upgrade", "--store", &nothing], 1, "there is no such file"),
        (&["prune", "--store", &nothing, "--older-than", "30d"], 1, "there is no such file"),
        (&["prune", "--store", &here, "--older-than", "thirty"], 2, "30d, 12h or 2w"),
        (&["stats", "--store", "mysql:desk"], 2, "write sqlite:PATH"),
    ];
    for (arguments, code, told) in mistakes {
        let said = store(arguments).await;
        assert_eq!(said.code, Some(code), "{arguments:?}: {}{}", said.out, said.err);
        assert!(said.err.contains(told), "{told:?} in {} of {arguments:?}", said.err);
    }
    assert!(!file(&app, "nothing.db").exists());
    let mut command = deskbridge(&["check"]);
    command.env("DESKBRIDGE_DISK_BUDGET_BYTES", "1000").current_dir(app.folder.path());
    let small = run_to_end(command).await;
    assert_eq!(small.status.code(), Some(1));
    let told = String::from_utf8(small.stdout).expect("UTF-8");
    assert!(told.contains("DESKBRIDGE_DISK_BUDGET_BYTES: it is too small"), "{told}");
}
