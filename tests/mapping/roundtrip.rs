//! Values come back where the verdict says so, and only there: what can't be taken back has two values that become one.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use deskbridge::{
    event::EventType,
    mapping::{Change, Mapped, Mapping, Reversibility, Write},
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::{events::Events, files::files, sources::*, valid::*};

/// Events of each type for each file at random.
const EVENTS: u32 = 8;
/// Files at random of each source.
const FILES: u32 = 6;
/// Events from which two values are looked for that become one.
const BASES: usize = 40;
/// A custom field without a row.
const OTHER: &str = "field_14";

#[test]
fn what_a_shipped_mapping_takes_back_is_what_was_there() {
    for (name, source) in MAPPINGS {
        let (mapping, text) = (compiled(name), text_of(name));
        let seen = RefCell::new(BTreeSet::new());
        let proof = Proof::of(source, &mapping, &text);
        for_all(source, 32, |event_type, event| {
            if let Ok(mapped) = map(&mapping, event_type, event) {
                seen.borrow_mut().extend(proof.comes_back(&mapped, event_type, event));
            }
        });
        proof.all_come_back(&events_of(source), &mut seen.borrow_mut());
        let claimed = mapping.verdicts().iter().filter(|verdict| verdict.kind != Reversibility::Lossy);
        let unseen: Vec<&str> =
            claimed.map(|v| v.at.as_str()).filter(|at| !seen.borrow().contains(*at)).collect();
        assert!(unseen.is_empty(), "{name}: no event had {unseen:?}");
    }
}

#[test]
fn what_any_mapping_takes_back_is_what_was_there() {
    let folder = folder();
    for (_, source) in MAPPINGS {
        let events = events_of(source);
        let tried = TestRunner::new(config(FILES)).run(&files(source), |file| {
            let Ok((text, mapping)) = file.compiled(folder.path()) else { return Ok(()) };
            let proof = Proof::of(source, &mapping, &text);
            for (event_type, events) in events.iter().filter(|(event_type, _)| mapping.serves(**event_type)) {
                each(events, EVENTS, |event| {
                    if let Ok(mapped) = map(&mapping, *event_type, event) {
                        proof.comes_back(&mapped, *event_type, event);
                    }
                });
            }
            Ok(())
        });
        tried.unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn what_can_not_be_taken_back_has_two_values_that_become_one() {
    for (name, source) in MAPPINGS {
        let (mapping, text) = (compiled(name), text_of(name));
        let (proof, events) = (Proof::of(source, &mapping, &text), events_of(source));
        for verdict in mapping.verdicts().iter().filter(|verdict| verdict.kind == Reversibility::Lossy) {
            assert!(verdict.reason.is_some(), "{name}: {}", verdict.at);
            let is_witnessed = proof.has_witness(&verdict.at, &events);
            assert!(is_witnessed, "{name}: no two values of {} become one", verdict.at);
        }
    }
}

#[test]
fn the_rows_of_a_verdict_say_what_the_mapping_takes_back() {
    for (name, _) in MAPPINGS {
        let mapping = compiled(name);
        for verdict in mapping.verdicts().iter().filter(|verdict| !verdict.rows.is_empty()) {
            let comes_back = |row: &&deskbridge::mapping::VerdictRow| row.back.as_ref() == Some(&row.value);
            let parked = verdict.rows.iter().filter(|row| row.target == "park").count();
            let back = verdict.rows.iter().filter(comes_back).count();
            let all = back + parked == verdict.rows.len();
            assert_eq!(all, verdict.kind != Reversibility::Lossy, "{name}: {}", verdict.at);
        }
    }
}

/// A mapping and its file, for looking up where a target's value came from.
struct Proof<'a> {
    mapping: &'a Mapping,
    file: Value,
    /// Of each closed field of the source, every spelling and its value.
    spellings: BTreeMap<String, BTreeMap<String, String>>,
}

impl<'a> Proof<'a> {
    fn of(source: &str, mapping: &'a Mapping, text: &str) -> Self {
        let own = if source == "acme" { "tests/mapping/acme/mappings" } else { "mappings" };
        let path = crate::support::repository(&format!("{own}/vocabularies/{source}.yaml"));
        let vocabulary = std::fs::read_to_string(path).expect("the vocabulary");
        let fields: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            serde_saphyr::from_str(&vocabulary).expect("a vocabulary");
        let of_values = |values: BTreeMap<String, Vec<String>>| {
            let spelled = |(value, others): (String, Vec<String>)| {
                let own = [value.clone()];
                others
                    .into_iter()
                    .chain(own)
                    .map(move |spelling| (spelling, value.clone()))
                    .collect::<Vec<_>>()
            };
            values.into_iter().flat_map(spelled).collect()
        };
        let spellings = fields.into_iter().map(|(field, values)| (field, of_values(values))).collect();
        Self { mapping, file: serde_saphyr::from_str(text).expect("YAML"), spellings }
    }

    /// Takes every value back that has no lossy verdict, and tells which there were.
    fn comes_back(&self, mapped: &Mapped, event_type: EventType, event: &Value) -> Vec<String> {
        let verdicts = self.mapping.verdicts().iter().filter(|verdict| verdict.kind != Reversibility::Lossy);
        let mut seen = Vec::new();
        for at in verdicts.map(|verdict| &verdict.at) {
            let (Some(target), Some(source)) = (self.target(at, mapped), self.source(at, event_type, event))
            else {
                continue;
            };
            let back = self.mapping.back(at, &target).as_ref().and_then(text);
            assert_eq!(back.as_deref(), Some(source.as_str()), "{at}: {target} of {event}");
            seen.push(at.clone());
        }
        seen
    }

    /// Takes back what [`candidates`] become, wherever there is no lossy verdict.
    fn all_come_back(&self, events: &BTreeMap<EventType, Events>, seen: &mut BTreeSet<String>) {
        let verdicts = self.mapping.verdicts().iter().filter(|verdict| verdict.kind != Reversibility::Lossy);
        let pointers: Vec<String> = verdicts.flat_map(|verdict| self.pointers(&verdict.at)).collect();
        for (event_type, events) in events.iter().filter(|(event_type, _)| event_type.entity() != "field") {
            let Some(base) = bases(events).into_iter().next() else { continue };
            for (pointer, value) in
                pointers.iter().flat_map(|pointer| candidates().into_iter().map(move |v| (pointer, v)))
            {
                let mut event = base.clone();
                if !put(&mut event, pointer, value) || events.why_not(&event).is_some() {
                    continue;
                }
                if let Ok(mapped) = map(self.mapping, *event_type, &event) {
                    seen.extend(self.comes_back(&mapped, *event_type, &event));
                }
            }
        }
    }

    /// What the event's change has there.
    fn target(&self, at: &str, mapped: &Mapped) -> Option<Value> {
        let (ticket, company, reply) = match &mapped.change {
            Change::Ticket(change) => (Some(&change.write), None, change.reply.as_ref()),
            Change::Company(write) => (None, Some(write), None),
            Change::Options(_) => return None,
        };
        if at == "ticket.reply" {
            let text = &reply?.text;
            // The first line says who wrote it.
            let text = if text.starts_with('【') { text.split_once('\n')?.1 } else { text };
            return Some(text.into());
        }
        if let Some(table) = at.strip_prefix("tables.") {
            let (field, _) = self.tabled(table)?;
            return self::field(ticket?, field);
        }
        let write = if at.starts_with("ticket.company") {
            return None;
        } else if at.starts_with("ticket.") {
            ticket?
        } else {
            company?
        };
        if at.ends_with(".custom_fields") {
            let fields = field(write, "custom_fields")?;
            return fields
                .as_array()?
                .iter()
                .find(|field| field["key"] == OTHER)
                .map(|field| field["value"].clone());
        }
        let name = at.rsplit_once(".fields.").map(|(_, name)| name);
        match name {
            Some(name) => field(write, name),
            None => {
                let (_, row) = self.row(at)?;
                let fields = field(write, "custom_fields")?;
                let mut of_row = fields.as_array()?.iter().filter(|field| field["key"] == row["to"]);
                let only = of_row.next()?["value"].clone();
                of_row.next().is_none().then_some(only)
            }
        }
    }

    /// The source's value in its canonical spelling.
    fn source(&self, at: &str, event_type: EventType, event: &Value) -> Option<String> {
        if let Some(table) = at.strip_prefix("tables.") {
            let (_, rule) = self.tabled(table)?;
            if event_type.entity() != "ticket" || rule.get("when").is_some() {
                return None;
            }
            let of = self.file.pointer(&format!("/tables/{table}/of"))?.as_str()?;
            return self.spellings[of].get(first(rule, event)?.trim()).cloned();
        }
        if at == "ticket.reply" {
            return first(self.file.pointer("/ticket/reply/text")?, event);
        }
        if let Some((section, name)) = at.split_once(".fields.") {
            let rule = self.file.pointer(&format!("/{section}/fields"))?.get(name)?;
            return (rule.get("max_length").is_none() || rule.get("lossy").is_none())
                .then(|| first(rule, event))?;
        }
        let (container, row) = self.row(at)?;
        // Choices by the vendors' lists come back by those lists.
        if row["options"] == "vendor" {
            return None;
        }
        let name = at.rsplit_once("custom_fields.")?.1;
        let value = match container.get("key") {
            None => event.pointer(container["at"].as_str()?)?.get(name)?,
            Some(key) => {
                let items = event.pointer(container["at"].as_str()?)?.as_array()?;
                let named = items.iter().filter(|item| {
                    item.pointer(key.as_str().unwrap_or("")).and_then(text).as_deref() == Some(name)
                });
                named
                    .filter_map(|item| item.pointer(container["value"].as_str()?))
                    .find(|value| is_there(value))?
            }
        };
        canonical(row, value)
    }

    fn row(&self, at: &str) -> Option<(&Value, &Value)> {
        let (section, name) = at.split_once(".custom_fields.")?;
        let container = self.file.pointer(&format!("/{section}/custom_fields"))?;
        Some((container, container["rows"].get(name)?))
    }

    /// The ticket's field that has a table, and the rule that names it.
    fn tabled(&self, table: &str) -> Option<(&str, &Value)> {
        let fields = self.file["ticket"]["fields"].as_object()?;
        fields.iter().find_map(|(name, rule)| {
            // Of several only the first: what a later one gave can't be told from what the first did.
            let rule = rule.get("first_of").map_or(rule, |rules| &rules[0]);
            (rule["table"] == table).then_some((name.as_str(), rule))
        })
    }

    /// Two values of one place that become the same, whatever else the event has.
    fn has_witness(&self, at: &str, events: &BTreeMap<EventType, Events>) -> bool {
        let pointers = self.pointers(at);
        // What stands between the values of a template can stand in them; that is a matter of two places at once.
        if pointers.is_empty() {
            return self.rule(at).is_some_and(|rule| rule.get("template").is_some());
        }
        let served = events.iter().filter(|(event_type, _)| self.mapping.serves(**event_type));
        served.filter(|(event_type, _)| event_type.entity() != "field").any(|(event_type, events)| {
            let bases = bases(events);
            bases.iter().any(|base| {
                pointers.iter().any(|pointer| self.collides(at, (*event_type, events), base, pointer))
            })
        })
    }

    fn collides(
        &self,
        at: &str,
        (event_type, events): (EventType, &Events),
        base: &Value,
        pointer: &str,
    ) -> bool {
        let mut became: BTreeMap<String, String> = BTreeMap::new();
        let told_at = match pointer.split_once('#') {
            Some((list, _)) => format!("{list}/0/value"),
            None => pointer.to_owned(),
        };
        for value in candidates() {
            let mut event = base.clone();
            if !put(&mut event, pointer, value.clone()) || events.why_not(&event).is_some() {
                continue;
            }
            let Ok(mapped) = map(self.mapping, event_type, &event) else { continue };
            let is_told = is_there(&value) && mapped.ignored.iter().any(|ignored| ignored.pointer == told_at);
            let target = match (self.target(at, &mapped), is_told) {
                (Some(target), _) => target.to_string(),
                // Left out, as the file says.
                (None, true) => "nothing".to_owned(),
                (None, false) => continue,
            };
            let source = self.canonical_at(at, &value);
            if became.insert(target, source.clone()).is_some_and(|before| before != source) {
                return true;
            }
        }
        false
    }

    fn canonical_at(&self, at: &str, value: &Value) -> String {
        if let Some((_, rule)) = at.strip_prefix("tables.").and_then(|table| self.tabled(table)) {
            let of = &self.file["tables"][rule["table"].as_str().unwrap_or_default()]["of"];
            let spelling = text(value).unwrap_or_default();
            let spellings = &self.spellings[of.as_str().unwrap_or_default()];
            return spellings.get(spelling.trim()).cloned().unwrap_or(spelling);
        }
        let by_row = self.row(at).and_then(|(_, row)| canonical(row, value));
        by_row.or_else(|| text(value)).unwrap_or_else(|| value.to_string())
    }

    fn rule(&self, at: &str) -> Option<&Value> {
        if let Some(table) = at.strip_prefix("tables.") {
            return self.tabled(table).map(|(_, rule)| rule);
        }
        if at == "ticket.reply" {
            return self.file.pointer("/ticket/reply/text");
        }
        let (section, name) = at.split_once(".fields.")?;
        self.file.pointer(&format!("/{section}/fields"))?.get(name)
    }

    /// Where the values of a rule or a row stand.
    fn pointers(&self, at: &str) -> Vec<String> {
        if let Some(rule) = self.rule(at) {
            let mut found = Vec::new();
            read(rule, &mut found);
            return found;
        }
        if let Some((container, _)) = self.row(at) {
            let name = at.rsplit_once("custom_fields.").expect("a row").1;
            let at = container["at"].as_str().expect("a pointer");
            return vec![match container.get("key") {
                None => format!("{at}/{name}"),
                Some(_) => format!("{at}#{name}"),
            }];
        }
        // Fields under their own key.
        vec![format!("/custom_fields/{OTHER}")]
    }
}

fn read(rule: &Value, found: &mut Vec<String>) {
    match &rule["from"] {
        Value::String(one) => found.push(one.clone()),
        Value::Array(several) => found.extend(several.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    }
    for list in ["first_of", "join"] {
        rule[list].as_array().into_iter().flatten().for_each(|rule| read(rule, found));
    }
}

/// Valid events, the same ones in each run.
fn bases(events: &Events) -> Vec<Value> {
    let config = Config::default();
    let algorithm = config.rng_algorithm;
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm));
    let strategy = events.strategy();
    let made = std::iter::from_fn(|| Some(strategy.new_tree(&mut runner).expect("an event").current()));
    made.filter(|event| events.why_not(event).is_none()).take(BASES).collect()
}

/// Values of which some become one by whatever loses something.
fn candidates() -> Vec<Value> {
    let listed = json!([
        "一",
        "<b>一</b>",
        null,
        "<p>一</p>",
        "一,二",
        "一, 二",
        ["一", "二"],
        ["一,二"],
        [1, 2],
        "1,2",
        "2017-05-03",
        "2017-05-03 14:44",
        "2017-05-04T06:26:18Z",
        "2017-05-04 14:26:18 +0800",
        7,
        "7",
        7.5,
        "7.50",
        "7.500",
        true,
        "true",
        "是",
        "否",
        "0",
        "138-0013-8000",
        "13800138000",
        "1",
        "李娜",
        "li.na@example.com",
        "open",
        "solving",
        "打开",
        "解决中",
        "wechat",
        "im",
        "weibo",
        "feedback",
        "email",
        "https://example.com/1",
        [],
        ["七"],
        {},
        "甲",
        "北京",
        "上海",
        1,
        2,
        3
    ]);
    listed.as_array().cloned().unwrap_or_default()
}

/// Puts a value there, if what it stands in is there; `/fields#金额` is the item of a list with that name.
fn put(event: &mut Value, pointer: &str, value: Value) -> bool {
    if let Some((list, name)) = pointer.split_once('#') {
        let Some(members) = event.as_object_mut() else { return false };
        members.insert(list[1..].to_owned(), json!([{ "key": name, "value": value }]));
        return true;
    }
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    // Alone: others could be refused.
    if parent == "/custom_fields" {
        event["custom_fields"] = json!({});
    }
    match event.pointer_mut(parent).and_then(Value::as_object_mut) {
        Some(members) => {
            members.insert(name.to_owned(), value);
            true
        }
        None => false,
    }
}

/// The first value that there is of those that a rule reads, as text.
fn first(rule: &Value, event: &Value) -> Option<String> {
    let from = match &rule["from"] {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    };
    let values = from.iter().filter_map(|pointer| event.pointer(pointer.as_str()?));
    values.into_iter().find(|value| is_there(value)).and_then(text)
}

fn is_there(value: &Value) -> bool {
    ![json!(null), json!(""), json!([]), json!({})].contains(value)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A row's value: choices by index, in one list with commas; others as they are.
fn canonical(row: &Value, value: &Value) -> Option<String> {
    let Some(options) = row["options"].as_object() else { return text(value) };
    let option = |item: &Value| text(item.get("value").unwrap_or(item));
    let items: Option<Vec<String>> = match value {
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(option).collect(),
        Value::String(text) => Some(text.split([',', '，']).map(str::to_owned).collect()),
        one => option(one).map(|one| vec![one]),
    };
    let items: Vec<String> =
        items?.iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect();
    if row["as"] == "cascade" {
        // Each level by the indexes above it; a name stands for its index only on the first level.
        let path = items.join(",");
        return options.contains_key(&path).then_some(path);
    }
    let index = |item: &String| match options.contains_key(item) {
        true => Some(item.clone()),
        false => {
            options.iter().find(|(_, name)| text(name).as_ref() == Some(item)).map(|(index, _)| index.clone())
        }
    };
    items.iter().map(index).collect::<Option<Vec<_>>>().map(|indexes| indexes.join(","))
}

/// A field of a change.
fn field(write: &Write, name: &str) -> Option<Value> {
    serde_json::to_value(&write.fields).ok()?.get(name).cloned()
}
