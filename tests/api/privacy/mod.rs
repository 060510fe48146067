//! Personal data: never kept, kept unreadable, and forgotten when somebody asks for it.

mod encryption;
mod erasure;
mod redaction;
mod ticketviews;

use std::process::Output;

use crate::harness::*;

/// What is looked for in every byte that is kept.
const CANARY: &str = "canary-4711@example.com";

/// What a command said, on both its outputs, and how it ended.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

async fn said(arguments: &[&str]) -> Said {
    let Output { status, stdout, stderr } = run_to_end(deskbridge(arguments)).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn store_url(app: &TestApp) -> String {
    format!("sqlite:{}", app.folder.path().join("deskbridge.db").display())
}

/// True if the canary is in the store's file or beside it.
fn is_on_disk(app: &TestApp) -> bool {
    let files = std::fs::read_dir(app.folder.path()).expect("the test's folder");
    let names = files.map(|file| file.expect("a file").path());
    let store = names.filter(|path| path.to_string_lossy().contains("deskbridge.db"));
    let mut bytes = store.map(|path| std::fs::read(path).expect("it can be read"));
    bytes.any(|bytes| bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()))
}

/// A new ticket of the person.
fn of_the_person(id: u64) -> serde_json::Value {
    created_with(id, serde_json::json!({ "subject": "打印机离线", "user_email": CANARY }))
}
