//! One request as the simulators see it.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use serde_json::Value;
use url::form_urlencoded;

use crate::json;

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    /// As received: still percent-encoded, because one vendor signs it.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Scheme and host the caller used; absolute links in answers start with it.
    pub(crate) base_url: String,
}

impl Call {
    pub(crate) fn new(request: &HttpRequest, body: Bytes) -> Self {
        let host = request.connection_info().host().to_owned();
        Self {
            method: request.method().as_str().to_owned(),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
            headers: request.headers().clone(),
            body,
            base_url: format!("http://{host}"),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All query parameters, decoded, in the order received.
    pub(crate) fn params(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// A query parameter, decoded; an empty one counts as absent.
    pub(crate) fn param(&self, name: &str) -> Option<String> {
        self.params()
            .into_iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value)
    }

    /// A query parameter that is a number of at least 1.
    pub(crate) fn positive(&self, name: &str) -> Option<usize> {
        self.param(name)?.parse().ok().filter(|number| *number >= 1)
    }

    pub(crate) fn json(&self) -> Option<Value> {
        json::from_slice(&self.body).ok()
    }

    /// The lower-case media type, without parameters such as `charset`.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        value.split(';').next().map(|kind| kind.trim().to_ascii_lowercase())
    }
}
