//! Whether values can be taken back, and whether a rule always gives one.

use std::collections::BTreeSet;

use super::{Compiler, Scope};
use crate::mapping::{
    convert::Convert,
    rule::{How, Policy, Rule},
    trace::Reversibility,
};

/// A table of arms: no code twice, and each of the target's codes once.
pub(super) fn verdict_of_arms(arms: &[(String, Option<u64>)], codes: usize) -> Reversibility {
    let given: Vec<u64> = arms.iter().filter_map(|(_, code)| *code).collect();
    let distinct: BTreeSet<u64> = given.iter().copied().collect();
    match (distinct.len() == given.len(), distinct.len() == codes) {
        (false, _) => Reversibility::Lossy,
        (true, true) => Reversibility::Bijective,
        (true, false) => Reversibility::Injective,
    }
}

impl Compiler {
    /// Whether a rule's value can be taken back, and why not. `None` if it takes nothing of the event.
    pub(super) fn reversibility(
        &mut self,
        scope: &Scope,
        rule: &Rule,
    ) -> Option<(Reversibility, &'static str)> {
        match &rule.how {
            How::Constant(_) | How::Parameter(_) => None,
            How::Template(_) => Some((Reversibility::Lossy, "text is put around and between values")),
            How::Join { .. } => Some((Reversibility::Lossy, "texts are put together")),
            How::FirstOf(_) => {
                Some((Reversibility::Lossy, "which of the rules gave the value is not seen in it"))
            }
            How::Lookup { .. } => {
                Some((Reversibility::Lossy, "an id doesn't say by which value it was found"))
            }
            // The table's own verdict says it.
            How::Table { .. } => None,
            How::Convert { from, convert, unreadable } => {
                let events = &scope.events;
                let shapes = from.iter().flat_map(|pointer| {
                    events
                        .iter()
                        .filter_map(|t| self.schemas.get(t))
                        .map(|s| crate::mapping::shape::Shape::at(s, pointer))
                });
                let kinds = shapes.filter(|shape| shape.declared).map(|shape| convert.reversibility(&shape));
                let kind = kinds.reduce(weaker).unwrap_or(Reversibility::Bijective);
                let reported = *unreadable == Some(Policy::Report);
                Some((if reported { Reversibility::Lossy } else { kind }, why_lossy(convert, reported)))
            }
        }
    }

    /// True if every event that makes a new entity gets a value by the rule, or parks where the file says so.
    pub(super) fn always_gives(&self, scope: &Scope, rule: &Rule) -> bool {
        let certain = |pointer| self.is_certain(scope, pointer);
        rule.when.is_none()
            && match &rule.how {
                How::Constant(_) => true,
                How::Parameter(_) | How::Lookup { .. } | How::Template(_) => false,
                How::Join { rules, .. } | How::FirstOf(rules) => {
                    rules.iter().any(|rule| self.always_gives(scope, rule))
                }
                How::Convert { from, convert, unreadable } => {
                    let keeps = !matches!(
                        convert,
                        Convert::CommaList | Convert::HtmlToText | Convert::Attachments { .. }
                    );
                    keeps && *unreadable != Some(Policy::Report) && from.iter().any(certain)
                }
                How::Table { from, table } => {
                    table.unknown != Some(Policy::Report) && from.iter().any(certain)
                }
            }
    }
}

fn weaker(a: Reversibility, b: Reversibility) -> Reversibility {
    use Reversibility::{Bijective, Injective, Lossy};
    match (a, b) {
        (Lossy, _) | (_, Lossy) => Lossy,
        (Injective, _) | (_, Injective) => Injective,
        _ => Bijective,
    }
}

pub(super) fn why_lossy(convert: &Convert, reported: bool) -> &'static str {
    match convert {
        _ if reported => "what can't be read is left out",
        Convert::HtmlToText => "markup is lost",
        Convert::CommaList => "a comma inside an item makes it two",
        Convert::Date { .. } => "the time of day is lost",
        Convert::DateTime { .. } => "fractions of seconds and the offset are lost",
        Convert::Number { .. } => "digits are lost",
        Convert::Phone { .. } => "what people put between the digits is lost",
        Convert::Attachments { .. } => "a list of files becomes text",
        Convert::YesNo => "several spellings are one truth",
        Convert::Text | Convert::TextToHtml | Convert::Link => "several values become one",
    }
}
