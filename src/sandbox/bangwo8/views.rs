//! Ticket views: saved filters and what they hold.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::view_filter::ViewFilter;
use super::{Admitted, Answer, Rejection, Reply, list, page, sent};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) active: String,
    #[serde(rename = "createDT")]
    pub(crate) create_dt: String,
    #[serde(rename = "updateDT")]
    pub(crate) update_dt: String,
    pub(crate) filter: ViewFilter,
}

/// `GET /ticketviews.json`, in the order of the ids as text.
pub(crate) fn list(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let mut views = desk.all_views();
    views.sort_by(|one, other| one.id.cmp(&other.id));
    let shown: Vec<Value> = views.iter().map(|view| wire(view, desk, admitted)).collect();
    Ok(Reply::ok(json!({"ticketviews": shown, "count": page::count(&admitted.switches, views.len())})))
}

/// `GET /ticketviews/{id}.json`.
pub(crate) fn read(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let view = desk.view(admitted.id).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"ticketview": wire(&view, desk, admitted)})))
}

/// `GET /ticketviews/{id}/tickets.json`.
pub(crate) fn tickets(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let view = desk.view(admitted.id).ok_or(Rejection::NotFound)?;
    Ok(list::page_of(desk, admitted, &view.filter.select(desk, admitted)))
}

/// `GET /ticketviews/{id}/count.json`: an array of one under a singular key.
pub(crate) fn count(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let view = desk.view(admitted.id).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"ticketview_count": [counted(&view, desk, admitted)]})))
}

/// `GET /ticketviews/show_many.json?ids=`: counts in the order asked for; unknown ids are left out.
pub(crate) fn counts(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let ids = sent::ids(admitted);
    let known = ids.iter().filter_map(|id| desk.view(id));
    let counts: Vec<Value> = known.map(|view| counted(&view, desk, admitted)).collect();
    Ok(Reply::ok(json!({"ticketview_counts": counts})))
}

fn counted(view: &View, desk: &Desk, admitted: &Admitted<'_>) -> Value {
    json!({"ticketview_id": view.id, "count": size(view, desk, admitted)})
}

fn size(view: &View, desk: &Desk, admitted: &Admitted<'_>) -> Value {
    page::count(&admitted.switches, view.filter.select(desk, admitted).len())
}

fn wire(view: &View, desk: &Desk, admitted: &Admitted<'_>) -> Value {
    let mut wire = Map::new();
    wire.insert("id".to_owned(), json!(view.id));
    wire.insert("title".to_owned(), json!(view.title));
    wire.insert("active".to_owned(), json!(view.active));
    if admitted.call.param("fields").as_deref() == Some("show_tickets_num") {
        wire.insert("ticket_count".to_owned(), size(view, desk, admitted));
    }
    wire.insert("createDT".to_owned(), json!(view.create_dt));
    wire.insert("updateDT".to_owned(), json!(view.update_dt));
    Value::Object(wire)
}
