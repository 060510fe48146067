//! Pages, counts and time windows of lists.

use std::ops::Range;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::Switches;
use crate::sandbox::call::Call;
use crate::sandbox::switches::{CountForm, EmptyPageLink};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    pub(crate) fn of(call: &Call, default_size: usize) -> Self {
        Self {
            number: call.positive("page").unwrap_or(1),
            size: call.positive("per_page").unwrap_or(default_size),
        }
    }

    /// The part of all matches that this page shows; none past the end.
    pub(crate) fn cut<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = (self.number - 1).saturating_mul(self.size).min(all.len());
        let end = start.saturating_add(self.size).min(all.len());
        all.get(start..end).unwrap_or_default()
    }

    /// The positions of all matches that this page shows.
    pub(crate) fn positions(&self, total: usize) -> Range<u64> {
        let start = (self.number - 1).saturating_mul(self.size).min(total);
        let end = start.saturating_add(self.size).min(total);
        start as u64..end as u64
    }

    fn has_next(&self, total: usize) -> bool {
        self.number.saturating_mul(self.size) < total
    }

    /// A list with its rows under `plural`, the count of all matches and the links to its neighbours.
    pub(crate) fn envelope(
        &self,
        plural: &str,
        rows: Vec<Value>,
        total: usize,
        call: &Call,
        switches: &Switches,
    ) -> Value {
        let mut envelope = Map::new();
        envelope.insert(plural.to_owned(), Value::Array(rows));
        envelope.insert("count".to_owned(), count(switches, total));
        let previous = (self.number > 1).then(|| link(call, self.number - 1));
        let next = self.has_next(total).then(|| link(call, self.number + 1));
        for (name, target) in [("previous_page", previous), ("next_page", next)] {
            match (target, switches.empty_page_link) {
                (Some(link), _) => drop(envelope.insert(name.to_owned(), json!(link))),
                (None, EmptyPageLink::Empty) => drop(envelope.insert(name.to_owned(), json!(""))),
                (None, EmptyPageLink::Null) => drop(envelope.insert(name.to_owned(), Value::Null)),
                (None, EmptyPageLink::Missing) => {}
            }
        }
        Value::Object(envelope)
    }
}

pub(crate) fn count(switches: &Switches, total: usize) -> Value {
    match switches.counts {
        CountForm::Text => json!(total.to_string()),
        CountForm::Number => json!(total),
    }
}

/// Whether a time lies between `<prefix>_start` and `<prefix>_end`, both included.
pub(crate) fn window(call: &Call, prefix: &str, time: &str) -> bool {
    begun(call, prefix, time) && not_over(call, prefix, time)
}

/// Whether a time is not before `<prefix>_start`.
pub(crate) fn begun(call: &Call, prefix: &str, time: &str) -> bool {
    call.param(&format!("{prefix}_start")).is_none_or(|start| time >= start.as_str())
}

/// Whether a time is not after `<prefix>_end`: an end to the second includes the second, one to the day the day.
pub(crate) fn not_over(call: &Call, prefix: &str, time: &str) -> bool {
    let end = call.param(&format!("{prefix}_end"));
    end.is_none_or(|end| time.get(..end.len()).unwrap_or(time) <= end.as_str())
}

/// The original query with `page` replaced. The vendor does not escape it, so a client cannot follow the link
/// as it stands.
fn link(call: &Call, page: usize) -> String {
    let kept = call.query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("page="));
    let mut pairs: Vec<String> = kept
        .map(|pair| percent_decode_str(&pair.replace('+', " ")).decode_utf8_lossy().into_owned())
        .collect();
    pairs.push(format!("page={page}"));
    format!("{}{}?{}", call.base_url, call.path, pairs.join("&"))
}
