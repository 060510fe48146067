//! How a connection stands, as operators see it.

use serde_json::Value;

use super::{TestApp, eventually, send};

/// YAML of `breaker` for a connection that, once held, stays so for the whole test.
pub(crate) const HELD_FOR_LONG: &str = "{ failures: 5, pause_ms: 3600000, longest_pause_ms: 3600000 }";

impl TestApp {
    /// The value of a metric: its name with labels as in the text format.
    pub(crate) async fn metric(&self, name: &str) -> Option<u64> {
        let metrics = self.metrics().await;
        metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// Waits until a connection is in a state.
    pub(crate) async fn until_connection(&self, connection: &str, state: &str) {
        let name = format!("deskbridge_connection_state{{connection=\"{connection}\",state=\"{state}\"}}");
        eventually(async || (self.metric(&name).await == Some(1)).then_some(())).await;
    }

    /// Deliveries that a connection may have under way for now.
    pub(crate) async fn at_once(&self, connection: &str) -> u64 {
        let name = format!("deskbridge_connection_concurrency{{connection=\"{connection}\"}}");
        self.metric(&name).await.expect("the connection has one")
    }

    /// The check of a connection's deliveries in `/readyz?verbose`, of a service that is ready.
    pub(crate) async fn delivery_check(&self, connection: &str) -> Value {
        let answer = send(self.client.get(format!("{}/readyz?verbose", self.url))).await;
        assert_eq!((answer.status, answer.str("/status")), (200, "ready"), "{}", answer.text);
        let checks = answer.json["checks"].as_array().expect("checks");
        let of = |check: &&Value| {
            check["name"] == "delivery"
                && check["detail"]
                    .as_str()
                    .is_some_and(|detail| detail.starts_with(&format!("{connection}: ")))
        };
        checks.iter().find(of).expect("the check").clone()
    }

    /// As `accept`, for another connection and by an API key.
    pub(crate) async fn accept_for(&self, connection: &str, event: &Value) {
        let url = format!("{}/v1/connections/{connection}/events", self.url);
        let answer = send(self.client.post(url).bearer_auth(super::OPS_KEY).json(event)).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }

    /// The status of another connection's event.
    pub(crate) async fn status_of(&self, connection: &str, id: &str) -> String {
        let url = format!("{}/v1/connections/{connection}/events/{id}", self.url);
        send(self.client.get(url).bearer_auth(super::OPS_KEY)).await.str("/status").to_owned()
    }
}
