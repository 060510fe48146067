//! Compiling a mapping and applying it to data that stands in a test.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use deskbridge::{
    event::{Event, EventId, EventType, Lane},
    mapping::{Library, Mapped, Mapping, Parameters, Refusal},
};
use serde_json::{Value, json};

/// The shipped mappings.
pub(crate) const SHIPPED: [&str; 2] = ["udesk-bangwo8", "generic-bangwo8"];

/// A path of this repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn shipped(name: &str) -> Mapping {
    let nowhere = tempfile::tempdir().expect("a folder");
    Library::beside(nowhere.path()).compile(name).expect("a shipped mapping compiles")
}

/// An event with this data. Its other members don't matter to a mapping.
pub(crate) fn event(event_type: EventType, data: &Value) -> Event {
    let body = Bytes::from(data.to_string());
    Event {
        connection: "acme".into(),
        id: EventId::plain("1").expect("an id"),
        event_type,
        lane: Lane::new("ticket", "1").expect("a lane"),
        time: None,
        traceparent: None,
        data: 0..body.len(),
        body,
    }
}

pub(crate) fn apply(mapping: &Mapping, data: &Value, parameters: &Parameters) -> Result<Mapped, Refusal> {
    mapping.apply(&event(EventType::TicketUpdated, data), parameters)
}

/// The result as the golden files have it: members that hold nothing are left out.
pub(crate) fn told(result: Result<Mapped, Refusal>) -> Value {
    let mut told = match result {
        Err(Refusal { code, pointer, message }) => {
            return json!({ "refusal": { "code": code, "pointer": pointer, "message": message } });
        }
        Ok(mapped) => json!({
            "fields": mapped.fields, "defaults": mapped.defaults, "missing": mapped.missing,
            "reply": mapped.reply, "version": mapped.version, "ignored": mapped.ignored
        }),
    };
    let empty = [json!(null), json!([]), json!({})];
    told.as_object_mut().expect("an object").retain(|_, value| !empty.contains(value));
    told
}
