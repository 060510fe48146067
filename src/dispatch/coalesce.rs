//! Whether an update needn't be sent because the next event of its lane, which waits already, brings all of it.
//! Creations, replies, and what the next one doesn't say again, are never left to it.

use super::{attempt::Attempt, failure::Failure, plan::Plan, prepare::mapped, version::Version, work::doubt};
use crate::{
    event::{Event, EventType, Outcome, Reason},
    mapping::{Change, CompanyChange, Fields, Mapped},
};

/// The end of a hint that is followed by another one: the later reading will see all that this one would.
pub(super) async fn hint(attempt: &Attempt<'_>) -> Result<Option<Outcome>, Failure> {
    let event = &attempt.claimed.event;
    if !may_be_left(attempt) || !event.hint || !is_update(event) {
        return Ok(None);
    }
    let next = next(attempt).await?;
    Ok(next.filter(|next| next.hint && is_update(next)).map(|next| superseded(&next)))
}

/// The end of an update that is followed by one that brings all of it.
pub(super) async fn update(
    attempt: &Attempt<'_>,
    told: &Mapped,
    plan: &Plan,
) -> Result<Option<Outcome>, Failure> {
    let event = &attempt.claimed.event;
    if !may_be_left(attempt) || event.hint || !is_update(event) || !only_writes(plan) {
        return Ok(None);
    }
    let Some(next) = next(attempt).await?.filter(|next| is_update(next) && !next.hint) else {
        return Ok(None);
    };
    // What is wrong with the next one is told when its turn comes.
    let Ok(later) = mapped(attempt, next.event_type, next.data()).await else { return Ok(None) };
    let (this, that) = (Version::of(told, event.version), Version::of(&later, next.version));
    // One that is stale itself would bring nothing.
    let applies = attempt.claimed.link.as_ref().is_some_and(|link| !that.is_older(link, 1));
    let all = applies && brings_all(&told.change, &later.change) && this.is_followed_by(that);
    Ok(all.then(|| superseded(&next)))
}

/// False of what might have been written by an attempt before, and of what may have to be made.
fn may_be_left(attempt: &Attempt<'_>) -> bool {
    let claimed = attempt.claimed;
    attempt.desk.coalesce && claimed.link.is_some() && doubt::since(&claimed.former).is_none()
}

fn is_update(event: &Event) -> bool {
    matches!(event.event_type, EventType::TicketUpdated | EventType::CompanyUpdated)
}

fn only_writes(plan: &Plan) -> bool {
    matches!(plan, Plan::UpdateTicket { .. } | Plan::UpdateCompany { .. })
}

async fn next(attempt: &Attempt<'_>) -> Result<Option<Event>, Failure> {
    let claimed = attempt.claimed;
    let next =
        attempt.store.next_in_lane(attempt.connection(), &claimed.event.lane, claimed.sequence).await?;
    Ok(next.map(|(_, event)| event))
}

fn superseded(next: &Event) -> Outcome {
    let message = format!("the next event of the lane, {}, is an update too and brings all of it", next.id);
    Outcome::Skipped(Reason::new("superseded", message))
}

/// True if whatever `change` would write, `later` writes as well.
fn brings_all(change: &Change, later: &Change) -> bool {
    match (change, later) {
        (Change::Ticket(change), Change::Ticket(later)) => {
            change.reply.is_none()
                && later.reply.is_none()
                && has_all(&later.write.fields, &change.write.fields)
                && has_company(later.company.as_ref(), change.company.as_ref())
        }
        (Change::Company(change), Change::Company(later)) => has_all(&later.fields, &change.fields),
        _ => false,
    }
}

fn has_company(later: Option<&CompanyChange>, company: Option<&CompanyChange>) -> bool {
    company.is_none_or(|company| {
        let same = later.filter(|later| later.source_id == company.source_id);
        same.is_some_and(|later| has_all(&later.write.fields, &company.write.fields))
    })
}

fn has_all(later: &Fields, fields: &Fields) -> bool {
    let later = later.digests();
    fields.digests().keys().all(|name| later.contains_key(name))
}
