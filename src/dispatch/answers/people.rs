//! Who in a list of the target's is meant. Pure.

use super::found::{Found, id};
use crate::{
    bangwo8::{SupportAgent, TicketTemplate},
    mapping::By,
};

/// The agent who has this value. One who has left answers no tickets, and may have handed the address on.
pub(super) fn agent(agents: &[SupportAgent], by: By, value: &str) -> Found {
    let works = |agent: &&SupportAgent| agent.status.is_none_or(|status| status == SupportAgent::IN_SERVICE);
    let fits = |agent: &&SupportAgent| match by {
        By::Email => has(agent.email.as_deref(), value, same_address),
        By::Name => has(agent.name.as_deref(), value, same),
        By::Number => has(agent.staff_number.as_deref(), value, same),
        By::Mobile => has(agent.mobile.as_deref(), value, same),
        By::Login => has(agent.login.as_deref(), value, same),
        By::Binding => false,
    };
    Found::of(agents.iter().filter(works).filter(fits).map(|agent| id(&agent.id)))
}

/// The template of this name.
pub(super) fn template(templates: &[TicketTemplate], name: &str) -> Found {
    let named = |template: &&TicketTemplate| has(template.name.as_deref(), name, same);
    Found::of(templates.iter().filter(named).map(|template| id(&template.id)))
}

fn has(there: Option<&str>, wanted: &str, same: fn(&str, &str) -> bool) -> bool {
    there.is_some_and(|there| same(there.trim(), wanted.trim()))
}

fn same(one: &str, other: &str) -> bool {
    one == other
}

/// Nobody tells addresses apart by their case.
fn same_address(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
