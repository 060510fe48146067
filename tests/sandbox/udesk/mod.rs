//! The Udesk simulator: both families, their words to the byte, and its triggers.

mod generated;
mod log_and_limit;
mod triggers;
mod v1_create;
mod v1_filters;
mod v1_read;
mod v1_update;
mod v2_customers;
mod v2_read;
mod v2_sign;
mod v2_write;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, parsed};

/// A desk whose calls need no signature.
pub(crate) struct Udesk(Desk);

impl Udesk {
    pub(crate) async fn start() -> Self {
        Self::with(Desk::start().await).await
    }

    pub(crate) async fn with(desk: Desk) -> Self {
        desk.switch("udesk_sign", json!("off")).await;
        desk.switch("udesk_v2_sign", json!("off")).await;
        Self(desk)
    }

    pub(crate) async fn switch(&self, name: &str, value: Value) {
        self.0.switch(name, value).await;
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.0.udesk(method, path, body).await
    }

    /// The body of an answer whose status is 200.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.call(Method::POST, path, Some(body)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.call(Method::PUT, path, Some(body)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A `POST` of any content.
    pub(crate) async fn raw(&self, path: &str, content_type: &str, body: &'static str) -> Answer {
        let url = format!("{}{path}", self.0.sandbox.udesk_url());
        parsed(reqwest::Client::new().post(url).header("content-type", content_type).body(body)).await
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        self.call(method, &format!("/_sandbox/{path}"), Some(body)).await
    }

    pub(crate) async fn state(&self) -> Value {
        self.get("/_sandbox/state").await
    }

    /// A stored record of a kind.
    pub(crate) async fn stored(&self, kind: &str, id: u64) -> Option<Value> {
        let state = self.state().await;
        state[kind].as_array().unwrap().iter().find(|record| record["id"] == id).cloned()
    }

    /// How many records of a kind are stored.
    pub(crate) async fn count(&self, kind: &str) -> usize {
        self.state().await[kind].as_array().unwrap().len()
    }

    /// The effect of the last request that was recorded.
    pub(crate) async fn last_effect(&self) -> Value {
        let requests = self.get("/_sandbox/requests").await;
        requests.as_array().unwrap().last().unwrap()["effect"].clone()
    }
}

/// v1's answer to a mistake in the content.
pub(crate) fn business(status: u32, message: &str) -> Value {
    json!({"status": status, "message": message})
}

/// v2's.
pub(crate) fn refused(code: u32, message: &str) -> Value {
    json!({"code": code, "message": message})
}
