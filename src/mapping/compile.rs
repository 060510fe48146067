//! From a file to a mapping that can't go wrong in any way that could have been seen beforehand.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use super::{
    Convert, CustomField, CustomFields, CustomKind, Entity, Mapping, Rule, Shape, Source,
    field_options::FieldOptionsRule,
    file::{
        AuthorEntry, CompanyEntry, ConvertEntry, CustomFieldsEntry, FieldOptionsEntry, File, KindEntry,
        Others, ReplyEntry, RowEntry, RuleEntry, TableEntry,
    },
    reply::{Author, Internal, ReplyRule},
    vocabulary::{self, SourceVocabulary, TargetField, TargetFields, TargetType, TargetVocabulary},
};
use crate::diagnostic::{Diagnostic, Place, Spanned, did_you_mean, place, read_yaml};

/// Compiles a mapping file's text.
pub(super) fn compile(name: &str, path: &Path, text: &str) -> Result<Mapping, Vec<Diagnostic>> {
    let file: File = read_yaml(path, text).map_err(|problem| vec![problem])?;
    let source =
        named(path, &file.source, vocabulary::source(&file.source.value), vocabulary::source_names());
    let target =
        named(path, &file.target, vocabulary::target(&file.target.value), vocabulary::target_names());
    let (source, target) = (source.map_err(|e| vec![e])?, target.map_err(|e| vec![e])?);
    let mut compiler = Compiler { path, file: &file, source, target, problems: Vec::new() };
    let mapping = compiler.mapping(name);
    match compiler.problems {
        problems if problems.is_empty() => Ok(mapping),
        problems => Err(problems),
    }
}

fn named<T>(
    path: &Path,
    name: &Spanned<String>,
    found: Option<Result<T, Diagnostic>>,
    known: impl Iterator<Item = &'static str>,
) -> Result<T, Diagnostic> {
    found.unwrap_or_else(|| {
        let known: Vec<&str> = known.collect();
        let hint = did_you_mean(&name.value, known.iter().copied());
        let message = format!("there is no vocabulary {}: known are {}{hint}", name.value, known.join(", "));
        Err(Diagnostic::error(path, place(name), message))
    })
}

struct Compiler<'a> {
    path: &'a Path,
    file: &'a File,
    source: SourceVocabulary,
    target: TargetVocabulary,
    problems: Vec<Diagnostic>,
}

impl Compiler<'_> {
    fn problem(&mut self, at: Place, message: impl Into<String>) {
        self.problems.push(Diagnostic::error(self.path, at, message));
    }

    fn mapping(&mut self, name: &str) -> Mapping {
        let file = self.file;
        let tables: BTreeMap<&str, HashMap<String, u64>> =
            file.tables.iter().map(|(name, table)| (name.as_str(), self.table(table))).collect();
        let reply = file.reply.as_ref().and_then(|entry| self.reply(entry));
        let ticket = self.ticket(&tables, reply.as_ref());
        let company = file.company.as_ref().map(|entry| self.company(entry, &tables));
        let field_options = file.field_options.as_ref().map(|entry| self.field_options(entry));
        file.version.iter().for_each(|p| self.pointer(&p.value, place(p)));
        Mapping {
            name: name.to_owned(),
            source: file.source.value.clone(),
            version: file.version.as_ref().map(|p| p.value.clone()),
            parameters: self.shapes(),
            ticket,
            reply,
            company,
            field_options,
        }
    }

    fn ticket(&mut self, tables: &Tables<'_>, reply: Option<&ReplyRule>) -> Entity {
        let file = self.file;
        let mut known = self.known(&file.ticket, &file.unused);
        let reply_text = file.reply.iter().flat_map(|entry| pointers_of(&entry.value.text()));
        known.extend(reply_text.chain(reply.into_iter().flat_map(ReplyRule::pointers)));
        let target = std::mem::take(&mut self.target.ticket);
        let entity = self.entity("ticket", &target, &file.ticket, file.custom_fields.as_ref(), known, tables);
        self.target.ticket = target;
        entity
    }

    fn company(&mut self, entry: &CompanyEntry, tables: &Tables<'_>) -> Entity {
        let known = self.known(&entry.fields, &entry.unused);
        let target = std::mem::take(&mut self.target.company);
        let entity =
            self.entity("company", &target, &entry.fields, entry.custom_fields.as_ref(), known, tables);
        self.target.company = target;
        entity
    }

    fn entity(
        &mut self,
        kind: &str,
        target: &TargetFields,
        rules: &BTreeMap<String, Spanned<RuleEntry>>,
        custom_fields: Option<&CustomFieldsEntry>,
        known: Vec<String>,
        tables: &Tables<'_>,
    ) -> Entity {
        let fields = rules
            .iter()
            .filter_map(|(name, rule)| Some((name.clone(), self.field(kind, target, name, rule, tables)?)));
        let fields: Vec<(String, Rule)> = fields.collect();
        let custom_fields = custom_fields.map(|entry| self.custom_fields(entry));
        let required = target.iter().filter(|(_, field)| field.required).map(|(name, _)| name.clone());
        let required: Vec<String> = required.collect();
        let ruleless = required.iter().filter(|name| !rules.contains_key(*name) && self.problems.is_empty());
        for name in ruleless.cloned().collect::<Vec<_>>() {
            let vendor = &self.file.target;
            let message = format!("a new {kind} of {} needs {name}: give it a rule", vendor.value);
            self.problem(place(vendor), message);
        }
        Entity { fields, required, custom_fields, known }
    }

    fn reply(&mut self, entry: &Spanned<ReplyEntry>) -> Option<ReplyRule> {
        let (reply, at) = (&entry.value, place(entry));
        let text = Spanned { value: reply.text(), referenced: entry.referenced, defined: entry.defined };
        let rule = ReplyRule {
            text: self.rule(&text, &Tables::new())?,
            id: reply.id.clone(),
            author: reply.author.as_ref().map(author).unwrap_or_default(),
            internal: reply.internal.clone().map(|rule| Internal {
                at: rule.at,
                is: rule.is,
                then: rule.then,
            }),
        };
        rule.pointers().for_each(|pointer| self.pointer(&pointer, at));
        Some(rule)
    }

    fn field_options(&mut self, entry: &FieldOptionsEntry) -> FieldOptionsRule {
        let (field, options) = (&entry.field, &entry.options);
        [field, options].into_iter().chain(&entry.unused).for_each(|p| self.pointer(&p.value, place(p)));
        if self.file.custom_fields.is_none() {
            self.problem(
                place(field),
                "field_options need custom_fields: their rows say which field is meant",
            );
        }
        let unused = entry.unused.iter().map(|p| p.value.clone());
        let version = self.file.version.iter().map(|p| p.value.clone());
        let known = unused.chain(version).chain([field.value.clone()]).collect();
        FieldOptionsRule { field: field.value.clone(), options: options.value.clone(), known }
    }

    /// Every pointer that a rule reads or that `unused` names.
    fn known(
        &mut self,
        rules: &BTreeMap<String, Spanned<RuleEntry>>,
        unused: &[Spanned<String>],
    ) -> Vec<String> {
        unused.iter().for_each(|p| self.pointer(&p.value, place(p)));
        let read = rules.values().flat_map(|rule| pointers_of(&rule.value));
        let named = unused.iter().chain(&self.file.version).map(|pointer| pointer.value.clone());
        let all: BTreeSet<String> = read.chain(named).collect();
        all.into_iter().collect()
    }

    /// Every spelling of every value of the vocabulary, with its code. A value without an arm and an arm without
    /// a value are both mistakes.
    fn table(&mut self, entry: &Spanned<TableEntry>) -> HashMap<String, u64> {
        let TableEntry { of, arms } = &entry.value;
        let Some(values) = self.source.get(&of.value).cloned() else {
            let hint = did_you_mean(&of.value, self.source.keys().map(String::as_str));
            let source = &self.file.source.value;
            self.problem(place(of), format!("{source} has no closed field {}{hint}", of.value));
            return HashMap::new();
        };
        for (arm, code) in arms.iter().filter(|(arm, _)| !values.contains_key(*arm)) {
            let hint = did_you_mean(arm, values.keys().map(String::as_str));
            self.problem(place(code), format!("{} has no value {arm}{hint}", of.value));
        }
        for value in values.keys().filter(|value| !arms.contains_key(*value)) {
            self.problem(place(entry), format!("the table has no arm for {value}"));
        }
        let coded = values.iter().filter_map(|(value, others)| Some((value, others, arms.get(value)?.value)));
        coded
            .flat_map(|(value, others, code)| others.iter().chain([value]).map(move |s| (s.clone(), code)))
            .collect()
    }

    fn field(
        &mut self,
        kind: &str,
        target: &TargetFields,
        name: &str,
        entry: &Spanned<RuleEntry>,
        tables: &Tables<'_>,
    ) -> Option<Rule> {
        let Some(field) = target.get(name) else {
            let hint = did_you_mean(name, target.keys().map(String::as_str));
            let vendor = &self.file.target.value;
            self.problem(place(entry), format!("a {kind} of {vendor} has no field {name}{hint}"));
            return None;
        };
        self.typed(name, field, entry);
        self.rule(entry, tables)
    }

    /// The rule gives what the field takes: text for text, codes of the field for a closed one, ids for ids.
    fn typed(&mut self, name: &str, target: &TargetField, entry: &Spanned<RuleEntry>) {
        let rule = &entry.value;
        let fits = match target.kind {
            TargetType::Text => rule.table.is_none() && rule.lookup.is_none(),
            TargetType::Date => rule.convert == Some(ConvertEntry::Date),
            TargetType::Code => rule.table.is_some(),
            TargetType::Id => rule.lookup.is_some() || rule.parameter.is_some(),
        };
        if !fits {
            let takes = match target.kind {
                TargetType::Text => "takes text: give it from or a parameter",
                TargetType::Date => "takes a date: give it from and convert: date",
                TargetType::Code => "takes one of a closed set: give it a table",
                TargetType::Id => "takes an id: give it a lookup or a parameter",
            };
            self.problem(place(entry), format!("{name} {takes}"));
        }
        let arms = rule.table.as_ref().and_then(|table| self.file.tables.get(table));
        for (arm, code) in arms.iter().flat_map(|table| &table.value.arms) {
            if target.kind == TargetType::Code && !target.codes.contains_key(&code.value) {
                let codes: Vec<String> =
                    target.codes.iter().map(|(c, label)| format!("{c} {label}")).collect();
                let message = format!("{arm}: {name} has no code {}, only {}", code.value, codes.join(", "));
                self.problem(place(code), message);
            }
        }
    }

    fn rule(&mut self, entry: &Spanned<RuleEntry>, tables: &Tables<'_>) -> Option<Rule> {
        let (rule, at) = (&entry.value, place(entry));
        let pointers = rule.from.to_vec();
        pointers.iter().for_each(|pointer| self.pointer(pointer, at));
        let named = rule.parameter.iter().chain(&rule.lookup).chain(&rule.otherwise);
        named.for_each(|parameter| self.parameter(parameter, at));
        let value = match (&rule.parameter, pointers.is_empty()) {
            (Some(parameter), true) if rule.is_plain() => Source::Parameter(parameter.clone()),
            (Some(_), true) => {
                self.problem(
                    at,
                    "a parameter is given as it is: its rule has no table, lookup, convert, when or otherwise",
                );
                return None;
            }
            (None, false) => Source::Event { pointers, convert: self.convert(rule, at, tables)? },
            _ => {
                self.problem(at, "a rule has either from or parameter");
                return None;
            }
        };
        Some(Rule { value, required: rule.required })
    }

    fn convert(&mut self, rule: &RuleEntry, at: Place, tables: &Tables<'_>) -> Option<Convert> {
        if rule.otherwise.is_some() && rule.lookup.is_none() {
            self.problem(at, "otherwise is for whom a lookup doesn't know: give the rule a lookup");
        }
        match (&rule.table, &rule.lookup, rule.convert, &rule.when) {
            (None, None, None, None) => Some(Convert::Text),
            (None, None, Some(ConvertEntry::CommaList), None) => Some(Convert::CommaList),
            (None, None, Some(ConvertEntry::Date), None) => Some(Convert::Date),
            (None, None, Some(ConvertEntry::HtmlToText), Some(when)) => {
                self.pointer(&when.at, at);
                Some(Convert::HtmlToText { at: when.at.clone(), is: when.is.clone() })
            }
            (None, Some(parameter), None, None) => {
                Some(Convert::Lookup { parameter: parameter.clone(), otherwise: rule.otherwise.clone() })
            }
            (Some(table), None, None, None) => match tables.get(table.as_str()) {
                Some(spellings) => Some(Convert::Table(spellings.clone())),
                None => {
                    let hint = did_you_mean(table, tables.keys().copied());
                    self.problem(at, format!("there is no table {table}{hint}"));
                    None
                }
            },
            _ => {
                let allowed = "a value is converted in one way: table, or lookup, or convert: comma_list, or convert: date, or \
                               convert: html_to_text with when: { at, is }";
                self.problem(at, allowed);
                None
            }
        }
    }

    fn custom_fields(&mut self, entry: &CustomFieldsEntry) -> CustomFields {
        self.pointer(&entry.at.value, place(&entry.at));
        let mut targets = BTreeSet::new();
        for row in entry.rows.values().filter(|row| !targets.insert(&row.value.to)) {
            self.problem(place(row), format!("a second row goes to {}", row.value.to));
        }
        let rows = entry.rows.iter().map(|(key, row)| (key.clone(), self.row(row))).collect();
        CustomFields { at: entry.at.value.clone(), rows, same_key: entry.others == Others::SameKey }
    }

    fn row(&mut self, entry: &Spanned<RowEntry>) -> CustomField {
        let row = &entry.value;
        let is_choice = matches!(row.kind, KindEntry::Choice | KindEntry::Choices);
        if is_choice == row.options.is_empty() {
            self.problem(place(entry), "as: choice and as: choices have options, text and date have none");
        }
        let options: HashMap<String, String> = row.options.clone().into_iter().collect();
        let kind = match row.kind {
            KindEntry::Text => CustomKind::Text,
            KindEntry::Date => CustomKind::Date,
            KindEntry::Choice => CustomKind::Choice(options),
            KindEntry::Choices => CustomKind::Choices(options),
        };
        CustomField { key: row.to.clone(), kind }
    }

    /// What each parameter has to be, by the rules that use it.
    fn shapes(&self) -> BTreeMap<String, Shape> {
        let mut shapes: BTreeMap<String, Shape> =
            self.file.parameters.keys().map(|name| (name.clone(), Shape::Text)).collect();
        let ticket = self.file.ticket.iter().map(|(field, rule)| (self.target.ticket.get(field), rule));
        let company = self.file.company.iter().flat_map(|company| &company.fields);
        let company = company.map(|(field, rule)| (self.target.company.get(field), rule));
        for (field, rule) in ticket.chain(company) {
            let is_id = field.is_some_and(|field| field.kind == TargetType::Id);
            let value = rule.value.parameter.iter().chain(&rule.value.otherwise).filter(|_| is_id);
            shapes.extend(value.map(|name| (name.clone(), Shape::Id)));
            shapes.extend(rule.value.lookup.iter().map(|name| (name.clone(), Shape::Table)));
        }
        shapes
    }

    fn pointer(&mut self, pointer: &str, at: Place) {
        if !pointer.starts_with('/') {
            self.problem(at, format!("{pointer:?} is not a JSON Pointer: write e.g. /subject"));
        }
    }

    fn parameter(&mut self, name: &str, at: Place) {
        if !self.file.parameters.contains_key(name) {
            let hint = did_you_mean(name, self.file.parameters.keys().map(String::as_str));
            self.problem(at, format!("the parameter {name} is not declared under parameters{hint}"));
        }
    }
}

type Tables<'a> = BTreeMap<&'a str, HashMap<String, u64>>;

/// Every pointer that a rule reads.
fn pointers_of(rule: &RuleEntry) -> Vec<String> {
    rule.from.to_vec().into_iter().chain(rule.when.as_ref().map(|when| when.at.clone())).collect()
}

fn author(entry: &AuthorEntry) -> Author {
    Author { names: entry.name.to_vec(), kind: entry.kind.clone(), kinds: entry.kinds.clone() }
}
