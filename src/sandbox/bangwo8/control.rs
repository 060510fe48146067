//! The control endpoints that only this vendor has.

use serde::Deserialize;
use serde_json::json;

use super::people::Support;
use super::ticket::Ticket;
use super::{Account, enums};
use crate::sandbox::call::Call;
use crate::sandbox::clock;
use crate::sandbox::control::{read, refused};
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::Switches;

pub(crate) const INDEX: &[(&str, &str)] = &[
    ("POST /_sandbox/tokens/revoke", "make all OAuth tokens invalid"),
    ("POST /_sandbox/tickets", "add a ticket, members as in the state"),
    ("POST /_sandbox/supports", "add a support agent, members as in the state"),
    ("POST /_sandbox/views/{id}", "change a view's active or title"),
];

pub(crate) fn answer(account: &mut Account, call: &Call, switches: Switches) -> Option<Reply> {
    let path = call.path.strip_prefix("/_sandbox/")?;
    match (call.method.as_str(), path) {
        ("POST", "tokens/revoke") => Some(Reply::ok(json!({"revoked": account.tokens.revoke_all()}))),
        ("POST", "tickets") => Some(add_ticket(account, call, switches).unwrap_or_else(refused)),
        ("POST", "supports") => Some(add_support(account, call).unwrap_or_else(refused)),
        ("POST", path) => {
            let id = path.strip_prefix("views/")?;
            Some(change_view(account, call, switches, id).unwrap_or_else(refused))
        }
        _ => None,
    }
}

/// References are not checked, so that a test can store what the vendor's own screens would not allow.
fn add_ticket(account: &mut Account, call: &Call, switches: Switches) -> Result<Reply, String> {
    let mut ticket: Ticket = read(call)?;
    if account.desk.ticket(&ticket.ticket_id.to_string(), &switches).is_some() {
        return Err("ticketId: exists already".to_owned());
    }
    let now = clock::vendor_now(&switches);
    if ticket.ticket_status == 0 {
        ticket.ticket_status = enums::NEW;
    }
    if ticket.create_dt.is_empty() {
        ticket.create_dt.clone_from(&now);
    }
    if ticket.update_dt.is_empty() {
        ticket.update_dt = now;
    }
    let id = account.desk.add(ticket);
    Ok(Reply::json(201, json!({"ticket": account.desk.tickets.get(&id)})))
}

fn add_support(account: &mut Account, call: &Call) -> Result<Reply, String> {
    let support: Support = read(call)?;
    if account.desk.support(support.id).is_some() {
        return Err("id: exists already".to_owned());
    }
    let added = json!({"support": support});
    account.desk.people.supports.push(support);
    Ok(Reply::json(201, added))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewChange {
    active: Option<String>,
    title: Option<String>,
}

fn change_view(account: &mut Account, call: &Call, switches: Switches, id: &str) -> Result<Reply, String> {
    let change: ViewChange = read(call)?;
    if change.active.as_deref().is_some_and(|active| !matches!(active, "0" | "1")) {
        return Err("active: must be \"0\" or \"1\"".to_owned());
    }
    let Some(view) = account.desk.views.iter_mut().find(|view| view.id == id) else {
        return Ok(Reply::json(404, json!({"error": "no such view"})));
    };
    view.active = change.active.unwrap_or_else(|| view.active.clone());
    view.title = change.title.unwrap_or_else(|| view.title.clone());
    view.update_dt = clock::vendor_now(&switches);
    Ok(Reply::ok(json!({"ticketview": view})))
}
