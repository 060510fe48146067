//! The choices of a row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Compiler, Scope};
use crate::mapping::{
    convert::{self},
    custom::Options,
    question::{FieldsOf, Send},
    trace::{Arm, FieldKind, Reversibility, VerdictRow},
    yaml::{Key, Node},
};

impl Compiler {
    pub(super) fn options(
        &mut self,
        key: &Key,
        node: &Node,
        scope: &Scope,
        path: &str,
        kind: FieldKind,
    ) -> Option<Options> {
        let options = node.get("options")?;
        let send = node.get("send").map(|n| self.one_of(n, &[("text", Send::Text), ("id", Send::Id)]));
        if options.text() == Some("vendor") {
            let send = send.flatten().unwrap_or_default();
            let of = if scope.path == "ticket" { FieldsOf::Tickets } else { FieldsOf::Companies };
            return Some(Options::Vendor { field: key.name.clone(), send, of });
        }
        if let Some(send) = node.get("send") {
            self.problem(send, "send is for options: vendor; listed options are sent as they stand");
        }
        let mut names = BTreeMap::new();
        for (index, name) in self.named(options, "options (or the word vendor)").to_vec() {
            let Some(name) = self.scalar(&name).map(|text| text.into_owned()) else { continue };
            self.is_reached(&index, options, kind);
            let (table, value, target) = (path.to_owned(), index.name.clone(), name.clone());
            let at = self.written_at(&index);
            self.about.arms.push(Arm { table, value, target, at });
            names.insert(index.name, name);
        }
        if names.is_empty() {
            self.problem(options, "options are index: name, e.g. { 0: 北京, 1: 上海 }, or the word vendor");
        }
        Some(Options::Listed(names))
    }

    /// Choices are read as a list, trimmed; those of a cascade stand below each other.
    pub(super) fn is_reached(&mut self, index: &Key, options: &Node, kind: FieldKind) {
        let given = Value::from(index.name.as_str());
        let levels = convert::list(&given).unwrap_or_default();
        let is_cascade = kind == FieldKind::Cascade;
        let above = index.name.rsplit_once(',').map(|(above, _)| above);
        let message = if levels.join(",") != index.name
            || levels.is_empty()
            || (levels.len() > 1 && !is_cascade)
        {
            "is never reached: an option goes by its index without blanks, and commas stand between options"
                .to_owned()
        } else if let Some(above) = above.filter(|above| options.get(above).is_none()) {
            format!("is never reached: there is no option {above} above it")
        } else {
            return;
        };
        self.problem(index, message);
    }
}

pub(super) fn rows_of(options: &Options) -> Vec<VerdictRow> {
    let Options::Listed(names) = options else { return Vec::new() };
    let back = |name: &String| names.iter().find(|(_, other)| *other == name).map(|(index, _)| index.clone());
    names
        .iter()
        .map(|(index, name)| VerdictRow { value: index.clone(), target: name.clone(), back: back(name) })
        .collect()
}

/// Vendors' lists are compared when they are read: two options of one name are refused there.
pub(super) fn verdict_of_options(options: &Options, several: bool, cascade: bool) -> Reversibility {
    let Options::Listed(names) = options else { return Reversibility::Injective };
    // Below different parents the same name can stand twice.
    let full = |index: &str| -> String {
        let ends = index.match_indices(',').map(|(at, _)| at).chain([index.len()]);
        ends.filter_map(|end| names.get(&index[..end])).map(|name| format!("{name}\n")).collect()
    };
    let told: Vec<String> =
        names.iter().map(|(index, name)| if cascade { full(index) } else { name.clone() }).collect();
    let distinct: BTreeSet<&String> = told.iter().collect();
    let commas = several && names.values().any(|name| name.contains(','));
    match (distinct.len() == told.len() && !commas, several) {
        (false, _) => Reversibility::Lossy,
        (true, true) => Reversibility::Injective,
        (true, false) => Reversibility::Bijective,
    }
}
