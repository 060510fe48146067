//! What the schemas of now say of an event that was taken in before.

use serde_json::Value;

use super::{Intake, Refusal, Violation, push::unwrapped};
use crate::{event::Event, json};

/// A schema, and what an event has against it.
#[derive(Debug)]
pub struct Rechecked {
    /// Its path below `schemas/`: `events/udesk/ticket.created.json`.
    pub schema: String,
    /// Empty if the event would be taken in again. Pointers are into a CloudEvent or an envelope as it was sent.
    pub violations: Vec<Violation>,
}

impl Intake {
    /// Validates a stored event again; `None` if its connection is gone.
    pub fn recheck(&self, event: &Event) -> Option<Rechecked> {
        let vendor = &self.sources.get(&event.connection)?.vendor;
        let schema = match event.hint {
            true => format!("pushes/{vendor}.json"),
            false => format!("events/{vendor}/{}.json", event.event_type),
        };
        let violations = match self.check_again(vendor, event) {
            Err(Refusal::SchemaViolation(violations)) => violations,
            Err(other) => vec![Violation::new(String::new(), "type", other.to_string())],
            Ok(()) => Vec::new(),
        };
        Some(Rechecked { schema, violations })
    }

    fn check_again(&self, vendor: &str, event: &Event) -> Result<(), Refusal> {
        let data: Value = json::from_slice(event.data()).map_err(|error| Refusal::malformed(&error))?;
        if !event.hint {
            return self.schemas.check(vendor, event.event_type, &data).map(drop);
        }
        let schema = self.schemas.push(vendor, event.event_type);
        let schema =
            schema.ok_or(Refusal::PushNotTaken("the source sends no pushes of this type any more"))?;
        schema.check(&data).map(drop).map_err(|refusal| refusal.map_violations(unwrapped))
    }
}
