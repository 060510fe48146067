//! `store backup`: a file beside a running service that can be put in its place.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Output};

use crate::harness::*;

async fn backup(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let store = format!("sqlite:{}", app.folder.path().join("deskbridge.db").display());
    let arguments: Vec<&str> =
        ["store", "backup", "--store", &store].iter().chain(arguments).copied().collect();
    let Output { status, stdout, stderr } = run_to_end(deskbridge(&arguments)).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

fn file(app: &TestApp) -> PathBuf {
    app.folder.path().join("备份.db")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_service_is_whole_and_for_its_owner_only() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for id in 1..=3 {
        app.accept(&created(id, "打印机离线")).await;
    }
    let (code, out, err) = backup(&app, &[file(&app).to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("3 events, schema version 5, whole"), "{out}");
    assert_eq!(fs::metadata(file(&app)).unwrap().permissions().mode() & 0o777, 0o600);
    let db = rusqlite::Connection::open(file(&app)).unwrap();
    let events: i64 = db.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!(events, 3);
    let left = fs::read_dir(app.folder.path()).unwrap().flatten();
    assert!(left.map(|it| it.file_name()).all(|name| !name.to_string_lossy().ends_with(".part")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_takes_the_place_of_no_file_and_needs_a_store() {
    let app = TestApp::start().await;
    fs::write(file(&app), "今天的备份").unwrap();
    let (code, _, err) = backup(&app, &[file(&app).to_str().unwrap()]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("is there already: name a new file"), "{err}");
    assert_eq!(fs::read_to_string(file(&app)).unwrap(), "今天的备份");
    let new = app.folder.path().join("new.db");
    for (store, code, word) in [
        ("sqlite:nothing.db", 1, "nothing.db"),
        ("postgres://h/d", 2, "pg_dump"),
        ("mysql:x", 2, "unknown store"),
    ] {
        let output =
            run_to_end(deskbridge(&["store", "backup", new.to_str().unwrap(), "--store", store])).await;
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{err}");
        assert!(err.contains(word), "{err}");
        assert!(!new.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_gives_no_backup() {
    let mut app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for id in 1..=50 {
        app.accept(&created(id, "打印机离线")).await;
    }
    app.stop().await;
    let store = app.folder.path().join("deskbridge.db");
    let mut bytes = fs::read(&store).unwrap();
    // The first pages are the header and the schema: what lies behind them is torn.
    bytes[4 * 8192..].fill(7);
    fs::write(&store, bytes).unwrap();
    let (code, _, err) = backup(&app, &[file(&app).to_str().unwrap()]).await;
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("damaged"), "{err}");
    assert!(!file(&app).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_broken_off_is_begun_anew() {
    let app = TestApp::start().await;
    fs::write(file(&app).with_added_extension("part"), "half of a backup").unwrap();
    let (code, out, err) = backup(&app, &[file(&app).to_str().unwrap()]).await;
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(!file(&app).with_added_extension("part").exists());
}
