//! The contract, held against what it speaks of: routes, problems, event schemas, and what is really answered.

mod answers;
mod page;

use std::{collections::BTreeSet, fs, path::Path};

use deskbridge::http::{
    addresses,
    contract::{asyncapi_document, openapi_document, problem_codes},
};
use serde_json::Value;
use tokio::process::Command;

use crate::harness::*;

/// What every address may answer, to another method, to what is too long or to a header with two values: the contract says
/// so in its introduction.
const EVERYWHERE: [&str; 4] = ["repeated_header", "method_not_allowed", "uri_too_long", "headers_too_large"];

fn operations() -> impl Iterator<Item = (String, &'static str, &'static Value)> {
    let paths = openapi_document()["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        let methods = ["get", "post", "put", "patch", "delete"];
        methods.into_iter().filter_map(move |method| Some((path.clone(), method, item.get(method)?)))
    })
}

#[test]
fn the_contract_has_every_route_and_no_other() {
    let written: BTreeSet<(String, String)> =
        operations().map(|(path, method, _)| (path, method.to_uppercase())).collect();
    let served: BTreeSet<(String, String)> = addresses()
        .flat_map(|(path, methods)| methods.into_iter().map(move |method| (path.clone(), method.to_owned())))
        .filter(|(_, method)| method != "HEAD")
        .collect();
    assert_eq!(written, served);
}

#[test]
fn every_address_that_is_read_takes_head_but_the_stream() {
    for (path, methods) in addresses() {
        let read = methods.contains(&"GET");
        assert_eq!(methods.contains(&"HEAD"), read && !path.ends_with("/stream"), "{path}: {methods:?}");
    }
}

#[test]
fn the_contract_knows_every_code_of_a_problem_under_its_status() {
    let mut told = BTreeSet::new();
    for (path, method, operation) in operations() {
        for (status, answer) in operation["responses"].as_object().expect("responses") {
            let codes =
                &answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"];
            for code in codes["enum"].as_array().into_iter().flatten() {
                let code = code.as_str().expect("a code");
                let known = problem_codes().find(|(known, _)| *known == code);
                assert_eq!(
                    known.map(|(_, status)| status.to_string()).as_ref(),
                    Some(status),
                    "{method} {path}: {code}"
                );
                told.insert(code);
            }
        }
    }
    let untold: Vec<&str> =
        problem_codes().map(|(code, _)| code).filter(|code| !told.contains(code)).collect();
    assert_eq!(untold, EVERYWHERE);
}

#[test]
fn the_contract_has_every_event_that_has_a_schema() {
    let schemas = &openapi_document()["components"]["schemas"];
    let any: Vec<&str> = schemas["Event"]["anyOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["title"].as_str().unwrap())
        .collect();
    let mut types = BTreeSet::new();
    for source in fs::read_dir(Path::new("schemas/events")).unwrap().map(Result::unwrap) {
        let name = source.file_name().into_string().unwrap();
        for file in fs::read_dir(source.path()).unwrap().map(Result::unwrap) {
            let file = file.file_name().into_string().unwrap();
            let event_type = file.trim_end_matches(".json").to_owned();
            assert!(schemas.get(format!("events.{name}.{event_type}")).is_some(), "{name}/{file}");
            assert!(any.contains(&format!("{event_type} of {name}").as_str()), "{name}/{file}");
            types.insert(event_type);
        }
    }
    let sent: BTreeSet<String> = serde_json::from_value(schemas["SentType"]["enum"].clone()).unwrap();
    assert_eq!(types, sent);
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(document: &Value, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| check(document, item)),
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let there = document.pointer(reference.trim_start_matches('#'));
                    assert!(there.is_some(), "{reference}");
                }
                members.values().for_each(|member| check(document, member));
            }
            _ => {}
        }
    }
    for document in [openapi_document(), asyncapi_document()] {
        check(document, document);
    }
}

#[test]
fn headings_are_there_in_both_languages_and_operations_have_names_of_their_own() {
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations() {
        for member in ["summary", "x-summary-zh", "operationId"] {
            assert!(
                operation[member].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}: {member}"
            );
        }
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{method} {path}: named twice");
    }
}

/// By the rules of OpenAPI itself.
#[tokio::test]
async fn the_document_is_valid_openapi_3_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    fs::write(&file, openapi_document().to_string()).unwrap();
    let mut command = Command::new(".venv/bin/openapi-spec-validator");
    command.args(["--schema", "3.1"]).arg(&file).kill_on_drop(true);
    let output = run_to_end(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_served_without_a_key_and_a_reader_that_has_one_gets_304() {
    let app = TestApp::start().await;
    for (path, document) in [("/openapi.json", openapi_document()), ("/asyncapi.json", asyncapi_document())] {
        let url = format!("{}{path}", app.url);
        let answer = send(app.client.get(&url)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{path}");
        assert_eq!(answer.json, *document);
        assert_eq!(answer.json["info"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        let again = send(app.client.get(&url).header("if-none-match", answer.header("etag"))).await;
        assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
        let other = send(app.client.get(&url).header("if-none-match", "\"another\"")).await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_program_prints_what_is_served_as_json_and_as_yaml() {
    for (command, document) in [("openapi", openapi_document()), ("asyncapi", asyncapi_document())] {
        let json = run_to_end(deskbridge(&[command])).await;
        assert_eq!(serde_json::from_slice::<Value>(&json.stdout).unwrap(), *document, "{command}");
        let yaml = run_to_end(deskbridge(&[command, "--yaml"])).await;
        let yaml = String::from_utf8(yaml.stdout).unwrap();
        assert!(yaml.contains("\ninfo:\n"), "{command}: block style");
        assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap(), *document, "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_method_is_a_405_that_says_what_there_is_and_options_says_it_too() {
    let app = TestApp::start().await;
    for (path, methods) in addresses() {
        let filled = path.replace("{connection}", CONNECTION).replace("{id}", "15");
        let url = format!("{}{}", app.url, filled.replace("{kind}", "ticket").replace("{source_id}", "1"));
        let allow = format!("{}, OPTIONS", methods.join(", "));
        let asked = send(app.client.request(reqwest::Method::OPTIONS, &url)).await;
        assert_eq!((asked.status, asked.header("allow")), (204, allow.as_str()), "{path}");
        for method in ["PUT", "DELETE", "PATCH", "TRACE", "MIXED"] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let refused = send(app.client.request(method, &url)).await;
            assert_eq!((refused.status, refused.header("allow")), (405, allow.as_str()), "{path}");
            let code = if path.contains("/bangwo8/") { "/errcode" } else { "/code" };
            assert!(["405", "method_not_allowed"].contains(&refused.str(code)), "{path}: {}", refused.text);
        }
    }
}
