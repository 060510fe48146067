//! Sending: the two limits, one exchange, a bounded answer, and the record of it.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::{
    RequestBuilder, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    multipart::Form,
};
use tracing::Instrument;

use super::{
    answer::{Answer, Head},
    client::Client,
    error::Error,
    network::Obstacle,
    recording::Call,
    request::{Body, Endpoint, Method, Request},
    turns::Urgency,
};
use crate::call::{self, Ended};

impl Client {
    /// Sends a request as the tenant and reads its answer; a refused token is renewed once.
    pub(super) async fn send<T>(
        &self,
        request: &Request<'_>,
        read: impl Fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if request.endpoint.is_ambiguous() {
            return Err(Error::NotFound { call: request.endpoint.clone() });
        }
        let authorization = self.authorization().await?;
        let first = self.exchange(request, &authorization, 0, &read).await;
        if !matches!(first, Err(Error::Unauthorized { .. })) {
            return first;
        }
        match self.renewed_authorization(&authorization).await? {
            Some(fresh) => self.exchange(request, &fresh, 1, &read).await,
            None => first,
        }
    }

    /// One HTTP call within the limits, noted with what came of it, reading included; `resent` is how often it was made
    /// before.
    pub(super) async fn exchange<T>(
        &self,
        request: &Request<'_>,
        authorization: &HeaderValue,
        resent: u32,
        read: impl Fn(&Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _turn = self.shared.turns.take(self.urgency_of(request)).await;
        let template = request.endpoint.template();
        let span = call::begin(request.endpoint.method.as_str(), &self.shared.base_url, &template, resent);
        async {
            let started = Instant::now();
            let response = self.deliver(request, authorization).await;
            let status = response.as_ref().ok().map(|response| response.status().as_u16());
            let outcome = match response {
                Ok(response) => {
                    self.receive(&request.endpoint, response).await.and_then(|answer| read(&answer))
                }
                Err(error) => Err(error),
            };
            self.note(&request.endpoint, &template, status, started.elapsed(), outcome.as_ref().err());
            outcome
        }
        .instrument(span)
        .await
    }

    /// A token is for every handle of the client, whoever fetches it: others may wait for it already.
    fn urgency_of(&self, request: &Request<'_>) -> Urgency {
        if matches!(request.body, Body::TokenForm) { Urgency::Foreground } else { self.urgency }
    }

    async fn deliver(&self, request: &Request<'_>, authorization: &HeaderValue) -> Result<Response, Error> {
        self.builder(request, authorization)
            .send()
            .await
            .map_err(|error| not_delivered(&request.endpoint, error))
    }

    fn builder(&self, request: &Request<'_>, authorization: &HeaderValue) -> RequestBuilder {
        let mut url = self.shared.base_url.clone();
        url.set_path(&format!("{}{}", url.path().trim_end_matches('/'), request.endpoint.path));
        let mut builder = self
            .shared
            .http
            .request(request.endpoint.method.into(), url)
            .query(&request.query.0)
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json");
        if let Some(id) = request.request_id {
            builder = builder.header("Requestid", id.as_str());
        }
        let own = call::traceparent(self.shared.watch.as_deref());
        if let Some(traceparent) =
            own.and_then(|own| own.try_into().ok()).or_else(|| self.traceparent.clone())
        {
            builder = builder.header("traceparent", traceparent);
        }
        match &request.body {
            Body::Empty => builder,
            Body::Json(json) => builder.header(CONTENT_TYPE, "application/json").body(json.clone()),
            Body::Raw { media_type, bytes } => builder.header(CONTENT_TYPE, *media_type).body(bytes.clone()),
            Body::TokenForm => builder.multipart(Form::new().text("grant_type", "client_credentials")),
        }
    }

    async fn receive(&self, endpoint: &Endpoint, response: Response) -> Result<Answer, Error> {
        let head = Head::new(endpoint, response.status(), response.headers(), Timestamp::now());
        if let Some(seconds) = head.clock_ahead_s {
            self.shared.clock_ahead_s.store(seconds, Ordering::Relaxed);
        }
        // The body is read before the status is judged, so that the connection can be used again.
        let body = read_body(endpoint, response, self.shared.max_response_bytes).await;
        match head.refusal() {
            Some(error) => Err(error),
            None => head.answer(&body?),
        }
    }

    fn note(
        &self,
        endpoint: &Endpoint,
        template: &str,
        status: Option<u16>,
        duration: Duration,
        error: Option<&Error>,
    ) {
        let code = error.map_or("ok", Error::code);
        let method = endpoint.method.as_str();
        call::end(self.shared.watch.as_deref(), &Ended { method, template, status, code, duration });
        tracing::debug!(
            http.method = method,
            http.path = endpoint.path,
            http.status = status,
            duration_ms = duration.as_millis(),
            code,
            "bangwo8 call"
        );
        if let Some(recording) = &self.recording {
            let path = endpoint.path.clone();
            recording.note(Call { method, path, status, duration, code });
        }
    }
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> reqwest::Method {
        match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        }
    }
}

/// The body in memory, given up as soon as it is longer than the limit.
async fn read_body(endpoint: &Endpoint, mut response: Response, limit: usize) -> Result<Bytes, Error> {
    let too_large = || Error::TooLarge { call: endpoint.clone(), limit };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(endpoint, error))? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Only a failure to connect proves that nothing was sent.
fn not_delivered(endpoint: &Endpoint, error: reqwest::Error) -> Error {
    if error.is_builder() {
        return Error::Configuration {
            why: "the request cannot be built",
            source: Some(error.without_url()),
        };
    }
    if error.is_connect() {
        let (call, obstacle) = (endpoint.clone(), Obstacle::of(&error));
        return Error::Unreachable { call, obstacle, source: error.without_url() };
    }
    unanswered(endpoint, error)
}

fn unanswered(endpoint: &Endpoint, error: reqwest::Error) -> Error {
    let (call, in_time) = (endpoint.clone(), !error.is_timeout());
    let source = error.without_url();
    if in_time { Error::Unanswered { call, source } } else { Error::TimedOut { call, source } }
}
