//! `GET …/ticketviews/stream`: news of views as server-sent events (HTML standard, "Server-sent events").
//!
//! Promises: `id` is where a reader may go on, always: whoever comes back with the last one it saw misses nothing. A
//! stream ends when the service stops, when its key or its connection is taken away, and when its reader is gone.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName},
    web::{self, Bytes},
};
use arc_swap::ArcSwap;
use futures_util::stream;
use serde::Serialize;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use super::{Answer, changes::code, token};
use crate::{
    http::{Api, Scope, events::known_connection, keys::KeyId, problem::Problem, query::Query},
    ticketview::{Batch, Listener, Told},
};

/// Time between two signs of life. Proxies cut what is silent for a minute, some for half of one.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// What a browser waits before it comes back, in milliseconds.
const RETRY_MS: u32 = 3000;
/// No id.
const NOTHING: i64 = -1;
/// 200 and no end.
pub(in crate::http) async fn stream(
    api: web::Data<ArcSwap<Api>>,
    request: HttpRequest,
    connection: web::Path<String>,
) -> Answer {
    let in_force = api.load_full();
    let query = Query::read(&request, &["views", "last_event_id", "token"])?;
    let key = opened(&in_force, &request, &connection, query.text("token").as_deref())?;
    known_connection(&in_force, &connection)?;
    let views = query.ids("views")?.map(|ids| ids.into_iter().collect());
    let since = since(&request, &query)?;
    let place = in_force.streams.clone().try_acquire_owned().map_err(|_| Problem::too_many_streams())?;
    let listener = in_force.views.listen(&connection, views, since).await?;
    let ended = in_force.ended.clone();
    let connection = connection.into_inner();
    let open = Open { api, ended, key, connection, told: NOTHING, listener, beat: beat(), _place: place };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Or nginx would collect events until its buffer is full.
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(stream::unfold(Some(open), Open::step)))
}

/// The key, shown by itself or by a token of its own.
fn opened(api: &Api, request: &HttpRequest, connection: &str, token: Option<&str>) -> Result<KeyId, Problem> {
    let key = match token {
        Some(token) if !request.headers().contains_key(header::AUTHORIZATION) => {
            token::holder(api, token, connection)?
        }
        _ => api.keys.require(request, connection, Scope::Read)?,
    };
    Ok(key.id())
}

/// A browser that comes back says by header how far it came, and by address still what the page once said. A header that is no
/// number was not given out: its reader is told so by the stream, for a browser gives up at any other answer than 200.
fn since(request: &HttpRequest, query: &Query) -> Result<Option<i64>, Problem> {
    let header = request.headers().get("last-event-id").filter(|id| !id.is_empty());
    if let Some(id) = header {
        let known = id.to_str().ok().and_then(|id| id.parse::<u64>().ok());
        return Ok(Some(known.and_then(|id| i64::try_from(id).ok()).unwrap_or(i64::MAX)));
    }
    if query.text("last_event_id").is_some_and(|id| id.is_empty()) {
        return Ok(None);
    }
    let cursor = query.number("last_event_id", 0..=u64::MAX)?;
    Ok(cursor.map(|cursor| i64::try_from(cursor).unwrap_or(i64::MAX)))
}

fn beat() -> Interval {
    let mut beat = interval(HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Its first tick would be now.
    beat.reset();
    beat
}

/// A stream that somebody reads.
struct Open {
    api: web::Data<ArcSwap<Api>>,
    /// Cancelled when what was in force as it was last looked at is no longer.
    ended: CancellationToken,
    key: KeyId,
    connection: String,
    listener: Listener,
    /// The last id that was sent.
    told: i64,
    beat: Interval,
    _place: OwnedSemaphorePermit,
}

/// Why a stream goes on.
enum Woken {
    Replaced,
    Stirred,
    Beat,
}

impl Open {
    /// The next bytes, whenever they come.
    async fn step(open: Option<Self>) -> Option<(Result<Bytes, Infallible>, Option<Self>)> {
        let mut open = open?;
        if open.told == NOTHING {
            let greeting = format!("retry: {RETRY_MS}\n{}", open.heartbeat());
            return Some((Ok(Bytes::from(greeting)), Some(open)));
        }
        loop {
            let text = match open.woken().await {
                Woken::Replaced => {
                    open = open.under_what_is_in_force()?;
                    continue;
                }
                Woken::Beat => open.heartbeat(),
                Woken::Stirred => open.hear().await?,
            };
            if !text.is_empty() {
                return Some((Ok(Bytes::from(text)), Some(open)));
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        tokio::select! {
            () = self.ended.cancelled() => Woken::Replaced,
            () = self.listener.stirred() => Woken::Stirred,
            _ = self.beat.tick() => Woken::Beat,
        }
    }

    /// Nothing if the service stops, or the key or the connection was taken away.
    fn under_what_is_in_force(mut self) -> Option<Self> {
        let api = self.api.load_full();
        let may = api.keys.permit(self.key, &self.connection, Scope::Read).is_ok();
        if !may || api.ended.is_cancelled() {
            return None;
        }
        self.listener = self.listener.under(&api.views).ok()?;
        self.ended = api.ended.clone();
        Some(self)
    }

    /// A comment; with an id where there was news that this reader didn't ask for, so that it is not gone through again.
    fn heartbeat(&mut self) -> String {
        let cursor = self.listener.cursor();
        let news = std::mem::replace(&mut self.told, cursor) != cursor;
        if news { format!(":\nid: {cursor}\n\n") } else { ":\n\n".to_owned() }
    }

    /// Nothing when the store fails: the reader comes back.
    async fn hear(&mut self) -> Option<String> {
        match self.listener.hear().await {
            Ok(Told::News(batch)) => Some(self.news(&batch)),
            Ok(Told::Anew { cursor, why }) => {
                self.told = cursor;
                Some(reset(cursor, code(&why), &why.to_string()))
            }
            Err(error) => {
                tracing::warn!(connection = self.connection, %error, "a stream of ticket views broke off");
                None
            }
        }
    }

    fn news(&mut self, batch: &Batch) -> String {
        let wanted: Vec<_> = batch.news.iter().filter(|news| self.listener.wants(&news.view)).collect();
        let mut text = String::new();
        for (left, news) in (0..wanted.len()).rev().zip(wanted) {
            let id = if left == 0 { Some(batch.to) } else { Some(news.cursor).filter(|_| batch.stepwise) };
            if let Some(id) = id {
                self.told = id;
                text.push_str(&format!("id: {id}\n"));
            }
            text.push_str(&format!("event: ticketview\ndata: {}\n\n", String::from_utf8_lossy(&news.data)));
        }
        text
    }
}

/// Says that everything is to be read anew.
fn reset(cursor: i64, code: &str, detail: &str) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        cursor: i64,
        code: &'a str,
        detail: &'a str,
    }
    let data = serde_json::to_string(&Data { cursor, code, detail }).unwrap_or_default();
    format!("id: {cursor}\nevent: reset\ndata: {data}\n\n")
}
