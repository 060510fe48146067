//! Why two mappings make different things of one event.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{super::pointer, Sample, parts::parts};
use crate::{
    event::EventType,
    mapping::{Hit, Mapping, Steps},
};

/// What differs, and which part of a mapping it comes from.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Cause {
    /// `added`, `removed`, `changed`, or of an event `parks`, `no longer parks`, `parks otherwise`.
    pub(super) change: &'static str,
    /// `fields/ticketStatus`, `ignored/tags`; of an event that parks the reason's code and pointer.
    pub(super) at: String,
    /// The rule's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<String>,
    /// The arm that it went by: `tables.status open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arm: Option<String>,
}

/// A mapping and what it made of the event.
type Made<'a> = (&'a Mapping, (Value, Steps));

/// Each difference with the value before and after.
pub(super) fn causes(sample: &Sample, [old, new]: [Made<'_>; 2]) -> Vec<(Cause, Value, Value)> {
    let refused = |made: &Made<'_>| made.1.0.get("refusal").cloned();
    let (before, after) = (refused(&old), refused(&new));
    let cause = match (&before, &after) {
        (None, None) => return differences(sample, &old, &new),
        (None, Some(refusal)) => parked("parks", refusal, sample, &new),
        (Some(refusal), None) => parked("no longer parks", refusal, sample, &old),
        (Some(_), Some(refusal)) => parked("parks otherwise", refusal, sample, &new),
    };
    let message = |refusal: Option<Value>| refusal.and_then(|refusal| refusal.get("message").cloned());
    vec![(cause, message(before).unwrap_or(Value::Null), message(after).unwrap_or(Value::Null))]
}

/// An arm that parks has come to no value. A row parks what stands under its own name.
fn parked(change: &'static str, refusal: &Value, sample: &Sample, (mapping, (_, steps)): &Made<'_>) -> Cause {
    let text = |name: &str| refusal.get(name).and_then(Value::as_str).unwrap_or_default();
    let at = format!("{} {}", text("code"), pointer::of_any_item(text("pointer"), &sample.data));
    let row = text("pointer").rsplit_once('/').map(|(_, name)| format!(".custom_fields.{name}"));
    let rule = row.and_then(|row| mapping.rules().iter().find(|rule| rule.ends_with(&row)).cloned());
    Cause { change, at: at.trim_end().to_owned(), rule, arm: steps.dangling().map(named) }
}

fn differences(sample: &Sample, old: &Made<'_>, new: &Made<'_>) -> Vec<(Cause, Value, Value)> {
    let (before, after) = (parts(&old.1.0), parts(&new.1.0));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let told = differing.map(|name| {
        let (was, is) = (before.get(name), after.get(name));
        let change = match (was, is) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        // What isn't there any more came from the old mapping.
        let (mapping, (_, steps)) = if is.is_some() { new } else { old };
        let rule = rule(name, sample.event_type, mapping, steps);
        let arm = rule.as_ref().and_then(|rule| steps.arms_of(rule).last()).map(named);
        let at = match name.strip_prefix("ignored") {
            Some(at) => format!("ignored{}", pointer::of_any_item(at, &sample.data)),
            None => name.clone(),
        };
        let value = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null);
        (Cause { change, at, rule, arm }, value(was), value(is))
    });
    told.collect()
}

fn named(hit: &Hit) -> String {
    format!("{} {}", hit.table, hit.value)
}

/// The rule that a part comes from, by the part's name: for alternatives the one that gave the value.
fn rule(name: &str, event_type: EventType, mapping: &Mapping, steps: &Steps) -> Option<String> {
    let section = event_type.entity();
    let (section, name) = match name.split_once('/') {
        Some(("company", rest)) if section == "ticket" => ("ticket.company", rest),
        Some(("company", rest)) => (section, rest),
        _ => (section, name),
    };
    let path = match name.strip_prefix("fields/").or_else(|| name.strip_prefix("defaults/")) {
        Some(field) => match field.strip_prefix("custom_fields/") {
            Some(key) => return row(section, key, mapping),
            None => format!("{section}.fields.{field}"),
        },
        None if matches!(name, "reply" | "reply_id") => format!("{section}.reply"),
        None => return None,
    };
    let alternative = |rule: &&String| rule.strip_prefix(&path).is_some_and(|rest| rest.starts_with('['));
    Some(steps.rules.iter().find(alternative).cloned().unwrap_or(path))
}

/// The row that writes the target's field of this key.
fn row(section: &str, key: &str, mapping: &Mapping) -> Option<String> {
    let expects = mapping.expects();
    let fields = if section == "ticket" { &expects.ticket_fields } else { &expects.company_fields };
    fields.iter().find(|field| field.name == key).map(|field| field.at.clone())
}
