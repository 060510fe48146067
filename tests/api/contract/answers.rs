//! What is really answered, held against the contract: it has the shape, and no member that the contract doesn't know.

use deskbridge::http::contract::openapi_document;
use serde_json::{Value, json};

use crate::harness::*;

/// The schema of an operation's answer.
fn schema_of(path: &str, method: &str, status: u16) -> &'static Value {
    let operation = &openapi_document()["paths"][path][method];
    assert!(operation.is_object(), "{method} {path} is in the contract");
    let content = followed(&operation["responses"][status.to_string()])["content"].as_object();
    let media = content.and_then(|content| content.values().next());
    &media.unwrap_or_else(|| panic!("{method} {path} says what a {status} has"))["schema"]
}

fn followed(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            followed(openapi_document().pointer(reference.trim_start_matches('#')).expect("it is there"))
        }
        None => value,
    }
}

/// The schema, and all that it is put together of.
fn parts(schema: &'static Value) -> Vec<&'static Value> {
    let schema = followed(schema);
    let below =
        ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
    [schema].into_iter().chain(below.flat_map(parts)).collect()
}

/// Places of members that no part of a schema knows.
fn unknown(schema: &'static Value, value: &Value, at: &str) -> Vec<String> {
    let parts = parts(schema);
    match value {
        Value::Object(members) => {
            let open = parts.iter().all(|part| part.get("properties").is_none());
            let known = |name: &str| {
                parts.iter().find_map(|part| {
                    part["properties"].get(name).or_else(|| part.get("additionalProperties"))
                })
            };
            let each = members.iter().flat_map(|(name, member)| match known(name) {
                Some(schema) => unknown(schema, member, &format!("{at}/{name}")),
                None if open => Vec::new(),
                None => vec![format!("{at}/{name}")],
            });
            each.collect()
        }
        Value::Array(items) => {
            let schema = parts.iter().find_map(|part| part.get("items"));
            let each = items.iter().enumerate();
            each.flat_map(|(n, item)| {
                schema.map(|schema| unknown(schema, item, &format!("{at}/{n}"))).unwrap_or_default()
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

/// Fails unless an answer is as the contract has it.
fn holds(path: &str, method: &str, answer: &Answer) {
    let path = format!("/v1/connections/{{connection}}{path}");
    let schema = schema_of(&path, method, answer.status);
    let document = json!({ "components": openapi_document()["components"], "allOf": [schema] });
    let validator =
        jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&document).expect("a schema");
    let wrong: Vec<String> = validator
        .iter_errors(&answer.json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(wrong, [""; 0], "{method} {path}: {}", answer.text);
    assert_eq!(unknown(schema, &answer.json, ""), [""; 0], "{method} {path}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_of_events_has_the_contracts_shape_and_nothing_else() {
    let app = TestApp::start().await;
    let accepted = app.post(&created(1, "打印机离线")).await;
    assert_eq!(accepted.status, 202);
    holds("/events", "post", &accepted);
    app.until("created-1", &["delivered"]).await;
    let parked = app.deliver(&created_with(2, json!({ "status": "外星" }))).await;
    assert_eq!(parked.str("/status"), "parked");
    holds("/events", "post", &parked);
    holds("/events", "get", &app.get("/events").await);
    holds("/lanes", "get", &app.get("/lanes").await);
    app.accept(&updated_with(2, 1, json!({ "subject": "之后" }))).await;
    for id in ["created-1", "created-2", "updated-2-1"] {
        holds("/events/{id}", "get", &app.record(id).await);
        holds("/events/{id}/explain", "get", &app.get(&format!("/events/{id}/explain")).await);
    }
    holds("/links/{kind}/{source_id}", "get", &app.get("/links/ticket/1").await);
    holds("/preview", "post", &app.order("/preview", &created(3, "打印机离线")).await);
    holds(
        "/dead-letters/replay",
        "post",
        &app.order("/dead-letters/replay", &json!({ "filter": {}, "dry_run": true })).await,
    );
    holds("/events/{id}/replay", "post", &app.operate("/events/created-2/replay").await);
    app.until("created-2", &["parked"]).await;
    holds(
        "/dead-letters/discard",
        "post",
        &app.order("/dead-letters/discard", &json!({ "filter": {} })).await,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_of_ticket_views_has_the_contracts_shape_and_nothing_else() {
    let subscriber =
        "{ name: wallboard, url: 'https://127.0.0.1:9/hooks', secret: file:signing, views: [15] }";
    let ticketviews = format!("{{ refresh_s: 60, subscribers: [{subscriber}] }}");
    let webhook_allow = "127.0.0.0/8".to_owned();
    let app = TestApp::with(Options { ticketviews, webhook_allow, ..Options::default() }).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    let id = app.get("/ticketviews").await.json["ticketviews"][0]["id"].to_string();
    for (path, query) in [
        ("/ticketviews", ""),
        ("/ticketviews/{id}", ""),
        ("/ticketviews/{id}/tickets", "?per_page=1000"),
        ("/ticketviews/{id}/count", ""),
        ("/ticketviews/counts", ""),
        ("/ticketviews/{id}/trend", ""),
        ("/ticketviews/{id}/changes", "?since=0"),
        ("/ticketviews/subscribers", ""),
        ("/bangwo8/api/v1/ticketviews.json", ""),
        ("/bangwo8/api/v1/ticketviews/{id}.json", ""),
        ("/bangwo8/api/v1/ticketviews/{id}/tickets.json", ""),
        ("/bangwo8/api/v1/ticketviews/{id}/count.json", ""),
        ("/bangwo8/api/v1/ticketviews/show_many.json", "?ids=15,2"),
    ] {
        let answer = app.get(&format!("{}{query}", path.replace("{id}", &id))).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        holds(path, "get", &answer);
    }
    holds("/ticketviews/stream/tokens", "post", &app.operate("/ticketviews/stream/tokens").await);
    holds("/ticketviews/{id}/refresh", "post", &app.operate(&format!("/ticketviews/{id}/refresh")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_cannot_be_read_is_told_what_can() {
    let app = TestApp::start().await;
    for (path, says) in [
        ("/events?limit=0", "limit: must be a whole number from 1 to 500"),
        ("/events?limit=many", "limit: must be a whole number from 1 to 500"),
        ("/events?cursor=x", "cursor: must be one that an answer gave out"),
        ("/events?since=yesterday", "since: must be an RFC 3339 date-time"),
        ("/events?statsu=dead", "no parameters but status, type, lane"),
        ("/events?status=dead&status=parked", "status stands there twice"),
        ("/events?lane=ticket:%00", "NUL"),
        ("/events/created-1?verbose", "takes no parameters"),
        ("/links/ticket/1?x=1", "takes no parameters"),
        ("/ticketviews/subscribers?x=1", "takes no parameters"),
        ("/ticketviews/counts?ids=15,,2", "ids: must be ids with commas between them"),
        ("/ticketviews/15/trend?every=0", "every: must be a whole number from 1 on"),
        ("/ticketviews/15/tickets?bom=yes", "bom: must be true or false"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.str("/code")), (400, "invalid_query"), "{path}: {}", answer.text);
        assert!(answer.str("/detail").contains(says), "{path}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_an_object_and_not_an_array_of_its_values() {
    let app = TestApp::start().await;
    for (path, body) in [
        ("/events/created-1/replay", json!([])),
        ("/events/created-1/replay", json!(["current", "same"])),
        ("/dead-letters/replay", json!({ "filter": [null, null, null, null, null, null] })),
        ("/dead-letters/discard", json!([{}, true])),
    ] {
        let answer = app.order(path, &body).await;
        assert_eq!((answer.status, answer.str("/code")), (422, "invalid_options"), "{path}: {}", answer.text);
        assert!(answer.str("/detail").contains("send an object"), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_in_an_address_names_nothing() {
    let app = TestApp::start().await;
    for path in ["/events/%00", "/links/ticket/%00", "/ticketviews/1%005"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.str("/code")), (404, "not_found"), "{path}: {}", answer.text);
    }
}
