//! Compiling a mapping and applying it to data that stands in a test.

use std::path::{Path, PathBuf};

use deskbridge::{
    event::EventType,
    mapping::{self, Library, Mapped, Mapping, Parameters, Refusal},
};
use serde_json::Value;

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

pub(crate) fn apply(mapping: &Mapping, data: &Value, parameters: &Parameters) -> Result<Mapped, Refusal> {
    apply_as(mapping, EventType::TicketUpdated, data, parameters)
}

pub(crate) fn apply_as(
    mapping: &Mapping,
    event_type: EventType,
    data: &Value,
    parameters: &Parameters,
) -> Result<Mapped, Refusal> {
    mapping.apply(event_type, data.to_string().as_bytes(), parameters)
}

/// The result as the golden files have it.
pub(crate) fn told(result: Result<Mapped, Refusal>) -> Value {
    mapping::told(&result)
}
