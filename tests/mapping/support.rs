//! Compiling a mapping and applying it to data that stands in a test.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

use deskbridge::{
    event::EventType,
    intake::Schemas,
    mapping::{
        Answers, Change, Library, Mapped, Mapping, OptionChange, Parameters, Refusal, SourceSchemas,
        TicketChange, Write,
    },
};
use serde_json::{Value, json};

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

/// The result as the golden files have it: members that hold nothing are left out.
pub(crate) fn told(result: Result<Mapped, Refusal>) -> Value {
    let mut told = match result {
        Err(Refusal { code, pointer, message }) => {
            return json!({ "refusal": { "code": code, "pointer": pointer, "message": message } });
        }
        Ok(Mapped { change, version, ignored, questions }) => {
            let mut told = changed(change);
            told["version"] = json!(version);
            told["ignored"] = json!(ignored);
            told["questions"] = json!(questions);
            told
        }
    };
    let empty = [json!(null), json!([]), json!({})];
    told.as_object_mut().expect("an object").retain(|_, value| !empty.contains(value));
    told
}

fn changed(change: Change) -> Value {
    let written = |write: Write| json!({ "fields": write.fields, "defaults": write.defaults, "missing": write.missing });
    match change {
        Change::Ticket(change) => {
            let TicketChange { write, reply, company, .. } = *change;
            let mut told = written(write);
            if let Some(company) = company {
                told["company"] = written(company.write);
                told["company"]["source_id"] = json!(company.source_id);
            }
            told["reply"] = json!(reply.as_ref().map(|reply| &reply.text));
            told["reply_id"] = json!(reply.and_then(|reply| reply.id));
            told
        }
        Change::Company(write) => json!({ "company": written(write) }),
        Change::Options(change) => json!({
            "key": change.key,
            "how": format!("{:?}", change.how),
            "levels": change.levels.iter().map(|level| level.iter().map(option).collect()).collect::<Vec<Value>>(),
        }),
    }
}

/// `parent/external id: name`.
fn option(option: &OptionChange) -> Value {
    let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".into());
    json!(format!("{}/{}: {}", id(&option.parent), id(&option.external_id), option.name))
}
