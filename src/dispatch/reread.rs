//! A hint says only that something happened to an entity: what it is now is read at the source.

use std::{borrow::Cow, time::Instant};

use serde::Serialize;

use super::{Target, failure::Failure};
use crate::{event::Event, udesk};

/// The source's data of an event, and the call that was made for it, if one was.
pub(super) struct Data<'a> {
    pub(super) json: Result<Cow<'a, [u8]>, Failure>,
    pub(super) call: Option<SourceCall>,
}

/// A call to the source, in the words of the target's recorded calls.
#[derive(Debug, Serialize)]
pub(super) struct SourceCall {
    method: &'static str,
    path: String,
    status: Option<u16>,
    duration_ms: u128,
    code: &'static str,
}

/// What the event says, or what the source says now if the event is a hint.
pub(super) async fn data<'a>(target: &Target, event: &'a Event) -> Data<'a> {
    if !event.hint {
        return Data { json: Ok(Cow::Borrowed(event.data())), call: None };
    }
    match (&target.source, event.lane.source_id().parse::<u64>()) {
        (None, _) => {
            let why = "the event is only a hint, and the connection has no source.api to read the ticket again: \
                       configure it, then replay the event";
            Data { json: Err(Failure::Stuck("no_source_api", why.into())), call: None }
        }
        (Some(_), Err(_)) => {
            let why = "the ticket's id is no whole number, which is what Udesk's API asks for";
            Data { json: Err(Failure::Stuck("unreadable_value", why.into())), call: None }
        }
        (Some(source), Ok(id)) => ticket(source, id).await,
    }
}

async fn ticket(source: &udesk::Client, id: u64) -> Data<'static> {
    let started = Instant::now();
    let read = source.v1().ticket(id).await;
    let call = SourceCall {
        method: "GET",
        path: format!("/api/v1/tickets/{id}.json"),
        status: read.as_ref().ok().map(|_| 200),
        duration_ms: started.elapsed().as_millis(),
        code: read.as_ref().err().map_or("ok", udesk::Error::code),
    };
    let json = read.map(|ticket| Cow::Owned(ticket.raw.get().as_bytes().to_vec())).map_err(Failure::Source);
    Data { json, call: Some(call) }
}
