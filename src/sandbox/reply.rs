//! One answer of a simulator, before it becomes HTTP.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::Value;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// `None` sends no body; a JSON string is sent as plain text, so that a fault can send broken JSON.
    pub(crate) body: Option<Value>,
    /// What the request changed, for the request log.
    pub(crate) effect: Option<Value>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body), effect: None }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None, effect: None }
    }

    pub(crate) fn with_header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    pub(crate) fn with_effect(mut self, effect: Value) -> Self {
        self.effect = Some(effect);
        self
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        match self.body {
            None => send(&mut response, &self.headers, None, String::new()),
            Some(Value::String(text)) => send(&mut response, &self.headers, Some(HTML), text),
            Some(value) => send(&mut response, &self.headers, Some(JSON), value.to_string()),
        }
    }
}

/// Headers of the reply come last, so that they may replace the content type.
fn send(
    response: &mut HttpResponseBuilder,
    headers: &[(String, String)],
    content_type: Option<&str>,
    body: String,
) -> HttpResponse {
    if let Some(content_type) = content_type {
        response.insert_header(("content-type", content_type));
    }
    for (name, value) in headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    response.body(body)
}
