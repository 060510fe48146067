//! CloudEvents in each of their modes, and the extensions that order them.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::harness::*;

const STRUCTURED: &str = "application/cloudevents+json";

/// An update of ticket 1 without an update time, so that only the sender's count says how new it is.
fn uncounted(subject: &str) -> Value {
    let mut ticket = udesk_ticket(1, subject);
    ticket.as_object_mut().expect("an object").remove("updated_at");
    ticket
}

fn cloudevent(id: &str, data: Value, extensions: Value) -> Value {
    let event = json!({
        "specversion": "1.0", "source": "/flow", "id": id, "type": "ticket.updated", "data": data
    });
    with(event, extensions)
}

async fn structured(app: &TestApp, event: &Value) -> Answer {
    let request =
        app.client.post(app.path("/events")).header("content-type", STRUCTURED).header("prefer", "wait=20");
    send(signed(request, SIGNING_KEY, now(), event.to_string().as_bytes())).await
}

/// In binary mode, by a key.
fn binary(app: &TestApp, attributes: &[(&str, &str)], data: &Value) -> RequestBuilder {
    let request = app.client.post(app.path("/events")).bearer_auth(FLOW_KEY).header("prefer", "wait=20");
    let request = attributes
        .iter()
        .fold(request, |request, (name, value)| request.header(format!("ce-{name}"), *value));
    request.json(data)
}

fn outcome(record: &Answer) -> (&str, &str) {
    assert_eq!(record.status, 200, "{}", record.text);
    (record.str("/status"), record.json["reason"]["code"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_count_says_which_is_newer_where_the_mapping_does_not() {
    let app = TestApp::start().await;
    let counted = |id: &str, sequence: Value| cloudevent(id, uncounted(id), json!({ "sequence": sequence }));
    assert_eq!(outcome(&structured(&app, &counted("a", json!("5"))).await), ("delivered", ""));
    assert_eq!(
        outcome(&structured(&app, &counted("b", json!("10"))).await),
        ("delivered", ""),
        "numbers, not letters"
    );
    assert_eq!(outcome(&structured(&app, &counted("c", json!(7))).await), ("skipped", "stale"));
    let typed = cloudevent("d", uncounted("d"), json!({ "sequence": "11", "sequencetype": "Integer" }));
    assert_eq!(outcome(&structured(&app, &typed).await), ("delivered", ""));
    let uncounted = cloudevent("e", uncounted("e"), json!({}));
    assert_eq!(outcome(&structured(&app, &uncounted).await), ("delivered", ""), "nobody knows how old it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_update_time_of_the_mapping_wins_and_is_not_compared_with_a_count() {
    let app = TestApp::start().await;
    let timed = |id: &str, second: u32, sequence: u32| {
        let time = json!({ "updated_at": format!("2026-05-04 14:26:{second:02} +0800") });
        cloudevent(id, with(udesk_ticket(1, id), time), json!({ "sequence": sequence.to_string() }))
    };
    assert_eq!(outcome(&structured(&app, &timed("a", 10, 5)).await), ("delivered", ""));
    assert_eq!(outcome(&structured(&app, &timed("b", 5, 6)).await), ("skipped", "stale"));
    assert_eq!(outcome(&structured(&app, &timed("c", 20, 4)).await), ("delivered", ""));
    let later = cloudevent("d", uncounted("d"), json!({ "sequence": "6" }));
    assert_eq!(
        outcome(&structured(&app, &later).await),
        ("delivered", ""),
        "six is more than five, and no time"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_known_even_after_a_write_that_may_not_be_there() {
    let app = TestApp::with(Options {
        retry: "{ max_attempts: 1 }".into(),
        on_dead: "skip".into(),
        ..Options::default()
    })
    .await;
    let counted =
        |id: &str, sequence: u32| cloudevent(id, uncounted(id), json!({ "sequence": sequence.to_string() }));
    structured(&app, &counted("a", 5)).await;
    app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
    assert_eq!(structured(&app, &counted("b", 6)).await.str("/status"), "dead");
    assert_eq!(outcome(&structured(&app, &counted("c", 4)).await), ("skipped", "stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_known_even_after_what_was_written_is_forgotten() {
    let mut app = TestApp::start().await;
    let counted = |id: &str, subject: &str, sequence: u32| {
        cloudevent(id, uncounted(subject), json!({ "sequence": sequence.to_string() }))
    };
    assert_eq!(outcome(&structured(&app, &counted("a", "要忘记的", 9)).await), ("delivered", ""));
    let erased = app.order("/erase", &json!({ "subject": "要忘记的" })).await;
    assert_eq!((&erased.json["events"], &erased.json["links"]), (&json!(1), &json!(1)), "{}", erased.text);
    assert_eq!(outcome(&structured(&app, &counted("b", "旧的", 7)).await), ("skipped", "stale"));
    assert_eq!(outcome(&structured(&app, &counted("c", "新的", 10)).await), ("delivered", ""));
    app.stop().await;
    let store = format!("sqlite:{}", app.folder.path().join("deskbridge.db").display());
    let pruned = run_to_end(deskbridge(&["store", "prune", "--older-than", "0s", "--store", &store])).await;
    assert!(pruned.status.success(), "{pruned:?}");
    let app = app.restart().await;
    assert_eq!(app.record("c").await.status, 404);
    assert_eq!(outcome(&structured(&app, &counted("d", "更旧的", 9)).await), ("skipped", "stale"));
    assert_eq!(outcome(&structured(&app, &counted("e", "新的", 10)).await), ("delivered", ""), "sent whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_ordered_is_refused() {
    let app = TestApp::start().await;
    let cases = [
        (json!({ "sequence": "0001-a" }), "/sequence format"),
        (json!({ "sequence": "" }), "/sequence format"),
        (json!({ "sequence": 1.5 }), "/sequence format"),
        (json!({ "sequence": ["1"] }), "/sequence format"),
        (json!({ "sequence": "99999999999999999999" }), "/sequence format"),
        (json!({ "sequence": "1", "sequencetype": "Lexical" }), "/sequencetype const"),
    ];
    for (extensions, violation) in cases {
        let answer = structured(&app, &cloudevent("a", uncounted("x"), extensions.clone())).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), [violation], "{extensions}");
    }
    let attributes = [
        ("specversion", "1.0"),
        ("id", "1"),
        ("source", "/f"),
        ("type", "ticket.updated"),
        ("sequence", "x"),
    ];
    let answer = send(binary(&app, &attributes, &uncounted("x"))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert!(answer.text.contains("the header ce-sequence must be a whole number"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_event_is_the_same_as_a_structured_one() {
    let app = TestApp::start().await;
    let attributes = [
        ("specversion", "1.0"),
        ("id", "b%201"),
        ("source", "/%E6%B5%81%E7%A8%8B"),
        ("type", "ticket.updated"),
        ("time", "2026-05-01T10:00:00+08:00"),
        ("sequence", "9"),
    ];
    let record = send(binary(&app, &attributes, &uncounted("二进制模式"))).await;
    assert_eq!(outcome(&record), ("delivered", ""));
    assert_eq!((record.str("/id"), record.str("/time")), ("/流程 b 1", "2026-05-01T02:00:00Z"));
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "二进制模式");
    let again = send(binary(&app, &attributes, &uncounted("二进制模式"))).await;
    assert_eq!(again.json["sequence"], record.json["sequence"], "the same event: {}", again.text);
    let other = send(binary(&app, &attributes, &uncounted("另一个"))).await;
    other.assert_problem(409, "idempotency_conflict");
    let older = cloudevent("c", uncounted("旧的"), json!({ "sequence": "8" }));
    assert_eq!(outcome(&structured(&app, &older).await), ("skipped", "stale"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_no_proof_of_a_binary_event_whose_id_it_does_not_cover() {
    let app = TestApp::start().await;
    let body = uncounted("签了名的").to_string();
    let request = app.client.post(app.path("/events")).header("content-type", "application/json");
    let request = request.header("ce-specversion", "1.0").header("ce-id", "1");
    let request = request.header("ce-source", "/flow").header("ce-type", "ticket.updated");
    let answer = send(signed(request, SIGNING_KEY, now(), body.as_bytes())).await;
    app.assert_refused(&answer, 401, "unauthorized").await;
    assert!(answer.str("/detail").contains("structured mode"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_binary_event_is_told_in_its_senders_words() {
    let app = TestApp::start().await;
    let attributes = [("specversion", "1.0"), ("source", "/flow"), ("type", "ticket.changed"), ("id", "1")];
    let answer = send(binary(&app, &attributes, &json!({ "id": 1 }))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert!(answer.text.contains("the header ce-type must be one of"), "{}", answer.text);
    let attributes = [("specversion", "1.0"), ("source", "/flow"), ("type", "ticket.updated"), ("id", "1")];
    let answer = send(binary(&app, &attributes, &with(uncounted("x"), json!({ "subject": 7 })))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(answer.violations(), ["/subject type"], "{}", answer.text);
    let answer = send(binary(&app, &attributes[..3], &uncounted("x"))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert!(answer.text.contains("of the ce- headers"), "{}", answer.text);
    let answer = send(binary(&app, &[("specversion", "1.0"), ("id", "%FF")], &uncounted("x"))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert!(answer.text.contains("the header ce-id must be text in UTF-8"), "{}", answer.text);
    let broken = app.client.post(app.path("/events")).bearer_auth(FLOW_KEY).header("ce-id", "1");
    let answer = send(broken.header("content-type", "application/json").body("{")).await;
    app.assert_refused(&answer, 400, "malformed_json").await;
}

async fn batch(app: &TestApp, events: &Value) -> Answer {
    let request =
        app.client.post(app.path("/events")).header("content-type", "application/cloudevents-batch+json");
    send(signed(request, SIGNING_KEY, now(), events.to_string().as_bytes())).await
}

fn new_ticket(id: u64) -> Value {
    cloudevent(&format!("new-{id}"), udesk_ticket(id, "成批的工单"), json!({ "sequence": "1" }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_taken_in_as_a_whole_and_in_its_order() {
    let app = TestApp::start().await;
    let last = cloudevent("last", udesk_ticket(1, "最后的"), json!({ "sequence": "2" }));
    let answer = batch(&app, &json!([new_ticket(1), new_ticket(2), last, new_ticket(1)])).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let results = answer.json["results"].as_array().expect("results");
    let told: Vec<_> =
        results.iter().map(|it| (it["id"].as_str(), it["status"].as_str(), it["lane"].as_str())).collect();
    let expected = [
        ("/flow new-1", "accepted", "ticket:1"),
        ("/flow new-2", "accepted", "ticket:2"),
        ("/flow last", "accepted", "ticket:1"),
        ("/flow new-1", "duplicate", "ticket:1"),
    ];
    assert_eq!(told, expected.map(|(id, status, lane)| (Some(id), Some(status), Some(lane))));
    let record = app.until("%2Fflow%20last", &["delivered"]).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "最后的");
    let alone = structured(&app, &new_ticket(2)).await;
    assert_eq!(alone.json["sequence"], results[1]["sequence"], "the same event alone is the same event");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_with_anything_wrong_nothing_is_taken_in() {
    let app = TestApp::start().await;
    let mut strange = new_ticket(2);
    strange["type"] = json!("ticket.changed");
    let counted = cloudevent("c", uncounted("x"), json!({ "sequence": "x" }));
    let answer = batch(&app, &json!([new_ticket(1), strange, counted, 7])).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(answer.violations(), ["/1/type enum", "/2/sequence format", "/3 type"]);
    let twice = json!([new_ticket(1), with(new_ticket(1), json!({ "data": udesk_ticket(1, "另一个") }))]);
    app.assert_refused(&batch(&app, &twice).await, 409, "idempotency_conflict").await;
    let many: Vec<Value> = (1..=101).map(new_ticket).collect();
    let answer = batch(&app, &json!(many)).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    app.assert_refused(&batch(&app, &new_ticket(1)).await, 422, "schema_violation").await;
    structured(&app, &with(new_ticket(3), json!({ "data": udesk_ticket(3, "先来的") }))).await;
    batch(&app, &json!([new_ticket(4), new_ticket(3)])).await.assert_problem(409, "idempotency_conflict");
    assert_eq!(app.stored().await, ["/flow new-3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_nothing_is_taken_in() {
    let app = TestApp::start().await;
    let answer = batch(&app, &json!([])).await;
    assert_eq!((answer.status, &answer.json), (202, &json!({ "results": [] })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_key_may_name_the_lane_and_nothing_else() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let keyed = |id: &str, key: Value| cloudevent(id, udesk_ticket(1, "x"), json!({ "partitionkey": key }));
    for (id, key) in [("a", "1"), ("b", "ticket:1")] {
        let answer = batch(&app, &json!([keyed(id, json!(key))])).await;
        assert_eq!((answer.status, answer.str("/results/0/lane")), (202, "ticket:1"), "{}", answer.text);
    }
    for (key, violation) in [
        (json!("acme"), "/0/partitionkey const"),
        (json!(""), "/0/partitionkey minLength"),
        (json!(1), "/0/partitionkey type"),
    ] {
        let answer = batch(&app, &json!([keyed("c", key)])).await;
        answer.assert_problem(422, "schema_violation");
        assert_eq!(answer.violations(), [violation]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_event_can_be_previewed_and_a_batch_one_at_a_time() {
    let app = TestApp::start().await;
    structured(&app, &cloudevent("a", uncounted("新的"), json!({ "sequence": "9" }))).await;
    let request = app.client.post(app.path("/preview")).bearer_auth(OPS_KEY);
    let attributes = [
        ("specversion", "1.0"),
        ("id", "b"),
        ("source", "/f"),
        ("type", "ticket.updated"),
        ("sequence", "8"),
    ];
    let request = attributes
        .iter()
        .fold(request, |request, (name, value)| request.header(format!("ce-{name}"), *value));
    let answer = send(request.json(&uncounted("旧的"))).await;
    assert_eq!((answer.str("/outcome"), answer.str("/reason/code")), ("skipped", "stale"), "{}", answer.text);
    let request = app.client.post(app.path("/preview")).bearer_auth(OPS_KEY);
    let request = request.header("content-type", "application/cloudevents-batch+json");
    send(request.body("[]")).await.assert_problem(415, "unsupported_media_type");
}
