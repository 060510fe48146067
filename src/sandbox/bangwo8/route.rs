//! Every endpoint on one screen: its method and path, who may call it, and the function that answers it.
//!
//! Where the documents do not tell who may call (§1, permission `?`), any agent may.

use super::desk::Desk;
use super::{Admitted, Answer, Call};
use super::{
    assets, attachments, bindings, companies, contacts, customer_groups, fields, list, options, people,
    picker, single, templates, views, write,
};
use Body::{Any, Json};
use Permission::{Administrator, AnyAgent};

/// What a path of the API starts with; a pattern that begins with a slash stands for a whole path instead.
const BASE: &str = "/api/v1/";

/// Where a pattern has this, a path may have anything without a slash, even nothing: the vendor has words of
/// its own for an empty id (§5). A pattern has it once at most.
const ID: &str = "{id}";

/// The first that matches answers, so a fixed word stands before the `{id}` it would be taken for.
const ENDPOINTS: &[Endpoint] = &[
    read("tickets.json", Administrator, list::tickets),
    write("POST", "tickets.json", AnyAgent, Json, write::create),
    read("tickets/ticket_fields.json", AnyAgent, fields::custom),
    read("tickets/ticket_fields2.json", AnyAgent, fields::all),
    write("PUT", "tickets/ticket_fields/{id}/allOptions.json", Administrator, Json, options::replace),
    write("PUT", "tickets/ticket_fields/{id}/options.json", Administrator, Json, options::upsert),
    write("DELETE", "tickets/ticket_fields/{id}/options.json", Administrator, Any, options::delete),
    read("tickets/{id}_v2.json", AnyAgent, single::v2),
    read("tickets/{id}.json", AnyAgent, single::v1),
    write("PUT", "tickets/{id}.json", AnyAgent, Json, write::update),
    read("tickettemplates.json", Administrator, templates::list),
    read("ticketviews.json", AnyAgent, views::list),
    read("ticketviews/show_many.json", AnyAgent, views::counts),
    read("ticketviews/{id}.json", AnyAgent, views::read),
    read("ticketviews/{id}/tickets.json", AnyAgent, views::tickets),
    read("ticketviews/{id}/count.json", AnyAgent, views::count),
    read("companies/{id}/tickets.json", Administrator, list::of_company),
    read("users/{id}/tickets.json", Administrator, list::of_contact),
    read("attachments/{id}.json", AnyAgent, attachments::read),
    write("POST", "attachments.json", AnyAgent, Any, attachments::upload),
    write("POST", "uploads.json", AnyAgent, Any, attachments::upload),
    read("users.json", AnyAgent, contacts::list),
    read("users_v2/{id}.json", AnyAgent, contacts::read),
    write("POST", "user/relationship/cid.json", AnyAgent, Json, bindings::bind),
    read("user/relationship/cid.json", AnyAgent, bindings::find),
    write("PUT", "user/relationship/cid.json", AnyAgent, Json, bindings::change),
    read("companies.json", AnyAgent, companies::list),
    write("POST", "companies.json", AnyAgent, Json, companies::create),
    read("companies/show_many.json", AnyAgent, companies::show_many),
    read("companies/search.json", AnyAgent, companies::search),
    read("companies/company_fields.json", Administrator, companies::fields),
    read("companies/{id}.json", AnyAgent, companies::read),
    write("PUT", "companies/{id}.json", AnyAgent, Json, companies::update),
    read("customergroups.json", Administrator, customer_groups::list),
    write("POST", "customergroups.json", Administrator, Json, customer_groups::create),
    read("customergroups/show_many.json", Administrator, customer_groups::show_many),
    read("customergroups/{id}.json", Administrator, customer_groups::read),
    write("PUT", "customergroups/{id}.json", Administrator, Json, customer_groups::update),
    read("forms/asset_form/{id}/search.json", AnyAgent, assets::search),
    write("POST", "forms/asset_form/{id}.json", AnyAgent, Json, assets::create),
    read("/osp2016/SDK/Tables/ticketAssetTable.php", AnyAgent, picker::page),
    read("supports.json", Administrator, people::supports),
    read("supports/{id}.json", AnyAgent, people::support),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    Administrator,
    AnyAgent,
}

/// What a write must send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// `Content-Type: application/json`, as the guide demands of every POST and PUT.
    Json,
    /// Whatever it likes: the exceptions of §2.
    Any,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Read(fn(&Desk, &Admitted<'_>) -> Answer),
    /// Takes effect once for each `Requestid`.
    Write(Body, fn(&mut Desk, &Admitted<'_>) -> Answer),
}

#[derive(Debug)]
pub(crate) struct Endpoint {
    method: &'static str,
    pattern: &'static str,
    pub(crate) permission: Permission,
    pub(crate) action: Action,
}

/// The endpoint that a call is for, and the id in its path (`""` if its pattern has none).
pub(crate) fn find(call: &Call) -> Option<(&'static Endpoint, &str)> {
    let path = call.path.strip_prefix(BASE).unwrap_or(&call.path);
    let mut endpoints = ENDPOINTS.iter().filter(|endpoint| endpoint.method == call.method);
    endpoints.find_map(|endpoint| Some((endpoint, id_in(path, endpoint.pattern)?)))
}

const fn read(
    pattern: &'static str,
    permission: Permission,
    act: fn(&Desk, &Admitted<'_>) -> Answer,
) -> Endpoint {
    Endpoint { method: "GET", pattern, permission, action: Action::Read(act) }
}

const fn write(
    method: &'static str,
    pattern: &'static str,
    permission: Permission,
    body: Body,
    act: fn(&mut Desk, &Admitted<'_>) -> Answer,
) -> Endpoint {
    Endpoint { method, pattern, permission, action: Action::Write(body, act) }
}

fn id_in<'a>(path: &'a str, pattern: &str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once(ID) else {
        return (path == pattern).then_some("");
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    (!id.contains('/')).then_some(id)
}
