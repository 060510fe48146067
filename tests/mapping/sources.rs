//! The sources that the proofs are about: the shipped ones, and one that uses what JSON Schema has.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use deskbridge::{
    event::EventType,
    intake::Schemas,
    mapping::{Library, Mapping, Parameters, SourceSchemas},
};
use serde_json::json;

use crate::{events::Events, support::repository};

/// Mappings and the source of each.
pub(crate) const MAPPINGS: [(&str, &str); 3] =
    [("udesk-bangwo8", "udesk"), ("generic-bangwo8", "generic"), ("acme-bangwo8", "acme")];
pub(crate) const ACME: &str = "tests/mapping/acme";

pub(crate) static SCHEMAS: LazyLock<SourceSchemas> = LazyLock::new(|| {
    let own = repository(ACME).join("schemas");
    Schemas::load(&own).unwrap_or_else(|problems| panic!("the schemas: {problems:?}")).whole().clone()
});

/// The mappings of a folder and the shipped ones, of all sources.
pub(crate) fn library(folder: &Path) -> Library {
    Library::beside(folder, SCHEMAS.clone())
}

pub(crate) fn compiled(name: &str) -> Mapping {
    library(&repository(ACME))
        .compile(name)
        .unwrap_or_else(|problems| panic!("{name} compiles: {problems:#?}"))
}

/// The text of one of [`MAPPINGS`].
pub(crate) fn text_of(name: &str) -> String {
    let folder = if name.starts_with("acme") { repository(ACME) } else { repository("") };
    std::fs::read_to_string(folder.join("mappings").join(format!("{name}.yaml"))).expect("a mapping")
}

/// A folder in which mappings of all sources compile.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("mappings/vocabularies");
    std::fs::create_dir_all(&own).expect("a folder");
    let vocabulary = repository(ACME).join("mappings/vocabularies/acme.yaml");
    std::fs::copy(vocabulary, own.join("acme.yaml")).expect("the vocabulary");
    folder
}

/// The mapping with this text, in a folder of [`folder`].
pub(crate) fn compile(
    folder: &Path,
    text: impl AsRef<[u8]>,
) -> Result<Mapping, Vec<deskbridge::diagnostic::Diagnostic>> {
    std::fs::write(folder.join("mine.yaml"), text).expect("a mapping");
    library(folder).compile("mine.yaml")
}

/// Every event type of a source.
pub(crate) fn events_of(source: &str) -> BTreeMap<EventType, Events> {
    let folders = [repository("schemas"), repository(ACME).join("schemas")];
    let folders = [folders[0].as_path(), folders[1].as_path()];
    let of = |(event_type, schema): (&EventType, _)| {
        (*event_type, Events::new(schema, &folders, source, *event_type))
    };
    SCHEMAS[source].iter().map(of).collect()
}

/// Tenant values in which people go by several names.
pub(crate) fn parameters() -> Parameters {
    let values = json!({
        "ticket_template_id": 4, "default_contact_id": 21101341, "greeting": "您好",
        "agents": { "1": 565123, "李娜": 565123, "li.na@example.com": 565123 },
        "groups": { "1": 344124, "售前组": 344124 },
        "contacts": { "li.na@example.com": 21130282, "李娜": 21130282, "1": 21130282 }
    });
    serde_json::from_value(values).expect("parameters")
}
