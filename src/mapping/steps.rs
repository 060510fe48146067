//! What one event hit on its way through a mapping, in order.

use serde::Serialize;

use super::Observer;

/// The rules that gave values, and the arms that these went by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Steps {
    /// Paths of the rules.
    pub rules: Vec<String>,
    /// The arms.
    pub arms: Vec<Hit>,
}

/// An arm that was hit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hit {
    /// As [`Arm::table`](super::Arm::table) names it.
    pub table: String,
    /// The source's value.
    pub value: String,
    /// The rule that asked; none if it came to no value, as where the arm is `park`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

impl Steps {
    /// The arms that the rule of this path asked.
    pub fn arms_of<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = &'a Hit> {
        self.arms.iter().filter(move |hit| hit.rule.as_deref() == Some(rule) || hit.table == rule)
    }

    /// The arm that was hit last and came to no value.
    pub fn dangling(&self) -> Option<&Hit> {
        self.arms.last().filter(|hit| hit.rule.is_none())
    }
}

/// A rule is told after the arms that it asked.
impl Observer for Steps {
    fn arm(&mut self, table: &str, value: &str) {
        self.arms.push(Hit { table: table.to_owned(), value: value.to_owned(), rule: None });
    }

    fn rule(&mut self, path: &str) {
        let asked = self.arms.iter_mut().rev().take_while(|hit| hit.rule.is_none());
        asked.for_each(|hit| hit.rule = Some(path.to_owned()));
        self.rules.push(path.to_owned());
    }
}
