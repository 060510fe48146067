//! Bodies that aren't JSON, first of all those that the vendor's own page prints.

use crate::harness::*;

/// A ticket as the vendor's page prints it in the answers of the list and the detail: no comma before
/// `"created_at"`.
const MISSING_COMMA: &str = r#"{
"id": 1,
"subject": "演示工单",
"content": "这是您的第一个工单",
"content_type": "text",
"platform": "邮件",
"priority": "紧急",
"status": "solving",
"user": "测试客户",
"user_email": "test@sample.com",
"user_cellphone": null,
"assignee": "测试客服",
"assignee_id": 1,
"user_group_id": 1,
"user_group_name": "售后1组",
"solving_at": "",
"replied_by": "agent_1",
"custom_fields": {
"TextField_1": "普通文本内容",
"TextField_2": "多行文本内容1\r\n多行文本内容2",
"TextField_3": "2016-08-11",
"TextField_4": "14:44:36",
"TextField_5": "2017-05-03 14:44",
"TextField_6": "https://www.sample.com",
"TextField_7": "13",
"TextField_8": "13.33",
"SelectField_1": "0",
"SelectField_2": "0",
"SelectField_3": "0,3"
}
"created_at": "2016-07-28 20:44:08 +0800",
"updated_at": "2017-05-04 14:26:18 +0800"
}"#;

/// As it prints it for a customer's tickets and a filter's: a comma after the last custom field as well.
fn trailing_comma() -> String {
    MISSING_COMMA.replace("\"0,3\"\n}", "\"0,3\",\n}")
}

fn envelope(data: &str) -> String {
    format!("{{\"id\":\"sample\",\"type\":\"ticket.created\",\"data\":{data}}}")
}

/// Line, counted from 1, of the line that starts with `text` and follows one that ends with `after`.
fn line_of(body: &str, after: &str, text: &str) -> usize {
    let lines: Vec<&str> = body.lines().collect();
    let pairs = lines.windows(2).position(|pair| pair[0].ends_with(after) && pair[1].starts_with(text));
    pairs.expect("such a line") + 2
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_comma_is_told_by_line_and_column() {
    let app = TestApp::start().await;
    let body = envelope(MISSING_COMMA);
    let line = line_of(&body, "}", "\"created_at\"");
    let answer = app.post_bytes(body.as_bytes()).await;
    app.assert_refused(&answer, 400, "malformed_json").await;
    assert!(answer.str("/detail").contains(&format!("line {line} column 1")), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trailing_comma_is_told_by_line_and_column() {
    let app = TestApp::start().await;
    let body = envelope(&trailing_comma());
    let line = line_of(&body, "\"0,3\",", "}");
    let answer = app.post_bytes(body.as_bytes()).await;
    app.assert_refused(&answer, 400, "malformed_json").await;
    assert!(answer.str("/detail").contains(&format!("line {line} column 1")), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_accepted_once_its_comma_is_put_in() {
    let app = TestApp::start().await;
    let repaired = MISSING_COMMA.replace("}\n\"created_at\"", "},\n\"created_at\"");
    let answer = send(app.signed(envelope(&repaired).as_bytes()).header("prefer", "wait=20")).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "delivered"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bytes_make_the_service_answer_anything_but_a_problem() {
    let app = TestApp::start().await;
    let deep = envelope(&format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000)));
    let huge = envelope(r#"{"id":1e999,"subject":"x","status":"open"}"#);
    let half = envelope(r#"{"id":1,"subject":"\ud83d","status":"open"}"#);
    for body in [b"".to_vec(), b" ".into(), b"{".into(), b"\xff\xfe".into(), b"{\"id\":\"\xff\"}".into()] {
        let request = app.client.post(app.path("/events")).header("content-type", "application/json");
        let answer = send(request.bearer_auth(FLOW_KEY).body(body)).await;
        app.assert_refused(&answer, 400, "malformed_json").await;
    }
    for body in [deep, huge, half] {
        let answer = app.post_bytes(body.as_bytes()).await;
        app.assert_refused(&answer, 400, "malformed_json").await;
    }
    let twice = r#"{"id":"1","id":"2","type":"ticket.created","data":{}}"#;
    for (body, violation) in [
        ("[]", " type"),
        ("null", " type"),
        ("\"text\"", " type"),
        ("7", " type"),
        (twice, "/id uniqueItems"),
    ] {
        let answer = app.post_bytes(body.as_bytes()).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), [violation], "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_place_of_a_mistake_in_the_data_is_counted_from_the_start_of_the_body() {
    let app = TestApp::start().await;
    let body = "{\n\"id\":\"1\",\"type\":\"ticket.created\",\n\"data\":{\"subject\":\"\\ud83d\"}}";
    let answer = app.post_bytes(body.as_bytes()).await;
    app.assert_refused(&answer, 400, "malformed_json").await;
    assert!(answer.str("/detail").contains("line 3 column 26"), "{}", answer.text);
}
