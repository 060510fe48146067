//! Whether values can be taken back, and whether a rule always gives one.

use std::collections::BTreeSet;

use super::{Compiler, Scope, rule::length};
use crate::mapping::{
    convert::{self, Convert},
    pointer::Pointer,
    rule::{How, Policy, Rule},
    shape::Shape,
    trace::Reversibility,
    types::Types,
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
                let shapes = self.declared(scope, from);
                let kinds = shapes.iter().map(|shape| convert.reversibility(shape));
                let kind = kinds.reduce(weaker).unwrap_or(Reversibility::Bijective);
                let leaves_out = shapes.iter().any(|shape| !convert.is_total(shape));
                let reported = *unreadable == Some(Policy::Report) && leaves_out;
                Some((if reported { Reversibility::Lossy } else { kind }, why_lossy(convert, reported)))
            }
        }
    }

    /// What can stand at each of these pointers; what can't be there was told when they were read.
    fn declared(&self, scope: &Scope, pointers: &[Pointer]) -> Vec<Shape> {
        let shapes = pointers.iter().filter_map(|pointer| self.merged(scope, pointer));
        shapes.filter(|shape| shape.declared).collect()
    }

    /// Characters of a rule's text at most; `None` if there is no telling.
    pub(super) fn longest(&self, scope: &Scope, rule: &Rule) -> Option<u64> {
        match &rule.how {
            How::Constant(value) => Some(length(&convert::text(value)?)),
            How::FirstOf(rules) => {
                let all: Option<Vec<u64>> = rules.iter().map(|rule| self.longest(scope, rule)).collect();
                all?.into_iter().max()
            }
            How::Convert { from, convert: Convert::Text | Convert::Link, .. } => {
                let texts = Types::STRING.and(Types::NULL);
                let longest = |shape: &Shape| shape.max_length().filter(|_| shape.types().within(texts));
                let all: Option<Vec<u64>> = self.declared(scope, from).iter().map(longest).collect();
                all?.into_iter().max()
            }
            _ => None,
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
