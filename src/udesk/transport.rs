//! Sending: the limits, one signed exchange, a bounded answer.

use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{
    Method, RequestBuilder, Response,
    header::{ACCEPT, CONTENT_TYPE},
    multipart::{Form, Part},
};
use secrecy::ExposeSecret;
use tracing::Instrument;
use url::Url;

use super::{
    answer::{Answer, Head},
    client::Client,
    error::Error,
    request::{Body, Endpoint, Family, Operation, Request},
    sign,
};
use crate::call::{self, Ended};

/// What the one client whose upload can be seen calls its part (§5.1).
const FILE_PART: &str = "file";

impl Client {
    /// Sends a request and reads its answer. A signature that v2 refuses is made once more, with a new nonce
    /// and a new time (§6.3); nothing else is repeated.
    pub(super) async fn send<T>(
        &self,
        request: &Request,
        read: impl Fn(&Answer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let outcome = self.exchange(request, 0, &read).await;
        // What is refused for its signature was not carried out, so a write may be repeated too.
        if request.endpoint.family == Family::V2 && matches!(outcome, Err(Error::Unauthorized { .. })) {
            return self.exchange(request, 1, &read).await;
        }
        outcome
    }

    async fn exchange<T>(
        &self,
        request: &Request,
        resent: u32,
        read: impl Fn(&Answer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // The permit comes first: a rate slot that then waits for a permit would be spent at another time. The
        // semaphore is never closed, so there is always a permit to hold.
        let _permit = self.0.permits.acquire().await.ok();
        match request.endpoint.family {
            Family::V1 => self.0.v1_limiter.until_ready().await,
            Family::V2 => self.0.v2_limiter.until_ready().await,
        }
        let template = request.endpoint.template();
        let span = call::begin(request.endpoint.method, &self.0.options.base_url, &template, resent);
        async {
            let (started, mut status) = (Instant::now(), None);
            let outcome = self.deliver(request, &mut status, read).await;
            self.note(&request.endpoint, &template, status, started.elapsed(), outcome.as_ref().err());
            outcome
        }
        .instrument(span)
        .await
    }

    fn note(
        &self,
        endpoint: &Endpoint,
        template: &str,
        status: Option<u16>,
        duration: Duration,
        error: Option<&Error>,
    ) {
        let (method, code) = (endpoint.method, error.map_or("ok", Error::code));
        call::end(self.0.options.watch.as_deref(), &Ended { method, template, status, code, duration });
        let duration_ms = duration.as_millis();
        tracing::debug!(http.method = method, http.path = endpoint.path, duration_ms, code, "udesk call");
    }

    async fn deliver<T>(
        &self,
        request: &Request,
        status: &mut Option<u16>,
        read: impl Fn(&Answer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let sent = self.builder(request)?.send().await;
        let response = sent.map_err(|error| not_delivered(&request.endpoint, error))?;
        *status = Some(response.status().as_u16());
        let head = Head::new(&request.endpoint, response.status(), response.headers(), Timestamp::now());
        // The body is read before the status is judged, so that the connection can be used again.
        let body = read_body(&request.endpoint, response, self.0.options.max_response_bytes).await;
        match head.refusal() {
            Some(error) => Err(error),
            None => read(&head.answer(&body?)?),
        }
    }

    fn builder(&self, request: &Request) -> Result<RequestBuilder, Error> {
        let method = match request.endpoint.method {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            _ => Method::GET,
        };
        let builder = self.0.http.request(method, self.signed_url(request)?);
        let builder = builder.header(ACCEPT, "application/json");
        let own = call::traceparent(self.0.options.watch.as_deref());
        let builder = own.into_iter().fold(builder, |builder, own| builder.header("traceparent", own));
        Ok(match &request.body {
            Some(Body::Json(json)) => builder.header(CONTENT_TYPE, "application/json").body(json.clone()),
            Some(Body::File { name, content }) => {
                let part = Part::stream(content.clone()).file_name(name.clone());
                builder.multipart(Form::new().part(FILE_PART, part))
            }
            None => builder,
        })
    }

    fn signed_url(&self, request: &Request) -> Result<Url, Error> {
        let mut url = self.0.options.base_url.clone();
        url.set_path(&format!("{}{}", url.path().trim_end_matches('/'), request.endpoint.path));
        if request.endpoint.operation != Operation::LogIn {
            url.set_query(Some(&self.signed_query(request)?));
        }
        Ok(url)
    }

    fn signed_query(&self, request: &Request) -> Result<String, Error> {
        let options = &self.0.options;
        let missing = |why| Error::Configuration { why, source: None };
        match request.endpoint.family {
            Family::V1 => {
                let secret = options.v1_secret.as_ref();
                let secret = secret.ok_or_else(|| missing("a v1 call needs the shared secret"))?;
                Ok(sign::v1_query(&request.query, secret))
            }
            Family::V2 => {
                let credentials = options.v2.as_ref();
                let why = "a v2 call needs the administrator's e-mail and the API token";
                let credentials = credentials.ok_or_else(|| missing(why))?;
                let (now, nonce) = (Timestamp::now().as_second(), hex::encode(rand::random::<[u8; 16]>()));
                let email = credentials.email.expose_secret();
                Ok(sign::v2_query(&request.query, email, &credentials.token, now, &nonce))
            }
        }
    }
}

/// The body in memory, given up as soon as it is longer than the limit.
async fn read_body(endpoint: &Endpoint, mut response: Response, limit: usize) -> Result<Bytes, Error> {
    let too_large = || Error::TooLarge { call: endpoint.clone(), limit };
    let announced = response.content_length().unwrap_or_default();
    if announced > limit as u64 {
        return Err(too_large());
    }
    let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or_default());
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(endpoint, error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Only a failure to connect proves that nothing was sent. The URL is taken out of every error, since its query
/// holds the signature.
fn not_delivered(endpoint: &Endpoint, error: reqwest::Error) -> Error {
    if error.is_builder() {
        let source = Some(error.without_url());
        return Error::Configuration { why: "the request cannot be built", source };
    }
    if error.is_connect() {
        return Error::Unreachable { call: endpoint.clone(), source: error.without_url() };
    }
    unanswered(endpoint, error)
}

fn unanswered(endpoint: &Endpoint, error: reqwest::Error) -> Error {
    Error::Unanswered { call: endpoint.clone(), source: error.without_url() }
}
