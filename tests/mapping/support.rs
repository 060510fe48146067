//! Compiling a mapping and applying it to data that stands in a test.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use deskbridge::{
    event::EventType,
    intake::Schemas,
    mapping::{self, Answers, Library, Mapped, Mapping, Parameters, Refusal, SourceSchemas},
};
use serde_json::Value;

/// The shipped mappings.
pub(crate) const SHIPPED: [&str; 4] =
    ["udesk-bangwo8", "generic-bangwo8", "zendesk-bangwo8", "freshdesk-bangwo8"];

/// A path of this repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn shipped(name: &str) -> Mapping {
    let nowhere = tempfile::tempdir().expect("a folder");
    library(nowhere.path()).compile(name).unwrap_or_else(|problems| panic!("{name} compiles: {problems:#?}"))
}

/// The mappings in a folder and the shipped ones, of the shipped sources.
pub(crate) fn library(folder: &Path) -> Library {
    Library::beside(folder, SCHEMAS.clone())
}

static SCHEMAS: LazyLock<SourceSchemas> = LazyLock::new(|| {
    let schemas = Schemas::load(Path::new("")).unwrap_or_else(|problems| panic!("the schemas: {problems:?}"));
    schemas.whole().clone()
});

pub(crate) fn apply(mapping: &Mapping, data: &Value, parameters: &Parameters) -> Result<Mapped, Refusal> {
    apply_as(mapping, EventType::TicketUpdated, data, parameters)
}

pub(crate) fn apply_as(
    mapping: &Mapping,
    event_type: EventType,
    data: &Value,
    parameters: &Parameters,
) -> Result<Mapped, Refusal> {
    mapping.apply(event_type, data.to_string().as_bytes(), parameters, &Answers::none())
}

/// The result as the golden files have it.
pub(crate) fn told(result: Result<Mapped, Refusal>) -> Value {
    mapping::told(&result)
}
