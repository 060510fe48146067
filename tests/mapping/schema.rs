//! The JSON Schema of mapping files, by which editors complete and check them, says the same as the compiler.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{
    compile::{GOOD, MISTAKES, problems},
    support::*,
};

/// Every key of the language.
const WHOLE: &str = include_str!("whole.yaml");
/// A key that nothing has and a word that means nothing, like none that there is.
const STRANGE: &str = "zzz_zzz";

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let text = fs::read_to_string(repository("schemas/mapping.json")).expect("the schema");
    serde_json::from_str(&text).expect("JSON")
});
static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).expect("a schema"));

/// What the schema has against a mapping file's text.
pub(crate) fn objections(text: &str) -> Vec<String> {
    let file = read(text);
    let told = |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    VALIDATOR.iter_errors(&file).map(told).collect()
}

/// A file's text as JSON.
fn read(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error} in\n{text}"))
}

#[test]
fn the_schema_takes_every_mapping_that_the_compiler_takes() {
    for name in SHIPPED {
        assert_eq!(objections(&text_of(name)), [""; 0], "{name}");
    }
    for good in [GOOD, WHOLE] {
        assert_eq!(problems(good), [""; 0]);
        assert_eq!(objections(good), [""; 0]);
    }
}

#[test]
fn a_shipped_mapping_names_its_schema_to_editors() {
    for name in SHIPPED {
        let first = "# yaml-language-server: $schema=../schemas/mapping.json\n";
        assert!(text_of(name).starts_with(first), "{name}");
    }
}

fn text_of(name: &str) -> String {
    fs::read_to_string(repository(&format!("mappings/{name}.yaml"))).expect("a mapping")
}

/// What the compiler calls the maps that have keys of the language's own.
const MAPS: [&str; 28] = [
    "a condition",
    "a default",
    "a lookup",
    "a mapping",
    "a row",
    "a rule",
    "a table",
    "a ticket's company",
    "attachments",
    "author",
    "company",
    "custom_fields",
    "date",
    "date_time",
    "field_options",
    "internal",
    "max_length",
    "number",
    "phone",
    "reply",
    "the target's vocabulary",
    "ticket",
    "version",
    "vocabulary",
    "what a tenant adds to a field",
    "what bangwo8 finds a company by",
    "what bangwo8 finds a contact by",
    "what bangwo8 finds an agent by",
];

#[test]
fn every_map_has_the_keys_that_the_compiler_says_it_has() {
    let whole = read(WHOLE);
    let (mut maps, mut tried) = (BTreeSet::new(), BTreeSet::new());
    let mut found_by = (BTreeSet::new(), BTreeSet::new());
    for at in places(&whole, &Value::is_object) {
        let of_schema = keys_at(&at);
        if !tried.insert((keys_above(&at), of_schema.clone())) {
            continue;
        }
        let mut file = whole.clone();
        let map = file.pointer_mut(&at).and_then(Value::as_object_mut).expect("a map");
        map.insert(STRANGE.into(), json!({}));
        let told = problems(&file.to_string());
        let Some((what, keys)) = told.iter().find_map(|problem| known(problem, " has no zzz_zzz: it has "))
        else {
            continue;
        };
        assert!(!VALIDATOR.is_valid(&file), "{at}: {what}");
        if what.starts_with("what bangwo8 finds") {
            found_by.0.extend(keys);
            found_by.1.extend(of_schema);
        } else {
            assert_eq!(keys, of_schema, "{at}: {what}");
        }
        maps.insert(what);
    }
    assert_eq!(found_by.0, found_by.1);
    assert_eq!(maps.iter().map(String::as_str).collect::<Vec<_>>(), MAPS);
}

#[test]
fn every_word_is_one_of_those_that_the_compiler_takes() {
    let whole = read(WHOLE);
    let mut tried = BTreeSet::new();
    let mut found = BTreeSet::new();
    for at in places(&whole, &Value::is_string) {
        let of_schema = words_at(&at);
        if !tried.insert((key_of(&at), of_schema.clone())) {
            continue;
        }
        let mut file = whole.clone();
        *file.pointer_mut(&at).expect("a text") = STRANGE.into();
        let told = problems(&file.to_string());
        let known = |problem: &String| known(problem, "is one of ").or_else(|| known(problem, "there are "));
        let Some((_, known)) = told.iter().find_map(known) else { continue };
        assert!(!VALIDATOR.is_valid(&file), "{at}");
        assert_eq!(known, of_schema, "{at}");
        found.insert(key_of(&at));
    }
    let expected = [
        "as",
        "convert",
        "of",
        "on_missing",
        "others",
        "over",
        "send",
        "then",
        "unknown",
        "unmapped",
        "unreadable",
        "unseen",
    ];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

/// `mine.yaml:1:2: error: a table has no zzz: it has of, arms` as `a table` and its keys.
fn known(problem: &str, between: &str) -> Option<(String, BTreeSet<String>)> {
    let (before, after) = problem.split_once(between)?;
    let what = before.split("error: ").last().unwrap_or_default().to_owned();
    Some((what, after.split(", ").map(str::to_owned).collect()))
}

/// Pointers to every value of this sort.
fn places(value: &Value, wanted: &dyn Fn(&Value) -> bool) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, v)| (name.replace('/', "~1"), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let below = below.into_iter().flat_map(|(name, value)| {
        places(value, wanted).into_iter().map(move |rest| format!("/{name}{rest}"))
    });
    wanted(value).then(String::new).into_iter().chain(below).collect()
}

/// The key that a value stands under, whether or not in a list.
fn key_of(pointer: &str) -> String {
    let is_name = |token: &&str| !token.bytes().all(|byte| byte.is_ascii_digit());
    pointer.split('/').rev().find(is_name).unwrap_or_default().to_owned()
}

/// The keys of the two maps around a value's own key: all rows of a section are under `custom_fields`, `rows`.
fn keys_above(pointer: &str) -> (String, String) {
    let above = |pointer: &str| pointer.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
    (key_of(&above(&above(pointer))), key_of(&above(pointer)))
}

/// Every schema that what stands there is held against, conditions apart.
fn schemas_at(pointer: &str) -> Vec<&'static Value> {
    pointer.split('/').skip(1).fold(alternatives(&SCHEMA), |schemas, token| {
        schemas.into_iter().flat_map(|schema| below(schema, token)).flat_map(alternatives).collect()
    })
}

fn below(schema: &'static Value, token: &str) -> Option<&'static Value> {
    let named = schema.get("properties").and_then(|properties| properties.get(token));
    named.or_else(|| schema.get("additionalProperties")).or_else(|| schema.get("items"))
}

/// The schema itself, what it refers to, and what it is put together of.
fn alternatives(schema: &'static Value) -> Vec<&'static Value> {
    let referred = schema.get("$ref").and_then(Value::as_str);
    let referred = referred.and_then(|at| SCHEMA.pointer(at.trim_start_matches('#')));
    let parts = ["anyOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    [schema].into_iter().chain(referred.into_iter().chain(parts).flat_map(alternatives)).collect()
}

/// The keys of a map that has no others.
fn keys_at(pointer: &str) -> BTreeSet<String> {
    let closed = schemas_at(pointer)
        .into_iter()
        .filter(|schema| schema.get("additionalProperties") == Some(&json!(false)));
    closed
        .filter_map(|schema| schema["properties"].as_object())
        .flat_map(|keys| keys.keys().cloned())
        .collect()
}

/// The words that can stand there, and the keys of what can stand there in place of a word.
fn words_at(pointer: &str) -> BTreeSet<String> {
    let listed =
        schemas_at(pointer).into_iter().filter_map(|schema| schema.get("enum")?.as_array()).flatten();
    listed.filter_map(Value::as_str).map(str::to_owned).chain(keys_at(pointer)).collect()
}

#[test]
fn every_key_is_described_in_english_and_in_chinese() {
    let is_closed = |schema: &Value| schema.get("additionalProperties") == Some(&json!(false));
    let maps = places(&SCHEMA, &is_closed);
    assert!(maps.len() > 20);
    for at in maps {
        let schema = SCHEMA.pointer(&at).expect("a schema");
        for (key, schema) in schema["properties"].as_object().expect("keys") {
            let described = |schema: &&Value| schema["description"].as_str().is_some_and(in_two_languages);
            assert!(alternatives_in(schema).iter().any(described), "{at}/{key}");
        }
    }
}

/// The schema itself and what it refers to.
fn alternatives_in(schema: &Value) -> Vec<&Value> {
    let at = schema.get("$ref").and_then(Value::as_str);
    [schema].into_iter().chain(at.and_then(|at| SCHEMA.pointer(at.trim_start_matches('#')))).collect()
}

fn in_two_languages(description: &str) -> bool {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c));
    matches!(description.lines().collect::<Vec<_>>()[..], [_, chinese] if is_chinese(chinese))
}

/// Every key of the language's own, wherever it stands; not the target's fields.
pub(crate) fn keys() -> BTreeSet<String> {
    let at_fields = ["/$defs/ticket_fields", "/$defs/company_fields"];
    let of_vocabulary = ["/vocabulary/target/ticket", "/vocabulary/target/company"].map(keys_at);
    let is_closed = |schema: &Value| schema.get("additionalProperties") == Some(&json!(false));
    let maps = places(&SCHEMA, &is_closed).into_iter().filter(|at| !at_fields.contains(&at.as_str()));
    let keys = maps.filter_map(|at| Some(SCHEMA.pointer(&at)?["properties"].as_object()?.keys().cloned()));
    keys.flatten().filter(|key| !of_vocabulary.iter().any(|fields| fields.contains(key))).collect()
}

#[test]
fn every_field_of_the_target_is_proposed_with_its_codes() {
    let text = fs::read_to_string(repository("mappings/vocabularies/bangwo8.yaml")).expect("a vocabulary");
    let vocabulary = read(&text);
    for section in ["ticket", "company"] {
        let fields = vocabulary[section].as_object().expect("fields");
        let names: BTreeSet<String> = fields.keys().cloned().collect();
        assert_eq!(keys_at(&format!("/{section}/fields")), names);
        assert_eq!(keys_at(&format!("/vocabulary/target/{section}")), names);
        for (name, field) in fields {
            let codes: BTreeMap<String, String> = match field.get("codes") {
                Some(codes) => serde_json::from_value(codes.clone()).expect("codes"),
                None => BTreeMap::new(),
            };
            for member in ["value", "default"] {
                assert_eq!(codes_at(&format!("/{section}/fields/{name}/{member}")), codes, "{name}");
            }
        }
    }
}

fn codes_at(pointer: &str) -> BTreeMap<String, String> {
    let one =
        |schema: &Value| Some((schema.get("const")?.to_string(), schema["description"].as_str()?.to_owned()));
    schemas_at(pointer).into_iter().filter_map(one).collect()
}

/// Parts of the messages about what a file looks like. All others are about what its names mean.
const OF_SHAPE: &[&str] = &[
    "there is no vocabulary zendesk",
    "there is no conversion ",
    "there is no event type ",
    "a mapping has no ",
    "a rule has no ",
    "of bangwo8 has no field ",
    "what bangwo8 finds an agent by has no ",
    "is one of ",
    "a rule has one of ",
    "a rule needs one of ",
    "converted in one way",
    "an arm is a code of the target or park",
    "subject takes text: give it ",
    "takes one of a closed set",
    "takes an id",
    "is not about a company",
    "is not a JSON Pointer",
    "a { has no }",
    "have options, the others have none",
    "needs a default beside the lookup",
    "stands here twice",
    "field_options needs field",
    "a condition has one of ",
    "stands between the texts of a join",
    "unreadable is for ",
    "is for as: ",
    "send is for ",
];

#[test]
fn a_mistake_in_the_shape_of_a_file_is_one_to_the_schema_too() {
    for (right, wrong, message) in MISTAKES {
        let is_of_shape = OF_SHAPE.iter().any(|part| message.contains(part));
        let objections = objections(&GOOD.replace(right, wrong));
        assert_eq!(!objections.is_empty(), is_of_shape, "{message}: {objections:#?}");
    }
}
