//! A database's backup by the server's own tools, as docs/operations/store.md has it.

use std::process::{Command, Output};

use deskbridge::store::{AsOf, Store};

use super::{journals::*, place::Place, support::*};

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the server's tools are there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The statement by which the manual tells a store that it was restored.
fn restored_sql() -> &'static str {
    let manual = include_str!("../../../docs/operations/store.md");
    let sql = manual.split("--command=\"").nth(1).expect("the manual has it");
    sql.split('"').next().expect("it has an end")
}

#[tokio::test]
async fn what_was_dumped_beside_a_running_replica_is_all_there_after_a_restore() {
    use Fate::*;
    let fates = [Delivered, Parked, Retried, Dead { hold_lane: true }, Discarded, InHand];
    let plan: Vec<(u8, Fate)> = (0..).zip(fates).collect();
    let desk = journal(&plan).await;
    furnish(&desk.store).await;
    desk.store.put_cursor(CONNECTION, "webhooks/wall", "1", at(1)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("deskbridge.dump");
    let to = format!("--file={}", dump.display());
    run(Command::new("pg_dump").args(["--format=custom", &to, &desk.url()]));
    // What comes after the dump is not in it.
    desk.accept("9", "later").await;
    let place = Place::new().await;
    let into = format!("--dbname={}", place.url());
    run(Command::new("pg_restore").args(["--no-owner", "--exit-on-error", &into]).arg(&dump));
    run(Command::new("psql").arg(place.url()).arg(format!("--command={}", restored_sql())));
    let store = Store::open(&place.url(), at(2)).await.unwrap();
    let before = listed(&desk.store).await;
    let after = listed(&store).await;
    assert_eq!(after.len() + 1, before.len());
    assert!(after.iter().all(|record| before.contains(record)));
    let numbers: Vec<i64> =
        store.versions(CONNECTION, AsOf::Now).await.unwrap().iter().map(|version| version.number).collect();
    assert_eq!(numbers, [at(2).as_millisecond() + 1], "no number is given twice");
    let cursor = store.cursor(CONNECTION, "webhooks/wall").await.unwrap();
    assert_eq!(cursor, Some((at(2).as_millisecond() + 1).to_string()));
    assert_eq!(store.cursor(CONNECTION, "tickets").await.unwrap().as_deref(), Some("第 3 页"));
    store.accept(event("10", "new"), at(3)).await.unwrap();
}
