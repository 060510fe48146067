//! Values of a file, or what is wrong with them.

use std::borrow::Cow;

use serde_json::Value;

use super::{At, Compiler};
use crate::{
    diagnostic::did_you_mean,
    event::EventType,
    mapping::{
        convert,
        pointer::Pointer,
        rule::Policy,
        yaml::{Content, Node},
    },
};

impl Compiler {
    /// True if it is a map. Every key that isn't known is a problem.
    pub(super) fn map(&mut self, node: &Node, what: &str, known: &[&str]) -> bool {
        let Content::Map(members) = &node.content else {
            self.problem(node, format!("{what} is a map of {}, not {}", known.join(", "), node.what()));
            return false;
        };
        for (key, _) in members.iter().filter(|(key, _)| !known.contains(&key.name.as_str())) {
            let hint = did_you_mean(&key.name, known.iter().copied());
            let message = match hint.is_empty() {
                true => format!("{what} has no {}: it has {}", key.name, known.join(", ")),
                false => format!("{what} has no {}{hint}", key.name),
            };
            self.problem(key, message);
        }
        true
    }

    /// The members of a map with names of the tenant's own.
    pub(super) fn named<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
    ) -> &'n [(crate::mapping::yaml::Key, Node)] {
        if !matches!(node.content, Content::Map(_)) {
            self.problem(node, format!("{what} is a map, not {}", node.what()));
        }
        node.members()
    }

    /// A member that has to be there.
    pub(super) fn member<'n>(&mut self, node: &'n Node, name: &str, what: &str) -> Option<&'n Node> {
        let found = node.get(name);
        if found.is_none() {
            self.problem(node, format!("{what} needs {name}"));
        }
        found
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let text = node.text();
        if text.is_none() {
            self.problem(node, format!("is text, not {}: put it into quotes", node.what()));
        }
        text
    }

    /// Text, or a number or a truth as it is written.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node) -> Option<Cow<'n, str>> {
        let text = self.literal(node).and_then(convert::text);
        if text.is_none() {
            self.problem(node, format!("is text, not {}", node.what()));
        }
        text
    }

    pub(super) fn literal<'n>(&self, node: &'n Node) -> Option<&'n Value> {
        match &node.content {
            Content::Scalar(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn flag(&mut self, node: &Node) -> Option<bool> {
        let flag = self.literal(node).and_then(Value::as_bool);
        if flag.is_none() {
            self.problem(node, format!("is true or false, not {}", node.what()));
        }
        flag
    }

    pub(super) fn whole_number(&mut self, node: &Node) -> Option<u64> {
        let number = self.literal(node).and_then(Value::as_u64);
        if number.is_none() {
            self.problem(node, format!("is a whole number, not {}", node.what()));
        }
        number
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let given = node.text().unwrap_or_default();
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(given, all.iter().copied());
            self.problem(node, format!("is one of {}{hint}", all.join(", ")));
        }
        found
    }

    pub(super) fn policy(&mut self, node: Option<&Node>) -> Option<Policy> {
        self.one_of(node?, &[("park", Policy::Park), ("report", Policy::Report)])
    }

    pub(super) fn pointer(&mut self, node: &Node) -> Option<Pointer> {
        let text = self.text(node)?;
        let pointer = Pointer::parse(text);
        if pointer.is_none() {
            self.problem(node, format!("{text:?} is not a JSON Pointer: write e.g. /subject"));
        }
        pointer
    }

    /// One pointer, or several in order of preference, each with its place.
    pub(super) fn pointers(&mut self, node: &Node) -> Vec<(Pointer, At)> {
        let nodes = match &node.content {
            Content::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if nodes.is_empty() {
            self.problem(node, "is a JSON Pointer or a list of them, e.g. [/status_en, /status]");
        }
        nodes.iter().filter_map(|node| Some((self.pointer(node)?, At::from(node)))).collect()
    }

    pub(super) fn items<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.content {
            Content::List(items) => items,
            _ => {
                self.problem(node, format!("{what} is a list, not {}", node.what()));
                &[]
            }
        }
    }

    pub(super) fn event_types(&mut self, node: &Node) -> Vec<EventType> {
        let mut found = Vec::new();
        for item in self.items(node, "a list of event types") {
            let given = item.text().unwrap_or_default();
            match EventType::told(given) {
                Ok(event_type) if found.contains(&event_type) => {
                    self.problem(item, format!("{given} stands here twice"))
                }
                Ok(event_type) => found.push(event_type),
                Err(_) => {
                    let hint = did_you_mean(given, EventType::ALL.iter().map(|t| t.as_str()));
                    self.problem(item, format!("there is no event type {given}{hint}"));
                }
            }
        }
        found
    }

    /// Those that can be read: what can't was told where they were read first.
    pub(super) fn event_types_quietly(&self, node: &Node) -> Vec<EventType> {
        let Content::List(items) = &node.content else { return Vec::new() };
        items.iter().filter_map(|item| EventType::told(item.text()?).ok()).collect()
    }
}
