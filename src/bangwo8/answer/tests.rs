use proptest::prelude::*;
use serde_json::json;

use super::{super::error::Retry, *};

fn head(method: &str, status: u16, headers: &[(&str, &str)]) -> Head {
    let endpoint = if method == "GET" { Endpoint::get(&["tickets"]) } else { Endpoint::post(&["tickets"]) };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(name.parse::<reqwest::header::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    Head::new(&endpoint, StatusCode::from_u16(status).unwrap(), &map, now)
}

fn outcome(status: u16, body: &str) -> Result<Answer, Error> {
    let head = head("POST", status, &[]);
    head.refusal().map_or_else(|| head.answer(body.as_bytes()), Err)
}

fn code(status: u16, body: &str) -> &'static str {
    outcome(status, body).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn the_status_decides_alone_for_401_404_429_and_5xx() {
    let success = r#"{"status":"0"}"#;
    assert_eq!(code(401, success), "unauthorized");
    assert_eq!(code(404, r#"{"errcode":"100047","errmsg":"Invalid resource URI"}"#), "not_found");
    assert_eq!(code(429, ""), "rate_limited");
    assert_eq!(code(500, success), "unavailable");
    assert_eq!(code(503, "<html>maintenance</html>"), "unavailable");
}

#[test]
fn every_error_shape_is_recognised_under_any_status() {
    for status in [200, 400] {
        assert_eq!(code(status, r#"{"state":"403","message":"columnId does not exist"}"#), "rejected");
        assert_eq!(code(status, r#"{"errcode":"1","errmsg":"no"}"#), "rejected");
        let invalid = "invalid_resource_uri";
        assert_eq!(code(status, r#"{"errcode":"100047","errmsg":"Invalid resource URI"}"#), invalid);
        assert_eq!(code(status, r#"{"errcode":100047,"errmsg":"地址无效"}"#), invalid);
        assert_eq!(code(status, r#"{"status":"110001","message":"no"}"#), "rejected");
        assert_eq!(code(status, r#"{"status":"1","errorMsg":"no","data":false}"#), "rejected");
        assert_eq!(code(status, r#"{"error":"invalid_token"}"#), "unauthorized");
        assert_eq!(code(status, r#"{"error":"invalid_request"}"#), "rejected");
    }
}

#[test]
fn success_is_marked_in_several_ways() {
    for body in [
        r#"{"status":"0","message":"Insert ok","data":false}"#,
        r#"{"status":0,"message":"ok"}"#,
        r#"{"errcode":0,"errmsg":"ok"}"#,
        r#"{"status":"0","errorMsg":"","data":{}}"#,
        r#"{"ticket":{"ticketId":"1","status":"2"}}"#,
        r#"{"tickets":[],"count":"0"}"#,
        "[]",
    ] {
        assert_eq!(code(200, body), "ok", "{body}");
        assert_eq!(code(201, body), "ok", "{body}");
        assert_eq!(code(400, body), "rejected", "{body}");
    }
}

#[test]
fn a_403_is_about_permissions_unless_the_body_complains_about_the_content() {
    assert_eq!(code(403, ""), "forbidden");
    assert_eq!(code(403, "{}"), "forbidden");
    assert_eq!(code(403, r#"{"errcode":"1","errmsg":"no permission"}"#), "forbidden");
    let invalid = r#"{"errcode":"100047","errmsg":"Invalid resource URI"}"#;
    assert_eq!(code(403, invalid), "invalid_resource_uri");
    assert_eq!(code(403, r#"{"state":"403","message":"user error"}"#), "rejected");
    assert_eq!(code(403, r#"{"status":"110026","errorMsg":"exists","data":{}}"#), "already_exists");
}

#[test]
fn a_name_that_is_taken_tells_the_existing_id() {
    let body = r#"{"status":"110026","errorMsg":"already exists","data":{"companyId":"14650146"}}"#;
    match outcome(200, body) {
        Err(Error::AlreadyExists { id, .. }) => assert_eq!(id.as_deref(), Some("14650146")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_names_the_call_and_the_vendors_reason() {
    let error = outcome(200, r#"{"state":"403","message":"字段不存在"}"#).unwrap_err();
    assert_eq!(error.to_string(), "POST /api/v1/tickets.json was refused: 403 字段不存在");
    let error = outcome(422, "nope").unwrap_err();
    assert_eq!(error.to_string(), "POST /api/v1/tickets.json was refused: http_422 ");
}

#[test]
fn a_vendors_message_is_one_line_of_bounded_length() {
    let body = json!({"state": "403", "message": format!("a\nb{}", "工".repeat(9999))}).to_string();
    match outcome(200, &body) {
        Err(Error::Rejected { message, .. }) => {
            assert!(message.starts_with("a b工"));
            assert_eq!(message.chars().count(), crate::bangwo8::message::MAX_CHARS);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_success_that_is_not_json_leaves_the_effect_of_a_write_open() {
    for body in ["", "<html>", r#"{"ticket":{"ticketId""#] {
        let error = outcome(200, body).unwrap_err();
        assert_eq!((error.code(), error.effect_unknown()), ("bad_answer", true));
        let read = head("GET", 200, &[]).answer(body.as_bytes()).unwrap_err();
        assert!(!read.effect_unknown());
    }
}

#[test]
fn only_a_maintenance_answer_is_known_to_have_done_nothing() {
    let unknown = |status| outcome(status, "").unwrap_err().effect_unknown();
    assert!(unknown(500) && unknown(502) && unknown(504));
    assert!(!unknown(503) && !unknown(429) && !unknown(404));
}

#[test]
fn retry_after_is_read_as_seconds_or_as_a_date() {
    let after = |text| match head("GET", 503, &[("retry-after", text)]).refusal().map(|error| error.retry()) {
        Some(Retry::Later { after }) => after.map(|after| after.as_secs()),
        other => panic!("{other:?}"),
    };
    assert_eq!(after("120"), Some(120));
    assert_eq!(after("Fri, 02 Jan 2026 03:05:05 GMT"), Some(60));
    assert_eq!(after("Fri, 02 Jan 2026 03:00:00 GMT"), Some(0));
    assert_eq!(after("soon"), None);
    assert_eq!(after("-1"), None);
}

proptest! {
    #[test]
    fn any_answer_ends_in_a_value_or_in_an_error(
        status in 100..1000u16,
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..64),
            "[\\[\\]{}\":,0-9a-z]{0,64}".prop_map(String::into_bytes),
            ("state|status|errcode|error|errorMsg", "\\PC{0,8}")
                .prop_map(|(key, value)| json!({key: value}).to_string().into_bytes()),
        ],
    ) {
        let head = head("POST", status, &[]);
        let outcome = head.refusal().map_or_else(|| head.answer(&body), Err);
        if let Err(error) = outcome {
            prop_assert!(!error.code().is_empty() && error.to_string().len() < 2000);
        } else {
            prop_assert!(status < 400);
        }
    }
}
