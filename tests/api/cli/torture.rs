//! `torture` as a user runs it: a short proof, and what it refuses.

use crate::harness::*;

async fn refused(arguments: &[&str]) -> String {
    let output = run_to_end(deskbridge(arguments)).await;
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_deaths_lose_nothing_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = deskbridge(&["torture", "--cycles", "4", "--lanes", "20", "--rate", "50"]);
    let output = run_to_end({
        command.env("TMPDIR", folder.path());
        command
    })
    .await;
    let (told, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{told}{said}");
    assert!(told.starts_with("Seed ") && told.contains("4 of 4"), "{told}");
    for line in ["cycles", "events acknowledged", "lost", "doubled", "out of order", "never ended"] {
        assert!(told.contains(line), "{told}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the temporary folder is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_sqlite_file_are_refused() {
    assert!(refused(&["torture", "--replicas", "2"]).await.contains("--postgres"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_holds_a_run_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("requests.ndjson"), "").unwrap();
    let said = refused(&["torture", "--dir", folder.path().to_str().unwrap()]).await;
    assert!(said.contains("choose another --dir"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_none_is_refused_with_an_example() {
    assert!(refused(&["torture", "--soak", "soon"]).await.contains("30m"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_to_die_that_is_none_is_refused_with_those_there_are() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let mut command = serve_command(app.folder.path());
    command.env("DESKBRIDGE_DIE_AT", "call.during:1");
    let output = run_to_end(command).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("DESKBRIDGE_DIE_AT") && said.contains("call.after"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_is_cut_short_is_done_by_the_next_start() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let mut command = serve_command(app.folder.path());
    command.env("DESKBRIDGE_DIE_AT", "upgrade.before_commit:1");
    let killed = run_to_end(command).await;
    assert_eq!(killed.status.code(), None, "a signal ended it");
    let store = rusqlite::Connection::open(app.folder.path().join("program.db")).unwrap();
    let tables: u64 = store.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0, "nothing of it is there");
    drop(store);
    let mut serving = Serving::start(app.folder.path()).await;
    serving.terminate().await;
    assert_eq!(serving.ended().await.code(), Some(0), "{}", serving.log());
}
