//! What is to be done with a claimed event. Pure.

use super::{version::Version, written::Written};
use crate::{
    event::{EventType, Outcome, Reason},
    mapping::{Change, CompanyChange, Fields, Mapped, OptionsChange, Reply, TicketChange, Unseen, Write},
    store::Link,
};

/// What one attempt is to do.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    /// No call: it ends here.
    End(Outcome),
    /// No call: the target has what the source has.
    Unchanged,
    /// A ticket is made, then what goes with it.
    CreateTicket { fields: Fields, then: Then },
    /// A ticket is changed if there is anything to change, then what goes with it. `equal` says that there is nothing
    /// because the target has it already.
    UpdateTicket { target: String, fields: Fields, equal: bool, then: Then },
    /// The company of exactly this name is changed, or made if there is none.
    UpsertCompany { name: String, fields: Fields, new: NewCompany },
    /// A company is changed.
    UpdateCompany { target: String, fields: Fields },
    /// The choices of a field are changed.
    Options(OptionsChange),
}

/// What follows a ticket's own fields, in this order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Then {
    pub(super) reply: Option<Reply>,
    pub(super) company: Option<CompanyStep>,
}

impl Then {
    pub(super) fn is_empty(&self) -> bool {
        self.reply.is_none() && self.company.is_none()
    }
}

/// What is done about the company of a ticket.
#[derive(Debug, PartialEq)]
pub(super) enum CompanyStep {
    /// The linked one is changed.
    Update { link: Link, fields: Fields },
    /// The one of exactly this name is changed, or made if there is none, and linked.
    Upsert { source_id: String, name: String, fields: Fields, new: NewCompany },
}

/// What a company that has to be made gets.
#[derive(Debug, PartialEq)]
pub(super) struct NewCompany {
    pub(super) fields: Fields,
    /// What the mapping requires of a new one and the event doesn't have: then there is none.
    pub(super) missing: Vec<String>,
}

impl NewCompany {
    fn of(write: &Write) -> Self {
        Self { fields: write.fields.or(&write.defaults), missing: write.missing.clone() }
    }
}

/// What the event's data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// What the sender says.
    Told,
    /// What the source says now of a ticket of which the sender says too little to make it.
    Completed,
    /// What the source says now, because of a hint.
    Reread,
}

/// What is not sent because it would change nothing for the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skip {
    /// What is older than what was last applied.
    pub stale: bool,
    /// What equals what was last written. An echo of our own write is such, and would go round for ever.
    pub unchanged: bool,
}

impl Default for Skip {
    fn default() -> Self {
        Self { stale: true, unchanged: true }
    }
}

/// What is known beside what the mapping says.
#[derive(Debug)]
pub(super) struct Situation<'a> {
    pub(super) event_type: EventType,
    /// The sender's own count, with which the event came.
    pub(super) sequence: Option<i64>,
    /// The link of the event's own entity.
    pub(super) link: Option<&'a Link>,
    /// The link of the ticket's company.
    pub(super) company: Option<&'a Link>,
    pub(super) origin: Origin,
    /// True if an attempt before may have written something else: what was last written is not known then.
    pub(super) doubtful: bool,
    pub(super) skip: Skip,
}

impl Situation<'_> {
    /// True if what equals the last write is left alone.
    fn compares(&self) -> bool {
        self.skip.unchanged && !self.doubtful
    }
}

/// Decides by what the mapping says and by what is known of the entity at the target.
pub(super) fn plan(mapped: &Mapped, situation: &Situation<'_>) -> Plan {
    let known = situation.link.map(|link| Known {
        link,
        stale: situation.skip.stale
            && is_stale(Version::of(mapped, situation.sequence), link, situation.origin),
        compares: situation.compares(),
    });
    match (&mapped.change, known) {
        (Change::Ticket(change), None) => create_ticket(change, situation),
        (Change::Ticket(change), Some(known)) => update_ticket(change, &known, situation.company),
        (Change::Company(write), None) => upsert_company(write),
        (Change::Company(write), Some(known)) => {
            let (news, target) = (known.news(write), known.link.target_id.clone());
            news.idle().unwrap_or_else(|| Plan::UpdateCompany { target, fields: news.fields() })
        }
        (Change::Options(_), Some(known)) if known.stale => skip(stale()),
        (Change::Options(options), _) => Plan::Options(options.clone()),
    }
}

/// True if there is nothing to do about the ticket, whether it is known or not.
pub(super) fn says_nothing(change: &TicketChange) -> bool {
    change.write.fields.is_empty() && change.reply.is_none() && change.company.is_none()
}

/// An entity that has its counterpart at the target.
struct Known<'a> {
    link: &'a Link,
    stale: bool,
    compares: bool,
}

/// What there is to write of an entity's own fields.
enum News {
    Fields(Fields),
    /// Nothing: the target has it.
    Unchanged,
    /// Nothing, for this reason.
    None(Reason),
}

impl News {
    /// What it comes to if there is nothing else to do; nothing if there are fields.
    fn idle(&self) -> Option<Plan> {
        match self {
            Self::Fields(_) => None,
            Self::Unchanged => Some(Plan::Unchanged),
            Self::None(reason) => Some(skip(reason.clone())),
        }
    }

    fn fields(self) -> Fields {
        if let Self::Fields(fields) = self { fields } else { Fields::default() }
    }
}

impl Known<'_> {
    /// Newer data is never overwritten by older.
    fn news(&self, write: &Write) -> News {
        let equal = self.compares && Written::of(self.link).covers(&write.fields);
        match (self.stale, write.fields.is_empty(), equal) {
            (true, ..) => News::None(stale()),
            (_, true, _) => News::None(nothing()),
            (.., true) => News::Unchanged,
            _ => News::Fields(write.fields.clone()),
        }
    }
}

/// What was read again is compared by the second: one family of the source's API counts no finer, so that a reading
/// can look older than what was told of the same change.
fn is_stale(version: Version, link: &Link, origin: Origin) -> bool {
    version.is_older(link, if origin == Origin::Told { 1 } else { 1000 })
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

fn create_ticket(change: &TicketChange, situation: &Situation<'_>) -> Plan {
    if says_nothing(change) {
        return skip(nothing());
    }
    let write = &change.write;
    let told = situation.origin == Origin::Told && situation.event_type != EventType::TicketCreated;
    let why = match (write.missing.is_empty(), told && change.unseen == Unseen::Park) {
        (true, false) => {
            let then = then(change, situation.company, situation.compares());
            return Plan::CreateTicket { fields: write.fields.or(&write.defaults), then };
        }
        (false, _) => format!("the event lacks what a new one needs ({})", write.missing.join(", ")),
        (true, true) => "the mapping makes none of an update (unseen: park)".to_owned(),
    };
    let message = format!(
        "the ticket is not known at the target yet, and {why}: discard this event, send the whole ticket as \
         ticket.created{}, then this event again under a new id",
        if change.unseen == Unseen::Park { "" } else { " or ticket.updated" }
    );
    Plan::End(Outcome::Parked(Reason::new("unknown_ticket", message)))
}

/// A reply is news however late it comes; what an old event says of the company is as old as the rest of it.
fn update_ticket(change: &TicketChange, known: &Known<'_>, company: Option<&Link>) -> Plan {
    let target = known.link.target_id.clone();
    let mut then = then(change, company, known.compares);
    if known.stale {
        then.company = None;
    }
    let news = known.news(&change.write);
    match news.idle() {
        Some(plan) if then.is_empty() => plan,
        _ => {
            let equal = matches!(news, News::Unchanged);
            Plan::UpdateTicket { target, fields: news.fields(), equal, then }
        }
    }
}

fn then(change: &TicketChange, company: Option<&Link>, compares: bool) -> Then {
    let reply = change.reply.clone();
    let company = change.company.as_ref().and_then(|change| company_step(change, company, compares));
    Then { reply, company }
}

/// Nothing if the target has what the event says of the company, or if it can be neither found nor made.
fn company_step(change: &CompanyChange, link: Option<&Link>, compares: bool) -> Option<CompanyStep> {
    let (source_id, fields) = (change.source_id.clone(), change.write.fields.clone());
    match link {
        Some(link) if compares && Written::of(link).covers(&fields) => None,
        Some(link) => Some(CompanyStep::Update { link: link.clone(), fields }),
        None => {
            let name = company_name(&fields)?.to_owned();
            Some(CompanyStep::Upsert { source_id, name, fields, new: NewCompany::of(&change.write) })
        }
    }
}

/// Blanks are no name: the target refuses them.
pub(super) fn company_name(fields: &Fields) -> Option<&str> {
    fields.text("companyName").filter(|name| !name.trim().is_empty())
}

/// Companies have names that the target keeps apart, so one that is not linked yet is found by its name.
fn upsert_company(write: &Write) -> Plan {
    match company_name(&write.fields) {
        Some(name) => Plan::UpsertCompany {
            name: name.to_owned(),
            fields: write.fields.clone(),
            new: NewCompany::of(write),
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
