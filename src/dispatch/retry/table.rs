//! The one table of how an attempt can fail and of what follows. What becomes of an event is decided by its rows and by
//! nothing else; `docs/reliability.md` prints them.

use self::{Effect::*, Matter::*, Then::*};

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "`Row::when` says when each comes")]
pub enum Case {
    Name,
    Unreachable,
    ConnectTimeout,
    Tls,
    Timeout,
    Unanswered,
    RequestTimeout,
    RateLimited,
    ServerError,
    Gateway,
    Maintenance,
    Unauthorized,
    Forbidden,
    NoSuchAddress,
    Configuration,
    NotFound,
    Declined,
    BadAnswer,
    TooLarge,
    CreatedIdUnknown,
    SourceUnavailable,
    SourceUnauthorized,
    SourceBadAnswer,
    SourceGone,
    SourceRefused,
    AddressRefused,
    Redirected,
    Gone,
    NotTaken,
    Store,
    OutOfTime,
    Unmapped,
    Stuck,
}

/// What a way to fail means.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The codes in records, metrics and logs; empty where each has its own.
    pub codes: &'static [&'static str],
    /// When it comes.
    pub when: &'static str,
    /// Whether a write may have been carried out.
    pub effect: Effect,
    /// Whose matter it is.
    pub matter: Matter,
    /// What becomes of the event.
    pub then: Then,
}

/// Whether the target may have carried out a write that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Certainly not.
    No,
    /// Perhaps: it is looked for before it is tried again.
    Possible,
    /// Certainly.
    Certain,
}

/// Whose matter a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// The event's: others are not held up.
    Event,
    /// The connection's: it befalls every event alike.
    Connection,
    /// The connection's, which is asked to go slower.
    Pace,
    /// The event's while others get through, the connection's while none does.
    Unclear,
    /// Neither's: our own.
    Ours,
}

/// What becomes of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Tried again, until its attempts are used up or it is too old.
    Attempts,
    /// Tried again, until it is too old.
    Age,
    /// Dead: the same would fail again.
    Dies,
    /// An operator decides.
    Parks,
    /// Nothing is left to do.
    Skips,
}

impl Case {
    /// Every way to fail, in the order of the documentation.
    pub const ALL: [Self; 33] = [
        Self::Name,
        Self::Unreachable,
        Self::ConnectTimeout,
        Self::Tls,
        Self::Timeout,
        Self::Unanswered,
        Self::RequestTimeout,
        Self::RateLimited,
        Self::ServerError,
        Self::Gateway,
        Self::Maintenance,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NoSuchAddress,
        Self::Configuration,
        Self::NotFound,
        Self::Declined,
        Self::BadAnswer,
        Self::TooLarge,
        Self::CreatedIdUnknown,
        Self::SourceUnavailable,
        Self::SourceUnauthorized,
        Self::SourceBadAnswer,
        Self::SourceGone,
        Self::SourceRefused,
        Self::AddressRefused,
        Self::Redirected,
        Self::Gone,
        Self::NotTaken,
        Self::Store,
        Self::OutOfTime,
        Self::Unmapped,
        Self::Stuck,
    ];

    /// What it means.
    #[rustfmt::skip]
    pub fn row(self) -> Row {
        match self {
            Self::Name => row(&["dns"], "the name in `base_url` has no address, or no DNS server says so", No, Connection, Age),
            Self::Unreachable => row(&["unreachable"], "the address takes no connection", No, Connection, Age),
            Self::ConnectTimeout => row(&["connect_timeout"], "no connection within 5 s, or within half of `timeout_ms`", No, Connection, Age),
            Self::Tls => row(&["tls"], "no agreement on TLS: a certificate that is expired, of another host or not trusted", No, Connection, Age),
            Self::Timeout => row(&["timeout"], "sent, and no whole answer within `timeout_ms`", Possible, Unclear, Attempts),
            Self::Unanswered => row(&["unanswered"], "sent, and the connection broke before the whole answer", Possible, Unclear, Attempts),
            Self::RequestTimeout => row(&["unavailable"], "HTTP 408 or 425", Possible, Unclear, Attempts),
            Self::RateLimited => row(&["rate_limited"], "HTTP 429", No, Pace, Age),
            Self::ServerError => row(&["unavailable"], "HTTP 500 or another 5xx", Possible, Unclear, Attempts),
            Self::Gateway => row(&["unavailable"], "HTTP 502 or 504", Possible, Connection, Age),
            Self::Maintenance => row(&["unavailable"], "HTTP 503, which Bangwo8 documents as maintenance", No, Pace, Age),
            Self::Unauthorized => row(&["unauthorized"], "HTTP 401 with a fresh token too, or an OAuth error", No, Connection, Age),
            Self::Forbidden => row(&["forbidden"], "HTTP 403 whose body has no complaint about the content", No, Connection, Age),
            Self::NoSuchAddress => row(&["not_found", "invalid_resource_uri"], "HTTP 404 of what must be there, or code 100047: a wrong `base_url`", No, Connection, Age),
            Self::Configuration => row(&["configuration"], "the credentials fit no header, or the token's address answers otherwise than documented", No, Connection, Age),
            Self::NotFound => row(&["not_found"], "HTTP 404 of one entity", No, Event, Dies),
            Self::Declined => row(&[
                "rejected", "already_exists", "field_not_found", "not_a_drop_down", "option_name_empty", "option_name_repeated",
                "option_not_found", "option_id_missing", "contact_not_found", "already_bound",
            ], "understood and refused: another 4xx, or a code in the body under any status", No, Event, Dies),
            Self::BadAnswer => row(&["bad_answer"], "a success whose body is not what is documented", Possible, Unclear, Attempts),
            Self::TooLarge => row(&["too_large"], "an answer that is longer than the limit", Possible, Unclear, Attempts),
            Self::CreatedIdUnknown => row(&["created_id_unknown"], "created, under an id that was not told and is not found", Certain, Event, Parks),
            Self::SourceUnavailable => row(&["source_unavailable"], "reading at the source: no connection, no answer, 408, 425, 429, 5xx or no JSON", No, Connection, Age),
            Self::SourceUnauthorized => row(&["source_unauthorized"], "reading at the source: credentials or address are not accepted", No, Connection, Age),
            Self::SourceBadAnswer => row(&["source_bad_answer"], "reading at the source: an answer of another shape, or too long", No, Unclear, Attempts),
            Self::SourceGone => row(&["source_gone"], "reading at the source: there is no such ticket any more", No, Event, Skips),
            Self::SourceRefused => row(&["source_refused"], "reading at the source: any other refusal", No, Event, Parks),
            Self::AddressRefused => row(&["address_refused"], "a message to a subscriber: the name has no address that may be called", No, Connection, Age),
            Self::Redirected => row(&["redirected"], "a message to a subscriber: a redirect, which is not followed", No, Connection, Age),
            Self::Gone => row(&["gone"], "a message to a subscriber: HTTP 410, which asks for no more", No, Event, Dies),
            Self::NotTaken => row(&["not_taken"], "a message to a subscriber: another 4xx", No, Unclear, Attempts),
            Self::Store => row(&["store"], "deskbridge's own store failed during the attempt", Possible, Ours, Age),
            Self::OutOfTime => row(&["out_of_time"], "the attempt took longer than 270 s", Possible, Unclear, Attempts),
            Self::Unmapped => row(&[], "the mapping has no answer for a value", No, Event, Parks),
            Self::Stuck => row(&[], "it can't be done as it is: `uncertain`, `unknown_field`, `no_source_api`, …", No, Event, Parks),
        }
    }
}

/// Whether an attempt that ended with this code may have had an effect, by any of the rows that have it.
pub(in crate::dispatch) fn may_have_had_effect(code: &str) -> bool {
    Case::ALL.iter().map(|case| case.row()).any(|row| row.effect != No && row.codes.contains(&code))
}

/// Whether an attempt that ended with this code counts against the number of attempts, by any of the rows that have it.
pub(in crate::dispatch) fn counts(code: &str) -> bool {
    Case::ALL.iter().map(|case| case.row()).any(|row| row.then == Then::Attempts && row.codes.contains(&code))
}

fn row(
    codes: &'static [&'static str],
    when: &'static str,
    effect: Effect,
    matter: Matter,
    then: Then,
) -> Row {
    Row { codes, when, effect, matter, then }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A document with the table between its two marks.
    fn printed(document: &str) -> Vec<Vec<String>> {
        let path = format!("{}/docs/{document}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let table = text.split("<!-- failures -->").nth(1).expect("two marks");
        let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
        let cells =
            |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        rows.map(cells).collect()
    }

    fn codes(row: &Row, between: &str) -> String {
        row.codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(between)
    }

    fn in_english(row: &Row) -> [&'static str; 3] {
        let effect = match row.effect {
            No => "no",
            Possible => "possible",
            Certain => "yes",
        };
        let matter = match row.matter {
            Event => "event",
            Connection => "connection",
            Pace => "connection, slower",
            Unclear => "unclear",
            Ours => "deskbridge",
        };
        let then = match row.then {
            Attempts => "retried by attempts and age",
            Age => "retried by age",
            Dies => "dead",
            Parks => "parked",
            Skips => "skipped",
        };
        [effect, matter, then]
    }

    fn in_chinese(row: &Row) -> [&'static str; 3] {
        let effect = match row.effect {
            No => "否",
            Possible => "可能",
            Certain => "是",
        };
        let matter = match row.matter {
            Event => "事件",
            Connection => "连接",
            Pace => "连接，并减速",
            Unclear => "不确定",
            Ours => "deskbridge",
        };
        let then = match row.then {
            Attempts => "重试，受次数和时长限制",
            Age => "重试，只受时长限制",
            Dies => "dead",
            Parks => "parked",
            Skips => "skipped",
        };
        [effect, matter, then]
    }

    #[test]
    fn every_case_stands_once_in_the_list_of_all() {
        let named: BTreeSet<String> = Case::ALL.iter().map(|case| format!("{case:?}")).collect();
        assert_eq!(named.len(), Case::ALL.len());
        // The last of the enumeration: with as many different ones as its number says, none is missing.
        assert_eq!(Case::Stuck as usize + 1, Case::ALL.len());
    }

    #[test]
    fn the_documentation_prints_every_row_and_no_other() {
        let rows: Vec<Row> = Case::ALL.iter().map(|case| case.row()).collect();
        let table = rows.iter().map(|row| {
            let own = if row.codes.is_empty() { "its own".to_owned() } else { codes(row, ", ") };
            let [effect, matter, then] = in_english(row);
            [&own, row.when, effect, matter, then].map(str::to_owned).to_vec()
        });
        assert_eq!(printed("reliability.md"), table.collect::<Vec<_>>());
    }

    #[test]
    fn the_chinese_documentation_says_the_same_of_each() {
        let printed = printed("reliability.zh-CN.md");
        assert_eq!(printed.len(), Case::ALL.len());
        for (printed, row) in printed.iter().zip(Case::ALL.iter().map(|case| case.row())) {
            let own = if row.codes.is_empty() { "各有代码".to_owned() } else { codes(&row, "、") };
            assert_eq!((&printed[0], printed[1].is_empty()), (&own, false));
            assert_eq!(printed[2..], in_chinese(&row), "{own}");
        }
    }

    #[test]
    fn what_is_no_failure_of_the_event_is_never_dead_at_once() {
        for row in Case::ALL.iter().map(|case| case.row()) {
            assert!(row.matter == Event || matches!(row.then, Attempts | Age), "{}", row.when);
        }
    }
}
