//! The reading calls.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{Response, redirect};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use super::{
    envelope::{Envelope, Page},
    error::Error,
    sign,
};

/// How to reach one Udesk tenant.
#[derive(Clone, Debug)]
pub struct Options {
    /// The tenant's address, e.g. `https://acme.udesk.cn`; a path prefix is kept.
    pub base_url: Url,
    /// The shared secret of family v1 (§1.1).
    pub v1_secret: SecretString,
    /// Time for one call from connecting to the last byte.
    pub timeout: Duration,
    /// The longest answer that is read.
    pub max_response_bytes: usize,
}

impl Options {
    /// Time for one call unless told otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(15);
    /// Longest answer unless told otherwise.
    pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

    /// Options with every limit at its default.
    pub fn new(base_url: Url, v1_secret: SecretString) -> Options {
        let (timeout, max_response_bytes) = (Options::TIMEOUT, Options::MAX_RESPONSE_BYTES);
        Options { base_url, v1_secret, timeout, max_response_bytes }
    }
}

/// One Udesk tenant; clones are cheap and share the connections.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    http: reqwest::Client,
    options: Options,
}

impl Client {
    /// Builds a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] for an address that is not http(s), or a TLS set-up that the machine refuses.
    pub fn new(options: Options) -> Result<Client, Error> {
        if !matches!(options.base_url.scheme(), "http" | "https") || !options.base_url.has_host() {
            let why = "the base URL must begin with https:// or http:// and a host";
            return Err(Error::Configuration { why, source: None });
        }
        // reqwest is built without a TLS provider; an error means that one is installed already, and it serves.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("deskbridge/", env!("CARGO_PKG_VERSION")))
            .timeout(options.timeout)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|source| Error::Configuration {
                why: "the HTTP client cannot start",
                source: Some(source),
            })?;
        Ok(Client(Arc::new(Shared { http, options })))
    }

    /// One page of all tickets; `page` counts from 1, `per_page` is 1 to 100 (§3.1).
    ///
    /// # Errors
    /// Any [`Error`]; [`Rejected`](Error::Rejected) for a page size out of range.
    pub async fn tickets_page(&self, page: u32, per_page: u32) -> Result<Page, Error> {
        let (page, per_page) = (page.to_string(), per_page.to_string());
        let path = "/api/v1/tickets.json";
        let envelope = self.get(path, &[("page", &page), ("per_page", &per_page)]).await?;
        let items = payload(path, envelope.contents)?;
        Ok(Page { items, total: envelope.total, total_pages: envelope.total_pages })
    }

    /// One ticket, byte for byte as the vendor sent it. `id` is the integer id, not the number that agents see
    /// (§8.4).
    ///
    /// # Errors
    /// Any [`Error`]; [`NotFound`](Error::NotFound) for a ticket that is gone.
    pub async fn ticket(&self, id: u64) -> Result<Box<RawValue>, Error> {
        let path = format!("/api/v1/tickets/{id}.json");
        let envelope = self.get(&path, &[]).await?;
        payload(&path, envelope.contents)
    }

    /// The definitions of the custom ticket fields, as the vendor sent them (§3.9; the path is not a slip).
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn ticket_fields(&self) -> Result<Vec<Box<RawValue>>, Error> {
        let path = "/api/v2/ticket_fields.json";
        let envelope = self.get(path, &[]).await?;
        payload(path, envelope.ticket_fields)
    }

    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Envelope, Error> {
        let options = &self.0.options;
        let mut url = options.base_url.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url.set_query(Some(&sign::v1_query(parameters, &options.v1_secret)));
        let call = format!("GET {path}");
        let response = self.0.http.get(url).send().await.map_err(|error| unavailable(&call, None, error))?;
        let status = response.status().as_u16();
        if status == 429 || status >= 500 {
            return Err(Error::Unavailable { call, status: Some(status), source: None });
        }
        let body = read_body(&call, response, options.max_response_bytes).await?;
        Envelope::read(&call, status, &body)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.options.base_url.host_str();
        formatter.debug_struct("Client").field("host", &host).finish_non_exhaustive()
    }
}

/// The part of the envelope that the call is about.
fn payload<T: DeserializeOwned>(path: &str, part: Option<Box<RawValue>>) -> Result<T, Error> {
    part.and_then(|part| serde_json::from_str(part.get()).ok()).ok_or_else(|| Error::BadAnswer {
        call: format!("GET {path}"),
        why: "it has not the documented payload",
    })
}

/// The body in memory, given up as soon as it is longer than the limit.
async fn read_body(call: &str, mut response: Response, limit: usize) -> Result<Vec<u8>, Error> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unavailable(call, Some(status), error))? {
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge { call: call.to_owned(), limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The URL is taken out of the error, since its query holds the signature.
fn unavailable(call: &str, status: Option<u16>, error: reqwest::Error) -> Error {
    Error::Unavailable { call: call.to_owned(), status, source: Some(error.without_url()) }
}
