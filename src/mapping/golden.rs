//! Golden cases: an event as data, and what a mapping is to make of it. Tests and tools show results in this one
//! form. Pure: whoever has the files hands in their text.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answers, Change, CompanyChange, Input, Mapped, Mapping, Observer, OptionChange, Parameters, Question,
    Refusal, TicketChange, Unseen, Write,
};
use crate::{event::EventType, json};

/// One event and what becomes of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The event's type.
    pub r#type: EventType,
    /// The tenant's values.
    #[serde(default)]
    pub parameters: Parameters,
    /// What is known of the questions that the mapping asks.
    #[serde(default)]
    pub answers: Vec<Answered>,
    /// False says that the source's schema refuses the data: it could only come by a schema of the tenant's own.
    #[serde(default = "yes")]
    pub valid: bool,
    /// The source's data.
    pub data: Value,
    /// What becomes of it, as [`told`] tells it.
    pub expected: Value,
}

/// What is known of one question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The question.
    pub question: Question,
    /// Its answer; null says that there is none.
    pub answer: Option<Value>,
}

fn yes() -> bool {
    true
}

impl Case {
    /// Reads a case's JSON text. The error has line and column.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        json::from_str(text)
    }

    /// What the mapping makes of the case's event, as [`told`] tells it.
    pub fn run(&self, mapping: &Mapping, observer: &mut impl Observer) -> Value {
        let mut answers = Answers::none();
        for known in &self.answers {
            answers.add(known.question.clone(), known.answer.clone());
        }
        let Self { r#type, parameters, data, .. } = self;
        told(&mapping.map(&Input { event_type: *r#type, data, parameters, answers: &answers }, observer))
    }
}

/// A result as golden cases have it: members that hold nothing are left out.
pub fn told(result: &Result<Mapped, Refusal>) -> Value {
    let mut told = match result {
        Err(Refusal { code, pointer, message }) => {
            return json!({ "refusal": { "code": code, "pointer": pointer, "message": message } });
        }
        Ok(mapped) => {
            let mut told = changed(&mapped.change);
            told["version"] = json!(mapped.version);
            told["ignored"] = json!(mapped.ignored);
            told["questions"] = json!(mapped.questions);
            told
        }
    };
    prune(&mut told);
    told
}

/// One member a line, in one order, so that a difference can be seen.
pub fn pretty(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn prune(told: &mut Value) {
    let empty = [json!(null), json!([]), json!({})];
    if let Value::Object(members) = told {
        members.retain(|_, value| !empty.contains(value));
    }
}

fn changed(change: &Change) -> Value {
    match change {
        Change::Ticket(change) => ticket(change),
        Change::Company(write) => json!({ "company": written(write) }),
        Change::Options(change) => json!({
            "key": change.key,
            "how": format!("{:?}", change.how),
            "levels": change.levels.iter().map(|level| level.iter().map(option).collect()).collect::<Vec<Value>>(),
        }),
    }
}

fn ticket(change: &TicketChange) -> Value {
    let TicketChange { write, reply, company, unseen } = change;
    let mut told = written(write);
    told["reply"] = json!(reply.as_ref().map(|reply| &reply.text));
    told["reply_id"] = json!(reply.as_ref().and_then(|reply| reply.id.as_ref()));
    told["unseen"] = json!(Some(unseen).filter(|unseen| **unseen != Unseen::default()));
    told["company"] = json!(company.as_ref().map(|CompanyChange { source_id, write }| {
        let mut told = written(write);
        told["source_id"] = json!(source_id);
        told
    }));
    told
}

fn written(write: &Write) -> Value {
    json!({ "fields": write.fields, "defaults": write.defaults, "missing": write.missing })
}

/// `parent/external id: name`.
fn option(option: &OptionChange) -> Value {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".into());
    json!(format!("{}/{}: {}", id(&option.parent), id(&option.external_id), option.name))
}
