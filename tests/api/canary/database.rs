//! The password in the address of a PostgreSQL: where the database works, where it can't be reached, and where the address
//! is wrong.

use std::{fs, process::Stdio};

use tokio::process::Command;

use super::{
    planted::{Planted, assert_unseen, contains, secrets_of},
    settings::every_secret,
    witness::Witness,
};
use crate::harness::*;

const PASSWORD: &str = "password-of-the-database";
/// As a driver might write it.
const ENCODED: &str = "cGFzc3dvcmQtb2YtdGhlLWRhdGFiYXNl";

fn planted() -> [Planted; 2] {
    [Planted::new("the password", PASSWORD), Planted::new("the password, in base64", ENCODED)]
}

/// The server's address with a password, which it doesn't ask for.
fn with_password(url: &str) -> String {
    url.replace("deskbridge@", &format!("deskbridge:{PASSWORD}@"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_works_shows_no_password_and_keeps_no_secret() {
    let place = Place::new().await;
    let url = with_password(&place.url());
    assert!(url.contains(PASSWORD), "the address has one");
    let mut service = Witness::start(Options { store: Some(url.clone()), ..every_secret() }, "").await;
    let secrets = secrets_of(&service.config());
    service.deliver(&created(1, "打印机离线")).await;
    service.walk().await;
    for command in [
        &["check"][..],
        &["store", "stats"],
        &["store", "prune", "--older-than", "30d", "--dry-run"],
        &["store", "upgrade"],
        &["mapping", "coverage", "udesk-bangwo8", "--store", &url, "--connection", CONNECTION],
    ] {
        assert!(service.run(command).await.success(), "{command:?}: {}", service.last_seen());
    }

    let dump = Command::new("pg_dump").arg(&url).output().await.expect("pg_dump is there");
    assert!(
        dump.status.success() && contains(&dump.stdout, b"created-1"),
        "{}",
        String::from_utf8_lossy(&dump.stderr)
    );
    let seen = service.finish().await;
    assert!(contains(&seen.of("the log"), b"listening"));
    // Nobody may be at work with what is copied.
    let told = copied_and_not_backed_up(&url).await;
    for planted in [&planted()[..], &secrets] {
        assert_unseen(planted, "the dump", &dump.stdout);
        assert_unseen(planted, "the copy", &told);
        seen.assert_unseen(planted);
    }
}

/// What is told by the command that copies a store, and by the one that refuses to back a PostgreSQL up.
async fn copied_and_not_backed_up(url: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let copied = format!("sqlite:{}", folder.path().join("copied.db").display());
    let never_made = folder.path().join("never-made.db");
    let backup = ["store", "backup", never_made.to_str().expect("a path"), "--store", url];
    let mut told = Vec::new();
    for (arguments, code) in [(&["store", "copy", url, &copied][..], 0), (&backup[..], 2)] {
        let mut command = deskbridge(arguments);
        command.env("DESKBRIDGE_LOG", "trace");
        let output = run_to_end(command).await;
        let said = [output.stdout, output.stderr].concat();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&said));
        told.extend(said);
    }
    assert!(contains(&told, b"use pg_dump") && !never_made.exists());
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_wrong_is_told_without_its_password() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let server = with_password(&Place::new().await.url());
    let copied = format!("sqlite:{}", app.folder.path().join("copied.db").display());
    for url in [
        "postgres://deskbridge:password-of-the-database@",
        "postgres://deskbridge:password-of-the-database@/deskbridge",
        "postgres://deskbridge:password-of-the-database@127.0.0.1:port/deskbridge",
        "postgres://deskbridge:password-of-the-database@127.0.0.1:9/deskbridge?sslmode=sometimes",
        "postgres://desk@bridge:password-of-the-database@127.0.0.1:9/deskbridge",
        "mysql://deskbridge:password-of-the-database@127.0.0.1:9/deskbridge",
        "deskbridge:password-of-the-database@127.0.0.1:9/deskbridge",
    ] {
        for arguments in [&["serve"][..], &["store", "stats"], &["store", "copy", url, &copied]] {
            fails_without_password(&app, url, arguments).await;
        }
    }
    // The first was there and is gone; nobody listens at the others.
    for url in [
        server.as_str(),
        "postgres://deskbridge:password-of-the-database@127.0.0.1:9/deskbridge",
        "postgres://deskbridge:password-of-the-database@127.0.0.1:9/deskbridge?sslrootcert=/nothing.pem",
        "postgres://deskbridge:password-of-the-database%zz@127.0.0.1:9/deskbridge",
    ] {
        fails_without_password(&app, url, &["store", "stats"]).await;
    }
}

async fn fails_without_password(app: &TestApp, url: &str, arguments: &[&str]) {
    let mut command = deskbridge(arguments);
    command
        .env("DESKBRIDGE_CONFIG", app.folder.path().join("deskbridge.yaml"))
        .env("DESKBRIDGE_STORE", url)
        .env("DESKBRIDGE_LOG", "trace");
    let output = run_to_end(command).await;
    assert!(!output.status.success(), "{arguments:?}");
    assert_unseen(&planted(), &format!("{arguments:?}"), &[output.stdout, output.stderr].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_waited_for_without_its_password() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let url = format!("postgres://deskbridge:{PASSWORD}@{}/deskbridge", free_address());
    let log = app.folder.path().join("waiting.log");
    let mut command = deskbridge(&["serve"]);
    command
        .env("DESKBRIDGE_CONFIG", app.folder.path().join("deskbridge.yaml"))
        .env("DESKBRIDGE_STORE", &url)
        .env("DESKBRIDGE_LOG", "trace")
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).expect("a log"));
    let mut waiting = command.spawn().expect("the program starts");
    let told = async || {
        let text = fs::read_to_string(&log).expect("a log");
        text.contains("waiting for the store").then_some(text)
    };
    let text = eventually(told).await;
    waiting.kill().await.expect("it is killed");
    assert_unseen(&planted(), "the log", text.as_bytes());
}
