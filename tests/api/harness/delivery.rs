//! What tests of delivery ask of the service and of the Bangwo8 simulator.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, TestApp, event, udesk_ticket};

/// YAML of `retry` for outages that are longer than any bound: soon again, and as often as it takes.
pub(crate) const UNTIL_IT_WORKS: &str =
    "{ first_wait_ms: 10, longest_wait_ms: 50, max_attempts: 1000000, max_age_h: 72 }";

/// YAML of `limits` for tests that count calls: none is given up because the machine is busy.
pub(crate) const PATIENT: &str = "{ requests_per_second: 1000, concurrency: 8, timeout_ms: 120000 }";

impl TestApp {
    /// Posts an event that must be accepted; returns its place in the order of acceptance.
    pub(crate) async fn accept(&self, event: &Value) -> i64 {
        let answer = self.post(event).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.json["sequence"].as_i64().expect("a sequence")
    }

    /// Posts an event, waits until it is delivered, and returns its record.
    pub(crate) async fn delivered(&self, event: &Value) -> Answer {
        let record = self.deliver(event).await;
        assert_eq!(record.str("/status"), "delivered", "{}", record.text);
        record
    }

    /// Posts an event, waits until it is parked, and returns its record.
    pub(crate) async fn parked(&self, event: &Value) -> Answer {
        let record = self.deliver(event).await;
        assert_eq!(record.str("/status"), "parked", "{}", record.text);
        record
    }

    /// The `ticket` member of every body sent by this method, oldest first.
    pub(crate) async fn written(&self, method: &str) -> Vec<Value> {
        let requests = self.requests(method, "/api/v1/tickets").await;
        requests.into_iter().map(|mut request| request["body"]["ticket"].take()).collect()
    }

    /// What the last call of this method wrote.
    pub(crate) async fn last_written(&self, method: &str) -> Value {
        self.written(method).await.pop().unwrap_or_else(|| panic!("there was no {method}"))
    }

    /// Changes one switch of the simulator.
    pub(crate) async fn switch(&self, name: &str, value: Value) {
        let answer = self.control(Method::PUT, "switches", &json!({ name: value })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// Puts a mapping of the tenant's own beside the connections file.
    pub(crate) fn write_mapping(&self, name: &str, text: &str) {
        let folder = self.folder.path().join("mappings");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.yaml")), text).expect("a mapping");
    }

    /// Every `Requestid` of the simulator's log, with the kinds of the effects of its calls; a call that was
    /// refused or replayed had none.
    pub(crate) async fn effects(&self) -> BTreeMap<String, Vec<String>> {
        let mut effects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for request in self.requests("", "/api/v1/tickets").await {
            if request["method"] == "GET" {
                continue;
            }
            let id = request["requestid"].as_str().expect("a write has a Requestid").to_owned();
            let kinds = effects.entry(id).or_default();
            match request["effect"]["kind"].as_str() {
                None | Some("replayed") => {}
                Some(kind) => kinds.push(kind.to_owned()),
            }
        }
        effects
    }

    /// The simulator's tickets whose subject starts with `prefix`.
    pub(crate) async fn tickets_named(&self, prefix: &str) -> Vec<Value> {
        let named = |ticket: &Value| ticket["subject"].as_str().is_some_and(|s| s.starts_with(prefix));
        self.tickets().await.into_iter().filter(named).collect()
    }
}

/// `base` with the members of `changes` in place of its own.
pub(crate) fn with(mut base: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut base, changes) else {
        panic!("two objects");
    };
    members.extend(changes);
    base
}

/// `ticket.created` of such a ticket with some members changed; the event's id is `created-{id}`.
pub(crate) fn created_with(id: u64, changes: Value) -> Value {
    event(&format!("created-{id}"), "ticket.created", with(udesk_ticket(id, "打印机离线"), changes))
}

/// `ticket.updated` of such a ticket with some members changed; the event's id is `updated-{id}-{n}`.
pub(crate) fn updated_with(id: u64, n: u32, changes: Value) -> Value {
    event(&format!("updated-{id}-{n}"), "ticket.updated", with(udesk_ticket(id, "打印机离线"), changes))
}

/// `ticket.replied` of a ticket of which only the id is known; the event's id is `replied-{id}`.
pub(crate) fn replied(id: u64, text: &str) -> Value {
    event(&format!("replied-{id}"), "ticket.replied", json!({ "id": id, "reply": { "content": text } }))
}
