//! What a refusal must look like, and what it must not have done.

use super::{Answer, TestApp, send};

impl Answer {
    /// A problem document of this status and code, complete as RFC 9457 and the contract have it.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.str("/code")), (status, code), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!(self.json["status"], status, "{}", self.text);
        assert_eq!(self.str("/type"), format!("urn:deskbridge:problem:{code}"), "{}", self.text);
        assert!(!self.str("/title").is_empty() && !self.str("/detail").is_empty(), "{}", self.text);
    }

    /// The violations as `pointer keyword`, sorted.
    pub(crate) fn violations(&self) -> Vec<String> {
        let all = self.json["violations"].as_array().into_iter().flatten();
        let text = |v: &serde_json::Value, name: &str| v[name].as_str().expect("text").to_owned();
        assert!(all.clone().all(|v| !text(v, "message").is_empty()), "{}", self.text);
        let mut found: Vec<String> =
            all.map(|v| format!("{} {}", text(v, "pointer"), text(v, "keyword"))).collect();
        found.sort();
        found
    }
}

impl TestApp {
    /// The answer is this problem, nothing was stored and the target was not called.
    pub(crate) async fn assert_refused(&self, answer: &Answer, status: u16, code: &str) {
        answer.assert_problem(status, code);
        self.assert_untouched().await;
    }

    /// Nothing was ever stored, and the target saw no call at all.
    pub(crate) async fn assert_untouched(&self) {
        assert_eq!(self.get("/events").await.json["events"], serde_json::json!([]));
        let calls = send(self.client.get(format!("{}/_sandbox/requests", self.sandbox.bangwo8_url()))).await;
        assert_eq!(calls.json, serde_json::json!([]));
    }

    /// Every stored event as its id, newest first.
    pub(crate) async fn stored(&self) -> Vec<String> {
        let list = self.get("/events?limit=500").await;
        let events = list.json["events"].as_array().expect("a list of events");
        events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
    }
}
