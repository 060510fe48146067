//! The fields of an entity.

use super::{
    At, Compiler, Scope,
    rule::{BESIDE, For, RULE},
};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        Unmapped,
        entity::{Entity, Field, MaxLength, Over},
        rule::How,
        trace::{Reversibility::Lossy, Verdict},
        vocabulary::{TargetField, TargetFields, TargetType},
        yaml::{Key, Node},
    },
};

impl Compiler {
    /// `fields` and `custom_fields` of a section.
    pub(super) fn entity(&mut self, section: &Node, scope: &Scope, target: &TargetFields) -> Entity {
        let mut fields = Vec::new();
        let mut required = Vec::new();
        let kind = entity_word(scope);
        let before = self.problems.len();
        if let Some(rules) = self.member(section, "fields", "a section") {
            for (key, node) in self.named(rules, "fields").to_vec() {
                let Some(field) = target.get(&key.name) else {
                    let hint = did_you_mean(&key.name, target.keys().map(String::as_str));
                    let message = format!("a {kind} of {} has no field {}{hint}", self.target, key.name);
                    self.problem(&key, message);
                    continue;
                };
                if node.get("required").and_then(|node| self.flag(node)) == Some(true) {
                    required.push(key.name.clone());
                }
                fields.extend(self.field(&key, &node, field, scope));
            }
        }
        // A rule that is wrong is told once.
        if self.problems.len() == before {
            self.required_are_set(section, scope, target, &fields, &required);
        }
        let of_target = target.iter().filter(|(_, field)| field.required).map(|(name, _)| name.clone());
        required.extend(of_target);
        required.sort();
        required.dedup();
        let custom_fields = section.get("custom_fields").and_then(|node| self.custom_fields(node, scope));
        let append_to = target.iter().find(|(_, field)| field.description).map(|(name, _)| name.clone());
        Entity { fields, required, custom_fields, append_to }
    }

    fn field(&mut self, key: &Key, node: &Node, field: &TargetField, scope: &Scope) -> Option<Field> {
        let path = format!("{}.fields.{}", scope.path, key.name);
        let to = For { name: &key.name, field, path: &path, depth: 0 };
        let rule = self.rule(node, scope, to, &[RULE, BESIDE].concat())?;
        let default = self.default_of(node, to);
        let max_length = node.get("max_length").and_then(|node| self.max_length(node, field));
        self.fits_length(node, scope, to, &rule);
        let cuts = max_length.is_some_and(|most| most.over == Over::Truncate);
        let takes_more = field.description && self.unmapped == Unmapped::Append;
        if takes_more
            && node.get("lossy").is_none()
            && self.reversibility(scope, &rule).is_some_and(|(kind, _)| kind != Lossy)
        {
            // `unmapped: append` has said it for every field that takes lines.
            let reason = Some("unmapped: append adds what no rule reads".to_owned());
            self.about.verdicts.push(Verdict { at: path.clone(), kind: Lossy, reason, rows: Vec::new() });
        } else {
            self.field_verdict(node, scope, &path, &rule, cuts);
        }
        if default.is_some() && rule.is_constant() {
            self.problem(
                node,
                format!("{} has the same value for every event: take the default out", key.name),
            );
        }
        // What is added to the text later must fit as well.
        let of_target = field.max_length.and_then(|most| usize::try_from(most).ok());
        let max_length = max_length.or(of_target.map(|chars| MaxLength { chars, over: Over::Refuse }));
        Some(Field { name: key.name.clone(), rule, default, max_length, clear: field.clear.clone() })
    }

    pub(super) fn field_verdict(
        &mut self,
        node: &Node,
        scope: &Scope,
        path: &str,
        rule: &crate::mapping::rule::Rule,
        cuts: bool,
    ) {
        let found = self.reversibility(scope, rule);
        let found = if cuts { Some((Lossy, "long texts are cut")) } else { found };
        let Some((kind, why)) = found else {
            if let Some(reason) = node.get("lossy") {
                let message = match rule.how {
                    How::Table { .. } => "the table says whether it can be taken back: take lossy out here",
                    _ => "there is nothing to take back: take lossy out",
                };
                self.problem(reason, message);
            }
            return;
        };
        let reason = self.lossy(node, kind, path, why);
        self.about.verdicts.push(Verdict { at: path.to_owned(), kind, reason, rows: Vec::new() });
    }

    fn max_length(&mut self, node: &Node, field: &TargetField) -> Option<MaxLength> {
        if !self.map(node, "max_length", &["chars", "over"]) {
            return None;
        }
        let chars = self.member(node, "chars", "max_length").and_then(|n| Some((n, self.whole_number(n)?)));
        let over = self.member(node, "over", "max_length");
        let over =
            over.and_then(|n| self.one_of(n, &[("truncate", Over::Truncate), ("refuse", Over::Refuse)]));
        let ((chars_node, chars), over) = (chars?, over?);
        if field.kind != TargetType::Text {
            self.problem(node, "max_length is for text");
        }
        if chars == 0 || field.max_length.is_some_and(|most| chars > most) {
            let most = field.max_length.map_or_else(|| "any number".to_owned(), |most| most.to_string());
            self.problem(chars_node, format!("chars is 1 to {most}"));
        }
        Some(MaxLength { chars: usize::try_from(chars).ok()?.max(1), over })
    }

    /// What a new entity needs comes with every event that makes one, or the file says that it is waited for.
    fn required_are_set(
        &mut self,
        section: &Node,
        scope: &Scope,
        target: &TargetFields,
        fields: &[Field],
        required: &[String],
    ) {
        let kind = entity_word(scope);
        for (name, _) in target.iter().filter(|(_, field)| field.required) {
            let rules = section.get("fields");
            if rules.is_some_and(|rules| rules.get(name).is_none()) {
                let message = format!("a new {kind} of {} needs {name}: give it a rule", self.target);
                self.problem(rules.map_or(At::from(section), At::from), message);
                continue;
            }
            let Some(field) = fields.iter().find(|field| field.name == *name) else { continue };
            let defaulted = matches!(field.default, Some(crate::mapping::rule::Given::Literal(_)));
            if !defaulted && !required.contains(name) && !self.always_gives(scope, &field.rule) {
                let at = rules.and_then(|rules| rules.get(name)).map_or(scope.at, At::from);
                let message = format!(
                    "a new {kind} of {} needs {name}, and events can be without: give it a default, or say required: true to park those",
                    self.target
                );
                self.problem(at, message);
            }
        }
    }
}

fn entity_word(scope: &Scope) -> &'static str {
    if scope.path == "ticket" { "ticket" } else { "company" }
}
