//! The same snapshots in Bangwo8's own shape, as its documents print it: numbers and counts as text, nothing as `""`, and
//! envelopes with `count`, `previous_page` and `next_page`. There is no place in it for how fresh an answer is.

use serde_json::{Map, Value, json, value::RawValue};

use super::{
    Served, TicketViews, Unavailable,
    bodies::Page,
    desk::{Desk, Standing},
    page_cache::Key,
    prepared::Body,
    serve,
    view::View,
    wire,
};

use crate::json;

impl TicketViews {
    /// `{"ticketviews":[…],"count"}` in the order of the ids as text, each view with its `ticket_count` if asked for.
    pub fn wire_list(&self, connection: &str, counted: bool) -> Result<Served, Unavailable> {
        let (_, desk) = self.desk(connection)?;
        let mut views: Vec<&View> = desk.views.values().map(|standing| &*standing.view).collect();
        views.sort_by(|one, other| one.id.cmp(&other.id));
        let count = views.len().to_string();
        let views: Vec<Value> = views.into_iter().map(|view| shown(view, counted)).collect();
        let body = Body::json(&json!({ "ticketviews": views, "count": count }))?;
        Ok(serve::of_all(body, &desk))
    }

    /// `{"ticketview":{…}}`.
    pub fn wire_one(&self, connection: &str, id: &str, counted: bool) -> Result<Served, Unavailable> {
        let (_, desk) = self.desk(connection)?;
        let standing = desk.view(id)?;
        let body = Body::json(&json!({ "ticketview": shown(&standing.view, counted) }))?;
        Ok(serve::of_one(body, &desk, standing))
    }

    /// `{"tickets":[…],"count","previous_page","next_page"}`; pages are told as addresses below `address`, the one that
    /// was asked for.
    pub async fn wire_tickets(
        &self,
        connection: &str,
        id: &str,
        page: Page,
        address: &str,
    ) -> Result<Served, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        let standing = desk.enabled(id)?;
        let view = &standing.view;
        let key = Key::Wire(view.version, page, address.to_owned());
        let made = async {
            let rows = reading.rows(&view.slice(page.range(view.count))).await?;
            let tickets: Vec<&RawValue> = rows.iter().map(|row| &*row.sent).collect();
            Ok::<_, Unavailable>(tickets_of(&tickets, page, view.count, address)?)
        };
        // Of pages past the end there is no end, and each is made of nothing.
        let body = match page.range(view.count).is_empty() {
            true => made.await?,
            false => reading.board.pages.fetch(&key, made).await?,
        };
        Ok(serve::of_one(body, &desk, standing))
    }

    /// `{"ticketview_count":[{"ticketview_id","count"}]}`.
    pub fn wire_count(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        let (_, desk) = self.desk(connection)?;
        let standing = desk.enabled(id)?;
        let body = Body::json(&json!({ "ticketview_count": [count(standing)] }))?;
        Ok(serve::of_one(body, &desk, standing))
    }

    /// `{"ticketview_counts":[{"ticketview_id","count"}]}` in the order of the ids; unknown ones are left out.
    pub fn wire_counts(&self, connection: &str, ids: &[&str]) -> Result<Served, Unavailable> {
        let (_, desk) = self.desk(connection)?;
        let counts: Vec<Value> = ids.iter().filter_map(|id| known(&desk, id)).collect();
        let body = Body::json(&json!({ "ticketview_counts": counts }))?;
        Ok(serve::of_all(body, &desk))
    }
}

fn known(desk: &Desk, id: &str) -> Option<Value> {
    desk.enabled(id).ok().map(|standing| count(standing))
}

fn count(standing: &Standing) -> Value {
    json!({ "ticketview_id": standing.view.id, "count": standing.view.count.to_string() })
}

/// `ticket_count` stands where the documents list it: behind `active`.
fn shown(view: &View, counted: bool) -> Value {
    let shown = wire::view(&view.card.sent);
    let (Some(count), Value::Object(members)) = (view.ticket_count().filter(|_| counted), &shown) else {
        return shown;
    };
    let mut with_count = Map::new();
    for (key, value) in members {
        with_count.insert(key.clone(), value.clone());
        if key == "active" {
            with_count.insert("ticket_count".to_owned(), count.to_string().into());
        }
    }
    with_count.entry("ticket_count").or_insert_with(|| count.to_string().into());
    Value::Object(with_count)
}

fn tickets_of(sent: &[&RawValue], page: Page, count: usize, address: &str) -> serde_json::Result<Body> {
    let read = sent.iter().map(|sent| Ok(wire::ticket(&json::from_str(sent.get())?)));
    let tickets: Vec<Value> = read.collect::<serde_json::Result<_>>()?;
    let neighbour = |number: usize| {
        let there = (1..=page.of(count)).contains(&number);
        if there { format!("{address}?per_page={}&page={number}", page.size) } else { String::new() }
    };
    let (before, after) = (page.number.saturating_sub(1), page.number.saturating_add(1));
    Body::json(&json!({
        "tickets": tickets,
        "count": count.to_string(),
        "previous_page": neighbour(before),
        "next_page": neighbour(after),
    }))
}
