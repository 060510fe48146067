//! Before an attempt acts: the event's data is read, mapped with all that the mapping asks answered, and planned.

use super::{
    answers::{self, Found, place},
    attempt::Attempt,
    coalesce,
    failure::Failure,
    kept,
    plan::{Origin, Plan, Situation, company_name, plan, says_nothing},
    reread,
    version::Version,
    work::doubt,
};
use crate::{
    event::{EventType, Ignored, Outcome, Reason},
    mapping::{Answers, Change, CompanyChange, Kind, Mapped, Question, Unseen},
    store::{Claimed, Link, LinkKey},
};

/// How often a mapping may ask: a lookup goes from a table to a link to the vendor to making one.
const MAX_ROUNDS: usize = 4;
/// Attempts at an event that may end with the process's death before it is left to an operator.
const MAX_INTERRUPTED: u32 = 5;

/// What is to be done, and what is to be told of how that was found out.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) version: Version,
    pub(super) ignored: Vec<Ignored>,
    /// True if it was read at the source, so that the next attempt may find something else.
    pub(super) reread: bool,
}

impl Prepared {
    pub(super) fn end(outcome: Outcome) -> Self {
        Self { plan: Plan::End(outcome), version: Version::default(), ignored: Vec::new(), reread: false }
    }
}

/// The end of an event that the process has died of often enough: one must not keep a service from running.
pub(super) fn interrupted(claimed: &Claimed) -> Option<Outcome> {
    let message = format!(
        "the last {} attempts at this event were broken off, most likely because the process died of it: look at the log \
         before replaying it",
        claimed.interrupted
    );
    (claimed.interrupted >= MAX_INTERRUPTED).then(|| Outcome::Parked(Reason::new("interrupted", message)))
}

/// What the mapping makes of the event.
pub(super) async fn prepare(attempt: &Attempt<'_>) -> Result<Prepared, Failure> {
    let (claimed, event) = (attempt.claimed, &attempt.claimed.event);
    if let Some(end) = interrupted(claimed) {
        return Ok(Prepared::end(end));
    }
    if let Some(end) = coalesce::hint(attempt).await? {
        return Ok(Prepared::end(end));
    }
    let data = reread::data(attempt).await?;
    let told = mapped(attempt, event.event_type, &data).await?;
    let whole = match lacks_the_ticket(attempt, &told) {
        true => whole(attempt, &told).await?,
        false => None,
    };
    let origin = match event.hint {
        false if whole.is_some() || event.is_listed() => Origin::Completed,
        false => Origin::Told,
        true => Origin::Reread,
    };
    let mut mapped = whole.unwrap_or(told);
    let company = company_link(attempt, &mapped.change).await?;
    mapped.ignored.extend(unknown_company(&mapped.change, company.as_ref(), &data));
    let situation = Situation {
        event_type: event.event_type,
        sequence: event.version,
        link: claimed.link.as_ref(),
        company: company.as_ref(),
        origin,
        doubtful: doubt::since(&claimed.former).is_some(),
        skip: attempt.desk.skip,
    };
    let plan = plan(&mapped, &situation);
    if let Some(end) = coalesce::update(attempt, &mapped, &plan).await? {
        return Ok(Prepared::end(end));
    }
    let version = Version::of(&mapped, event.version);
    Ok(Prepared { plan, version, ignored: mapped.ignored, reread: origin != Origin::Told })
}

/// Maps as often as there are questions, each time with the answers to all that were asked so far.
pub(super) async fn mapped(
    attempt: &Attempt<'_>,
    event_type: EventType,
    data: &[u8],
) -> Result<Mapped, Failure> {
    let mapping = kept::mapping(attempt).await?;
    let (mut answers, mut ambiguous) = (Answers::none(), Vec::new());
    for _ in 0..=MAX_ROUNDS {
        let mut mapped = mapping.apply(event_type, data, &attempt.desk.parameters, &answers)?;
        if mapped.questions.is_empty() {
            mapped.ignored.append(&mut ambiguous);
            return Ok(mapped);
        }
        for (question, found) in answers::of(attempt, &mapped.questions).await? {
            if found == Found::Several {
                let pointer = place::of(data, value_of(&question));
                ambiguous.push(Ignored { pointer, reason: "ambiguous".into() });
            }
            let answer = if let Found::One(answer) = found { Some(answer) } else { None };
            answers.add(question, answer);
        }
    }
    let why = "the mapping still asks after all that can be answered was: this is a defect of deskbridge";
    Err(Failure::Stuck("open_questions", why.into()))
}

fn value_of(question: &Question) -> &str {
    match question {
        Question::Link { source_id: value, .. }
        | Question::Vendor { value, .. }
        | Question::Create { name: value, .. }
        | Question::Choice { value, .. } => value,
    }
}

/// True if the event is about a ticket that the target doesn't have, and is not enough to make it.
fn lacks_the_ticket(attempt: &Attempt<'_>, told: &Mapped) -> bool {
    let (event, link) = (&attempt.claimed.event, &attempt.claimed.link);
    let Change::Ticket(change) = &told.change else { return false };
    let waits = change.unseen == Unseen::Park && event.event_type != EventType::TicketCreated;
    let partial = waits || !change.write.missing.is_empty();
    link.is_none() && !event.hint && partial && !says_nothing(change)
}

/// The same change with the ticket as the source has it now; nothing if the source can't be asked. What only the event
/// tells, its reply above all, stays.
async fn whole(attempt: &Attempt<'_>, told: &Mapped) -> Result<Option<Mapped>, Failure> {
    let Some(data) = reread::whole(attempt).await? else { return Ok(None) };
    let mut whole = mapped(attempt, attempt.claimed.event.event_type, &data).await?;
    if let (Change::Ticket(whole), Change::Ticket(told)) = (&mut whole.change, &told.change) {
        whole.reply = told.reply.clone();
        whole.company = whole.company.take().or_else(|| told.company.clone());
    }
    let further: Vec<Ignored> =
        told.ignored.iter().filter(|ignored| !whole.ignored.contains(ignored)).cloned().collect();
    whole.ignored.extend(further);
    Ok(Some(whole))
}

async fn company_link(attempt: &Attempt<'_>, change: &Change) -> Result<Option<Link>, Failure> {
    let Some(company) = company_of(change) else { return Ok(None) };
    let key = LinkKey { kind: Kind::Company.as_str().into(), source_id: company.source_id.clone() };
    Ok(attempt.store.link(attempt.connection(), &key).await?)
}

/// A company that can be neither found nor made is no reason to keep the ticket waiting.
fn unknown_company(change: &Change, link: Option<&Link>, data: &[u8]) -> Option<Ignored> {
    let company = company_of(change)?;
    let nameless = link.is_none() && company_name(&company.write.fields).is_none();
    nameless
        .then(|| Ignored { pointer: place::of(data, &company.source_id), reason: "unknown_company".into() })
}

fn company_of(change: &Change) -> Option<&CompanyChange> {
    match change {
        Change::Ticket(change) => change.company.as_ref(),
        Change::Company(_) | Change::Options(_) => None,
    }
}
