//! Planned misbehaviour: which requests fail next, and how.
//!
//! What is left to chance depends on the seed, the rule and how often the rule was asked, so the same seed and
//! the same requests in the same order fail in the same way.

mod fault;
mod latency;
mod rule;

use std::collections::VecDeque;

use super::call::Call;
use super::generate::Dice;
pub(crate) use fault::{Fault, Plan};
pub(crate) use rule::Rule;

/// Most rules that may wait at a time.
const MAX_RULES: usize = 1_000;
/// Sets the throws of the rules apart from those of generated rows.
const RULES: u64 = 100;

/// Rules in the order they were added. The first one that strikes a request is used.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    seed: u64,
    /// How many rules there have been since the seed was set or the rules were cleared.
    added: u64,
    rules: VecDeque<Planned>,
}

#[derive(Debug)]
struct Planned {
    number: u64,
    rule: Rule,
    dice: Dice,
}

/// A fault that befalls a request, with what chance decided.
#[derive(Debug)]
pub(crate) struct Stroke {
    pub(crate) fault: Fault,
    pub(crate) delay: std::time::Duration,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the seed, and starts the chances of the waiting rules anew.
    pub(crate) fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
        for planned in &mut self.rules {
            planned.dice = Dice::thrown(seed, RULES, planned.number);
        }
    }

    pub(crate) fn add(&mut self, rule: Rule) -> Result<(), String> {
        if self.rules.len() >= MAX_RULES {
            return Err(format!("more than {MAX_RULES} rules are waiting; DELETE clears them"));
        }
        rule.check()?;
        let dice = Dice::thrown(self.seed, RULES, self.added);
        self.rules.push_back(Planned { number: self.added, rule, dice });
        self.added += 1;
        Ok(())
    }

    /// The fault that befalls this request; uses its rule up by one.
    pub(crate) fn take(&mut self, call: &Call) -> Option<Stroke> {
        let index = self.rules.iter_mut().position(|planned| planned.strikes(call))?;
        let planned = self.rules.get_mut(index)?;
        let fault = planned.rule.fault.clone();
        let delay = fault.delay(&mut planned.dice);
        match planned.rule.times {
            0 => {}
            1 => drop(self.rules.remove(index)),
            left => planned.rule.times = left - 1,
        }
        Some(Stroke { fault, delay })
    }

    pub(crate) fn waiting(&self) -> Vec<&Rule> {
        self.rules.iter().map(|planned| &planned.rule).collect()
    }

    pub(crate) fn clear(&mut self) -> usize {
        self.added = 0;
        std::mem::take(&mut self.rules).len()
    }
}

impl Planned {
    fn strikes(&mut self, call: &Call) -> bool {
        self.rule.matches(call) && self.rule.chance.is_none_or(|chance| self.dice.unit() < chance)
    }
}
