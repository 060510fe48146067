//! The flows of `examples/`, as the tools run them that people build flows with.

mod n8n;
mod node_red;

use std::fs;

use serde_json::json;

use crate::harness::*;

/// A service that is soon full while its target fails.
fn of_little_room() -> Options {
    Options {
        retry: UNTIL_IT_WORKS.into(),
        limits: PATIENT.into(),
        disk_budget: Some(8 * 1024 * 1024),
        ..Options::default()
    }
}

/// Lets the target fail, and posts large events until one is refused; returns how many were accepted.
async fn fill(app: &TestApp) -> u64 {
    app.fault_at("/api", 0, json!({ "status": 503 })).await;
    let content = "打印机离线，请尽快处理。".repeat(5_000);
    for id in 1..200 {
        let answer = app.post(&created_with(id, json!({ "content": content }))).await;
        if answer.status == 503 {
            assert_eq!((answer.str("/code"), answer.header("retry-after")), ("store_full", "10"));
            return id - 1;
        }
    }
    panic!("200 such events are more than there is room for");
}

#[test]
fn both_flows_try_again_what_the_documents_say_is_worth_it() {
    let statuses = "408, 425, 429, 500, 502, 503, 504";
    for file in
        ["docs/flows.md", "docs/flows.zh-CN.md", "examples/n8n/workflow.json", "examples/node-red/flow.json"]
    {
        let text = fs::read_to_string(repository(file)).expect("a file of the repository");
        // A Chinese list has commas of its own.
        assert!(text.replace('、', ", ").contains(statuses), "{file} has {statuses}");
    }
}
