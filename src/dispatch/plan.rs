//! What is to be done with a claimed event. Pure.

use crate::{
    event::{Outcome, Reason},
    mapping::{Fields, Mapped, Refusal},
    store::Link,
};

/// What one attempt is to do.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    /// No call: it ends here.
    End(Outcome),
    /// A ticket is made, then replied to if there is a reply.
    Create { fields: Fields, reply: Option<String> },
    /// A ticket is changed if there is anything to change, then replied to if there is a reply.
    Update { target: String, fields: Fields, reply: Option<String> },
}

/// Decides by what the mapping says and by whether the ticket is known at the target.
pub(super) fn plan(mapped: &Result<Mapped, Refusal>, link: Option<&Link>) -> Plan {
    match (mapped, link) {
        (Err(refusal), _) => Plan::End(Outcome::Parked(Reason::new(refusal.code, refusal.to_string()))),
        (Ok(mapped), None) => create(mapped),
        (Ok(mapped), Some(link)) => update(mapped, link),
    }
}

fn create(mapped: &Mapped) -> Plan {
    if mapped.missing.is_empty() {
        return Plan::Create { fields: mapped.fields.or(&mapped.defaults), reply: mapped.reply.clone() };
    }
    let message = format!(
        "the ticket is not known at the target yet, and the event lacks what a new one needs ({}): \
         discard this event, send the whole ticket as ticket.created or ticket.updated, then this event again \
         under a new id",
        mapped.missing.join(", ")
    );
    Plan::End(Outcome::Parked(Reason::new("unknown_ticket", message)))
}

/// Newer data is never overwritten by older, but a reply is news however late it comes.
fn update(mapped: &Mapped, link: &Link) -> Plan {
    let stale = matches!((mapped.version, link.version), (Some(new), Some(applied)) if new < applied);
    let fields = if stale { Fields::default() } else { mapped.fields.clone() };
    match (fields.is_empty(), &mapped.reply, stale) {
        (true, None, true) => {
            let message = "the ticket at the target has newer data from the source already";
            Plan::End(Outcome::Skipped(Reason::new("stale", message)))
        }
        (true, None, false) => {
            let message = "the event has nothing that the target takes";
            Plan::End(Outcome::Skipped(Reason::new("nothing_to_apply", message)))
        }
        (_, reply, _) => Plan::Update { target: link.target_id.clone(), fields, reply: reply.clone() },
    }
}
