//! Which events are meant.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::cli::{
    Failure,
    moment::{in_order, timestamp},
};

/// Conditions that an event meets all of. The service reads them.
#[derive(clap::Args, Default)]
pub(super) struct Which {
    /// Only those that stand so, e.g. parked, dead, retrying, delivered
    #[arg(long)]
    status: Option<String>,
    /// Only those of this type, e.g. ticket.created
    #[arg(long, value_name = "TYPE")]
    r#type: Option<String>,
    /// Only those of this lane, e.g. ticket:1
    #[arg(long)]
    lane: Option<String>,
    /// Only those whose reason has this code, e.g. unknown_value
    #[arg(long)]
    code: Option<String>,
    /// Only those accepted at this time or later, e.g. 2026-11-01T00:00:00+08:00
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    since: Option<Timestamp>,
    /// Only those accepted before this time
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    until: Option<Timestamp>,
}

impl Which {
    /// Refuses what no event can meet.
    pub(super) fn check(&self) -> Result<(), Failure> {
        in_order(self.since, self.until)
    }

    /// As a query.
    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let all = [
            ("status", self.status.clone()),
            ("type", self.r#type.clone()),
            ("lane", self.lane.clone()),
            ("code", self.code.clone()),
            ("since", time(self.since)),
            ("until", time(self.until)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// As a filter in a body.
    pub(super) fn filter(&self) -> Value {
        let members = self.query().into_iter().map(|(name, value)| (name.to_owned(), Value::String(value)));
        Value::Object(members.collect::<Map<_, _>>())
    }

    /// True if nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        self.query().is_empty()
    }
}
