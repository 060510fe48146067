//! Which events a caller means, in a query or in a body.

use serde::{Deserialize, Serialize};

use super::{
    problem::Problem,
    query::{in_order, moment, parsed},
};
use crate::{event::Status, store::Filter};

/// Conditions that an event meets all of, as they were written. Times are RFC 3339, of the event's acceptance.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lane: Option<String>,
    /// Of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    /// At this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<String>,
    /// Before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
}

impl Which {
    /// The filter; a condition that can't be read is a problem of this code.
    pub(super) fn filter(self, code: &'static str) -> Result<Filter, Problem> {
        // No event has one, and not every store can be asked for it.
        if [&self.lane, &self.code].into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(Problem::new(code, "lane and code must not contain a NUL character"));
        }
        let time = |name: &str, text: Option<String>| text.map(|text| moment(code, name, &text)).transpose();
        let (since, until) = (time("since", self.since)?, time("until", self.until)?);
        in_order(code, since, until)?;
        Ok(Filter {
            status: parsed(code, "status", self.status)?,
            event_type: parsed(code, "type", self.r#type)?,
            lane: parsed(code, "lane", self.lane)?,
            code: self.code,
            since,
            until,
            ..Filter::default()
        })
    }

    /// The same among parked and dead events only: no other status can be meant.
    pub(super) fn held(self, code: &'static str) -> Result<Filter, Problem> {
        let filter = self.filter(code)?;
        match filter.status {
            None | Some(Status::Parked | Status::Dead) => Ok(filter),
            Some(status) => {
                let why = format!(
                    "status: {} events are not held; it is parked or dead, or left out for both",
                    status.as_str()
                );
                Err(Problem::new(code, why))
            }
        }
    }
}
