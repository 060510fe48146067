//! `POST …/events`.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    error::PayloadError,
    http::header::{self, HeaderMap},
    web,
};
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tracing::Span;

use super::{
    Api, InForce, Scope, body, charset, observe, problem::Problem, query::pairs, records, room::Held,
};
use crate::{
    event::EventId,
    intake::{Attributes, Media, Receipt, SignatureHeaders, Unverified},
    store::{Record, Settled},
    telemetry,
};

/// The parameter by which the address says that a vendor's flat push is sent to it, and of which type.
const PUSH: &str = "type";
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
    let query = pairs(request);
    let unverified = Unverified {
        media: media(headers, &query)?,
        signature: signature(headers),
        key_shown: api.keys.shows(request, &connection, Scope::Ingest)?,
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
    // The body is on disk: while its sender waits, its room is for others.
    request.extensions_mut().remove::<Arc<Held>>();
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
    record.ok_or_else(|| Problem::unknown_event(api.retention_days))
}

/// A `type` in the query says that the body is a vendor's flat push, whose sender doesn't choose what it says of it.
pub(super) fn media(headers: &HeaderMap, query: &[(String, String)]) -> Result<Media, Problem> {
    if let Some((_, event_type)) = query.iter().find(|(name, _)| name == PUSH) {
        return Ok(Media::push(event_type)?);
    }
    charset::utf_8(headers)?;
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

/// The trace that an event's deliveries go on: of the span of its request where traces are exported, else of the caller,
/// or a new one, so that every event has one.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let own = telemetry::traceparent_of(&Span::current(), observe::traceparent(headers).as_deref());
    Some(own.unwrap_or_else(telemetry::new_traceparent))
}

/// `Prefer: wait=N` (RFC 7240, section 4.3), bounded. However many headers it came in, it is one list, and the first counts.
pub(super) fn wait_preference(headers: &HeaderMap) -> Option<Duration> {
    let lists: Vec<&str> = headers.get_all("prefer").filter_map(|list| list.to_str().ok()).collect();
    let preferences = lists.join(",").to_ascii_lowercase();
    let mut parts = preferences.split([',', ';']).map(str::trim);
    let seconds: u64 = parts.find_map(|part| part.strip_prefix("wait=")?.trim_matches('"').parse().ok())?;
    Some(Duration::from_secs(seconds.min(MAX_WAIT_S)))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

pub(super) fn unreadable(error: &actix_web::Error) -> Problem {
    body::problem(error.as_error::<PayloadError>().unwrap_or(&PayloadError::UnknownLength))
}
