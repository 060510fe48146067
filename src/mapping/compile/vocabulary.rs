//! Which vocabularies a mapping speaks, and what its tenant adds to them.

use super::{Compiler, rule::For};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        TenantValue,
        kept::Text,
        vocabulary::{Missing, TargetFields, Vocabularies},
        yaml::{Key, Node},
    },
};

impl Compiler {
    /// The texts of the source's and the target's; `None` if there is no vocabulary to go on with.
    pub(super) fn read_vocabularies(&mut self, node: &Node, all: &Vocabularies) -> Option<(Text, Text)> {
        let source = self
            .member(node, "source", "a mapping")
            .and_then(|node| Some((node, self.text(node)?.to_owned())));
        let target = self
            .member(node, "target", "a mapping")
            .and_then(|node| Some((node, self.text(node)?.to_owned())));
        let ((source_node, source), (target_node, target)) = (source?, target?);
        let source_words = self.words(source_node, &source, all.source(&source));
        let target_words = self.words(target_node, &target, all.target(&target));
        let ((source_words, source_text), (target_words, target_text)) = (source_words?, target_words?);
        (self.source_words, self.target_words) = (source_words, target_words);
        (self.source, self.target) = (source, target);
        if let Some(additions) = node.get("vocabulary") {
            self.extend_vocabularies(additions);
        }
        Some((source_text, target_text))
    }

    /// A vocabulary, or why there is none of this name.
    fn words<T>(&mut self, node: &Node, name: &str, read: Result<T, Missing>) -> Option<T> {
        match read {
            Ok(words) => return Some(words),
            Err(Missing::Unknown(known)) => {
                let hint = did_you_mean(name, known.iter().map(String::as_str));
                let message = format!("there is no vocabulary {name}: known are {}{hint}", known.join(", "));
                self.problem(node, message);
            }
            Err(Missing::Broken(problem)) => self.problems.push(problem),
        }
        None
    }

    fn extend_vocabularies(&mut self, node: &Node) {
        if !self.map(node, "vocabulary", &["source", "target"]) {
            return;
        }
        if let Some(source) = node.get("source") {
            for (field, values) in self.named(source, "the source's vocabulary") {
                self.extend_source(field, values);
            }
        }
        let Some(target) = node.get("target") else { return };
        self.map(target, "the target's vocabulary", &["ticket", "company"]);
        let mut words = std::mem::take(&mut self.target_words);
        for (section, fields) in [("ticket", &mut words.ticket), ("company", &mut words.company)] {
            if let Some(entries) = target.get(section) {
                for (key, entry) in self.named(entries, section) {
                    self.extend_target(fields, section, key, entry);
                }
            }
        }
        self.target_words = words;
    }

    /// A tenant can have further values, further spellings, and further closed fields.
    fn extend_source(&mut self, field: &Key, values: &Node) {
        for (value, spellings) in self.named(values, "a closed field").to_vec() {
            let all: Vec<String> = self
                .items(&spellings, "a value's other spellings")
                .to_vec()
                .iter()
                .filter_map(|spelling| self.scalar(spelling).map(|text| text.into_owned()))
                .collect();
            let known = self.source_words.entry(field.name.clone()).or_default();
            known.entry(value.name).or_default().extend(all);
        }
    }

    fn extend_target(&mut self, fields: &mut TargetFields, section: &str, key: &Key, entry: &Node) {
        let Some(field) = fields.get_mut(&key.name) else {
            let hint = did_you_mean(&key.name, fields.keys().map(String::as_str));
            let message = format!("a {section} of {} has no field {}{hint}", self.target, key.name);
            self.problem(key, message);
            return;
        };
        if !self.map(entry, "what a tenant adds to a field", &["codes", "clear", "max_length"]) {
            return;
        }
        for (code, label) in entry.get("codes").map(|codes| self.named(codes, "codes")).unwrap_or_default() {
            // The client sends codes of one byte.
            match (code.name.parse::<u8>(), self.scalar(label)) {
                (Ok(number), Some(label)) => drop(field.codes.insert(number.into(), label.into_owned())),
                (Err(_), _) => {
                    self.problem(code, format!("a code is a whole number from 0 to 255, not {}", code.name))
                }
                _ => {}
            }
        }
        if let Some(clear) = entry.get("clear") {
            field.clear = self.literal_for(clear, For { name: &key.name, field, path: "", depth: 0 });
        }
        let most = entry.get("max_length").and_then(|node| self.whole_number(node));
        field.max_length = most.or(field.max_length);
    }

    pub(super) fn read_parameters(&mut self, file: &Node) {
        let Some(node) = file.get("parameters") else { return };
        for (key, remark) in self.named(node, "parameters").to_vec() {
            self.text(&remark);
            self.parameters.insert(key.name, TenantValue::Text);
        }
    }

    /// The tenant value of this name, which has to be of this kind.
    pub(super) fn parameter(&mut self, node: &Node, kind: TenantValue) -> Option<String> {
        let name = self.text(node)?;
        if !self.parameters.contains_key(name) {
            let hint = did_you_mean(name, self.parameters.keys().map(String::as_str));
            self.problem(node, format!("the parameter {name} is not declared under parameters{hint}"));
            return None;
        }
        let is_first = self.used_parameters.insert(name.to_owned());
        let before = self.parameters.insert(name.to_owned(), kind).filter(|before| *before != kind);
        if let Some(before) = before.filter(|_| !is_first) {
            let (before, now) = (before.words(), kind.words());
            let message =
                format!("the parameter {name} is {before} elsewhere and {now} here: declare one for each");
            self.problem(node, message);
            return None;
        }
        Some(name.to_owned())
    }

    pub(super) fn unused_parameters(&mut self, file: &Node) {
        let declared = file.get("parameters").map(Node::members).unwrap_or_default();
        let used = std::mem::take(&mut self.used_parameters);
        let own = declared.iter().filter(|(key, _)| key.file == super::OWN_FILE);
        for (key, _) in own.filter(|(key, _)| !used.contains(&key.name)) {
            self.problem(key, format!("no rule uses the parameter {}: use it or take it out", key.name));
        }
    }
}
