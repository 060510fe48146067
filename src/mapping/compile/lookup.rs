//! Look-ups: how somebody or something is found at the target.

use super::{At, Compiler, Scope};
use crate::mapping::{
    TenantValue,
    lookup::{Lookup, OnMissing},
    pointer::Pointer,
    question::{By, Kind},
    rule::Given,
    yaml::Node,
};

const LOOKUP: &[&str] = &["of", "table", "link", "vendor", "on_missing"];

impl Compiler {
    /// `refers` is what the target's field says; a row says it itself.
    pub(super) fn lookup(
        &mut self,
        node: &Node,
        scope: &Scope,
        refers: Option<Kind>,
        default: Option<&Given>,
    ) -> Option<Lookup> {
        if !self.map(node, "a lookup", LOOKUP) {
            return None;
        }
        const KINDS: [(&str, Kind); 5] = [
            ("contact", Kind::Contact),
            ("company", Kind::Company),
            ("agent", Kind::Agent),
            ("group", Kind::Group),
            ("template", Kind::Template),
        ];
        let said = node.get("of").map(|node| (node, self.one_of(node, &KINDS)));
        let kind = match (said, refers) {
            (Some((node, Some(said))), Some(refers)) if said != refers => {
                self.problem(node, format!("the field takes the id of {}", refers.with_article()));
                return None;
            }
            (Some((_, said)), _) => said?,
            (None, Some(refers)) => refers,
            (None, None) => {
                let words = KINDS.map(|(word, _)| word).join(", ");
                self.problem(node, format!("says of what it is: of: one of {words}"));
                return None;
            }
        };
        let table = node.get("table").and_then(|node| self.parameter(node, TenantValue::Table));
        if let Some(table) = &table {
            self.expect_ids(table, kind);
        }
        let link = match node.get("link") {
            Some(link) => {
                let pointer = self.pointer(link)?;
                self.shape(scope, &pointer, At::from(link));
                Some(pointer)
            }
            None => None,
        };
        let vendor = node.get("vendor").map(|vendor| self.by_vendor(vendor, scope, kind)).unwrap_or_default();
        if node.get("table").is_none() && link.is_none() && vendor.is_empty() {
            self.problem(node, "a lookup needs table, link or vendor");
        }
        let on_missing = self.on_missing(node, kind, default)?;
        Some(Lookup { kind, table, link, vendor, on_missing })
    }

    pub(super) fn by_vendor(&mut self, node: &Node, scope: &Scope, kind: Kind) -> Vec<(By, Vec<Pointer>)> {
        let known: &[(&str, By)] = match kind {
            Kind::Agent => &[
                ("email", By::Email),
                ("name", By::Name),
                ("number", By::Number),
                ("mobile", By::Mobile),
                ("login", By::Login),
            ],
            Kind::Contact => &[("binding", By::Binding)],
            Kind::Company | Kind::Template => &[("name", By::Name)],
            Kind::Group => {
                let message = format!("{} documents no way to find a group: use a table", self.target);
                self.problem(node, message);
                return Vec::new();
            }
        };
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        self.map(node, &format!("what {} finds {} by", self.target, kind.with_article()), &names);
        let mut found = Vec::new();
        for (key, pointers) in node.members() {
            let Some((_, by)) = known.iter().find(|(name, _)| *name == key.name) else { continue };
            let pointers = self.pointers(pointers);
            pointers.iter().for_each(|(pointer, at)| drop(self.shape(scope, pointer, *at)));
            found.push((*by, pointers.into_iter().map(|(pointer, _)| pointer).collect()));
        }
        found
    }

    pub(super) fn on_missing(
        &mut self,
        node: &Node,
        kind: Kind,
        default: Option<&Given>,
    ) -> Option<OnMissing> {
        let said = self.member(node, "on_missing", "a lookup")?;
        let words = ["park", "omit", "create", "default"].map(|word| (word, word));
        match self.one_of(said, &words)? {
            "park" => Some(OnMissing::Park),
            "omit" => Some(OnMissing::Omit),
            "create" if kind == Kind::Company => Some(OnMissing::Create),
            "create" => {
                let message = format!(
                    "{} documents no way to make {}: only companies can be",
                    self.target,
                    kind.with_article()
                );
                self.problem(said, message);
                None
            }
            _ => match default {
                Some(given) => Some(OnMissing::Default(given.clone())),
                None => {
                    self.problem(said, "on_missing: default needs a default beside the lookup");
                    None
                }
            },
        }
    }
}
