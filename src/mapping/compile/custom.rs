//! Rows of custom fields.

use std::collections::{BTreeMap, HashMap};

use super::{At, Compiler, Scope};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        custom::{CustomFields, Items},
        pointer::{Pointer, join},
        rule::Policy,
        shape::Shape,
        trace::{Reversibility, Verdict},
        types::Types,
        yaml::{Key, Node},
    },
};

const CUSTOM: &[&str] = &["at", "key", "value", "others", "unknown", "unreadable", "rows", "lossy"];

/// What a section says for all its rows.
pub(super) struct Defaults {
    pub(super) unknown: Option<Policy>,
    pub(super) unreadable: Option<Policy>,
}

impl Compiler {
    pub(super) fn custom_fields(&mut self, node: &Node, scope: &Scope) -> Option<CustomFields> {
        if !self.map(node, "custom_fields", CUSTOM) {
            return None;
        }
        let at_node = self.member(node, "at", "custom_fields")?;
        let at = self.pointer(at_node)?;
        let shape = self.shape(scope, &at, At::from(at_node));
        let items = self.items_of(node)?;
        let same_key =
            node.get("others").and_then(|n| self.one_of(n, &[("report", false), ("same_key", true)]));
        let same_key = same_key.unwrap_or(false);
        self.expect_rows(scope, node, same_key);
        let defaults = Defaults {
            unknown: self.policy(node.get("unknown")),
            unreadable: self.policy(node.get("unreadable")),
        };
        self.items_have(node, &shape, items.as_ref());
        self.container_is_read(node, &at, &shape, items.is_some(), defaults.unreadable);
        if same_key {
            self.others(node, scope, &at, defaults.unreadable);
        }
        let mut rows = HashMap::new();
        let mut targets: BTreeMap<String, (String, At)> = BTreeMap::new();
        for (key, row) in node.get("rows").map(|n| self.named(n, "rows").to_vec()).unwrap_or_default() {
            if row.is_null() {
                self.nothing_to_remove(&key);
                continue;
            }
            let Some(compiled) = self.row(&key, &row, scope, (&at, &shape, items.as_ref()), &defaults) else {
                continue;
            };
            let this = (key.name.clone(), At::from(&row));
            match targets.get(&compiled.key) {
                Some(first) => self.second_row(&compiled.key, first, &this),
                None => drop(targets.insert(compiled.key.clone(), this)),
            }
            rows.insert(key.name, compiled);
        }
        let items = items.map(|(name, value)| Items::new(name, value));
        Some(CustomFields { at, items, rows, same_key, unreadable: defaults.unreadable })
    }

    /// Where a base has the row, it is gone by now.
    fn nothing_to_remove(&mut self, key: &Key) {
        let name = &key.name;
        let message = match self.name_of(key.file + 1) {
            Some(base) => format!("the base {base} has no row {name} to remove: take this out"),
            None => {
                format!("there is no base whose row {name} could be removed: take this out, or write a row")
            }
        };
        self.problem(key, message);
    }

    /// Of a row of the base and one of a file that builds on it, the latter is told: it is whose author reads this.
    fn second_row(&mut self, target: &str, first: &(String, At), second: &(String, At)) {
        let (own, other) = if first.1.file < second.1.file { (first, second) } else { (second, first) };
        let name = &other.0;
        let base = self.name_of(other.1.file).filter(|_| other.1.file > own.1.file);
        let whose = base.map(|base| format!(" of {base}, and {name}: ~ removes it")).unwrap_or_default();
        self.problem(own.1, format!("a second row goes to {target}; the first is {name}{whose}"));
    }

    /// What the mapping of one of the files is called.
    fn name_of(&self, file: usize) -> Option<String> {
        Some(self.files.get(file)?.file_stem()?.to_string_lossy().into_owned())
    }

    #[allow(clippy::option_option)]
    fn items_of(&mut self, node: &Node) -> Option<Option<(Pointer, Pointer)>> {
        match (node.get("key"), node.get("value")) {
            (Some(key), Some(value)) => Some(Some((self.pointer(key)?, self.pointer(value)?))),
            (None, None) => Some(None),
            _ => {
                self.problem(
                    node,
                    "a list of custom fields has both key and value: where name and value stand in each item",
                );
                None
            }
        }
    }

    /// Name and value of an item can be where the file says.
    fn items_have(&mut self, node: &Node, shape: &Shape, items: Option<&(Pointer, Pointer)>) {
        let Some((key, value)) = items else { return };
        for (name, pointer) in [("key", key), ("value", value)] {
            let found = shape.item().below(pointer);
            if !found.declared && shape.types().both(Types::ARRAY) == Types::ARRAY {
                let hint = did_you_mean(pointer.as_str(), found.siblings.iter().map(String::as_str));
                let at = node.get(name).map_or(At::from(node), At::from);
                self.problem(at, format!("no item of the list has {}{hint}", pointer.as_str()));
            }
        }
    }

    fn container_is_read(
        &mut self,
        node: &Node,
        at: &Pointer,
        shape: &Shape,
        is_list: bool,
        unreadable: Option<Policy>,
    ) {
        let (wanted, what) = if is_list { (Types::ARRAY, "a list") } else { (Types::OBJECT, "an object") };
        let types = shape.types().without(Types::NULL);
        if types.both(wanted) != wanted {
            let message = format!("{} is {}, and has to be {what}", at.as_str(), types.words());
            self.problem(node, message);
        } else if types != wanted && unreadable.is_none() {
            let message = format!(
                "the schema lets {} be something else than {what}: say unreadable: park or report",
                at.as_str()
            );
            self.problem(node, message);
        }
    }

    /// Fields that go to the target under their own key.
    fn others(&mut self, node: &Node, scope: &Scope, at: &Pointer, unreadable: Option<Policy>) {
        let path = format!("{}.custom_fields", scope.path);
        let any = Pointer::parse(&join(at.as_str(), "*")).and_then(|any| self.merged(scope, &any));
        let scalar_lists = any.filter(|shape| shape.declared).is_some_and(|shape| {
            let types = shape.types();
            let lists = types.both(Types::ARRAY) != Types::ARRAY || shape.items().within(Types::SCALAR);
            lists && types.within(Types::SCALAR.and(Types::ARRAY))
        });
        if !scalar_lists && unreadable.is_none() {
            let message = format!(
                "the schema lets members of {} have values that can't be read as text: say unreadable: park or report",
                at.as_str()
            );
            self.problem(node, message);
        }
        let reason = self.lossy(node, Reversibility::Lossy, &path, "lists, numbers and truths become text");
        self.about.verdicts.push(Verdict { at: path, kind: Reversibility::Lossy, reason, rows: Vec::new() });
    }
}
