//! What is right of a cell, by its event's record, the vendor's request log, and what the vendor has at the end.

use deskbridge::dispatch::retry::table::{Case, Effect, Row, Then};
use serde_json::Value;

use super::{Call, Cell, MAX_ATTEMPTS, faults::Meets};
use crate::harness::*;

/// What is known of a cell when its event has ended.
struct Ended<'a> {
    record: &'a Answer,
    /// The code of each attempt; empty of one that didn't fail.
    codes: Vec<&'a str>,
    /// How often the fault struck.
    struck: u64,
    /// True if a call that it struck had its effect.
    happened: bool,
    /// How many of what is meant the vendor has.
    there: usize,
}

impl Cell<'_> {
    /// An error says what is wrong.
    pub(super) fn judge(&self, record: &Answer, requests: &[Value], vendor: &Value) -> Result<(), String> {
        let attempts = record.json["attempts"].as_array().expect("a list");
        let struck: Vec<&Value> = requests.iter().filter(|it| self.is_struck(it)).collect();
        let ended = Ended {
            record,
            codes: attempts.iter().map(|it| it["reason"]["code"].as_str().unwrap_or_default()).collect(),
            struck: struck.len() as u64,
            happened: struck.iter().any(|it| !it["effect"].is_null()),
            there: self.series.call.there(vendor, self.n),
        };
        self.is_made_once(&ended)?;
        self.is_said(&ended)?;
        follows_the_table(&ended)?;
        check(ended.struck > 0, "the fault befell no call")?;
        self.is_expected(&ended)
    }

    fn is_struck(&self, request: &Value) -> bool {
        let method = self.series.call.address().0;
        request["method"] == method && !request["fault"].is_null()
    }

    fn is_made_once(&self, ended: &Ended<'_>) -> Result<(), String> {
        let twice_is_said = self.series.call == Call::Reply
            && self.series.repeated == "ignored"
            && ended.record.text.contains("possibly_twice");
        let made = || format!("{} times at the vendor", ended.there);
        if ended.there > 1 && !twice_is_said { Err(made()) } else { Ok(()) }
    }

    /// What is delivered is there, unless the vendor lied; what is there and not delivered is said to be possible.
    fn is_said(&self, ended: &Ended<'_>) -> Result<(), String> {
        let (status, code) = (ended.record.str("/status"), ended.record.str("/reason/code"));
        match status {
            "delivered" | "skipped" if self.fault.meets == Meets::Lie => Ok(()),
            "delivered" | "skipped" => check(ended.there > 0, "it is not there, and said to be"),
            _ if ended.there == 0 => Ok(()),
            _ => {
                let says = code == "uncertain" || rows_of(code).any(|row| row.effect != Effect::No);
                check(says, "it is there, and nothing says that it may be")
            }
        }
    }

    fn is_expected(&self, ended: &Ended<'_>) -> Result<(), String> {
        let row = match self.fault.meets {
            Meets::Lie => return Ok(()),
            Meets::NoHarm => return self.ends_without_harm(ended),
            Meets::Nothing if self.series.call.names_entity() => Case::NotFound.row(),
            Meets::Nothing => Case::NoSuchAddress.row(),
            Meets::Failure(case) => case.row(),
        };
        if matches!(self.series.call, Call::FindTicket { .. }) {
            return self.is_found_or_left(ended);
        }
        if self.series.call == Call::Token {
            return ends(ended, "delivered").or_else(|_| ends(ended, "dead"));
        }
        let first = ended.codes.first().copied().unwrap_or_default();
        check(row.codes.contains(&first), &format!("first failed as {first:?}"))?;
        let possible = row.effect != Effect::No && self.series.call.writes();
        match row.then {
            Then::Dies => ends(ended, "dead"),
            Then::Attempts | Then::Age if possible && self.series.call.leaves_doubt() => {
                self.doubt(ended, row)
            }
            Then::Attempts if ended.struck == MAX_ATTEMPTS => {
                check(ended.codes.len() as u64 == MAX_ATTEMPTS, "so many attempts")?;
                ends(ended, "dead")
            }
            _ if self.series.call == Call::DeleteOption && ended.happened => {
                ends(ended, "delivered").or_else(|_| ends(ended, "skipped"))
            }
            _ => ends(ended, "delivered"),
        }
    }

    fn ends_without_harm(&self, ended: &Ended<'_>) -> Result<(), String> {
        let lost = matches!(self.series.call, Call::FindTicket { .. });
        if lost || self.series.call == Call::Token {
            return self.is_found_or_left(ended);
        }
        check(ended.codes.len() == 1, "more than one attempt")?;
        ends(ended, "delivered")
    }

    /// A call that was not answered: found, repeated or left to an operator.
    fn doubt(&self, ended: &Ended<'_>, row: Row) -> Result<(), String> {
        let found = self.series.call == Call::CreateTicket && ended.happened;
        let refused = self.series.call == Call::Reply && ended.happened && self.series.repeated == "error";
        if found {
            return ends(ended, "delivered");
        }
        let lasted = ended.struck == MAX_ATTEMPTS;
        if lasted && row.then == Then::Attempts {
            return ends(ended, "dead");
        }
        if self.series.on_uncertain == "park" || refused {
            ends(ended, "parked")?;
            return check(ended.record.str("/reason/code") == "uncertain", "it is not said to be uncertain");
        }
        let said = self.series.call != Call::Reply || ended.record.text.contains("possibly_twice");
        check(said, "that it may be there twice is not said")?;
        ends(ended, "delivered")
    }

    fn is_found_or_left(&self, ended: &Ended<'_>) -> Result<(), String> {
        match ended.record.str("/reason/code") {
            "uncertain" => ends(ended, "parked"),
            _ => ends(ended, "delivered"),
        }
    }
}

/// Each attempt's outcome is that of a row which has its code.
fn follows_the_table(ended: &Ended<'_>) -> Result<(), String> {
    let last = ended.codes.len() - 1;
    for (attempt, code) in ended.codes.iter().enumerate().filter(|(_, code)| !code.is_empty()) {
        let outcome = ended.record.str(&format!("/attempts/{attempt}/outcome"));
        let is_last_try = attempt == last && attempt as u64 + 1 >= MAX_ATTEMPTS;
        let agrees = |row: Row| match outcome {
            "retrying" => matches!(row.then, Then::Attempts | Then::Age),
            "dead" => row.then == Then::Dies || (row.then == Then::Attempts && is_last_try),
            "parked" => row.then == Then::Parks,
            _ => true,
        };
        let own = outcome == "parked" && rows_of(code).next().is_none();
        check(
            own || outcome == "skipped" || rows_of(code).any(agrees),
            &format!("{code} came to {outcome}"),
        )?;
    }
    Ok(())
}

/// The rows of a code; that of a look-up for the mapping says by what it failed.
fn rows_of(code: &str) -> impl Iterator<Item = Row> {
    let code = code.strip_prefix("lookup_").unwrap_or(code);
    Case::ALL.into_iter().map(Case::row).filter(move |row| row.codes.contains(&code))
}

fn ends(ended: &Ended<'_>, status: &str) -> Result<(), String> {
    check(ended.record.str("/status") == status, &format!("it should be {status}"))
}

fn check(right: bool, why: &str) -> Result<(), String> {
    if right { Ok(()) } else { Err(why.to_owned()) }
}
