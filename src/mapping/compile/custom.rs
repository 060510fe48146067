//! Rows of custom fields.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{At, Compiler, Scope, prove::why_lossy};
use crate::{
    diagnostic::Place,
    mapping::{
        convert::{self, Convert},
        custom::{CustomFields, Row, RowHow},
        pointer::{Pointer, join},
        question::{FieldsOf, Send},
        rule::{Options, Policy},
        shape::{Shape, Types},
        trace::{Arm, ExpectedField, FieldKind, Reversibility, Verdict, VerdictRow},
        yaml::{Key, Node},
    },
};

const CUSTOM: &[&str] = &["at", "key", "value", "others", "unknown", "unreadable", "rows", "lossy"];
const ROW: &[&str] = &[
    "to",
    "as",
    "options",
    "send",
    "zone",
    "decimals",
    "country",
    "unknown",
    "unreadable",
    "lookup",
    "lossy",
];
/// Members of a row that only some of its kinds read.
const OF_KINDS: [(&str, &[&str]); 3] =
    [("zone", &["date", "date_time"]), ("decimals", &["number"]), ("country", &["phone"])];

/// What a section says for all its rows.
struct Defaults {
    unknown: Option<Policy>,
    unreadable: Option<Policy>,
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
        let defaults = Defaults {
            unknown: self.policy(node.get("unknown")),
            unreadable: self.policy(node.get("unreadable")),
        };
        self.container_is_read(node, &at, &shape, items.is_some(), defaults.unreadable);
        if same_key {
            self.others(node, scope, &at, defaults.unreadable);
        }
        let mut rows = HashMap::new();
        let mut targets = BTreeSet::new();
        for (key, row) in node.get("rows").map(|n| self.named(n, "rows").to_vec()).unwrap_or_default() {
            let Some(compiled) = self.row(&key, &row, scope, (&at, &shape, items.as_ref()), &defaults) else {
                continue;
            };
            if !targets.insert(compiled.key.clone()) {
                self.problem(&row, format!("a second row goes to {}", compiled.key));
            }
            rows.insert(key.name, compiled);
        }
        Some(CustomFields { at, items, rows, same_key, unreadable: defaults.unreadable })
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
        let any = Pointer::parse(&join(at.as_str(), "*")).map(|any| self.shapes(scope, &any));
        let scalar_lists = any.is_some_and(|shape| {
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

    /// What the schemas say, without a problem if they say nothing.
    fn shapes(&self, scope: &Scope, pointer: &Pointer) -> Shape {
        let shapes = scope.events.iter().filter_map(|t| self.schemas.get(t)).map(|s| Shape::at(s, pointer));
        shapes.reduce(Shape::or).filter(|shape| shape.declared).unwrap_or_else(Shape::anything)
    }

    fn row(
        &mut self,
        key: &Key,
        node: &Node,
        scope: &Scope,
        (at, container, items): (&Pointer, &Shape, Option<&(Pointer, Pointer)>),
        defaults: &Defaults,
    ) -> Option<Row> {
        if !self.map(node, "a row", ROW) {
            return None;
        }
        let to_node = self.member(node, "to", "a row")?;
        let to = self.scalar(to_node)?.into_owned();
        let path = format!("{}.custom_fields.{}", scope.path, key.name);
        self.about.rules.push(path.clone());
        let unknown = self.policy(node.get("unknown")).or(defaults.unknown);
        let unreadable = self.policy(node.get("unreadable")).or(defaults.unreadable);
        let shape = match items {
            Some((_, value)) => container.item().below(value),
            None => container.below_name(&key.name),
        };
        if !shape.declared {
            let hint = crate::diagnostic::did_you_mean(&key.name, shape.siblings.iter().map(String::as_str));
            self.problem(key, format!("no event has {}{hint}", join(at.as_str(), &key.name)));
        }
        let (how, kind) = self.row_how(key, node, scope, &path)?;
        self.row_is_total(node, &how, &shape, unknown, unreadable);
        self.row_verdict(node, &how, &shape, &path, (unknown, unreadable));
        self.expect(scope, key, node, &to, kind, &how, &path);
        Some(Row { path, key: to, how, unreadable, unknown })
    }

    fn row_how(&mut self, key: &Key, node: &Node, scope: &Scope, path: &str) -> Option<(RowHow, FieldKind)> {
        if let Some(lookup) = node.get("lookup") {
            if let Some(other) = node.get("as").or(node.get("options")) {
                self.problem(other, "a row with a lookup has no as and no options");
            }
            self.fits_kind(node, "");
            let lookup = self.lookup(lookup, scope, None, None)?;
            return Some((RowHow::Lookup(lookup), FieldKind::Id));
        }
        const KINDS: [(&str, FieldKind); 13] = [
            ("text", FieldKind::Text),
            ("date", FieldKind::Date),
            ("date_time", FieldKind::DateTime),
            ("number", FieldKind::Number),
            ("phone", FieldKind::Phone),
            ("link", FieldKind::Link),
            ("yes_no", FieldKind::YesNo),
            ("list", FieldKind::List),
            ("html", FieldKind::Html),
            ("choice", FieldKind::Choice),
            ("choices", FieldKind::Choices),
            ("cascade", FieldKind::Cascade),
            ("attachments", FieldKind::Text),
        ];
        let kind = match node.get("as") {
            Some(node) => self.one_of(node, &KINDS)?,
            None => FieldKind::Text,
        };
        let word = node.get("as").and_then(Node::text).unwrap_or("text");
        self.fits_kind(node, word);
        let is_choice = matches!(kind, FieldKind::Choice | FieldKind::Choices | FieldKind::Cascade);
        if is_choice != node.get("options").is_some() {
            self.problem(node, "as: choice, choices and cascade have options, the others have none");
            return None;
        }
        let how = match kind {
            FieldKind::Choice => RowHow::Choice(self.options(key, node, scope, path, kind)?),
            FieldKind::Choices => RowHow::Choices(self.options(key, node, scope, path, kind)?),
            FieldKind::Cascade => RowHow::Cascade(self.options(key, node, scope, path, kind)?),
            FieldKind::List => RowHow::Convert(Convert::CommaList),
            FieldKind::Html => RowHow::Convert(Convert::HtmlToText),
            FieldKind::Text if word == "text" => RowHow::Convert(Convert::Text),
            _ => RowHow::Convert(self.row_convert(word, node)?),
        };
        Some((how, kind))
    }

    /// A member that nothing reads would look as if it did something.
    fn fits_kind(&mut self, node: &Node, word: &str) {
        for (name, kinds) in OF_KINDS.into_iter().filter(|(_, kinds)| !kinds.contains(&word)) {
            if let Some(value) = node.get(name) {
                self.problem(value, format!("{name} is for as: {}: take it out", kinds.join(" or ")));
            }
        }
        if let Some(send) = node.get("send").filter(|_| node.get("options").is_none()) {
            self.problem(send, "send is for options: vendor; listed options are sent as they stand");
        }
    }

    /// The conversion that a rule would name, with its options beside it.
    fn row_convert(&mut self, word: &str, node: &Node) -> Option<Convert> {
        let options = OF_KINDS.iter().filter(|(_, kinds)| kinds.contains(&word)).filter_map(|(name, _)| {
            let value = node.get(name)?;
            let key = Key { name: (*name).to_owned(), file: value.file, place: value.place };
            Some((key, value.clone()))
        });
        let content = crate::mapping::yaml::Content::Map(options.collect());
        let options = Node { content, ..node.clone() };
        let key = Key { name: word.to_owned(), file: node.file, place: node.place };
        let content = crate::mapping::yaml::Content::Map(vec![(key, options)]);
        self.convert(&Node { content, ..node.clone() })
    }

    fn options(
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
    fn is_reached(&mut self, index: &Key, options: &Node, kind: FieldKind) {
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

    fn row_is_total(
        &mut self,
        node: &Node,
        how: &RowHow,
        shape: &Shape,
        unknown: Option<Policy>,
        unreadable: Option<Policy>,
    ) {
        match how {
            RowHow::Convert(convert) if unreadable.is_none() && !convert.is_total(shape) => {
                let message = format!(
                    "the schema lets it have values that can't be read as {}: say unreadable: park or report, here or for all rows",
                    convert.reads()
                );
                self.problem(node, message);
            }
            RowHow::Choice(_) | RowHow::Choices(_) | RowHow::Cascade(_) => {
                let missing: Vec<&str> = [("unknown", unknown), ("unreadable", unreadable)]
                    .into_iter()
                    .filter(|(_, policy)| policy.is_none())
                    .map(|(word, _)| word)
                    .collect();
                for word in missing {
                    self.problem(node, format!("choices need {word}: park or report, here or for all rows"));
                }
            }
            _ => {}
        }
    }

    fn row_verdict(
        &mut self,
        node: &Node,
        how: &RowHow,
        shape: &Shape,
        path: &str,
        (unknown, unreadable): (Option<Policy>, Option<Policy>),
    ) {
        let reported = unreadable == Some(Policy::Report);
        let (kind, why, rows) = match how {
            RowHow::Convert(convert) => {
                let kind = convert.reversibility(&shape.texts());
                let kind = if reported && !convert.is_total(shape) { Reversibility::Lossy } else { kind };
                (kind, why_lossy(convert, reported), Vec::new())
            }
            RowHow::Lookup(_) => {
                (Reversibility::Lossy, "an id doesn't say by which value it was found", Vec::new())
            }
            RowHow::Choice(options) | RowHow::Choices(options) | RowHow::Cascade(options) => {
                let several = matches!(how, RowHow::Choices(_));
                let cascade = matches!(how, RowHow::Cascade(_));
                if several && unknown == Some(Policy::Report) {
                    (Reversibility::Lossy, "a choice that isn't known is left out", rows_of(options))
                } else {
                    let kind = verdict_of_options(options, several, cascade);
                    (kind, "two choices share a name, or a name has a comma", rows_of(options))
                }
            }
        };
        let reason = self.lossy(node, kind, path, why);
        self.about.verdicts.push(Verdict { at: path.to_owned(), kind, reason, rows });
    }

    #[allow(clippy::too_many_arguments)]
    fn expect(
        &mut self,
        scope: &Scope,
        key: &Key,
        node: &Node,
        to: &str,
        kind: FieldKind,
        how: &RowHow,
        path: &str,
    ) {
        let listed: Vec<(String, String)> = match how {
            RowHow::Choice(Options::Listed(names))
            | RowHow::Choices(Options::Listed(names))
            | RowHow::Cascade(Options::Listed(names)) => names.clone().into_iter().collect(),
            _ => Vec::new(),
        };
        let file = self.files.get(node.file).cloned().unwrap_or_default();
        let expected = |name: &str, options: Vec<(String, String)>, place: Place| ExpectedField {
            name: name.to_owned(),
            kind,
            options,
            at: path.to_owned(),
            file: file.clone(),
            place,
        };
        let at_target = listed.iter().map(|(_, name)| (name.clone(), name.clone())).collect();
        let target = expected(to, at_target, node.place);
        if scope.path == "ticket" {
            self.about.expects.source_fields.push(expected(&key.name, listed, key.place));
            self.about.expects.ticket_fields.push(target);
        } else {
            self.about.expects.company_fields.push(target);
        }
    }
}

fn rows_of(options: &Options) -> Vec<VerdictRow> {
    let Options::Listed(names) = options else { return Vec::new() };
    let back = |name: &String| names.iter().find(|(_, other)| *other == name).map(|(index, _)| index.clone());
    names
        .iter()
        .map(|(index, name)| VerdictRow { value: index.clone(), target: name.clone(), back: back(name) })
        .collect()
}

/// Vendors' lists are compared when they are read: two options of one name are refused there.
fn verdict_of_options(options: &Options, several: bool, cascade: bool) -> Reversibility {
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
