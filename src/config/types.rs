//! A configuration that can be run, as the other rooms see it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::Deserialize;
use serde_json::Value;

use super::{
    interval,
    keys::ApiKey,
    privacy::Privacy,
    source::Source,
    target::Target,
    ticketviews::TicketViews,
    tries::{Breaker, OnDead, OnUncertain, Retry},
};
use crate::diagnostic::Place;

/// A connections file that can be run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// Who may call.
    pub api_keys: Vec<ApiKey>,
    /// By name.
    pub connections: BTreeMap<String, Connection>,
}

/// What a connections file names.
#[derive(Debug, Default)]
pub struct Named {
    /// Files of secrets.
    pub secrets: BTreeSet<PathBuf>,
    /// Variables of secrets.
    pub variables: BTreeSet<String>,
    /// Names or paths of mappings.
    pub mappings: BTreeSet<String>,
}

/// A source and a target.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// Where it stands in the file.
    pub place: Place,
    /// Where events come from.
    pub source: Source,
    /// Where they go.
    pub target: Target,
    /// Name or path of the mapping.
    pub mapping: String,
    /// Where the mapping's name stands in the file.
    pub mapping_place: Place,
    /// Tenant values that the mapping refers to.
    pub parameters: BTreeMap<String, Value>,
    /// Where each parameter stands in the file.
    pub parameter_places: BTreeMap<String, Place>,
    /// How its ticket views are read.
    pub ticketviews: TicketViews,
    /// How it is watched that its vendors have the fields that the mapping counts on.
    pub drift: Drift,
    /// What is not sent.
    pub skip: Skip,
    /// True if of several waiting updates of one entity only the newest is sent.
    pub coalesce: bool,
    /// How long it is tried.
    pub retry: Retry,
    /// When nothing is tried.
    pub breaker: Breaker,
    /// What a dead event does to its lane.
    pub on_dead: OnDead,
    /// What happens when it can't be told whether a call made something.
    pub on_uncertain: OnUncertain,
    /// What is kept from everybody.
    pub privacy: Privacy,
}

/// How drift of the vendors' fields is watched for.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// Seconds between two readings of both vendors' field lists; 0 turns them off.
    #[serde(deserialize_with = "check_s")]
    pub check_s: u64,
}

fn check_s<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    interval::seconds(deserializer, "check_s", "for no look at all")
}

impl Default for Drift {
    /// A reading is three calls or four, and fields change by hand, a few times a day.
    fn default() -> Self {
        Self { check_s: 900 }
    }
}

/// What is not sent because it would change nothing for the better.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Skip {
    /// What is older than what was last applied to its entity.
    pub stale: bool,
    /// What equals what was last written to it.
    pub unchanged: bool,
}

impl Default for Skip {
    fn default() -> Self {
        Self { stale: true, unchanged: true }
    }
}
