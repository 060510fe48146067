//! The workflow of `examples/n8n`, as far as it can be run without n8n: what its nodes are, the request that their
//! expressions make, and what they make of each answer.

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use super::{fill, of_little_room};
use crate::harness::*;

const WORKFLOW: &str = "examples/n8n/workflow.json";
/// Nodes of n8n itself: nobody has to install one.
const NODES: [(&str, f64); 9] = [
    ("n8n-nodes-base.stickyNote", 1.0),
    ("n8n-nodes-base.webhook", 2.0),
    ("n8n-nodes-base.set", 3.4),
    ("n8n-nodes-base.crypto", 2.0),
    ("n8n-nodes-base.httpRequest", 4.2),
    ("n8n-nodes-base.switch", 3.2),
    ("n8n-nodes-base.wait", 1.1),
    ("n8n-nodes-base.noOp", 1.0),
    ("n8n-nodes-base.respondToWebhook", 1.1),
];
const SETTLED: &str = "delivered or on its way";
const AGAIN: &str = "again";
const PERSON: &str = "a person is needed";

fn workflow() -> Value {
    let text = fs::read_to_string(repository(WORKFLOW)).expect("the workflow");
    serde_json::from_str(&text).expect("JSON")
}

fn names(workflow: &Value) -> BTreeSet<&str> {
    let nodes = workflow["nodes"].as_array().expect("nodes");
    nodes.iter().map(|node| node["name"].as_str().expect("a name")).collect()
}

/// One run of the workflow with a ticket, after so many tries, to this address.
async fn run(url: &str, kind: &str, ticket: &Value, tries: u32) -> Answer {
    // The credential holds the text that the service is given in base64.
    let secret = str::from_utf8(SIGNING_KEY).expect("text");
    let mut command = node("n8n.mjs");
    command.arg(repository(WORKFLOW)).args([kind, url, &tries.to_string()]).env("HMAC_SECRET", secret);
    answer_of(command, &ticket.to_string()).await
}

/// The answer in it, and the way that the workflow takes then.
fn way(run: &Answer) -> (u16, &str) {
    (run.status, run.str("/next"))
}

#[test]
fn the_workflow_has_nodes_of_n8n_alone_and_no_secret() {
    let workflow = workflow();
    for node in workflow["nodes"].as_array().expect("nodes") {
        let (kind, version) = (node["type"].as_str().expect("a type"), node["typeVersion"].as_f64());
        assert!(NODES.iter().any(|(known, of)| *known == kind && Some(*of) == version), "{kind} {version:?}");
        assert_eq!(node.get("credentials"), None, "an import has to choose its own");
    }
    let trigger = &workflow["nodes"].as_array().expect("nodes")[1];
    assert_eq!(trigger["parameters"]["responseMode"], "responseNode", "the sender is told what became of it");
}

#[test]
fn every_node_of_the_workflow_is_reached_from_its_trigger() {
    let workflow = workflow();
    let connections = workflow["connections"].as_object().expect("connections");
    let targets = |name: &str| -> Vec<String> {
        let outputs = connections.get(name).and_then(|of| of["main"].as_array()).into_iter().flatten();
        let links = outputs.flat_map(|links| links.as_array().expect("links"));
        links.map(|link| link["node"].as_str().expect("a node").to_owned()).collect()
    };
    let mut reached = BTreeSet::from(["A ticket of Udesk".to_owned()]);
    let mut new: Vec<String> = reached.iter().cloned().collect();
    while let Some(name) = new.pop() {
        new.extend(targets(&name).into_iter().filter(|target| reached.insert(target.clone())));
    }
    let mut all = names(&workflow);
    assert!(all.remove("Read me"));
    assert_eq!(reached.iter().map(String::as_str).collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_that_the_workflow_describes_is_accepted_and_delivered_once() {
    let app = TestApp::start().await;
    let ticket = udesk_ticket(1, "n8n 里的工单：“打印机离线”");
    let first = run(&app.path("/events"), "ticket.created", &ticket, 0).await;
    assert_eq!(way(&first), (200, SETTLED), "{}", first.text);
    assert_eq!(first.str("/answer/status"), "delivered", "{}", first.text);
    assert_eq!(first.str("/answer/verified_by"), "standard_webhooks");
    assert_eq!(app.ticket(first.str("/answer/target/id")).await["subject"], ticket["subject"]);
    let again = run(&app.path("/events"), "ticket.created", &ticket, 1).await;
    assert_eq!(way(&again), (200, SETTLED), "{}", again.text);
    let reply = json!({ "id": 1, "reply": { "id": 7, "content": "已派工程师上门" } });
    let replied = run(&app.path("/events"), "ticket.replied", &reply, 0).await;
    assert_eq!((way(&replied), replied.str("/answer/status")), ((200, SETTLED), "delivered"));
    assert_eq!(app.stored().await.len(), 2, "a repetition is the same event");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_or_parked_goes_to_a_person_and_is_not_sent_again() {
    let app = TestApp::start().await;
    let url = app.path("/events");
    let refused = run(&url, "ticket.created", &json!({ "id": 1, "updated_at": "2026-05-01" }), 0).await;
    assert_eq!(way(&refused), (422, PERSON), "{}", refused.text);
    let unknown = with(udesk_ticket(1, "未知优先级"), json!({ "priority": "没有这个优先级" }));
    let parked = run(&url, "ticket.created", &unknown, 0).await;
    assert_eq!((way(&parked), parked.str("/answer/status")), ((200, PERSON), "parked"));
    let other = run(&url, "ticket.created", &udesk_ticket(1, "内容变了"), 0).await;
    assert_eq!(way(&other), (409, PERSON), "the same id with other bytes: {}", other.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_and_silence_are_tried_again_after_as_long_as_asked_and_not_for_ever() {
    let app = TestApp::with(of_little_room()).await;
    fill(&app).await;
    let ticket = with(udesk_ticket(1000, "等一等的工单"), json!({ "content": "打印机离线".repeat(5_000) }));
    let full = run(&app.path("/events"), "ticket.created", &ticket, 3).await;
    assert_eq!((way(&full), &full.json["wait_s"]), ((503, AGAIN), &json!(10)), "{}", full.text);
    let silence = format!("http://{}", free_address());
    for (tries, wait_s) in [(0, 1), (3, 8), (6, 60)] {
        let unanswered = run(&silence, "ticket.created", &ticket, tries).await;
        assert_eq!((way(&unanswered), &unanswered.json["wait_s"]), ((0, AGAIN), &json!(wait_s)));
    }
    assert_eq!(way(&run(&silence, "ticket.created", &ticket, 7).await), (0, PERSON));
}
