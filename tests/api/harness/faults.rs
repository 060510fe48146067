//! What the simulators are told to answer, and when they were asked.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::{TestApp, send};

/// What Bangwo8 answers to a write that it refuses for good.
pub(crate) fn refusal() -> Value {
    json!({ "status": 200, "body": { "state": "403", "message": "columnId does not exist" } })
}

/// When a simulator got a request that it tells of.
pub(crate) fn asked_at(request: &Value) -> Timestamp {
    request["at"].as_str().expect("a time").parse().expect("RFC 3339")
}

impl TestApp {
    /// Lets the next `times` ticket calls of the simulator fail (0: until `mend`).
    pub(crate) async fn fault(&self, times: u32, fault: Value) {
        self.fault_at("/api/v1/tickets", times, fault).await;
    }

    /// As `fault`, for calls of one method only: a retry looks for what an attempt may have made.
    pub(crate) async fn fault_on(&self, method: &str, times: u32, fault: Value) {
        let rule = json!({ "method": method, "path": "/api/v1/tickets", "times": times, "fault": fault });
        let answer = self.control(Method::POST, "faults", &rule).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }

    /// As `fault`, for another path prefix.
    pub(crate) async fn fault_at(&self, path: &str, times: u32, fault: Value) {
        let rule = json!({ "path": path, "times": times, "fault": fault });
        let answer = self.control(Method::POST, "faults", &rule).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }

    /// Ends all planned faults.
    pub(crate) async fn mend(&self) {
        assert_eq!(self.control(Method::DELETE, "faults", &Value::Null).await.status, 200);
    }

    /// As `fault`, of Udesk's simulator.
    pub(crate) async fn udesk_fault(&self, times: u32, fault: Value) {
        let rule = json!({ "path": "/api/v1/tickets", "times": times, "fault": fault });
        let url = format!("{}/_sandbox/faults", self.sandbox.udesk_url());
        assert_eq!(send(self.client.post(url).json(&rule)).await.status, 201);
    }
}
