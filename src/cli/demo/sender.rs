//! A sender as a flow would be: signs, posts, and reads what became of it.

use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    super::sign::sign,
    PATIENCE,
    stage::{CONNECTION, Stage},
};

use crate::json;

/// What the service is asked to wait, in seconds.
const WAIT_S: u32 = 30;

pub(super) struct Sender {
    client: reqwest::Client,
    events: String,
    bangwo8: String,
    api_key: String,
    pub(super) key: [u8; 32],
    pub(super) key_before: [u8; 32],
}

/// An answer of the service.
pub(super) struct Answer {
    pub(super) http: u16,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl Sender {
    pub(super) fn new(stage: &Stage) -> reqwest::Result<Self> {
        Ok(Self {
            client: super::http_client(PATIENCE)?,
            events: format!("{}/v1/connections/{CONNECTION}/events", stage.url),
            bangwo8: stage.bangwo8.clone(),
            api_key: stage.secrets.key.clone(),
            key: stage.secrets.signing,
            key_before: stage.secrets.signing_before,
        })
    }

    /// Posts an event signed now, and waits until it is settled.
    pub(super) async fn send(&self, event: &Value) -> reqwest::Result<Answer> {
        self.post(event.to_string(), &self.key, Timestamp::now().as_second(), true).await
    }

    /// Posts an event signed now, without waiting for what becomes of it.
    pub(super) async fn hand_in(&self, event: &Value) -> reqwest::Result<Answer> {
        self.post(event.to_string(), &self.key, Timestamp::now().as_second(), false).await
    }

    /// Posts any bytes, signed by `key` as if at `second`.
    pub(super) async fn post(
        &self,
        body: String,
        key: &[u8],
        second: i64,
        wait: bool,
    ) -> reqwest::Result<Answer> {
        let id = format!("msg_{}", hex::encode(rand::random::<[u8; 8]>()));
        let request = self.client.post(&self.events).header("content-type", "application/json");
        let request = if wait { request.header("prefer", format!("wait={WAIT_S}")) } else { request };
        let signature = sign(key, &id, second, &body);
        let request = request
            .header("webhook-id", id)
            .header("webhook-timestamp", second)
            .header("webhook-signature", signature);
        answer(request.body(body)).await
    }

    /// What an operator sees of an event.
    pub(super) async fn record(&self, id: &str) -> reqwest::Result<Answer> {
        answer(self.client.get(format!("{}/{id}", self.events)).bearer_auth(&self.api_key)).await
    }

    /// The events of a lane as an operator lists them, newest first.
    pub(super) async fn events_of(&self, lane: &str) -> reqwest::Result<Vec<Value>> {
        let request = self.client.get(&self.events).query(&[("lane", lane)]).bearer_auth(&self.api_key);
        let page = answer(request).await?;
        Ok(page.body["events"].as_array().cloned().unwrap_or_default())
    }

    /// A call of a simulator's control endpoints.
    pub(super) async fn control(&self, vendor: &str, path: &str, body: &Value) -> reqwest::Result<Answer> {
        answer(self.client.post(format!("{vendor}/_sandbox/{path}")).json(body)).await
    }

    /// Everything that the Bangwo8 simulator holds.
    pub(super) async fn tickets(&self) -> reqwest::Result<Vec<Value>> {
        let state = answer(self.client.get(format!("{}/_sandbox/state", self.bangwo8))).await?;
        Ok(state.body["tickets"].as_array().cloned().unwrap_or_default())
    }

    /// Lets the next creations at the Bangwo8 simulator fail; `times` 0 is until `mend`.
    pub(super) async fn fault(&self, times: u32, fault: Value) -> reqwest::Result<Answer> {
        let rule = json!({ "method": "POST", "path": "/api/v1/tickets", "times": times, "fault": fault });
        answer(self.client.post(format!("{}/_sandbox/faults", self.bangwo8)).json(&rule)).await
    }

    /// Ends all planned faults.
    pub(super) async fn mend(&self) -> reqwest::Result<Answer> {
        answer(self.client.request(Method::DELETE, format!("{}/_sandbox/faults", self.bangwo8))).await
    }
}

async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let http = response.status().as_u16();
    let body = json::from_slice(&response.bytes().await?).unwrap_or_default();
    Ok(Answer { http, body })
}
