//! Tenant values that are ids: whether the target has what they are ids of.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use serde_json::Value;

use super::Online;
use crate::{
    bangwo8::{Client, CompanyId, ContactId, Error, SupportAgent, SupportAgentFilter, TicketTemplate},
    diagnostic::{Diagnostic, Place, Severity},
    dispatch::drift::Unread,
    mapping::{ExpectedIds, Kind},
};

/// Contacts that are looked up, each with a call of its own: a table of more is not gone through.
const MOST_CONTACTS: usize = 100;
/// Templates that a message names.
const NAMED: usize = 10;

/// What the target says of an id.
enum Answer {
    Known,
    /// There is none, with what there is instead.
    Unknown(String),
    /// There is one, but.
    Doubtful(&'static str),
}

/// What was read of one kind, by id.
enum Known {
    /// All that there are.
    All(BTreeMap<String, Answer>, String),
    /// Those that were asked for and are there.
    Asked(BTreeSet<String>),
}

impl Online<'_> {
    pub(super) async fn compare_ids(&self, client: &Client) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut by_kind: BTreeMap<Kind, Vec<(&ExpectedIds, Vec<String>)>> = BTreeMap::new();
        for expected in &self.mapping.expects().ids {
            if let Some(value) = self.connection.parameters.get(&expected.parameter) {
                by_kind.entry(expected.of).or_default().push((expected, ids(value)));
            }
        }
        for (kind, parameters) in by_kind {
            let asked: BTreeSet<&str> =
                parameters.iter().flat_map(|(_, ids)| ids).map(String::as_str).collect();
            match known(client, kind, &asked).await {
                Ok(known) => {
                    for (expected, ids) in &parameters {
                        found.extend(ids.iter().filter_map(|id| self.told(expected, id, known.of(id))));
                    }
                    if kind == Kind::Contact && asked.len() > MOST_CONTACTS {
                        found.push(self.half_read(&parameters, asked.len()));
                    }
                }
                Err(error) => found.push(self.unread(&Unread::target(list(kind), &error))),
            }
        }
        found
    }

    fn told(&self, expected: &ExpectedIds, id: &str, answer: Answer) -> Option<Diagnostic> {
        let (parameter, kind) = (&expected.parameter, expected.of.as_str());
        let (severity, message) = match answer {
            Answer::Known => return None,
            // Groups can't be listed: that nobody is in one is all that can be known.
            Answer::Unknown(_) if expected.of == Kind::Group => (
                Severity::Warning,
                format!("the parameter {parameter} has the group {id}, which no support agent is in"),
            ),
            Answer::Unknown(instead) => (
                Severity::Error,
                format!("the parameter {parameter} has the {kind} {id}, which Bangwo8 doesn't have{instead}"),
            ),
            Answer::Doubtful(but) => {
                (Severity::Warning, format!("the parameter {parameter} has the {kind} {id}, which {but}"))
            }
        };
        let place = self.connection.parameter_places.get(parameter).copied().unwrap_or_default();
        Some(self.at(severity, place, message))
    }

    fn half_read(&self, parameters: &[(&ExpectedIds, Vec<String>)], contacts: usize) -> Diagnostic {
        let names: Vec<&str> = parameters.iter().map(|(expected, _)| expected.parameter.as_str()).collect();
        let message =
            format!("of {contacts} contacts in {} only {MOST_CONTACTS} were looked up", names.join(" and "));
        self.at(Severity::Warning, self.connection.place, message)
    }

    fn at(&self, severity: Severity, place: Place, message: String) -> Diagnostic {
        self.named(Diagnostic { severity, file: self.config.path.clone(), place, message })
    }
}

/// The ids of a parameter: of a table those of all its rows, each once.
fn ids(value: &Value) -> Vec<String> {
    let ids: BTreeSet<u64> = match value {
        Value::Object(table) => table.values().filter_map(Value::as_u64).collect(),
        one => one.as_u64().into_iter().collect(),
    };
    ids.iter().map(u64::to_string).collect()
}

fn list(kind: Kind) -> &'static str {
    match kind {
        Kind::Contact => "Bangwo8's contacts",
        Kind::Company => "Bangwo8's companies",
        Kind::Agent | Kind::Group => "Bangwo8's support agents",
        Kind::Template => "Bangwo8's ticket templates",
    }
}

async fn known(client: &Client, kind: Kind, asked: &BTreeSet<&str>) -> Result<Known, Error> {
    match kind {
        Kind::Agent => {
            let agents = agents(client).await?.into_iter();
            Ok(Known::All(agents.map(|agent| (agent.id.clone(), at_work(&agent))).collect(), String::new()))
        }
        Kind::Group => {
            let groups = agents(client).await?.into_iter().flat_map(|agent| agent.group_ids);
            Ok(Known::All(groups.map(|id| (id, Answer::Known)).collect(), String::new()))
        }
        Kind::Template => templates(client).await,
        Kind::Company => {
            let ids: Vec<CompanyId> = asked.iter().map(|id| CompanyId::new(*id)).collect();
            let companies = client.companies_by_id(&ids).await?.into_iter();
            Ok(Known::Asked(companies.map(|company| company.id.to_string()).collect()))
        }
        Kind::Contact => contacts(client, asked).await,
    }
}

async fn agents(client: &Client) -> Result<Vec<SupportAgent>, Error> {
    client.support_agents(&SupportAgentFilter::default()).try_collect().await
}

fn at_work(agent: &SupportAgent) -> Answer {
    match agent.status {
        Some(SupportAgent::IN_RECYCLE_BIN) => Answer::Doubtful("is in the recycle bin"),
        Some(SupportAgent::REMOVED) => Answer::Doubtful("was removed"),
        _ => Answer::Known,
    }
}

async fn templates(client: &Client) -> Result<Known, Error> {
    let templates = client.ticket_templates().await?;
    let name = |template: &TicketTemplate| {
        format!("{} {}", template.id, template.name.as_deref().unwrap_or_default())
    };
    let there_is = templates.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
    let known = templates.into_iter().map(|template| (template.id, Answer::Known)).collect();
    Ok(Known::All(known, format!(": it has {there_is}")))
}

/// Those that are not looked up count as there.
async fn contacts(client: &Client, asked: &BTreeSet<&str>) -> Result<Known, Error> {
    let mut there: BTreeSet<String> = asked.iter().skip(MOST_CONTACTS).map(|id| (*id).to_owned()).collect();
    for id in asked.iter().take(MOST_CONTACTS) {
        match client.contact_v2(&ContactId::new(*id)).await {
            Ok(_) => drop(there.insert((*id).to_owned())),
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Known::Asked(there))
}

impl Known {
    fn of(&self, id: &str) -> Answer {
        match self {
            Self::All(known, instead) => match known.get(id) {
                Some(Answer::Doubtful(but)) => Answer::Doubtful(but),
                Some(_) => Answer::Known,
                None => Answer::Unknown(instead.clone()),
            },
            Self::Asked(there) if there.contains(id) => Answer::Known,
            Self::Asked(_) => Answer::Unknown(String::new()),
        }
    }
}
