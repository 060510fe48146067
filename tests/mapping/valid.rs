//! What is valid by a source's schemas is mapped: no event panics, and none is refused but where the file says so.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    path::Path,
};

use deskbridge::{
    bangwo8::{CompanyWrite, TicketWrite},
    event::EventType,
    mapping::{Answers, Change, Input, Mapped, Mapping, Question, Refusal, Send, Write},
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{events::Events, files::files, sources::*};

/// Percent of the events that are valid at least: else the proofs would be about nothing.
const VALID: usize = 90;
/// Events of which so many percent are counted.
const MANY: usize = 48;
/// Files at random of each source, and events of each type for each file.
const FILES: u32 = 12;
const EVENTS: u32 = 8;
/// Steps towards a smaller example of a failure: each compiles files.
const SHRINKS: u32 = 100;
/// Answers after which a mapping has to be done asking: each look-up asks for the link, the vendor and a new one.
const ROUNDS: usize = 5;

#[test]
fn nothing_that_is_valid_is_refused_but_where_the_file_says_park() {
    for (name, source) in MAPPINGS {
        let (mapping, text) = (compiled(name), text_of(name));
        for_all(source, 64, |event_type, event| match map(&mapping, event_type, event) {
            Ok(mapped) => can_be_sent(&mapped, event_type, event),
            Err(refusal) => is_said(&refusal, &text, event),
        });
    }
}

#[test]
fn a_mapping_that_parks_nothing_refuses_nothing() {
    let folder = folder();
    for (name, source) in MAPPINGS {
        let (_, mapping) = with_reasons(folder.path(), without_parks(&text_of(name)));
        for_all(source, 64, |event_type, event| match map(&mapping, event_type, event) {
            Ok(mapped) => can_be_sent(&mapped, event_type, event),
            // Choices that can't be placed are parked by every mapping.
            Err(_) if event_type.entity() == "field" => {}
            Err(refusal) => panic!("{name}: {refusal} of {event}"),
        });
    }
}

#[test]
fn whatever_compiles_holds_for_every_valid_event() {
    let folder = folder();
    for (_, source) in MAPPINGS {
        let events = events_of(source);
        let (made, compiled, given_up) = (Cell::new(0), Cell::new(0), RefCell::new(String::new()));
        let tried = TestRunner::new(config(FILES)).run(&files(source), |file| {
            made.set(made.get() + 1);
            let (text, mapping) = match file.clone().compiled(folder.path()) {
                Ok(compiled) => compiled,
                Err(why) => {
                    given_up.replace(why);
                    return Ok(());
                }
            };
            compiled.set(compiled.get() + 1);
            holds(&events, &mapping, |refusal, event| is_said(&refusal, &text, event));
            let strict = file.strict().compiled(folder.path());
            let (text, mapping) = strict.expect("a file without park");
            holds(&events, &mapping, |refusal, event| panic!("{refusal} of {event} by {text}"));
            Ok::<(), TestCaseError>(())
        });
        tried.unwrap_or_else(|failure| panic!("{failure}"));
        let enough = compiled.get() * 10 >= made.get() * 8;
        assert!(enough, "{} of {} compile: {}", compiled.get(), made.get(), given_up.into_inner());
    }
}

/// Every event of what a mapping serves gives a change, or is refused as it may be.
fn holds(events: &BTreeMap<EventType, Events>, mapping: &Mapping, refused: impl Fn(Refusal, &Value)) {
    for (event_type, events) in events.iter().filter(|(event_type, _)| mapping.serves(**event_type)) {
        each(events, EVENTS, |event| match map(mapping, *event_type, event) {
            Ok(mapped) => can_be_sent(&mapped, *event_type, event),
            Err(refusal) => refused(refusal, event),
        });
    }
}

/// The same mapping with `report` wherever `park` can be said otherwise.
pub(crate) fn without_parks(text: &str) -> String {
    let (ticket_and_company, options) = text.split_once("\nfield_options:").unwrap_or((text, ""));
    let reported = ticket_and_company.replace(": park", ": report");
    if options.is_empty() { reported } else { format!("{reported}\nfield_options:{options}") }
}

/// The mapping with this text, with a reason wherever one has to be given.
pub(crate) fn with_reasons(folder: &Path, text: String) -> (String, Mapping) {
    let problems = match compile(folder, &text) {
        Ok(mapping) => return (text, mapping),
        Err(problems) => problems,
    };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for problem in problems.iter().rev() {
        assert!(problem.message.contains("say lossy:"), "{problem}");
        let (line, indent) = (problem.place.line as usize - 1, problem.place.column as usize - 1);
        match lines[line].rfind('}') {
            Some(end) => lines[line].insert_str(end, ", lossy: 说明 "),
            None => lines.insert(line, format!("{:indent$}lossy: 说明", "")),
        }
    }
    let text = lines.join("\n");
    let mapping = compile(folder, &text).unwrap_or_else(|why| panic!("{why:#?}"));
    (text, mapping)
}

/// Checks so many events of each type, or as many as `PROPTEST_CASES` says.
pub(crate) fn for_all(source: &str, cases: u32, check: impl Fn(EventType, &Value)) {
    for (event_type, events) in events_of(source) {
        each(&events, asked(cases), |event| check(event_type, event));
    }
}

/// As many cases as `PROPTEST_CASES` says.
pub(crate) fn asked(cases: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases)
}

/// Failures are told, not kept in a file; they are made smaller in few steps, each of which can compile a file.
pub(crate) fn config(cases: u32) -> Config {
    Config { cases: asked(cases), failure_persistence: None, max_shrink_iters: SHRINKS, ..Config::default() }
}

pub(crate) fn each(events: &Events, cases: u32, check: impl Fn(&Value)) {
    let (made, valid, invalid) = (Cell::new(0), Cell::new(0), RefCell::new(String::new()));
    let tried = TestRunner::new(Config { cases, ..config(cases) }).run(&events.strategy(), |event| {
        made.set(made.get() + 1);
        match events.why_not(&event) {
            None => {
                valid.set(valid.get() + 1);
                check(&event);
            }
            Some(why) => drop(invalid.replace(why)),
        }
        Ok::<(), TestCaseError>(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
    // A few can be unlucky.
    let enough = made.get() < MANY || valid.get() * 100 >= made.get() * VALID;
    assert!(enough, "{} of {} are valid: {}", valid.get(), made.get(), invalid.into_inner());
}

/// Maps an event, and again with answers to what was asked, until nothing is.
pub(crate) fn map(mapping: &Mapping, event_type: EventType, data: &Value) -> Result<Mapped, Refusal> {
    let (parameters, mut answers) = (parameters(), Answers::none());
    for _ in 0..ROUNDS {
        let mapped =
            mapping.map(&Input { event_type, data, parameters: &parameters, answers: &answers }, &mut ())?;
        if mapped.questions.is_empty() {
            return Ok(mapped);
        }
        for question in mapped.questions {
            assert_eq!(answers.get(&question), None, "asked twice: {question:?}");
            let answer = answer(&question);
            answers.add(question, answer);
        }
    }
    panic!("still asking after {ROUNDS} answers: {data}")
}

/// Some are known and some are not.
fn answer(question: &Question) -> Option<Value> {
    match question {
        Question::Link { source_id, .. } => source_id.starts_with('1').then(|| json!("8001")),
        Question::Vendor { value, .. } => value.starts_with('李').then(|| json!(8002)),
        Question::Create { .. } => Some(json!(8003)),
        Question::Choice { send: Send::Id, .. } => Some(json!(3)),
        Question::Choice { value, .. } => value.starts_with('0').then(|| json!("选项")),
    }
}

/// A change that the client can send, whose reports point into the event.
pub(crate) fn can_be_sent(mapped: &Mapped, event_type: EventType, event: &Value) {
    match &mapped.change {
        Change::Ticket(change) => {
            is_whole::<TicketWrite>(&change.write);
            change.company.iter().for_each(|company| is_whole::<CompanyWrite>(&company.write));
        }
        Change::Company(write) => is_whole::<CompanyWrite>(write),
        Change::Options(change) => assert!(!change.levels.is_empty()),
    }
    for ignored in &mapped.ignored {
        assert!(event.pointer(&ignored.pointer).is_some(), "{event_type}: {} of {event}", ignored.pointer);
    }
}

fn is_whole<T: DeserializeOwned>(write: &Write) {
    let read = |fields: &deskbridge::mapping::Fields| {
        if let Err(why) = fields.to::<T>() {
            panic!("{why}: {fields:?}");
        }
    };
    read(&write.fields);
    read(&write.fields.or(&write.defaults));
}

/// The file has the words that park what was refused.
pub(crate) fn is_said(refusal: &Refusal, text: &str, event: &Value) {
    const PARKS: &[(&str, &[&str])] = &[
        ("unknown_value", &["unknown: park", "\"unknown\":\"park\""]),
        ("unknown_option", &["unknown: park", "\"unknown\":\"park\""]),
        ("unreadable_value", &["unreadable: park", "\"unreadable\":\"park\""]),
        ("refused_value", &[": park", ":\"park\""]),
        ("not_found", &["on_missing: park", "\"on_missing\":\"park\"", "\"on_missing\":\"create\""]),
        ("too_long", &["over: refuse", "\"over\":\"refuse\""]),
        ("unmapped_field", &["unmapped: park"]),
        // Choices: a field without a row, and what has no id though others stand below it.
        ("unknown_field", &["unknown: park"]),
        ("missing_value", &["unreadable: park"]),
    ];
    let parks: BTreeMap<_, _> = PARKS.iter().copied().collect();
    let words = parks.get(refusal.code).unwrap_or_else(|| panic!("{refusal} is parked by no word"));
    assert!(words.iter().any(|word| text.contains(word)), "{refusal} is not said to park: {event}");
}
