//! The control endpoints that only this vendor has.

use serde_json::{Map, Value, json};

use super::people::Support;
use super::ticket::Ticket;
use super::{Account, ticket_changes, view_control};
use crate::sandbox::call::Call;
use crate::sandbox::control::{read, refused};
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::Switches;

pub(crate) const INDEX: &[(&str, &str)] = &[
    ("POST /_sandbox/tokens/revoke", "make all OAuth tokens invalid"),
    ("POST /_sandbox/tickets", "add a ticket, members as in the state"),
    ("POST /_sandbox/tickets/{id}", "change members of a ticket"),
    ("DELETE /_sandbox/tickets/{id}", "remove a ticket"),
    ("POST /_sandbox/supports", "add a support agent, members as in the state"),
    ("POST /_sandbox/views", "add a view: id, title, filter, active"),
    ("POST /_sandbox/views/{id}", "change a view's active, title or filter"),
    ("DELETE /_sandbox/views/{id}", "remove a view"),
    ("POST /_sandbox/meanwhile", "plan changes to tickets for after a page of a view"),
    ("GET /_sandbox/meanwhile", "planned changes that are left"),
    ("DELETE /_sandbox/meanwhile", "remove the planned changes"),
];

pub(crate) fn answer(account: &mut Account, call: &Call, switches: Switches) -> Option<Reply> {
    let path = call.path.strip_prefix("/_sandbox/")?;
    let (kind, id) = path.split_once('/').unwrap_or((path, ""));
    let desk = &mut account.desk;
    let answer = match (call.method.as_str(), kind, id) {
        ("POST", "tokens", "revoke") => Ok(Reply::ok(json!({"revoked": account.tokens.revoke_all()}))),
        ("POST", "tickets", "") => add_ticket(account, call, switches),
        ("POST", "tickets", id) => change_ticket(account, call, switches, id),
        ("DELETE", "tickets", id) => Ok(remove_ticket(account, switches, id)),
        ("POST", "supports", "") => add_support(account, call),
        ("POST", "views", "") => view_control::add(desk, call, switches),
        ("POST", "views", id) => view_control::change(desk, call, switches, id),
        ("DELETE", "views", id) => Ok(view_control::remove(desk, id)),
        ("POST", "meanwhile", "") => plan(account, call),
        ("GET", "meanwhile", "") => Ok(Reply::ok(json!(account.meanwhile.left()))),
        ("DELETE", "meanwhile", "") => Ok(Reply::ok(json!({"cleared": account.meanwhile.clear()}))),
        _ => return None,
    };
    Some(answer.unwrap_or_else(refused))
}

fn add_ticket(account: &mut Account, call: &Call, switches: Switches) -> Result<Reply, String> {
    let ticket: Ticket = read(call)?;
    let id = ticket_changes::add(&mut account.desk, ticket, &switches)?;
    Ok(Reply::json(201, json!({"ticket": account.desk.tickets.get(&id)})))
}

fn change_ticket(account: &mut Account, call: &Call, switches: Switches, id: &str) -> Result<Reply, String> {
    let members: Map<String, Value> = read(call)?;
    let changed = ticket_changes::change(&mut account.desk, id, &members, &switches)?;
    let ticket = changed.and_then(|id| account.desk.tickets.get(&id));
    Ok(ticket.map_or_else(no_such_ticket, |ticket| Reply::ok(json!({"ticket": ticket}))))
}

fn remove_ticket(account: &mut Account, switches: Switches, id: &str) -> Reply {
    match id.parse() {
        Ok(id) if account.desk.remove(id, &switches) => Reply::ok(json!({"removed": id})),
        _ => no_such_ticket(),
    }
}

fn no_such_ticket() -> Reply {
    Reply::json(404, json!({"error": "no such ticket"}))
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

fn plan(account: &mut Account, call: &Call) -> Result<Reply, String> {
    account.meanwhile.plan(read(call)?)?;
    Ok(Reply::json(201, json!(account.meanwhile.left().last())))
}
