//! One attempt at a subscriber: the event's own bytes, signed and posted.

use super::{
    deliver::Done,
    failure::{Failure, failed},
    prepare::interrupted,
    turn::Turn,
    work::{called, digest},
};
use crate::{
    event::{Outcome, TargetRef},
    store::Claimed,
    webhook::{Call, Message, Subscriber},
};

/// What a delivered event's record names as its target.
const KIND: &str = "message";

/// Takes no longer than [`crate::webhook::TIMEOUT`].
pub(super) async fn deliver(turn: &Turn<'_>, subscriber: &Subscriber, traceparent: Option<String>) -> Done {
    if let Some(end) = interrupted(turn.claimed) {
        return done(end, &[]);
    }
    let id = message_id(turn.claimed);
    let (body, traceparent) = (&turn.claimed.event.body, traceparent.as_deref());
    let (call, sent) = called(subscriber.send(Message { id: &id, body, traceparent })).await;
    let outcome = match sent {
        Ok(()) => Outcome::Delivered(TargetRef { kind: KIND.to_owned(), id }),
        Err(error) => failed(turn, &Failure::Message(error)),
    };
    turn.ended(call.status.is_some());
    done(outcome, &[call])
}

fn done(outcome: Outcome, calls: &[Call]) -> Done {
    Done {
        outcome,
        calls: serde_json::to_string(calls).unwrap_or_else(|_| "[]".to_owned()),
        links: Vec::new(),
        ignored: Vec::new(),
        answered: Vec::new(),
        mapping: None,
    }
}

/// The same for every attempt at an event, so that the receiver knows it again; another once an operator has asked for
/// a new one. With its time, since a new store counts from one.
fn message_id(claimed: &Claimed) -> String {
    let time = claimed.event.time.map(|time| time.to_string()).unwrap_or_default();
    format!("msg_{}", digest(claimed, &[claimed.event.id.as_str(), &time]))
}
