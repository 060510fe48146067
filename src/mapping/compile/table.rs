//! Tables: every value of a closed field of the source, and the target's code for it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde_json::Value;

use super::{At, CompiledTable, Compiler, prove::verdict_of_arms};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        rule::Table,
        trace::{Arm, Reversibility, Verdict, VerdictRow},
        vocabulary::TargetField,
        yaml::{Key, Node},
    },
};

const TABLE: &[&str] = &["of", "arms", "unknown", "lossy"];
/// The arm that refuses a value.
pub(super) const PARK: &str = "park";

impl Compiler {
    pub(super) fn read_tables(&mut self, file: &Node) {
        let Some(tables) = file.get("tables") else { return };
        for (key, node) in self.named(tables, "tables").to_vec() {
            if let Some(table) = self.table(&key, &node) {
                self.tables.insert(key.name, table);
            }
        }
    }

    fn table(&mut self, key: &Key, node: &Node) -> Option<CompiledTable> {
        if !self.map(node, "a table", TABLE) {
            return None;
        }
        let of_node = self.member(node, "of", "a table")?;
        let of = self.text(of_node)?.to_owned();
        let Some(values) = self.source_words.get(&of).cloned() else {
            let hint = did_you_mean(&of, self.source_words.keys().map(String::as_str));
            let message = format!("{} has no closed field {of}{hint}", self.source);
            self.problem(of_node, message);
            return None;
        };
        let arms_node = self.member(node, "arms", "a table")?;
        let arms = self.arms(arms_node, &of, &values);
        for value in values.keys().filter(|value| !arms.iter().any(|(name, _)| name == *value)) {
            self.problem(node, format!("the table has no arm for {value}: give it a code, or {PARK}"));
        }
        let spellings = self.spellings(&arms, &values, node);
        let unknown = self.policy(node.get("unknown"));
        let path = format!("tables.{}", key.name);
        let table = Table { path, spellings, arms, unknown };
        Some(CompiledTable { table: Arc::new(table), node: node.clone(), used: false })
    }

    fn arms(
        &mut self,
        node: &Node,
        of: &str,
        values: &BTreeMap<String, Vec<String>>,
    ) -> Vec<(String, Option<u64>)> {
        let mut arms = Vec::new();
        for (key, code) in self.named(node, "arms").to_vec() {
            if !values.contains_key(&key.name) {
                let hint = did_you_mean(&key.name, values.keys().map(String::as_str));
                self.problem(&key, format!("{of} has no value {}{hint}", key.name));
                continue;
            }
            if code.text() == Some(PARK) {
                arms.push((key.name, None));
                continue;
            }
            match self.literal(&code).and_then(Value::as_u64) {
                Some(number) => arms.push((key.name, Some(number))),
                None => self
                    .problem(&code, format!("an arm is a code of the target or {PARK}, not {}", code.what())),
            }
        }
        arms
    }

    /// Every spelling of every value. One that two values share would leave an arm that is never reached.
    fn spellings(
        &mut self,
        arms: &[(String, Option<u64>)],
        values: &BTreeMap<String, Vec<String>>,
        node: &Node,
    ) -> HashMap<String, usize> {
        let mut spellings = HashMap::new();
        for (arm, (value, _)) in arms.iter().enumerate() {
            for spelling in values.get(value).into_iter().flatten().chain([value]) {
                let other: Option<usize> = spellings.insert(spelling.trim().to_owned(), arm);
                if let Some((other, _)) =
                    other.filter(|other| *other != arm).and_then(|other| arms.get(other))
                {
                    self.problem(
                        node,
                        format!("{spelling} is both {other} and {value}: one of them is never reached"),
                    );
                }
            }
        }
        spellings
    }

    /// The table of a rule that gives a target field: every code has to be one of the field's.
    pub(super) fn table_for(&mut self, node: &Node, field: &TargetField, name: &str) -> Option<Arc<Table>> {
        let wanted = self.text(node)?;
        if !self.tables.contains_key(wanted) {
            let hint = did_you_mean(wanted, self.tables.keys().map(String::as_str));
            self.problem(node, format!("there is no table {wanted}{hint}"));
            return None;
        }
        let entry = self.tables.get_mut(wanted)?;
        let first = !std::mem::replace(&mut entry.used, true);
        let (table, arms_node) = (entry.table.clone(), entry.node.get("arms").cloned());
        for (value, code) in &table.arms {
            let Some(code) = code.filter(|code| !field.codes.contains_key(code)) else { continue };
            let codes: Vec<String> = field.codes.iter().map(|(c, label)| format!("{c} {label}")).collect();
            let at = arms_node.as_ref().and_then(|arms| arms.get(value)).map_or(At::from(node), At::from);
            self.problem(at, format!("{value}: {name} has no code {code}, only {}", codes.join(", ")));
        }
        if first {
            self.tell_table(wanted, &table, field);
        }
        Some(table)
    }

    /// Its arms and its verdict, once.
    fn tell_table(&mut self, name: &str, table: &Table, field: &TargetField) {
        let label =
            |code: u64| field.codes.get(&code).map_or_else(|| code.to_string(), |l| format!("{code} {l}"));
        let told = |code: &Option<u64>| code.map_or_else(|| PARK.to_owned(), label);
        let entry = self.tables.get(name).map(|entry| entry.node.clone());
        for (value, code) in &table.arms {
            let node = entry.as_ref().and_then(|entry| entry.get("arms")?.get(value));
            let at = node.map_or_else(String::new, |node| self.written_at(node));
            let (table, value, target) = (table.path.clone(), value.clone(), told(code));
            self.about.arms.push(Arm { table, value, target, at });
        }
        let kind = verdict_of_arms(&table.arms, field.codes.len());
        let reason = entry.and_then(|entry| {
            self.lossy(&entry, kind, &format!("the table {name}"), "two values share a code")
        });
        let back =
            |code: u64| table.arms.iter().find(|(_, c)| *c == Some(code)).map(|(value, _)| value.clone());
        let rows = table.arms.iter().map(|(value, code)| VerdictRow {
            value: value.clone(),
            target: told(code),
            back: code.and_then(back),
        });
        let rows = rows.collect();
        self.about.verdicts.push(Verdict { at: table.path.clone(), kind, reason, rows });
    }

    /// The reason that a lossy part has to give, and that no other may.
    pub(super) fn lossy(
        &mut self,
        node: &Node,
        kind: Reversibility,
        what: &str,
        why: &str,
    ) -> Option<String> {
        let reason = node.get("lossy");
        match (kind, reason) {
            (Reversibility::Lossy, None) => {
                self.problem(
                    node,
                    format!("{what} can't be taken back ({why}): say lossy: and why that is fine"),
                );
                None
            }
            (Reversibility::Lossy, Some(reason)) => self.text(reason).map(str::to_owned),
            (_, Some(reason)) => {
                self.problem(reason, format!("{what} can be taken back: take lossy out"));
                None
            }
            (_, None) => None,
        }
    }

    /// What a base has and this file makes no use of is no mistake of either.
    pub(super) fn unused_tables(&mut self) {
        let unused: Vec<(String, Node)> = self
            .tables
            .iter()
            .filter(|(_, t)| !t.used && t.node.file == super::OWN_FILE)
            .map(|(name, t)| (name.clone(), t.node.clone()))
            .collect();
        for (name, node) in unused {
            self.problem(&node, format!("no rule uses the table {name}: use it or take it out"));
        }
    }
}
