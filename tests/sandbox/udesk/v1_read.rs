//! Reading by v1 (contract §3.1 to §3.4, §3.9, §3.10), and its signature.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Udesk, business};
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
    let desk = Udesk::start().await;
    for (method, path) in [
        (Method::DELETE, "/api/v1/tickets/1.json"),
        (Method::GET, "/api/v2/tickets.json"),
        (Method::GET, "/open_api_v1/tickets/1"),
        (Method::GET, "/open_api_v2/tickets"),
        (Method::GET, "/"),
    ] {
        assert_eq!(desk.call(method, path, None).await.0, 404, "{path}");
    }
}

/// The vendor's own sample, repaired (contract §9).
#[tokio::test(flavor = "multi_thread")]
async fn the_sample_ticket_is_as_the_documents_print_it() {
    let desk = Udesk::start().await;
    let body = desk.get("/api/v1/tickets/1.json").await;
    let sample = json!({
        "id": 1, "subject": "演示工单", "content": "这是您的第一个工单", "content_type": "text", "platform": "邮件",
        "priority": "紧急", "status": "solving", "user": "测试客户", "user_email": "test@sample.com",
        "user_cellphone": null, "assignee": "测试客服", "assignee_id": 1, "user_group_id": 1,
        "user_group_name": "售后1组", "solving_at": "", "replied_by": "agent_1",
        "custom_fields": {
            "TextField_1": "普通文本内容", "TextField_2": "多行文本内容1\r\n多行文本内容2", "TextField_3": "2016-08-11",
            "TextField_4": "14:44:36", "TextField_5": "2017-05-03 14:44", "TextField_6": "https://www.sample.com",
            "TextField_7": "13", "TextField_8": "13.33", "SelectField_1": "0", "SelectField_2": "0",
            "SelectField_3": "0,3", "SelectField_4": "0,0,0"
        },
        "created_at": "2016-07-28 20:44:08 +0800", "updated_at": "2017-05-04 14:26:18 +0800"
    });
    assert_eq!(body, json!({"status": 0, "message": "成功", "contents": sample}));
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_text_is_null_in_one_ticket_and_empty_in_another() {
    let desk = Udesk::start().await;
    let null = desk.get("/api/v1/tickets/2").await["contents"].clone();
    let blank = desk.get("/api/v1/tickets/8").await["contents"].clone();
    assert_eq!((&null["assignee"], &null["user_group_name"]), (&Value::Null, &Value::Null));
    assert_eq!((&blank["assignee"], &blank["user_group_name"]), (&json!(""), &json!("")));
    assert_eq!((&blank["user_email"], &blank["assignee_id"]), (&json!(""), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_channel_has_a_ticket() {
    let desk = Udesk::start().await;
    let body = desk.get("/api/v1/tickets?per_page=100").await;
    let mut seen: Vec<&str> = body["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| ticket["platform"].as_str().unwrap())
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 9, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_the_end_a_page_is_empty_and_a_page_that_is_no_number_is_the_first() {
    let desk = Udesk::start().await;
    let body = desk.get("/api/v1/tickets?page=9").await;
    let empty =
        json!({"status": 0, "message": "成功", "size": 0, "total": 12, "total_pages": 1, "contents": []});
    assert_eq!(body, empty);
    for page in ["0", "-1", "x"] {
        let body = desk.get(&format!("/api/v1/tickets?page={page}&per_page=1")).await;
        assert_eq!((&body["contents"][0]["id"], &body["total_pages"]), (&json!(1), &json!(12)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_tickets_has_an_empty_list() {
    let desk = Udesk::start().await;
    let body = desk.post("/api/v1/tickets/get", json!({"email": "customer@sample.com"})).await;
    assert_eq!((&body["total"], &body["total_pages"]), (&json!(0), &json!(0)));
    let body = desk.post("/api/v1/tickets/get", json!({"email": "nobody@sample.com"})).await;
    assert_eq!(body, business(1002, "未找到相应客户"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_s_options_are_wrong_and_types_of_v2_are_left_out() {
    let desk = Udesk::start().await;
    let body = desk.get("/api/v2/ticket_fields").await;
    let fields = body["ticket_fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["field_name"] == name);
    assert_eq!(field("SelectField_4").unwrap()["options"][1], json!({"1": "市辖区"}));
    assert_eq!(field("SelectField_3").unwrap()["options"][4], json!({"4": "电话,邮件均可"}));
    assert_eq!(field("TextField_1").unwrap()["options"], Value::Null);
    assert!(field("TextField_9").is_none() && field("TextField_10").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_listed_and_looked_up() {
    let desk = Udesk::start().await;
    let body = desk.get("/api/v1/customers?per_page=2&page=1").await;
    assert_eq!((&body["size"], &body["total"]), (&json!(2), &json!(13)));
    let first = json!({
        "id": 1, "email": "customer@sample.com", "nick_name": "测试用户", "telephone": null, "cellphone": "13000000001"
    });
    assert_eq!(body["contents"][0], first);
    let path = "/api/v1/customers/find_or_create_customer";
    let found = desk.get(&format!("{path}?id=1&email=zhoufang@example.com")).await;
    assert_eq!(found, json!({"status": 0, "message": "成功", "customer": first}));
    let found = desk.get(&format!("{path}.json?id=99&email=zhoufang@example.com")).await;
    assert_eq!(found["customer"]["id"], 2);
    let unknown = desk.get(&format!("{path}?id=99")).await;
    assert_eq!(unknown, business(1002, "未找到相应客户"));
    let (status, body) = desk.call(Method::GET, path, None).await;
    assert_eq!((status.as_u16(), body), (400, json!({"error": "email is missing"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_a_customer_up_makes_one_who_is_not_there() {
    let desk = Udesk::start().await;
    let made = desk.get("/api/v1/customers/find_or_create_customer?email=new@example.com").await;
    assert_eq!(made["customer"]["id"], 14);
    assert_eq!(desk.last_effect().await, json!({"kind": "customer_created", "customerId": 14}));
    assert_eq!(desk.stored("customers", 14).await.unwrap()["email"], "new@example.com");
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
