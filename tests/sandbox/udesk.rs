use reqwest::Method;
use serde_json::json;

use crate::support::Desk;

const EMPTY_SIGN: &str = "sign=e9fb0570fe9265fd55ea8b84f8fbcbbb";

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_list_is_paged() {
    let desk = Desk::start().await;
    let path = "/api/v1/tickets.json?page=1&per_page=10&sign=b48d4134e7d13839b09b5423e300c352";
    let (status, body) = desk.udesk(Method::GET, path, None).await;
    assert_eq!(status, 200);
    assert_eq!(body["status"], 0);
    assert_eq!((&body["size"], &body["total"], &body["total_pages"]), (&json!(10), &json!(12), &json!(2)));
    assert_eq!(body["contents"][0]["subject"], "演示工单");
    assert_eq!(body["contents"][0]["solving_at"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suffix_may_be_left_out_and_the_signed_order_may_be_sorted() {
    let desk = Desk::start().await;
    let received = "/api/v1/tickets?per_page=10&page=1&sign=03f67933ec5c7669fd63b35c9c161301";
    let sorted = "/api/v1/tickets?per_page=10&page=1&sign=b48d4134e7d13839b09b5423e300c352";
    for path in [received, sorted] {
        assert_eq!(desk.udesk(Method::GET, path, None).await.1["status"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_is_a_business_error() {
    let desk = Desk::start().await;
    for path in ["/api/v1/tickets/1.json", "/api/v1/tickets/1.json?sign=129da7df812jdfsa9912jfdadf81"] {
        let (status, body) = desk.udesk(Method::GET, path, None).await;
        assert_eq!(status, 200);
        assert_eq!(body, json!({"status": 2002, "message": "签名错,请升级版本后使用!"}));
    }
    desk.switch("udesk_sign", json!("off")).await;
    assert_eq!(desk.udesk(Method::GET, "/api/v1/tickets/1.json", None).await.1["status"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ticket_is_an_object_and_an_unknown_one_an_error() {
    let desk = Desk::start().await;
    let (_, body) = desk.udesk(Method::GET, &format!("/api/v1/tickets/1.json?{EMPTY_SIGN}"), None).await;
    assert_eq!(body["contents"]["custom_fields"]["SelectField_3"], "0,3");
    let (status, body) = desk.udesk(Method::GET, &format!("/api/v1/tickets/99?{EMPTY_SIGN}"), None).await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({"status": 1003, "message": "未找到相应工单"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_of_a_customer_are_found_by_e_mail() {
    let desk = Desk::start().await;
    let path = format!("/api/v1/tickets/get.json?{EMPTY_SIGN}");
    let (_, body) = desk.udesk(Method::POST, &path, Some(json!({"email": "test@sample.com"}))).await;
    assert_eq!(body["total"], 3);
    let (_, body) = desk.udesk(Method::POST, &path, Some(json!({"email": "nobody@sample.com"}))).await;
    assert_eq!(body["status"], 1002);
    let (status, body) = desk.udesk(Method::POST, &path, Some(json!({}))).await;
    assert_eq!(status, 400);
    assert_eq!(body, json!({"error": "email is missing"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_size_out_of_range_is_a_parameter_error() {
    let desk = Desk::start().await;
    desk.switch("udesk_sign", json!("off")).await;
    for size in ["0", "101", "x"] {
        let (status, body) = desk.udesk(Method::GET, &format!("/api/v1/tickets?per_page={size}"), None).await;
        assert_eq!(status, 400);
        assert_eq!(body, json!({"error": "per_page should be between 1 and 100"}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn field_definitions_have_one_key_options_and_the_misspelled_member() {
    let desk = Desk::start().await;
    let (_, body) = desk.udesk(Method::GET, &format!("/api/v2/ticket_fields.json?{EMPTY_SIGN}"), None).await;
    assert_eq!(body["message"], "success");
    let select = body["ticket_fields"].as_array().unwrap();
    let select = select.iter().find(|field| field["field_name"] == "SelectField_1").unwrap();
    assert_eq!(select["options"][2], json!({"2": "下拉选项3"}));
    assert_eq!(select["requirment"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_simulated_is_not_found() {
    let desk = Desk::start().await;
    let path = format!("/api/v1/tickets.json?{EMPTY_SIGN}");
    assert_eq!(desk.udesk(Method::POST, &path, Some(json!({"ticket": {}}))).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_port_has_its_own_record_and_never_keeps_the_signature() {
    let desk = Desk::start().await;
    desk.udesk(Method::GET, &format!("/api/v1/tickets/1.json?{EMPTY_SIGN}"), None).await;
    let (_, body) = desk.udesk(Method::GET, "/_sandbox/requests", None).await;
    assert_eq!(body.as_array().unwrap().len(), 1);
    assert_eq!(body[0]["query"], "sign=[redacted]");
    assert_eq!(body[0]["auth"], "none");
    assert!(desk.requests("").await.is_empty());
    let (_, state) = desk.udesk(Method::GET, "/_sandbox/state", None).await;
    assert_eq!(state["tickets"].as_array().unwrap().len(), 12);
}
