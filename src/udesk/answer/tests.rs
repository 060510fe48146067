use reqwest::header::HeaderValue;

use super::*;
use crate::udesk::request::Operation;

fn v1(operation: Operation) -> Endpoint {
    Endpoint::v1("GET", "/api/v1/tickets.json", operation)
}

fn v2() -> Endpoint {
    Endpoint::v2("GET", "/tickets", Operation::Read)
}

fn read<'a>(endpoint: &Endpoint, status: u16, body: &'a str) -> Result<Answer<'a>, Error> {
    let status = StatusCode::from_u16(status).unwrap();
    Head::new(endpoint, status, &HeaderMap::new(), Timestamp::UNIX_EPOCH).answer(body.as_bytes())
}

fn code(endpoint: &Endpoint, status: u16, body: &str) -> &'static str {
    read(endpoint, status, body).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn v1_answers_are_judged_in_the_documented_order() {
    let call = v1(Operation::Read);
    assert_eq!(code(&call, 200, "<html>维护中</html>"), "not_json");
    assert_eq!(code(&call, 200, ""), "not_json");
    assert_eq!(code(&call, 400, r#"{"error":"email is missing","status":0}"#), "invalid");
    assert_eq!(code(&call, 200, r#"{"error":null,"status":0}"#), "ok");
    assert_eq!(code(&call, 200, r#"{"status":2002,"message":"签名错,请升级版本后使用!"}"#), "unauthorized");
    assert_eq!(code(&call, 200, r#"{"status":1003,"message":"未找到相应工单"}"#), "not_found");
    assert_eq!(code(&call, 200, r#"{"status":1002,"message":"未找到相应客户"}"#), "customer_unknown");
    assert_eq!(code(&call, 200, r#"{"status":1004,"message":"未找到相应客户"}"#), "customer_unknown");
    assert_eq!(code(&call, 200, r#"{"status":"0","message":"success"}"#), "ok");
    assert_eq!(code(&call, 200, r#"{"message":"成功"}"#), "bad_answer");
    assert_eq!(code(&call, 200, r#"{"status":"solving"}"#), "bad_answer");
    assert_eq!(code(&call, 404, r#"{"status":0}"#), "bad_answer");
    assert_eq!(code(&call, 200, "[]"), "bad_answer");
}

#[test]
fn v2_answers_are_judged_by_their_code() {
    assert_eq!(code(&v2(), 200, r#"{"code":1000}"#), "ok");
    assert_eq!(code(&v2(), 201, r#"{"code":"1000"}"#), "ok");
    assert_eq!(code(&v2(), 200, r#"{"code":2002,"message":"无效的子域名"}"#), "unknown_tenant");
    assert_eq!(code(&v2(), 200, r#"{"code":2059,"message":"open api signature wrong"}"#), "unauthorized");
    assert_eq!(code(&v2(), 200, r#"{"code":2000,"message":"参数错误"}"#), "rejected");
    assert_eq!(code(&v2(), 200, r#"{"status":0}"#), "bad_answer");
}

#[test]
fn a_rejection_tells_the_vendors_text_and_what_it_means_for_the_call() {
    let body = r#"{"status":1008,"message":"未找到邮箱为li.na@example.com的客服"}"#;
    let error = read(&v1(Operation::UpdateTicket), 200, body).err().unwrap();
    assert_eq!(
        error.to_string(),
        "GET /api/v1/tickets.json was refused: 1008 未找到邮箱为[masked]的客服 (no agent has this e-mail)"
    );
    assert!(matches!(error, Error::Rejected { cause: Cause::AgentUnknown, .. }));
}

#[test]
fn a_wrong_clock_is_told_from_a_wrong_token() {
    let mut headers = HeaderMap::new();
    headers.insert(DATE, HeaderValue::from_static("Thu, 01 Jan 1970 00:30:00 GMT"));
    let head = Head::new(&v2(), StatusCode::OK, &headers, Timestamp::UNIX_EPOCH);
    let error = head.answer(br#"{"code":2059}"#).err().unwrap();
    assert!(error.to_string().ends_with("clock is 1800 s behind the vendor's"), "{error}");
}

#[test]
fn a_wait_is_taken_from_the_header_within_a_day() {
    let now = Timestamp::UNIX_EPOCH;
    assert_eq!(retry_after("30", now), Some(Duration::from_secs(30)));
    assert_eq!(retry_after("99999999999", now), Some(MAX_RETRY_AFTER));
    assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", now), Some(Duration::from_secs(60)));
    assert_eq!(retry_after("soon", now), None);
}

#[test]
fn a_payload_is_kept_byte_for_byte() {
    let answer =
        read(&v1(Operation::Read), 200, r#"{"status":0,"contents":{"b": 1.0,"a":"\u5de5"}}"#).unwrap();
    assert_eq!(answer.raw("contents").unwrap().get(), r#"{"b": 1.0,"a":"\u5de5"}"#);
}
