//! What an event would come to: the plan of an attempt and its calls, with nothing sent and nothing stored.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    plan::{CompanyStep, Origin, Plan, Situation, Skip, Then, plan},
    work::{cascade_option, option},
};
use crate::{
    bangwo8::{CompanyId, Draft, OptionRef, OptionWrite, TicketId},
    event::{EventType, Ignored, Outcome, Reason},
    mapping::{
        Answers, Fields, Input, Mapping, OptionsChange, OptionsHow, Parameters, Question, Reply, Steps,
    },
    store::Link,
};

/// Stands in a path for what the call before it makes or finds.
const NEW_TICKET: &str = "{new ticket}";
const FOUND_COMPANY: &str = "{found company}";
const LINKED_COMPANY: &str = "{linked company}";
const FIELD: &str = "{field}";

/// Tries events on a connection's mapping.
pub struct Rehearsal {
    /// The mapping.
    pub mapping: Arc<Mapping>,
    /// Tenant values for it.
    pub parameters: Parameters,
    /// What of it is not sent.
    pub skip: Skip,
}

/// What an event would come to, as far as it can be told without asking a vendor.
#[derive(Serialize)]
pub struct Preview {
    /// `calls`, `skipped` or `parked`.
    pub outcome: &'static str,
    /// Why there are no calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The calls in their order.
    pub calls: Vec<Call>,
    /// What would be asked before: the answers can change the calls.
    pub questions: Vec<Question>,
    /// What would not reach the target.
    pub ignored: Vec<Ignored>,
    /// What the event hit of the mapping.
    #[serde(flatten)]
    pub steps: Steps,
}

/// What a mapping made of an event, whatever then became of that.
#[derive(Serialize)]
pub struct Traced {
    /// Why the event was parked, if it was the mapping that had no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Reason>,
    /// What was asked.
    pub questions: Vec<Question>,
    /// What did not reach the target.
    pub ignored: Vec<Ignored>,
    /// What the event hit of the mapping.
    #[serde(flatten)]
    pub steps: Steps,
}

/// A call that would be made.
#[derive(Serialize)]
pub struct Call {
    /// On what it depends, if it is not made in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<&'static str>,
    /// The call.
    #[serde(flatten)]
    pub draft: Draft,
}

impl Rehearsal {
    /// The way of an event through the mapping.
    pub fn trace(&self, event_type: EventType, data: &Value) -> Traced {
        let mut steps = Steps::default();
        let input = Input { event_type, data, parameters: &self.parameters, answers: &Answers::none() };
        match self.mapping.map(&input, &mut steps) {
            Ok(mapped) => {
                Traced { refused: None, questions: mapped.questions, ignored: mapped.ignored, steps }
            }
            Err(refusal) => {
                let refused = Some(Reason::new(refusal.code, refusal.to_string()));
                Traced { refused, questions: Vec::new(), ignored: Vec::new(), steps }
            }
        }
    }

    /// What an event would come to, given the link of its entity. Of a linked ticket or company it is known which one
    /// would be changed; whether its reply was added before is not looked at.
    pub fn preview(
        &self,
        event_type: EventType,
        sequence: Option<i64>,
        data: &Value,
        link: Option<&Link>,
    ) -> Preview {
        let mut steps = Steps::default();
        let input = Input { event_type, data, parameters: &self.parameters, answers: &Answers::none() };
        let mapped = self.mapping.map(&input, &mut steps);
        let (origin, skip) = (Origin::Told, self.skip);
        let situation =
            Situation { event_type, sequence, link, company: None, origin, doubtful: false, skip };
        let planned = match &mapped {
            Ok(mapped) => calls(&plan(mapped, &situation)),
            Err(refusal) => Err(("parked", Reason::new(refusal.code, refusal.to_string()))),
        };
        let (questions, ignored) =
            mapped.map_or_else(|_| Default::default(), |mapped| (mapped.questions, mapped.ignored));
        let (outcome, reason, calls) = match planned {
            Ok(calls) => ("calls", None, calls),
            Err((outcome, reason)) => (outcome, Some(reason), Vec::new()),
        };
        Preview { outcome, reason, calls, questions, ignored, steps }
    }
}

/// The calls of a plan, or the outcome without any.
type Planned = Result<Vec<Call>, (&'static str, Reason)>;

fn calls(plan: &Plan) -> Planned {
    match plan {
        Plan::End(outcome) => Err(ended(outcome)),
        Plan::Unchanged => Err(("skipped", Reason::new("unchanged", "the target has it already"))),
        Plan::CreateTicket { fields, then } => {
            let created = always(Draft::create_ticket(&read(fields)?));
            Ok([created].into_iter().chain(following(NEW_TICKET, then)?).collect())
        }
        Plan::UpdateTicket { target, fields, then, .. } => {
            let id = TicketId::new(target.clone());
            let updated = match fields.is_empty() {
                true => None,
                false => Some(always(Draft::update_ticket(&id, &read(fields)?))),
            };
            Ok(updated.into_iter().chain(following(target, then)?).collect())
        }
        Plan::UpsertCompany { fields, new, .. } => company(fields, &new.fields),
        Plan::UpdateCompany { target, fields } => {
            let id = CompanyId::new(target.clone());
            Ok(vec![always(Draft::update_company(&id, &read(fields)?))])
        }
        Plan::Options(change) => Ok(options(change)),
    }
}

fn ended(outcome: &Outcome) -> (&'static str, Reason) {
    let nothing = || Reason::new("nothing_to_apply", "there is nothing to do");
    (outcome.status().as_str(), outcome.reason().cloned().unwrap_or_else(nothing))
}

fn always(draft: Draft) -> Call {
    Call { when: None, draft }
}

fn only(when: &'static str, draft: Draft) -> Call {
    Call { when: Some(when), draft }
}

fn read<T: DeserializeOwned>(fields: &Fields) -> Result<T, (&'static str, Reason)> {
    let unwritable =
        |error| Reason::new("unwritable", format!("the mapping's result can't be sent: {error}"));
    fields.to().map_err(|error| ("parked", unwritable(error)))
}

/// The reply, then the ticket's company, whose link is not looked at.
fn following(ticket: &str, then: &Then) -> Planned {
    let mut calls: Vec<Call> = replied(ticket, then.reply.as_ref()).into_iter().collect();
    match &then.company {
        None => {}
        Some(CompanyStep::Update { link, fields }) => {
            let id = CompanyId::new(link.target_id.clone());
            calls.push(always(Draft::update_company(&id, &read(fields)?)));
        }
        Some(CompanyStep::Upsert { fields, new, .. }) => {
            let id = CompanyId::new(LINKED_COMPANY.to_owned());
            let when = "the company is linked, and has other values";
            calls.push(only(when, Draft::update_company(&id, &read(fields)?)));
            calls.push(only("the company is not linked", Draft::company_search()));
            let when = "the company is not linked, and none has exactly this name";
            calls.push(only(when, Draft::create_company(&read(&new.fields)?)));
        }
    }
    Ok(calls)
}

fn replied(ticket: &str, reply: Option<&Reply>) -> Option<Call> {
    let reply = reply?;
    let draft = Draft::reply_ticket(&TicketId::new(ticket.to_owned()), &reply.text);
    let when = reply.id.as_ref().map(|_| "no event before has added this reply");
    Some(Call { when, draft })
}

/// As it is looked for by its name first.
fn company(fields: &Fields, new: &Fields) -> Planned {
    let found = &fields.without("companyName");
    let mut calls = vec![
        always(Draft::company_search()),
        only("no company has exactly this name", Draft::create_company(&read(new)?)),
    ];
    if !found.is_empty() {
        let id = CompanyId::new(FOUND_COMPANY.to_owned());
        calls.push(only("a company has exactly this name", Draft::update_company(&id, &read(found)?)));
    }
    Ok(calls)
}

/// More levels than one are a cascade's.
fn options(change: &OptionsChange) -> Vec<Call> {
    let cascade = change.levels.len() > 1;
    let write = |level: &Vec<_>| -> Vec<OptionWrite> {
        level.iter().map(if cascade { cascade_option } else { option }).collect()
    };
    let mut calls = vec![always(Draft::ticket_fields())];
    match change.how {
        OptionsHow::Replace => {
            let levels = change.levels.iter().map(|level| Draft::replace_field_options(FIELD, &write(level)));
            calls.extend(levels.map(always));
        }
        OptionsHow::Upsert => {
            let levels = change.levels.iter().map(|level| Draft::upsert_field_options(FIELD, &write(level)));
            calls.extend(levels.map(always));
        }
        OptionsHow::Delete => {
            let all = change.levels.iter().rev().flatten();
            let ids = all.filter_map(|option| option.external_id.clone());
            let removed = ids.map(|id| Draft::delete_field_option(FIELD, &OptionRef::ExtendId(id)));
            calls.extend(removed.map(|draft| only("the field has this option", draft)));
        }
    }
    calls
}
