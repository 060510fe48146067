use std::time::{Duration, Instant};

use deskbridge::sandbox::{self, Options};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Desk, id_of, parsed, ticket};

/// Everything the server sends in answer to a create, until it closes.
async fn raw_create(desk: &Desk, requestid: &str) -> Vec<u8> {
    let address = desk.sandbox.bangwo8_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let body = json!({"ticket": ticket()}).to_string();
    let request = format!(
        "POST /api/v1/tickets.json HTTP/1.1\r\nHost: {address}\r\nRequestid: {requestid}\r\n\
         Authorization: Basic c2FuZGJveC1hZG1pbjpzYW5kYm94LWFkbWluLXBhc3N3b3Jk\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // A reset and a plain close are both "no answer"; only the bytes count.
    let _ = stream.read_to_end(&mut received).await;
    received
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_before_leaves_no_trace_but_the_record() {
    let desk = Desk::start().await;
    desk.plan(json!({"method": "POST", "path": "/api/v1/tickets", "fault": {"reset": "before"}})).await;
    assert_eq!(raw_create(&desk, "r-1").await, b"");
    assert_eq!(desk.get("/tickets.json").await["count"], "23");
    let record = desk.requests("?method=POST").await[0].clone();
    assert_eq!((&record["status"], &record["fault"]), (&Value::Null, &json!("reset-before")));
    assert!(record["effect"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_after_takes_effect_once_and_the_repeat_learns_it() {
    let desk = Desk::start().await;
    desk.plan(json!({"method": "POST", "fault": {"reset": "after"}})).await;
    assert_eq!(raw_create(&desk, "r-1").await, b"");
    let record = desk.requests("?method=POST").await[0].clone();
    assert_eq!(record["effect"], json!({"kind": "ticket_created", "ticketId": 5_237_432}));
    assert_eq!(record["fault"], "reset-after");
    assert_eq!(id_of(&desk.create_once("r-1", ticket()).await.1), 5_237_432);
    assert_eq!(desk.get("/tickets.json").await["count"], "24");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sees_a_reset_as_a_failed_request() {
    let desk = Desk::start().await;
    desk.plan(json!({"times": 0, "fault": {"reset": "before"}})).await;
    assert!(desk.admin(Method::GET, "/api/v1/tickets.json").send().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_answer_replaces_the_vendors_as_often_as_asked() {
    let desk = Desk::start().await;
    let fault = json!({"status": 503, "headers": {"retry-after": "2"}, "body": "<html>系统维护中</html>"});
    desk.plan(json!({"path": "/api/v1/tickets", "times": 2, "fault": fault})).await;
    for left in [1, 0] {
        let response = desk.admin(Method::GET, "/api/v1/tickets.json").send().await.unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.text().await.unwrap(), "<html>系统维护中</html>");
        let (_, waiting) = desk.control(Method::GET, "faults", json!({})).await;
        assert_eq!(waiting.as_array().unwrap().len(), left);
    }
    assert_eq!(desk.get("/tickets.json").await["count"], "23");
    let statuses: Vec<Value> =
        desk.requests("").await.iter().map(|request| request["status"].clone()).collect();
    assert_eq!(statuses, [json!(503), json!(503), json!(200)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_used_in_the_order_they_were_planned() {
    let desk = Desk::start().await;
    for status in [500, 429] {
        desk.plan(json!({"fault": {"status": status, "body": {"status": "1"}}})).await;
    }
    assert_eq!(
        desk.create(ticket()).await,
        (reqwest::StatusCode::INTERNAL_SERVER_ERROR, json!({"status": "1"}))
    );
    assert_eq!(desk.create(ticket()).await.0, 429);
    assert_eq!(desk.create(ticket()).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_without_end_lasts_until_it_is_cleared() {
    let desk = Desk::start().await;
    desk.plan(json!({"times": 0, "fault": {"status": 500}})).await;
    for _ in 0..3 {
        assert_eq!(desk.create(ticket()).await.0, 500);
    }
    assert_eq!(desk.control(Method::DELETE, "faults", json!({})).await.1, json!({"cleared": 1}));
    assert_eq!(desk.create(ticket()).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_the_real_one_and_its_effect_comes_at_once() {
    let desk = Desk::start().await;
    desk.plan(json!({"fault": {"delay_ms": 50}})).await;
    let begun = Instant::now();
    assert_eq!(id_of(&desk.create(ticket()).await.1), 5_237_432);
    assert!(begun.elapsed() >= Duration::from_millis(50));

    desk.plan(json!({"fault": {"delay_ms": 60_000}})).await;
    let impatient = desk.admin(Method::POST, "/api/v1/tickets.json").json(&json!({"ticket": ticket()}));
    assert!(impatient.timeout(Duration::from_millis(500)).send().await.unwrap_err().is_timeout());
    assert_eq!(desk.get("/tickets.json").await["count"], "25");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_with_a_mistake_is_refused_with_its_reason() {
    let desk = Desk::start().await;
    for (rule, named) in [
        (json!({"fault": {"stauts": 500}}), "stauts"),
        (json!({"paht": "/", "fault": {"status": 500}}), "paht"),
        (json!({"fault": {"status": 99}}), "status"),
        (json!({"fault": {"reset": "during"}}), "during"),
        (json!({"fault": {"reset": "after", "status": 500}}), "reset"),
        (json!({"fault": {}}), "needs one of"),
        (json!({"method": "FETCH", "fault": {"status": 500}}), "FETCH"),
        (json!({"path": "api", "fault": {"status": 500}}), "path"),
        (json!({"times": -1, "fault": {"status": 500}}), "-1"),
        (json!({"fault": {"status": 500, "headers": {"a b": "c"}}}), "a b"),
        (json!({}), "fault"),
    ] {
        let (status, body) = desk.control(Method::POST, "faults", rule.clone()).await;
        assert_eq!(status, 422, "{rule}");
        assert!(body["error"].as_str().unwrap().contains(named), "{rule}: {body}");
    }
    assert_eq!(desk.control(Method::GET, "faults", json!({})).await.1, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_tells_what_was_asked_but_no_credential() {
    let desk = Desk::start().await;
    let request = desk
        .admin(Method::POST, "/api/v1/tickets.json?a=1")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .json(&json!({"ticket": ticket()}));
    parsed(request).await;
    parsed(desk.request(Method::GET, "/api/v1/ticketviews.json").bearer_auth("secret-token")).await;
    let records = desk.requests("").await;
    assert_eq!(records[0]["seq"], 1);
    assert_eq!(records[0]["path"], "/api/v1/tickets.json");
    assert_eq!(records[0]["query"], "a=1");
    assert_eq!(records[0]["auth"], "basic");
    assert_eq!(records[0]["body"]["ticket"]["subject"], "打印机脱机");
    assert_eq!(records[0]["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!((&records[1]["auth"], &records[1]["status"]), (&json!("bearer"), &json!(401)));
    assert!(!json!(records).to_string().contains("secret-token"));
    assert_eq!(desk.requests("?method=get&path=/api/v1/ticketviews").await.len(), 1);
    assert!(desk.requests("?path=/api/v1/tickets/").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_lists_the_control_endpoints() {
    let desk = Desk::start().await;
    let (_, body) = desk.control(Method::GET, "", json!({})).await;
    assert!(body.get("POST /_sandbox/faults").is_some());
    assert!(body.get("POST /_sandbox/views/{id}").is_some());
    let (_, body) = desk.udesk(Method::GET, "/_sandbox/", None).await;
    assert!(body.get("POST /_sandbox/views/{id}").is_none());
    assert_eq!(desk.control(Method::GET, "nothing", json!({})).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_sandbox_no_longer_listens() {
    let desk = Desk::start().await;
    let address = desk.sandbox.bangwo8_url().replace("http://", "");
    desk.sandbox.stop().await;
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_cannot_take_both_ports_takes_neither() {
    let desk = Desk::start().await;
    let taken = desk.sandbox.udesk_url().replace("http://", "").parse().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = Options { bangwo8_listen: free, udesk_listen: taken, ..Options::default() };
    assert!(sandbox::start(options).await.is_err());
    // The port comes free in its own time, so the wait for it is bounded but not counted.
    let freed = async {
        while std::net::TcpListener::bind(free).is_err() {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(Duration::from_secs(10), freed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_answer_may_be_broken_json_that_claims_to_be_json() {
    let desk = Desk::start().await;
    let fault = json!({"headers": {"content-type": "application/json"}, "body": "{\"ticket\":{\"ticketId"});
    desk.plan(json!({"method": "POST", "fault": fault})).await;
    let request = desk.admin(Method::POST, "/api/v1/tickets.json").json(&json!({"ticket": ticket()}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), "{\"ticket\":{\"ticketId");
    assert_eq!(desk.get("/tickets.json").await["count"], "23");
}
