//! Control of views: what people do to them on the vendor's own screens, for which the API has no calls.

use serde::Deserialize;
use serde_json::json;

use super::desk::Desk;
use super::view_filter::ViewFilter;
use super::views::View;
use super::{Call, Switches};
use crate::sandbox::clock;
use crate::sandbox::control::read;
use crate::sandbox::reply::Reply;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewView {
    id: u64,
    title: String,
    active: Option<String>,
    filter: ViewFilter,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewChange {
    active: Option<String>,
    title: Option<String>,
    filter: Option<ViewFilter>,
}

/// Adds a view, enabled unless told otherwise.
pub(super) fn add(desk: &mut Desk, call: &Call, switches: Switches) -> Result<Reply, String> {
    let new: NewView = read(call)?;
    check_active(new.active.as_deref())?;
    let id = new.id.to_string();
    if desk.view(&id).is_some() {
        return Err("id: exists already".to_owned());
    }
    let active = new.active.unwrap_or_else(|| "1".to_owned());
    let create_dt = clock::vendor_now(&switches);
    let view = View { id, title: new.title, active, create_dt, update_dt: String::new(), filter: new.filter };
    desk.put_view(view.clone());
    Ok(Reply::json(201, json!({"ticketview": view})))
}

/// Changes the members sent.
pub(super) fn change(desk: &mut Desk, call: &Call, switches: Switches, id: &str) -> Result<Reply, String> {
    let change: ViewChange = read(call)?;
    check_active(change.active.as_deref())?;
    let Some(view) = desk.view(id) else { return Ok(unknown()) };
    let mut view = view.into_owned();
    view.active = change.active.unwrap_or(view.active);
    view.title = change.title.unwrap_or(view.title);
    view.filter = change.filter.unwrap_or(view.filter);
    view.update_dt = clock::vendor_now(&switches);
    desk.put_view(view.clone());
    Ok(Reply::ok(json!({"ticketview": view})))
}

/// Removes a view; its tickets stay.
pub(super) fn remove(desk: &mut Desk, id: &str) -> Reply {
    if desk.remove_view(id) { Reply::ok(json!({"removed": id})) } else { unknown() }
}

fn check_active(active: Option<&str>) -> Result<(), String> {
    match active {
        None | Some("0" | "1") => Ok(()),
        Some(_) => Err("active: must be \"0\" or \"1\"".to_owned()),
    }
}

fn unknown() -> Reply {
    Reply::json(404, json!({"error": "no such view"}))
}
