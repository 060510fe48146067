//! What a ticket is now, read at the source: for a hint, which says only that something happened to it, and for an
//! update of a ticket that was never seen, which says too little to make it.

use std::borrow::Cow;

use super::{attempt::Attempt, failure::Failure};
use crate::udesk;

/// What the event says, or what the source says now if the event is a hint.
pub(super) async fn data<'a>(attempt: &Attempt<'a>) -> Result<Cow<'a, [u8]>, Failure> {
    let event = &attempt.claimed.event;
    if !event.hint {
        return Ok(Cow::Borrowed(event.data()));
    }
    match (source(attempt), event.lane.source_id().parse::<u64>()) {
        (None, _) => {
            let why = "the event is only a hint, and the connection has no source.api to read the ticket again: \
                       configure it, then replay the event";
            Err(Failure::Stuck("no_source_api", why.into()))
        }
        (Some(_), Err(_)) => {
            let why = "the ticket's id is no whole number, which is what Udesk's API asks for";
            Err(Failure::Stuck("unreadable_value", why.into()))
        }
        (Some(source), Ok(id)) => Ok(Cow::Owned(ticket(attempt, source, id).await?)),
    }
}

/// The whole ticket of the event; nothing if the source can't be asked.
pub(super) async fn whole(attempt: &Attempt<'_>) -> Result<Option<Vec<u8>>, Failure> {
    let id = attempt.claimed.event.lane.source_id().parse::<u64>();
    let (Some(source), Ok(id)) = (source(attempt), id) else { return Ok(None) };
    match ticket(attempt, source, id).await {
        Err(Failure::Source(udesk::Error::NotFound { .. })) => {
            let why = "the ticket is not known at the target yet, the event lacks what a new one needs, and the source \
                       says that it has no ticket of this id: discard the event, or correct the id and send it again \
                       under a new event id";
            Err(Failure::Stuck("unknown_at_source", why.into()))
        }
        read => read.map(Some),
    }
}

fn source<'a>(attempt: &Attempt<'a>) -> Option<&'a udesk::Client> {
    attempt.desk.source.as_ref().filter(|source| source.has_v1())
}

async fn ticket(attempt: &Attempt<'_>, source: &udesk::Client, id: u64) -> Result<Vec<u8>, Failure> {
    let v1 = source.v1();
    let read = attempt.calls.read(format!("/api/v1/tickets/{id}.json"), v1.ticket(id)).await;
    let ticket = read.map_err(Failure::Source)?.raw;
    let redacted = attempt.desk.redaction.without(ticket.get());
    Ok(redacted.unwrap_or_else(|| ticket.get().to_owned()).into_bytes())
}
