//! A simulated answer before it becomes HTTP.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use serde_json::Value;

use super::delivery::{Content, Delivery};

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// What a vendor's front server shows while the service behind it is away.
const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>系统维护中</title></head>\n\
    <body><h1>系统维护中</h1><p>服务正在升级,请稍后再试。</p></body></html>\n";

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// `None` sends no body; a JSON string is sent as plain text, so that a fault can send broken JSON.
    pub(crate) body: Option<Value>,
    /// What is sent instead of the body, if it is not JSON.
    content: Option<Content>,
    /// What the request changed, for the request log.
    pub(crate) effect: Option<Value>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { body: Some(body), ..Self::empty(status) }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None, content: None, effect: None }
    }

    /// 503 with a page of HTML.
    pub(crate) fn maintenance() -> Self {
        Self::json(503, Value::String(MAINTENANCE.to_owned()))
    }

    /// 429 with a small JSON body, and `Retry-After` if a number of seconds is given.
    pub(crate) fn too_many_requests(retry_after_s: Option<u32>) -> Self {
        let reply = Self::json(429, serde_json::json!({"error": "too many requests"}));
        match retry_after_s {
            Some(seconds) => reply.with_header("retry-after", seconds.to_string()),
            None => reply,
        }
    }

    /// A JSON object of so many bytes.
    pub(crate) fn repeating(bytes: u64) -> Self {
        let reply = Self { content: Some(Content::Repeated(bytes)), ..Self::empty(200) };
        reply.with_header("content-type", JSON.to_owned())
    }

    /// The bytes of a file.
    pub(crate) fn file(bytes: Bytes) -> Self {
        let reply = Self { content: Some(Content::Whole(bytes)), ..Self::empty(200) };
        reply.with_header("content-type", "application/octet-stream".to_owned())
    }

    /// The same with other headers.
    pub(crate) fn with_headers(mut self, headers: Vec<(String, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }

    /// The same with a `Date`, which another one among the headers replaces.
    pub(crate) fn dated(mut self, date: String) -> Self {
        self.headers.insert(0, ("date".to_owned(), date));
        self
    }

    pub(crate) fn with_effect(mut self, effect: Value) -> Self {
        self.effect = Some(effect);
        self
    }

    pub(crate) fn into_response(self, delivery: Delivery) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        let (content_type, text) = match self.body {
            None => (None, String::new()),
            Some(Value::String(text)) => (Some(HTML), text),
            Some(value) => (Some(JSON), value.to_string()),
        };
        if let Some(content_type) = content_type {
            response.insert_header(("content-type", content_type));
        }
        // Headers of the reply come last, so that they may replace the content type.
        for (name, value) in &self.headers {
            response.insert_header((name.as_str(), value.as_str()));
        }
        let content = self.content.unwrap_or_else(|| Content::Whole(Bytes::from(text)));
        delivery.send(&mut response, content)
    }
}
