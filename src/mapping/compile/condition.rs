//! Conditions on an event's values.

use serde_json::Value;

use super::{At, Compiler, Scope};
use crate::mapping::{pointer::Pointer, rule::Condition, shape::Shape, yaml::Node};

const CONDITION: &[&str] = &["at", "is", "in", "not", "exists", "all", "any"];

impl Compiler {
    pub(super) fn condition(&mut self, node: &Node, scope: &Scope) -> Option<Condition> {
        if !self.map(node, "a condition", CONDITION) {
            return None;
        }
        let words = ["is", "in", "not", "exists", "all", "any"];
        let given: Vec<&str> = words.into_iter().filter(|word| node.get(word).is_some()).collect();
        let groups = matches!(given[..], ["all" | "any"]);
        if given.len() != 1 || groups == node.get("at").is_some() {
            self.problem(node, "a condition has one of is, in, not, exists beside at, or is all or any");
            return None;
        }
        for (word, make) in [("all", Condition::All as fn(_) -> _), ("any", Condition::Any as fn(_) -> _)] {
            if let Some(list) = node.get(word) {
                let items = self.items(list, word).to_vec();
                if items.is_empty() {
                    self.problem(list, format!("{word} is a list of at least one condition"));
                }
                let all: Vec<Condition> =
                    items.iter().filter_map(|item| self.condition(item, scope)).collect();
                return Some(make(all));
            }
        }
        let at_node = node.get("at")?;
        let at = self.pointer(at_node)?;
        let shape = self.shape(scope, &at, At::from(at_node));
        if let Some(exists) = node.get("exists") {
            return Some(Condition::Exists { at, exists: self.flag(exists)? });
        }
        let (wanted, not) = match (node.get("is"), node.get("in"), node.get("not")) {
            (Some(one), None, None) => (std::slice::from_ref(one), false),
            (None, Some(list), None) => (self.items(list, "in"), false),
            (None, None, Some(one)) => (std::slice::from_ref(one), true),
            _ => return None,
        };
        if let Some(list) = node.get("in").filter(|_| wanted.is_empty()) {
            self.problem(list, "in is a list of at least one value");
        }
        let any_of = wanted.iter().filter_map(|node| self.compared(node, &shape, &at)).collect();
        Some(Condition::Is { at, any_of, not })
    }

    /// A value that the value at a pointer is compared with, and can be.
    pub(super) fn compared(&mut self, node: &Node, shape: &Shape, at: &Pointer) -> Option<Value> {
        let Some(value) = self.literal(node).cloned() else {
            self.problem(node, format!("is compared with text, a number or true, not with {}", node.what()));
            return None;
        };
        let is_possible =
            shape.values().is_none_or(|v| v.iter().any(|v| crate::mapping::rule::is_same(v, &value)));
        // What is absent counts as null.
        if !is_possible && !value.is_null() {
            self.problem(node, format!("the schema never lets {} be {value}", at.as_str()));
        }
        Some(value)
    }
}
