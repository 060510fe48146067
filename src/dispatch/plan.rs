//! What is to be done with a claimed event. Pure.

use super::written::Written;
use crate::{
    event::{Outcome, Reason},
    mapping::{Change, Fields, Mapped, OptionsChange, Refusal, Reply, Write},
    store::Link,
};

/// What one attempt is to do.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    /// No call: it ends here.
    End(Outcome),
    /// No call: the target has what the source has.
    Unchanged,
    /// A ticket is made, then replied to if there is a reply.
    CreateTicket { fields: Fields, reply: Option<Reply> },
    /// A ticket is changed if there is anything to change, then replied to if there is a reply.
    UpdateTicket { target: String, fields: Fields, reply: Option<Reply> },
    /// The company of exactly this name is changed, or made if there is none.
    UpsertCompany { name: String, fields: Fields, new: Fields },
    /// A company is changed.
    UpdateCompany { target: String, fields: Fields },
    /// The choices of a field are changed.
    Options(OptionsChange),
}

/// What the event's data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// What the sender says.
    Told,
    /// What the source says now, because of a hint. It does nothing if it equals what was last written: the hint may
    /// have been the echo of a write.
    Reread,
    /// The same after an attempt that may have written something else.
    RereadInDoubt,
}

/// Decides by what the mapping says and by what is known of the entity at the target.
pub(super) fn plan(mapped: &Result<Mapped, Refusal>, link: Option<&Link>, origin: Origin) -> Plan {
    let mapped = match mapped {
        Ok(mapped) => mapped,
        Err(refusal) => {
            return Plan::End(Outcome::Parked(Reason::new(refusal.code, refusal.to_string())));
        }
    };
    let known = link.map(|link| Known { link, stale: is_stale(mapped.version, link, origin), origin });
    match (&mapped.change, known) {
        (Change::Ticket(change), None) => create_ticket(&change.write, change.reply.as_ref()),
        (Change::Ticket(change), Some(known)) => update_ticket(&change.write, change.reply.as_ref(), &known),
        (Change::Company(write), None) => upsert_company(write),
        (Change::Company(write), Some(known)) => match known.news(write) {
            News::Fields(fields) => Plan::UpdateCompany { target: known.link.target_id.clone(), fields },
            News::None(plan) => plan,
        },
        (Change::Options(_), Some(known)) if known.stale => skip(stale()),
        (Change::Options(options), _) => Plan::Options(options.clone()),
    }
}

/// An entity that has its counterpart at the target.
struct Known<'a> {
    link: &'a Link,
    stale: bool,
    origin: Origin,
}

/// What there is to write of an entity's own fields.
enum News {
    Fields(Fields),
    /// Nothing, and this is what it comes to if there is nothing else to do.
    None(Plan),
}

impl Known<'_> {
    /// Newer data is never overwritten by older.
    fn news(&self, write: &Write) -> News {
        let echo = self.origin == Origin::Reread && Written::of(self.link).covers(&write.fields);
        match (self.stale, write.fields.is_empty(), echo) {
            (true, ..) => News::None(skip(stale())),
            (_, true, _) => News::None(skip(nothing())),
            (.., true) => News::None(Plan::Unchanged),
            _ => News::Fields(write.fields.clone()),
        }
    }
}

/// What was read again is compared by the second: one family of the source's API counts no finer, so that a reading
/// can look older than what was told of the same change.
fn is_stale(version: Option<i64>, link: &Link, origin: Origin) -> bool {
    let grain = if origin == Origin::Told { 1 } else { 1000 };
    matches!((version, link.version), (Some(new), Some(applied)) if new / grain < applied / grain)
}

fn stale() -> Reason {
    Reason::new("stale", "the target has newer data from the source already")
}

fn nothing() -> Reason {
    Reason::new("nothing_to_apply", "the event has nothing that the target takes")
}

fn skip(reason: Reason) -> Plan {
    Plan::End(Outcome::Skipped(reason))
}

fn create_ticket(write: &Write, reply: Option<&Reply>) -> Plan {
    if write.fields.is_empty() && reply.is_none() {
        return skip(nothing());
    }
    if write.missing.is_empty() {
        return Plan::CreateTicket { fields: write.fields.or(&write.defaults), reply: reply.cloned() };
    }
    let message = format!(
        "the ticket is not known at the target yet, and the event lacks what a new one needs ({}): \
         discard this event, send the whole ticket as ticket.created or ticket.updated, then this event again \
         under a new id",
        write.missing.join(", ")
    );
    Plan::End(Outcome::Parked(Reason::new("unknown_ticket", message)))
}

/// A reply is news however late it comes.
fn update_ticket(write: &Write, reply: Option<&Reply>, known: &Known<'_>) -> Plan {
    let target = known.link.target_id.clone();
    match (known.news(write), reply) {
        (News::Fields(fields), reply) => Plan::UpdateTicket { target, fields, reply: reply.cloned() },
        (News::None(_), Some(reply)) => {
            Plan::UpdateTicket { target, fields: Fields::default(), reply: Some(reply.clone()) }
        }
        (News::None(plan), None) => plan,
    }
}

/// Companies have names that the target keeps apart, so one that is not linked yet is found by its name.
fn upsert_company(write: &Write) -> Plan {
    match write.fields.text("companyName") {
        Some(name) => Plan::UpsertCompany {
            name: name.to_owned(),
            fields: write.fields.clone(),
            new: write.fields.or(&write.defaults),
        },
        None => {
            let message = format!(
                "the company is not known at the target yet, and the event lacks what a new one needs ({}): \
                 discard this event and send the whole company as company.created or company.updated",
                write.missing.join(", ")
            );
            Plan::End(Outcome::Parked(Reason::new("unknown_company", message)))
        }
    }
}
