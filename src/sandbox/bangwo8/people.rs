//! Support agents.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::page::{self, Page, window};
use super::{Admitted, Answer, Rejection, Reply};

/// Default page size of the agent list.
const PER_PAGE: usize = 100;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Support {
    pub(crate) id: u64,
    #[serde(rename = "createDT")]
    create_dt: String,
    /// The other members, in their wire form.
    #[serde(flatten)]
    wire: Map<String, Value>,
}

impl Support {
    /// From the comma-joined list on the wire.
    pub(crate) fn group_ids(&self) -> Vec<u64> {
        let joined = self.wire.get("groupId").and_then(Value::as_str).unwrap_or_default();
        joined.split(',').filter_map(|id| id.trim().parse().ok()).collect()
    }
}

/// `GET /supports.json`.
pub(crate) fn supports(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let mut matching: Vec<&Support> =
        desk.people.supports.iter().filter(|support| window(call, "created", &support.create_dt)).collect();
    matching.sort_by_key(|support| support.id);
    if call.param("created_order").as_deref() == Some("desc") {
        matching.sort_by(|one, other| other.create_dt.cmp(&one.create_dt));
    }
    let page = Page::of(call, PER_PAGE);
    let supports: Vec<Value> =
        page.cut(&matching).iter().map(|support| wire(support, &call.base_url)).collect();
    Ok(Reply::ok(json!({"supports": supports, "count": page::count(&admitted.switches, matching.len())})))
}

/// `GET /supports/{id}.json`.
pub(crate) fn support(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let id = admitted.id.parse().map_err(|_| Rejection::NotFound)?;
    let support = desk.support(id).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"support": wire(support, &admitted.call.base_url)})))
}

fn wire(support: &Support, base: &str) -> Value {
    let id = support.id.to_string();
    let url = format!("{base}/api/v1/supports/{id}.json");
    let mut wire = Map::from_iter([("sId".to_owned(), json!(id)), ("url".to_owned(), json!(url))]);
    wire.extend(support.wire.clone());
    wire.insert("createDT".to_owned(), json!(support.create_dt));
    Value::Object(wire)
}
