//! What an event is to change at the target.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{CUSTOM_FIELDS, OptionsChange, Question, Reply};
use crate::event::Ignored;

/// Bytes of a hash that tells two values of one field apart.
const DIGEST_BYTES: usize = 8;

/// What the target is to be told of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// What is to change there.
    pub change: Change,
    /// The source's version of the entity: its update time in unix milliseconds.
    pub version: Option<i64>,
    /// What did not reach the target.
    pub ignored: Vec<Ignored>,
    /// What has to be known first. Empty if the change is what it is.
    pub questions: Vec<Question>,
}

/// What is to change at the target.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A ticket, its reply, its company: calls in this order.
    Ticket(Box<TicketChange>),
    /// A company's fields.
    Company(Write),
    /// The choices of a field.
    Options(OptionsChange),
}

/// A ticket's fields and what goes along.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketChange {
    /// The fields.
    pub write: Write,
    /// A reply to add.
    pub reply: Option<Reply>,
    /// The ticket's company.
    pub company: Option<CompanyChange>,
    /// What happens if the ticket was never seen.
    pub unseen: Unseen,
}

/// A company that came with a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyChange {
    /// The source's id of it.
    pub source_id: String,
    /// Its fields.
    pub write: Write,
}

/// What an update of an entity becomes that was never seen, where the source can't be asked for the whole of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// A new one, if the event has what a new one needs.
    #[default]
    Create,
    /// It waits for an operator.
    Park,
}

/// Fields of one entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Write {
    /// The fields; those that the event doesn't have are left out. Empty if the event says nothing of the entity
    /// itself.
    pub fields: Fields,
    /// What a new entity is given beside; an existing one keeps what it has.
    pub defaults: Fields,
    /// Fields that a new entity needs and that the event doesn't have.
    pub missing: Vec<String>,
}

/// Fields of a target entity by their wire names. Only a client's own type makes sense of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// These fields, and those of `defaults` that are not among them.
    pub fn or(&self, defaults: &Self) -> Self {
        let mut all = defaults.0.clone();
        all.extend(self.0.clone());
        Self(all)
    }

    /// True if no field is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These fields but one.
    pub fn without(&self, name: &str) -> Self {
        let others = self.0.iter().filter(|(field, _)| *field != name);
        Self(others.map(|(field, value)| (field.clone(), value.clone())).collect())
    }

    /// A text field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A short hash of each field's value, by the field's name; a custom field counts by its key. Equal hashes mean
    /// equal values, and tell nothing of them.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let digest = |value: &Value| hex::encode(&Sha256::digest(value.to_string())[..DIGEST_BYTES]);
        let custom = self.0.get(CUSTOM_FIELDS).and_then(Value::as_array).into_iter().flatten();
        let custom = custom.filter_map(|field| Some((field.get("key")?.as_str()?, field.get("value")?)));
        let plain = self.0.iter().filter(|(name, _)| *name != CUSTOM_FIELDS);
        let plain = plain.map(|(name, value)| (name.clone(), digest(value)));
        plain.chain(custom.map(|(key, value)| (format!("{CUSTOM_FIELDS}/{key}"), digest(value)))).collect()
    }

    /// The fields as the client's type for writing.
    ///
    /// Error: the type has no such field, or of another type. A test of the target's vocabulary shows that
    /// there is none for the mappings that compile.
    pub fn to<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(&self.0)
    }
}
