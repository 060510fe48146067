//! Ticket templates. Which fields a template has is not on the wire, but it decides which fields a ticket
//! shows.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::{Admitted, Answer, Reply};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Template {
    pub(crate) id: u64,
    /// Keys of its custom fields, in the order a ticket shows them.
    pub(crate) fields: Vec<String>,
    /// The other members, in their wire form.
    #[serde(flatten)]
    wire: Map<String, Value>,
}

/// `GET /tickettemplates.json`.
pub(crate) fn list(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let base = &admitted.call.base_url;
    let templates: Vec<Value> = desk.templates.iter().map(|template| wire(template, base)).collect();
    Ok(Reply::ok(json!({"tickettemplates": templates})))
}

fn wire(template: &Template, base: &str) -> Value {
    let id = template.id.to_string();
    let url = format!("{base}/api/v1/tickettemplates/{id}.json");
    let mut wire = Map::from_iter([("tId".to_owned(), json!(id)), ("url".to_owned(), json!(url))]);
    wire.extend(template.wire.clone());
    Value::Object(wire)
}
