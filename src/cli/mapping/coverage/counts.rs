//! What is counted of events, one after the other, in bounded memory.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{events::Sample, pointer};
use crate::{
    event::Ignored,
    intake::Schemas,
    mapping::{Answers, Input, Mapping, Parameters, Refusal, Steps},
};

/// Values and pointers that are counted apart: sources make them up, and a report of more is read by nobody.
const MAX_KINDS: usize = 1_000;
/// Characters of a value that are kept.
const MAX_VALUE: usize = 100;

/// What an event comes to, and why.
type Outcome = (&'static str, Option<String>);

/// Counts of events.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) outcomes: BTreeMap<Outcome, u64>,
    pub(super) rules: BTreeMap<String, u64>,
    pub(super) arms: BTreeMap<(String, String), u64>,
    /// By pointer and value.
    pub(super) strangers: BTreeMap<(String, String), u64>,
    /// By pointer and reason.
    pub(super) unmapped: BTreeMap<(String, String), Lost>,
    /// True if something was left out because of `MAX_KINDS`.
    pub(super) more: bool,
}

/// What reached no target.
#[derive(Default)]
pub(super) struct Lost {
    pub(super) events: u64,
    pub(super) bytes: u64,
}

impl Counts {
    pub(super) fn count(
        &mut self,
        sample: &Sample,
        mapping: &Mapping,
        parameters: &Parameters,
        schemas: &Schemas,
    ) {
        self.events += 1;
        let outcome = if sample.hint {
            ("not mapped", Some("hint".to_owned()))
        } else if schemas.check(mapping.source(), sample.event_type, &sample.data).is_err() {
            ("not mapped", Some("schema_violation".to_owned()))
        } else {
            self.mapped(sample, mapping, parameters)
        };
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    fn mapped(&mut self, sample: &Sample, mapping: &Mapping, parameters: &Parameters) -> Outcome {
        let Sample { event_type, data, .. } = sample;
        let mut steps = Steps::default();
        let input = Input { event_type: *event_type, data, parameters, answers: &Answers::none() };
        let mapped = mapping.map(&input, &mut steps);
        self.bytes += size(data);
        self.hits(steps);
        match mapped {
            Ok(mapped) => {
                self.lost(&mapped.ignored, data);
                ("mapped", (!mapped.questions.is_empty()).then(|| "after look-ups".to_owned()))
            }
            Err(Refusal { code, pointer, .. }) => {
                self.stranger(code, &pointer, data);
                ("parked", Some(code.to_owned()))
            }
        }
    }

    fn hits(&mut self, steps: Steps) {
        for rule in steps.rules {
            *self.rules.entry(rule).or_default() += 1;
        }
        for hit in steps.arms {
            *self.arms.entry((hit.table, hit.value)).or_default() += 1;
        }
    }

    /// A value that no arm has, if that is what the code says.
    fn stranger(&mut self, code: &str, at: &str, data: &Value) {
        if !matches!(code, "unknown_value" | "unknown_option") {
            return;
        }
        let value = data.pointer(at).map(shown).unwrap_or_default();
        let key = (pointer::of_any_item(at, data), value);
        let full = self.strangers.len() >= MAX_KINDS;
        match self.strangers.get_mut(&key) {
            Some(events) => *events += 1,
            None if full => self.more = true,
            None => drop(self.strangers.insert(key, 1)),
        }
    }

    fn lost(&mut self, ignored: &[Ignored], data: &Value) {
        for part in ignored {
            self.stranger(&part.reason, &part.pointer, data);
            let bytes = data.pointer(&part.pointer).map(size).unwrap_or_default();
            let key = (pointer::of_any_item(&part.pointer, data), part.reason.clone());
            let full = self.unmapped.len() >= MAX_KINDS;
            if full && !self.unmapped.contains_key(&key) {
                self.more = true;
                continue;
            }
            let lost = self.unmapped.entry(key).or_default();
            lost.events += 1;
            lost.bytes += bytes;
        }
    }
}

/// Bytes of a value as JSON text.
fn size(value: &Value) -> u64 {
    value.to_string().len().try_into().unwrap_or(u64::MAX)
}

fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(MAX_VALUE).collect()
}
