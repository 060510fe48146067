//! Mapping files at random: rules over the pointers that a source's schemas have, with whatever the language has for
//! them. A rule that the compiler refuses is taken out again, so that what is left compiles.

use std::{collections::BTreeMap, path::Path};

use deskbridge::{event::EventType, mapping::Mapping};
use proptest::{collection, option, prelude::*, sample};
use serde_json::{Map, Value, json};

use crate::{
    events::{flat, list},
    sources::{SCHEMAS, compile},
    support::repository,
};

/// Compilations after which a file is given up.
const ROUNDS: usize = 12;
/// Lines below which all can be taken out.
const OF_PARTS: [&str; 4] = ["parameters:", "tables:", "fields:", "rows:"];

/// A file, line by line.
#[derive(Clone)]
pub(crate) struct File(Vec<Line>);

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

#[derive(Debug, Clone)]
enum Line {
    Fixed(String),
    /// `name: rule`, which can be taken out, or replaced by what is known to compile.
    Part {
        indent: usize,
        name: String,
        rule: Value,
        fallback: Option<Value>,
    },
}

impl File {
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (at, line) in self.0.iter().enumerate() {
            let has_parts = matches!(self.0.get(at + 1), Some(Line::Part { .. }));
            text += &match line {
                // What lost all its parts is still a map.
                Line::Fixed(text) if text.ends_with(':') && !has_parts && OF_PARTS.contains(&text.trim()) => {
                    format!("{text} {{}}\n")
                }
                Line::Fixed(text) => format!("{text}\n"),
                Line::Part { indent, name, rule, .. } => format!("{:indent$}{}: {rule}\n", "", json!(name)),
            };
        }
        text
    }

    /// The mapping of what compiles of it, and the text of that.
    ///
    /// Error: what can't be mended.
    pub(crate) fn compiled(mut self, folder: &Path) -> Result<(String, Mapping), String> {
        for _ in 0..ROUNDS {
            let text = self.text();
            let problems = match compile(folder, &text) {
                Ok(mapping) => return Ok((text, mapping)),
                Err(problems) => problems,
            };
            let mut told: Vec<(usize, String)> =
                problems.into_iter().map(|p| (p.place.line as usize - 1, p.message)).collect();
            told.sort();
            told.dedup_by_key(|(line, _)| *line);
            for (line, message) in told.into_iter().rev() {
                self.mend(line, &message).ok_or(message)?;
            }
        }
        Err("mended without an end".to_owned())
    }

    fn mend(&mut self, at: usize, message: &str) -> Option<()> {
        let Some(Line::Part { rule, fallback, .. }) = self.0.get_mut(at) else { return None };
        if message.contains("say lossy:") {
            rule["lossy"] = "说明".into();
        } else if message.contains("take lossy out") {
            rule.as_object_mut()?.remove("lossy");
        } else if let Some(good) = fallback.take() {
            *rule = good;
        } else {
            self.0.remove(at);
        }
        Some(())
    }

    /// The same file, parking nothing.
    pub(crate) fn strict(mut self) -> Self {
        for line in &mut self.0 {
            match line {
                Line::Fixed(text) if !text.starts_with("park:") => *text = text.replace(": park", ": report"),
                Line::Fixed(_) => {}
                Line::Part { rule, .. } => report(rule),
            }
        }
        self
    }
}

/// Every word that refuses, by the one that doesn't.
fn report(rule: &mut Value) {
    match rule {
        Value::Array(items) => items.iter_mut().for_each(report),
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value.as_str()) {
                    ("unknown" | "unreadable", Some("park")) => *value = "report".into(),
                    ("on_missing", Some("park" | "create")) => *value = "omit".into(),
                    ("over", Some("refuse")) => *value = "truncate".into(),
                    (_, Some("park")) => *value = 1.into(),
                    _ => report(value),
                }
            }
        }
        _ => {}
    }
}

/// What rules can be made of.
struct Words {
    tickets: Vec<String>,
    companies: Vec<String>,
    closed: BTreeMap<String, Vec<String>>,
    target: Value,
}

impl Words {
    fn of(source: &str) -> Self {
        let own = if source == "acme" { "tests/mapping/acme/mappings" } else { "mappings" };
        let closed: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            yaml(&format!("{own}/vocabularies/{source}.yaml"));
        Self {
            tickets: pointers_of(source, "ticket"),
            companies: pointers_of(source, "company"),
            closed: closed.into_iter().map(|(field, values)| (field, values.into_keys().collect())).collect(),
            target: yaml("mappings/vocabularies/bangwo8.yaml"),
        }
    }
}

fn yaml<T: serde::de::DeserializeOwned>(path: &str) -> T {
    let text = std::fs::read_to_string(repository(path)).expect("a file");
    serde_saphyr::from_str(&text).expect("YAML")
}

/// Every pointer that the schemas of a kind of event declare.
pub(crate) fn pointers_of(source: &str, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (_, schema) in SCHEMAS[source].iter().filter(|(event_type, _)| event_type.entity() == kind) {
        walk(schema, "", &mut found);
    }
    found.sort();
    found.dedup();
    found
}

fn walk(schema: &Value, at: &str, found: &mut Vec<String>) {
    let Some(schema) = flat(schema) else { return };
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("{at}/{name}");
        walk(member, &pointer, found);
        if flat(member).is_some() {
            found.push(pointer);
        }
    }
    if schema.contains_key("items") {
        found.push(format!("{at}/0"));
    }
    if at.ends_with("attributes") {
        found.extend([format!("{at}/列表一"), format!("{at}/别的")]);
    }
    list(&schema, "anyOf").iter().for_each(|branch| walk(branch, at, found));
}

/// Files for a source.
pub(crate) fn files(source: &'static str) -> BoxedStrategy<File> {
    let words = Words::of(source);
    let tables = tables(&words);
    let ticket = fields(&words, "ticket", &words.tickets);
    let company = fields(&words, "company", &words.companies);
    let (rows, unmapped) = (rows(source), sample::select(&["report", "append", "park"][..]));
    let version = if source == "acme" { "changed_at" } else { "updated_at" };
    let policies = (policy(), policy(), any::<bool>(), policy());
    let has_reply = words.tickets.iter().any(|pointer| pointer.starts_with("/reply/"));
    let reply = option::of(rule(&words.tickets, "text", json!({}), ""))
        .prop_map(move |reply| reply.filter(|_| has_reply));
    let company_of_ticket = option::of(sample::select(words.tickets.clone()));
    (tables, ticket, company, rows, unmapped, policies, (reply, company_of_ticket))
        .prop_map(move |(tables, ticket, company, rows, unmapped, policies, (reply, of_ticket))| {
            let (unknown, unreadable, same_key, of_version) = policies;
            let (lane, at) = lane_and_custom_fields(source);
            let mut lines = head(source, unmapped);
            lines.extend(tables);
            let mut line = |text: String| lines.push(Line::Fixed(text));
            line(format!("ticket:\n  events: [{}]\n  lane: {lane}", types(source, "ticket")));
            line(format!(
                "  version: {{ from: /{version}, unreadable: {} }}\n  fields:",
                of_version.unwrap_or("report")
            ));
            lines.extend(ticket);
            lines.push(Line::Fixed(format!("  custom_fields:\n{at}")));
            lines.extend(unknown.map(|policy| Line::Fixed(format!("    unknown: {policy}"))));
            let unreadable = unreadable.or(same_key.then_some("report"));
            lines.extend(unreadable.map(|policy| Line::Fixed(format!("    unreadable: {policy}"))));
            lines.extend(same_key.then(|| Line::Fixed("    others: same_key\n    lossy: 文字".into())));
            lines.push(Line::Fixed("    rows:".into()));
            lines.extend(rows);
            if let Some(rule) = reply {
                lines.push(Line::Fixed("  reply:".into()));
                lines.push(Line::Part {
                    indent: 4,
                    name: "text".into(),
                    rule,
                    fallback: Some(json!({"from": "/reply/created_at"})),
                });
            }
            if let Some(lane) = of_ticket {
                let rule =
                    json!({ "lane": lane, "fields": { "companyName": { "from": lane, "required": true } } });
                lines.push(Line::Part { indent: 2, name: "company".into(), rule, fallback: None });
            }
            if !company.is_empty() {
                lines.push(Line::Fixed(format!(
                    "company:\n  events: [{}]\n  lane: {lane}\n  fields:",
                    types(source, "company")
                )));
                lines.extend(company);
            }
            // One entry a line: what is told of a line is of one part.
            File(lines.into_iter().flat_map(split).collect())
        })
        .boxed()
}

fn split(line: Line) -> Vec<Line> {
    match line {
        Line::Fixed(text) => text.lines().map(|line| Line::Fixed(line.to_owned())).collect(),
        part => vec![part],
    }
}

fn head(source: &str, unmapped: &str) -> Vec<Line> {
    let mut lines = vec![Line::Fixed(format!("source: {source}\ntarget: bangwo8\nunmapped: {unmapped}"))];
    if source != "acme" {
        lines.push(Line::Fixed(format!("park: [{}]", types(source, "field"))));
    }
    lines.push(Line::Fixed("parameters:".into()));
    for name in ["agents", "groups", "contacts", "ticket_template_id", "default_contact_id", "greeting"] {
        lines.push(Line::Part { indent: 2, name: name.into(), rule: "用".into(), fallback: None });
    }
    lines.push(Line::Fixed("tables:".into()));
    lines
}

fn types(source: &str, kind: &str) -> String {
    let types = SCHEMAS[source].keys().filter(|t| t.entity() == kind).map(|t| EventType::as_str(*t));
    types.collect::<Vec<_>>().join(", ")
}

fn lane_and_custom_fields(source: &str) -> (&'static str, &'static str) {
    match source {
        "udesk" => ("/id", "    at: /custom_fields"),
        "generic" => ("/external_id", "    at: /custom_fields"),
        _ => ("/id", "    at: /fields\n    key: /key\n    value: /value"),
    }
}

fn policy() -> impl Strategy<Value = Option<&'static str>> {
    option::weighted(0.8, sample::select(&["park", "report"][..]))
}

/// A table for each closed field of the target.
fn tables(words: &Words) -> BoxedStrategy<Vec<Line>> {
    let codes_of = |field: &Value| -> Vec<Value> {
        let codes = field["codes"].as_object().into_iter().flat_map(Map::keys);
        codes.map(|code| json!(code.parse::<u64>().expect("a code"))).collect()
    };
    let fields =
        words.target["ticket"].as_object().into_iter().flatten().filter(|(_, field)| field["type"] == "code");
    let mut made = Vec::new();
    for (name, field) in fields {
        let targets: Vec<Value> = codes_of(field).into_iter().chain([json!("park")]).collect();
        let name = name.clone();
        let one = sample::select(words.closed.clone().into_iter().collect::<Vec<_>>()).prop_flat_map(
            move |(of, values)| {
                let arms = collection::vec(sample::select(targets.clone()), values.len());
                (arms, policy()).prop_map(move |(codes, unknown)| {
                    let arms: Map<String, Value> = values.iter().cloned().zip(codes).collect();
                    let mut table = json!({ "of": of, "arms": arms });
                    unknown.into_iter().for_each(|policy| table["unknown"] = policy.into());
                    table
                })
            },
        );
        made.push(one.prop_map(move |rule| Line::Part {
            indent: 2,
            name: name.clone(),
            rule,
            fallback: None,
        }));
    }
    made.boxed()
}

/// A rule for most of the target's fields.
fn fields(words: &Words, section: &str, pointers: &[String]) -> BoxedStrategy<Vec<Line>> {
    let pointers = pointers.to_vec();
    if pointers.is_empty() {
        return Just(Vec::new()).boxed();
    }
    let mut made = Vec::new();
    for (name, field) in words.target[section].as_object().into_iter().flatten() {
        let is_required = field["required"] == true;
        let kind = field["type"].as_str().unwrap_or_default();
        let rule = field_rule(&pointers, kind, field["codes"].clone(), name);
        let fallback =
            is_required.then(|| json!({ "value": if kind == "code" { json!(1) } else { json!("无") } }));
        let name = name.clone();
        made.push(
            option::weighted(if is_required { 0.999 } else { 0.7 }, rule)
                .prop_map(move |rule| match (rule, fallback.clone()) {
                    (Some(rule), fallback) => {
                        Some(Line::Part { indent: 4, name: name.clone(), rule, fallback })
                    }
                    (None, Some(rule)) => {
                        Some(Line::Part { indent: 4, name: name.clone(), rule, fallback: None })
                    }
                    (None, None) => None,
                })
                .boxed(),
        );
    }
    made.prop_map(|lines| lines.into_iter().flatten().collect()).boxed()
}

/// A rule with what fields have beside.
fn field_rule(pointers: &[String], kind: &str, codes: Value, name: &str) -> BoxedStrategy<Value> {
    let default = match kind {
        "code" => json!(codes.as_object().and_then(|codes| codes.keys().next()?.parse::<u64>().ok())),
        "id" => json!({ "parameter": "default_contact_id" }),
        "date" => json!("2026-01-31"),
        _ => json!("无"),
    };
    let over = sample::select(&["truncate", "refuse"][..]);
    let most = option::weighted(0.2, (1u64..20, over))
        .prop_map(|most| most.map(|(chars, over)| json!({ "chars": chars, "over": over })));
    let is_text = kind == "text";
    (rule(pointers, kind, codes, name), option::weighted(0.3, Just(default)), any::<bool>(), most)
        .prop_map(move |(mut rule, default, is_required, most)| {
            default.into_iter().for_each(|default| rule["default"] = default);
            most.filter(|_| is_text).into_iter().for_each(|most| rule["max_length"] = most);
            if is_required {
                rule["required"] = true.into();
            }
            rule
        })
        .boxed()
}

fn rule(pointers: &[String], kind: &str, codes: Value, name: &str) -> BoxedStrategy<Value> {
    let from = from(pointers);
    let simple = match kind {
        "code" => {
            let codes: Vec<Value> = codes.as_object().into_iter().flat_map(Map::keys).filter_map(|c| Some(json!(c.parse::<u64>().ok()?))).collect();
            let table = name.to_owned();
            let tabled = from.prop_map(move |from| json!({ "from": from, "table": table }));
            prop_oneof![4 => tabled, 1 => sample::select(codes).prop_map(|code| json!({ "value": code }))].boxed()
        }
        "id" => prop_oneof![
            6 => (from, lookup(pointers)).prop_map(|(from, lookup)| json!({ "from": from, "lookup": lookup })),
            1 => Just(json!({ "parameter": "ticket_template_id" })),
            1 => Just(json!({ "value": 7 })),
        ]
        .boxed(),
        "date" => (from, policy())
            .prop_map(|(from, unreadable)| with(json!({ "from": from, "convert": "date" }), "unreadable", unreadable))
            .boxed(),
        _ => text_rule(pointers),
    };
    let when = condition(pointers);
    let one = (simple, option::weighted(0.3, when)).prop_map(|(mut rule, when)| {
        when.into_iter().for_each(|when| rule["when"] = when);
        rule
    });
    let (one, is_text) = (one.boxed(), kind == "text" || kind.is_empty());
    let several = collection::vec(one.clone(), 1..4);
    let joined =
        (several.clone(), "[ ，\n]{0,2}").prop_map(|(rules, with)| json!({ "join": rules, "with": with }));
    let first = several.prop_map(|rules| json!({ "first_of": rules }));
    match is_text {
        true => prop_oneof![4 => one, 1 => joined, 1 => first].boxed(),
        false => prop_oneof![4 => one, 1 => first].boxed(),
    }
}

fn with(mut rule: Value, name: &str, value: Option<&'static str>) -> Value {
    value.into_iter().for_each(|value| rule[name] = value.into());
    rule
}

fn from(pointers: &[String]) -> BoxedStrategy<Value> {
    let one = sample::select(pointers.to_vec());
    prop_oneof![
        2 => one.clone().prop_map(Value::from),
        1 => collection::vec(one, 1..4).prop_map(Value::from),
    ]
    .boxed()
}

fn text_rule(pointers: &[String]) -> BoxedStrategy<Value> {
    let converts = json!([
        "html_to_text", "text_to_html", "comma_list", "date", "number", "phone", "link", "yes_no", "attachments",
        { "date": { "zone": "Asia/Shanghai" } }, { "date_time": { "zone": "Asia/Shanghai" } },
        { "date_time": { "zone": "UTC", "from_zone": "America/New_York" } },
        { "number": { "decimals": 2 } }, { "phone": { "country": 1 } }, { "attachments": { "name": "key", "url": "value" } }
    ]);
    let converts = converts.as_array().cloned().unwrap_or_default();
    let pieces = sample::select(pointers.to_vec());
    let template = (pieces.clone(), pieces)
        .prop_map(|(a, b)| json!({ "template": format!("工单{{{{{{{a}}}}}}}：{{{b}}}") }));
    prop_oneof![
        4 => from(pointers).prop_map(|from| json!({ "from": from })),
        6 => (from(pointers), sample::select(converts), policy())
            .prop_map(|(from, convert, policy)| with(json!({ "from": from, "convert": convert }), "unreadable", policy)),
        1 => template,
        1 => Just(json!({ "value": "无" })),
        1 => Just(json!({ "parameter": "greeting" })),
    ]
    .boxed()
}

fn lookup(pointers: &[String]) -> BoxedStrategy<Value> {
    let pointer = sample::select(pointers.to_vec());
    let table = option::weighted(0.6, sample::select(&["agents", "groups", "contacts"][..]));
    let vendor = option::of((sample::select(&["email", "name", "mobile", "binding"][..]), from(pointers)));
    let on_missing = sample::select(&["park", "omit", "omit", "create", "default"][..]);
    let of = option::weighted(0.2, sample::select(&["agent", "contact", "company", "template"][..]));
    (table, option::of(pointer), vendor, on_missing, of)
        .prop_map(|(table, link, vendor, on_missing, of)| {
            let mut lookup = json!({ "on_missing": on_missing });
            table.into_iter().for_each(|table| lookup["table"] = table.into());
            link.into_iter().for_each(|link| lookup["link"] = link.into());
            vendor.into_iter().for_each(|(by, from)| lookup["vendor"] = json!({ by: from }));
            with(lookup, "of", of)
        })
        .boxed()
}

fn condition(pointers: &[String]) -> BoxedStrategy<Value> {
    let at = || sample::select(pointers.to_vec());
    let literals = json!(["html", "text", "internal", "agent", "0", 1, true, "todo", "打开", null]);
    let literal = sample::select(literals.as_array().cloned().unwrap_or_default());
    let plain = prop_oneof![
        (at(), literal.clone()).prop_map(|(at, is)| json!({ "at": at, "is": is })),
        (at(), literal.clone()).prop_map(|(at, not)| json!({ "at": at, "not": not })),
        (at(), collection::vec(literal, 1..3)).prop_map(|(at, values)| json!({ "at": at, "in": values })),
        (at(), any::<bool>()).prop_map(|(at, exists)| json!({ "at": at, "exists": exists })),
    ];
    let several = collection::vec(plain.clone(), 1..3);
    prop_oneof![
        4 => plain,
        1 => several.clone().prop_map(|all| json!({ "all": all })),
        1 => several.prop_map(|any| json!({ "any": any })),
    ]
    .boxed()
}

/// A row for each custom field.
fn rows(source: &str) -> BoxedStrategy<Vec<Line>> {
    let names: &[&str] = match source {
        "acme" => &["金额", "城市", "地区", "到期", "同意", "网址", "电话", "备注"],
        _ => &["TextField_1", "TextField_3", "SelectField_1", "SelectField_2", "SelectField_3", "a/b~c"],
    };
    let row = |(index, name): (usize, &&str)| {
        let name = (*name).to_owned();
        let to = format!("field_{index}");
        (row(), policy(), policy()).prop_map(move |(mut row, unknown, unreadable)| {
            row["to"] = to.clone().into();
            if row["options"].is_object() || row["options"].is_string() {
                unknown.into_iter().for_each(|policy| row["unknown"] = policy.into());
            }
            unreadable.into_iter().for_each(|policy| row["unreadable"] = policy.into());
            let members: Map<String, Value> = row
                .as_object()
                .cloned()
                .unwrap_or_default()
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            Line::Part { indent: 6, name: name.clone(), rule: members.into(), fallback: None }
        })
    };
    names.iter().enumerate().map(row).collect::<Vec<_>>().boxed()
}

fn row() -> BoxedStrategy<Value> {
    let rows = json!([
        {}, { "as": "text" }, { "as": "date" }, { "as": "date", "zone": "UTC" }, { "as": "date_time", "zone": "Asia/Shanghai" },
        { "as": "number" }, { "as": "number", "decimals": 0 }, { "as": "phone" }, { "as": "phone", "country": 1 }, { "as": "link" },
        { "as": "yes_no" }, { "as": "list" }, { "as": "html" }, { "as": "attachments" },
        { "as": "choice", "options": { "0": "北京", "1": "上海", "2": "北京" } },
        { "as": "choice", "options": { "0": "1", "1": "0" } },
        { "as": "choice", "options": "vendor" },
        { "as": "choices", "options": { "0": "甲", "1": "乙", "2": "丙，丁" } },
        { "as": "choices", "options": { "0": "甲,乙", "1": "乙" } },
        { "as": "choices", "options": "vendor", "send": "id" },
        { "as": "cascade", "options": { "0": "北京市", "0,1": "海淀", "1": "上海市", "1,1": "海淀" } },
        { "as": "cascade", "options": { "0": "北京市", "0,1": "海淀", "0,2": "海淀" } },
        { "as": "cascade", "options": "vendor" },
        { "lookup": { "of": "company", "vendor": { "name": "/user" }, "on_missing": "create" } },
        { "lookup": { "of": "agent", "table": "agents", "on_missing": "omit" } },
        { "lookup": { "of": "contact", "link": "/user_id", "table": "contacts", "on_missing": "park" } }
    ]);
    sample::select(rows.as_array().cloned().unwrap_or_default()).boxed()
}
