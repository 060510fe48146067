//! However the vendor spells its answers, they are read; and whatever it answers, nothing panics.

use std::sync::{Arc, Mutex};

use actix_web::HttpResponse;
use deskbridge::bangwo8::Client;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::{
    calls::{Read, reads, walks, writes},
    vendor::Vendor,
};

/// A vendor that gives the same answer to everything until it is given another one.
struct Parrot {
    runtime: Runtime,
    client: Client,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Parrot {
    fn start() -> Parrot {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let answer = Arc::new(Mutex::new(Vec::new()));
        let said = Arc::clone(&answer);
        let client = runtime.block_on(async {
            Vendor::start(move |_, _| HttpResponse::Ok().body(said.lock().unwrap().clone())).client()
        });
        Parrot { runtime, client, answer }
    }

    fn say(&self, answer: Vec<u8>) {
        *self.answer.lock().unwrap() = answer;
    }
}

/// The choices of one case, one after the other and then from the start again.
struct Choices<'a> {
    all: &'a [u8],
    next: usize,
}

impl Choices<'_> {
    fn next(&mut self) -> u8 {
        self.next += 1;
        self.all[(self.next - 1) % self.all.len()]
    }
}

/// The same document, spelled otherwise: ids as numbers or as text, any other scalar as anything, any other key
/// gone.
fn respelled(value: &Value, read: &Read, choices: &mut Choices<'_>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| respelled(item, read, choices)).collect(),
        Value::Object(object) => {
            let mut respelled_object = Map::new();
            for (key, value) in object {
                if read.ids.contains(&key.as_str()) {
                    respelled_object.insert(key.clone(), id_respelled(value, choices));
                } else if read.envelope.contains(&key.as_str()) || !choices.next().is_multiple_of(4) {
                    respelled_object.insert(key.clone(), respelled(value, read, choices));
                }
            }
            Value::Object(respelled_object)
        }
        scalar => scalar_respelled(scalar, choices),
    }
}

fn id_respelled(value: &Value, choices: &mut Choices<'_>) -> Value {
    let text = plain(value);
    let number = text.parse::<u64>().map(Value::from);
    if choices.next().is_multiple_of(2) { Value::String(text) } else { number.unwrap() }
}

fn scalar_respelled(value: &Value, choices: &mut Choices<'_>) -> Value {
    match choices.next() % 10 {
        0 => Value::String(plain(value)),
        1 => plain(value).parse::<u64>().map_or_else(|_| value.clone(), Value::from),
        2 => json!(""),
        3 => Value::Null,
        4 => json!(0),
        5 => json!(false),
        6 => json!(-1.5),
        7 => json!("0000-00-00 00:00:00"),
        8 => json!("文"),
        _ => value.clone(),
    }
}

/// A scalar as text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The ids of a document in their order.
fn ids(value: &Value, keys: &[&str]) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| ids(item, keys)).collect(),
        Value::Object(object) => {
            let of = |(key, value): (&String, &Value)| match keys.contains(&key.as_str()) {
                true => vec![plain(value)],
                false => ids(value, keys),
            };
            object.iter().flat_map(of).collect()
        }
        _ => vec![],
    }
}

/// The elements' ids: those under the envelope, so that a list's own `count` is none.
fn element_ids(read: &Read, document: &Value) -> Vec<String> {
    let elements = read.envelope.iter().fold(document, |value, key| &value[*key]);
    ids(elements, read.ids)
}

fn key() -> impl Strategy<Value = String> {
    let known = reads().iter().flat_map(|read| [read.envelope, read.ids].concat()).collect::<Vec<_>>();
    let general = [
        "count",
        "next_page",
        "custom_fields",
        "key",
        "value",
        "status",
        "state",
        "errcode",
        "error",
        "errorMsg",
    ];
    let known = [known, general.to_vec()].concat();
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{1,22}".prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("9999-12-31 23:59:59")),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..6).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

/// A document with one of its values replaced by anything.
fn damaged_document() -> impl Strategy<Value = Value> {
    let documents: Vec<Value> =
        reads().iter().map(|read| serde_json::from_str(&read.document).unwrap()).collect();
    (prop::sample::select(documents), any::<prop::sample::Index>(), any_json()).prop_map(
        |(mut document, index, replacement)| {
            let place = index.index(places(&document));
            replace(&mut document, &mut { place }, &replacement);
            document
        },
    )
}

fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(object) => object.values().map(places).sum(),
        _ => 0,
    }
}

fn replace(value: &mut Value, place: &mut usize, replacement: &Value) {
    if *place == 0 {
        *value = replacement.clone();
    }
    let Some(left) = place.checked_sub(1) else {
        *place = usize::MAX;
        return;
    };
    *place = left;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, place, replacement)),
        Value::Object(object) => object.values_mut().for_each(|item| replace(item, place, replacement)),
        _ => {}
    }
}

fn any_answer() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => damaged_document().prop_map(|json| json.to_string().into_bytes()),
        3 => any_json().prop_map(|json| json.to_string().into_bytes()),
        1 => (damaged_document(), any::<prop::sample::Index>()).prop_map(|(json, end)| {
            let mut bytes = json.to_string().into_bytes();
            bytes.truncate(end.index(bytes.len()));
            bytes
        }),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => "[\\[\\]{}\":,0-9a-z ]{0,80}".prop_map(String::into_bytes),
    ]
}

#[test]
fn every_read_takes_any_spelling_of_its_documented_answer() {
    let parrot = Parrot::start();
    let mut runner = TestRunner::default();
    for read in reads() {
        let document: Value = serde_json::from_str(&read.document).unwrap();
        let expected = element_ids(&read, &document);
        assert!(!expected.is_empty(), "{} has no ids", read.call.endpoint);
        let result = runner.run(&prop::collection::vec(any::<u8>(), 1..300), |choices| {
            let mut choices = Choices { all: &choices, next: 0 };
            let respelled = respelled(&document, &read, &mut choices).to_string();
            parrot.say(respelled.clone().into_bytes());
            let outcome = parrot.runtime.block_on((read.call.send)(&parrot.client));
            let ids = outcome.map_err(|error| TestCaseError::fail(format!("{error} for {respelled}")))?;
            prop_assert_eq!(ids, expected.clone());
            Ok(())
        });
        assert!(result.is_ok(), "{}: {}", read.call.endpoint, result.unwrap_err());
    }
}

#[test]
fn every_call_ends_in_a_value_or_an_error_whatever_it_is_answered() {
    let parrot = Parrot::start();
    let calls: Vec<_> = reads().into_iter().map(|read| read.call).chain(walks()).chain(writes()).collect();
    // A case is some fifty calls, so a quarter of the cases is still many.
    let default = Config::default();
    let mut runner = TestRunner::new(Config { cases: default.cases / 4, ..default });
    let result = runner.run(&any_answer(), |answer| {
        parrot.say(answer);
        for call in &calls {
            if let Err(error) = parrot.runtime.block_on((call.send)(&parrot.client)) {
                prop_assert!(error.to_string().starts_with(call.endpoint), "{} of {}", error, call.endpoint);
            }
        }
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}
