//! The CloudEvents SDKs of PyPI and npm write what the service reads, in each mode.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::*;

const LANGUAGES: [Language; 2] =
    [("Python", || python("cloud_events.py")), ("JavaScript", || node("cloud-events.mjs"))];

/// An event as an SDK is given it, with extensions in it.
fn cloudevent(id: &str, ticket: u64, sequence: u32, subject: &str) -> Value {
    let mut data = udesk_ticket(ticket, subject);
    data.as_object_mut().expect("an object").remove("updated_at");
    json!({
        "id": id, "source": "/flows/after-sales", "type": "ticket.updated",
        "time": "2026-05-01T10:00:00+08:00", "subject": "1", "sequence": sequence.to_string(),
        "partitionkey": format!("ticket:{ticket}"), "data": data
    })
}

async fn send_by(mut sdk: Command, app: &TestApp, mode: &str, events: Value) -> Answer {
    sdk.arg(app.path("/events")).arg(mode).env("KEY", FLOW_KEY);
    answer_of(sdk, &events.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_an_sdk_is_delivered_in_structured_and_in_binary_mode() {
    let app = TestApp::start().await;
    for (ticket, (language, sdk)) in (1..).zip(LANGUAGES) {
        for (sequence, mode) in (1..).zip(["structured", "binary"]) {
            let subject = format!("{language} {mode}：打印机离线");
            let event = cloudevent(&format!("{language}-{mode}"), ticket, sequence, &subject);
            let record = send_by(sdk(), &app, mode, json!([event])).await;
            assert_eq!(
                (record.status, record.str("/status")),
                (200, "delivered"),
                "{subject}: {}",
                record.text
            );
            assert_eq!(record.str("/id"), format!("/flows/after-sales {language}-{mode}"));
            assert_eq!(record.str("/lane"), format!("ticket:{ticket}"));
            assert_eq!(record.str("/time"), "2026-05-01T02:00:00Z");
            assert_eq!(app.ticket(record.str("/target/id")).await["subject"], subject);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_has_one_identity_whichever_mode_and_sdk_sends_it() {
    let app = TestApp::start().await;
    let event = |subject: &str| json!([cloudevent("1", 1, 5, subject)]);
    for (language, sdk) in LANGUAGES {
        for mode in ["structured", "binary"] {
            send_by(sdk(), &app, mode, event(&format!("{language} {mode}"))).await;
        }
    }
    assert_eq!(app.stored().await, ["/flows/after-sales 1"], "the first was taken, the others refused");
    let other = send_by(node("cloud-events.mjs"), &app, "structured", event("另一个")).await;
    assert_eq!((other.status, other.str("/code")), (409, "idempotency_conflict"), "{}", other.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_sdk_counts_orders_its_events() {
    let app = TestApp::start().await;
    for (ticket, (language, sdk)) in (1..).zip(LANGUAGES) {
        let newer = cloudevent(&format!("{language}-2"), ticket, 2, "新的");
        let older = cloudevent(&format!("{language}-1"), ticket, 1, "旧的");
        assert_eq!(send_by(sdk(), &app, "binary", json!([newer])).await.str("/status"), "delivered");
        let late = send_by(sdk(), &app, "structured", json!([older])).await;
        assert_eq!((late.str("/status"), late.str("/reason/code")), ("skipped", "stale"), "{language}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_an_sdk_in_one_batch_are_delivered_in_their_order() {
    let app = TestApp::start().await;
    for (ticket, (language, sdk)) in (1..).zip(LANGUAGES) {
        let event = |n: u32| cloudevent(&format!("{language}-{n}"), ticket, n, &format!("第{n}次"));
        let answer = send_by(sdk(), &app, "batch", json!([event(1), event(2), event(3)])).await;
        let results = answer.json["results"].as_array().expect("results");
        assert_eq!((answer.status, results.len()), (202, 3), "{language}: {}", answer.text);
        assert!(results.iter().all(|result| result["status"] == "accepted"), "{language}: {}", answer.text);
        let record = app.until(&format!("%2Fflows%2Fafter-sales%20{language}-3"), &["delivered"]).await;
        assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "第3次");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lacks_a_member_of_the_schema_is_refused_with_its_place() {
    let app = TestApp::start().await;
    for (language, sdk) in LANGUAGES {
        for mode in ["structured", "binary"] {
            let mut event = cloudevent("1", 1, 1, "没有编号");
            event["data"].as_object_mut().expect("an object").remove("id");
            let answer = send_by(sdk(), &app, mode, json!([event])).await;
            assert_eq!((answer.status, answer.str("/code")), (422, "schema_violation"), "{language} {mode}");
            assert!(answer.text.contains("required"), "{language} {mode}: {}", answer.text);
        }
    }
    app.assert_untouched().await;
}
