//! Which events a caller means, in a query or in a body.

use std::{fmt::Display, str::FromStr};

use serde::Deserialize;

use super::problem::Problem;
use crate::{event::Status, store::Filter};

/// Conditions that an event meets all of, as they were written. Times are RFC 3339, of the event's acceptance.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    pub(super) status: Option<String>,
    pub(super) r#type: Option<String>,
    pub(super) lane: Option<String>,
    /// Of the reason.
    pub(super) code: Option<String>,
    /// At this time or later.
    pub(super) since: Option<String>,
    /// Before this time.
    pub(super) until: Option<String>,
}

impl Which {
    /// The filter; a condition that can't be read is a problem of this code.
    pub(super) fn filter(self, code: &'static str) -> Result<Filter, Problem> {
        Ok(Filter {
            status: parsed(code, "status", self.status)?,
            event_type: parsed(code, "type", self.r#type)?,
            lane: parsed(code, "lane", self.lane)?,
            code: self.code,
            since: parsed(code, "since", self.since)?,
            until: parsed(code, "until", self.until)?,
            before: None,
            limit: 0,
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

/// A parameter, if it was given.
pub(super) fn parsed<T: FromStr<Err: Display>>(
    code: &'static str,
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, Problem> {
    let parsed = text.map(|text| text.parse::<T>()).transpose();
    parsed.map_err(|error| Problem::new(code, format!("{name}: {error}")))
}
