//! `POST …/events`.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    error::PayloadError,
    http::header::{self, HeaderMap},
    web,
};
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use url::form_urlencoded;

use super::{Api, InForce, Scope, problem::Problem, records};
use crate::{
    event::EventId,
    intake::{Attributes, Media, Receipt, SignatureHeaders, Unverified},
    store::{Record, Settled},
    telemetry,
};

/// Longest wait that `Prefer: wait=N` is granted, in seconds.
const MAX_WAIT_S: u64 = 30;

/// Accepts one event; answers when it is on disk or, if asked to wait, when it is settled.
pub(super) async fn accept(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let answer = accepted(&api, &request, connection.into_inner(), body).await;
    answer.inspect_err(|problem| api.metrics.refused(problem.code()))
}

async fn accepted(
    api: &Api,
    request: &HttpRequest,
    connection: String,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    let query = query(request);
    let unverified = Unverified {
        media: media(headers, &query)?,
        signature: signature(headers),
        key_shown: api.keys.shows(request, &connection, Scope::Ingest),
        traceparent: traceparent(headers),
        body: body.map_err(|error| unreadable(&error))?,
        connection: connection.clone(),
        query,
    };
    if unverified.media == Media::Batch {
        return batch(api, unverified).await;
    }
    let wait = wait_preference(headers);
    let settlements = wait.map(|_| api.store.settlements());
    let receipt = api.intake.accept(unverified).await?;
    api.metrics.accepted(&connection, receipt.duplicate);
    if let (Some(wait), Some(settlements)) = (wait, settlements) {
        let settled = settled(api, &connection, &receipt, settlements);
        if let Some(record) = tokio::time::timeout(wait, settled).await.unwrap_or(Ok(None))? {
            let applied = ("preference-applied", format!("wait={}", wait.as_secs()));
            let record = records::Record::read(api, record).await?;
            return Ok(HttpResponse::Ok().insert_header(applied).json(record));
        }
    }
    let answer = Accepted::from_receipt(&connection, &receipt);
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, answer.href.clone())).json(answer))
}

/// A batch is answered as soon as it is on disk, however long its sender would wait.
async fn batch(api: &Api, request: Unverified) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct Batch {
        results: Vec<Accepted>,
    }
    let connection = request.connection.clone();
    let receipts = api.intake.accept_batch(request).await?;
    receipts.iter().for_each(|receipt| api.metrics.accepted(&connection, receipt.duplicate));
    let results = receipts.iter().map(|receipt| Accepted::from_receipt(&connection, receipt)).collect();
    Ok(HttpResponse::Accepted().json(Batch { results }))
}

#[derive(Serialize)]
struct Accepted {
    id: String,
    sequence: i64,
    status: &'static str,
    lane: String,
    href: String,
}

impl Accepted {
    fn from_receipt(connection: &str, receipt: &Receipt) -> Self {
        Self {
            id: receipt.id.to_string(),
            sequence: receipt.sequence,
            status: if receipt.duplicate { "duplicate" } else { "accepted" },
            lane: receipt.lane.to_string(),
            href: records::href(connection, &receipt.id),
        }
    }
}

/// The record, once the event is settled; none if the service stops before. Listens first, looks then: no
/// settlement can slip through between.
async fn settled(
    api: &Api,
    connection: &str,
    receipt: &Receipt,
    mut settlements: Receiver<Settled>,
) -> Result<Option<Record>, Problem> {
    loop {
        let last = api.idle.is_cancelled();
        let record = look(api, connection, &receipt.id).await?;
        if record.summary.status.is_settled() {
            return Ok(Some(record));
        }
        if last {
            return Ok(None);
        }
        tokio::select! {
            () = heard_of(receipt.sequence, &mut settlements) => {}
            () = api.idle.cancelled() => {}
        }
    }
}

async fn heard_of(sequence: i64, settlements: &mut Receiver<Settled>) {
    loop {
        match settlements.recv().await {
            Ok(settled) if settled.sequence == sequence => return,
            Ok(_) => {}
            // Too slow to hear everything: look.
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

async fn look(api: &Api, connection: &str, id: &EventId) -> Result<Record, Problem> {
    let record = api.store.event(connection, id).await?;
    record.ok_or_else(|| Problem::new("unknown_event", "the event is gone"))
}

/// The query's parameters, decoded.
pub(super) fn query(request: &HttpRequest) -> Vec<(String, String)> {
    form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect()
}

/// A `type` in the query says that the body is a vendor's flat push.
pub(super) fn media(headers: &HeaderMap, query: &[(String, String)]) -> Result<Media, Problem> {
    if let Some((_, event_type)) = query.iter().find(|(name, _)| name == "type") {
        return Ok(Media::push(event_type)?);
    }
    let content_type = text(headers, "content-type").unwrap_or_default();
    Ok(Media::parse(&content_type, attributes(headers))?)
}

/// The `ce-` headers of a CloudEvent in binary mode.
fn attributes(headers: &HeaderMap) -> Attributes {
    let attribute = |name: &str| name.strip_prefix("ce-").map(str::to_owned);
    headers
        .iter()
        .filter_map(|(name, value)| Some((attribute(name.as_str())?, value.as_bytes().to_vec())))
        .collect()
}

fn signature(headers: &HeaderMap) -> SignatureHeaders {
    SignatureHeaders {
        id: text(headers, "webhook-id"),
        timestamp: text(headers, "webhook-timestamp"),
        signatures: text(headers, "webhook-signature"),
    }
}

/// The caller's trace, or a new one, so that every event has one.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let given = text(headers, "traceparent").filter(|given| telemetry::valid_traceparent(given).is_some());
    Some(given.unwrap_or_else(telemetry::new_traceparent))
}

/// `Prefer: wait=N` (RFC 7240, section 4.3), bounded.
pub(super) fn wait_preference(headers: &HeaderMap) -> Option<Duration> {
    let preferences = text(headers, "prefer")?.to_ascii_lowercase();
    let mut parts = preferences.split([',', ';']).map(str::trim);
    let seconds: u64 = parts.find_map(|part| part.strip_prefix("wait=")?.trim_matches('"').parse().ok())?;
    Some(Duration::from_secs(seconds.min(MAX_WAIT_S)))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

pub(super) fn unreadable(error: &actix_web::Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => {
            Problem::new("payload_too_large", "the body is larger than DESKBRIDGE_MAX_BODY_BYTES allows")
        }
        _ => Problem::new("invalid_body", "the body broke off, or its length or encoding is wrong"),
    }
}
