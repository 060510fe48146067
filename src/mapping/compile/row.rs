//! A row of custom fields: what one field of the source becomes.

use super::{
    Compiler, Scope,
    custom::Defaults,
    options::{rows_of, verdict_of_options},
    prove::why_lossy,
};
use crate::{
    diagnostic::Place,
    mapping::{
        convert::Convert,
        custom::{Options, Row, RowHow},
        pointer::{Pointer, join},
        rule::Policy,
        shape::Shape,
        trace::{ExpectedField, ExpectedRows, FieldKind, Reversibility, Verdict},
        yaml::{Key, Node},
    },
};

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

impl Compiler {
    pub(super) fn row(
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
        let row = Row { path, key: to, how, unreadable, unknown };
        self.expect(scope, (key, node), kind, &row);
        Some(row)
    }

    pub(super) fn row_how(
        &mut self,
        key: &Key,
        node: &Node,
        scope: &Scope,
        path: &str,
    ) -> Option<(RowHow, FieldKind)> {
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
    pub(super) fn fits_kind(&mut self, node: &Node, word: &str) {
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
    pub(super) fn row_convert(&mut self, word: &str, node: &Node) -> Option<Convert> {
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

    pub(super) fn row_is_total(
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

    pub(super) fn row_verdict(
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

    pub(super) fn expect_rows(&mut self, scope: &Scope, node: &Node, others: bool) {
        let file = self.files.get(node.file).cloned().unwrap_or_default();
        let rows = Some(ExpectedRows { others, file, place: node.place });
        match scope.path.as_str() {
            "ticket" => self.about.expects.ticket_rows = rows,
            "company" => self.about.expects.company_rows = rows,
            // The rows of a ticket's company say nothing of where companies of their own go.
            _ => {}
        }
    }

    pub(super) fn expect(&mut self, scope: &Scope, (key, node): (&Key, &Node), kind: FieldKind, row: &Row) {
        let options: Vec<(String, String)> = match &row.how {
            RowHow::Choice(Options::Listed(names))
            | RowHow::Choices(Options::Listed(names))
            | RowHow::Cascade(Options::Listed(names)) => names.clone().into_iter().collect(),
            _ => Vec::new(),
        };
        let file = self.files.get(node.file).cloned().unwrap_or_default();
        let expected = |name: &str, place: Place| ExpectedField {
            name: name.to_owned(),
            kind,
            options: options.clone(),
            parks_unknown: row.unknown == Some(Policy::Park),
            at: row.path.clone(),
            file: file.clone(),
            place,
        };
        let (source, target) = (expected(&key.name, key.place), expected(&row.key, node.place));
        let expects = &mut self.about.expects;
        match scope.path.as_str() {
            "ticket" => {
                expects.source_fields.push(source);
                expects.ticket_fields.push(target);
            }
            "company" => {
                expects.company_source_fields.push(source);
                expects.company_fields.push(target);
            }
            _ => expects.company_fields.push(target),
        }
    }
}
