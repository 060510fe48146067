//! `POST /api/v1/tickets` (contract §3.3).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Udesk, business};

const PATH: &str = "/api/v1/tickets.json";

/// The smallest ticket with some members more.
fn ticket(members: Value) -> Value {
    let mut ticket = json!({"subject": "测试工单1", "content": "工单测试"});
    ticket.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"ticket": ticket})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_request_makes_a_ticket() {
    let desk = Udesk::start().await;
    let sample = ticket(json!({
        "customer_token": "customer_test_1", "email": "customer@sample.com", "cellphone": "13123456789",
        "priority": "紧急", "status": "解决中", "agent_group_name": "默认组", "assignee": {"email": "agent@sample.com"},
        "ticket_field": {"TextField_1": "普通文本内容", "TextField_7": 13, "SelectField_1": "0",
            "SelectField_3": "0,3", "SelectField_4": "1,0,1", "TextField_99": "无此字段"}
    }));
    let body = desk.post(PATH, sample).await;
    assert_eq!(body, json!({"status": 0, "message": "工单创建成功", "ticket_id": 13}));
    let made = desk.get("/api/v1/tickets/13").await["contents"].clone();
    assert_eq!(
        (&made["status"], &made["priority"], &made["platform"]),
        (&json!("solving"), &json!("紧急"), &json!("API"))
    );
    assert_eq!((&made["assignee"], &made["user_group_name"]), (&json!("测试客服"), &json!("默认组")));
    let fields = json!({"TextField_1": "普通文本内容", "TextField_7": "13", "SelectField_1": "0",
        "SelectField_3": "0,3", "SelectField_4": "1,0,1"});
    assert_eq!(made["custom_fields"], fields);
    assert_ne!(made["solving_at"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_open_of_standard_priority_and_nobodys() {
    let desk = Udesk::start().await;
    desk.post(PATH, ticket(json!({}))).await;
    let made = desk.get("/api/v1/tickets/13").await["contents"].clone();
    assert_eq!((&made["status"], &made["priority"]), (&json!("open"), &json!("标准")));
    for absent in ["user", "user_email", "user_cellphone", "assignee", "assignee_id", "user_group_id"] {
        assert_eq!(made[absent], Value::Null, "{absent}");
    }
    assert_eq!(desk.last_effect().await, Value::Null, "reading has no effect");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_its_words_and_makes_neither_ticket_nor_customer() {
    let desk = Udesk::start().await;
    let link = "验证失败: ql-链接 不是正确的网址格式, 仅支持http, https 或 ftp 开头的网址";
    for (members, message) in [
        (json!({"status": "open"}), "状态错误"),
        (json!({"status": "开启"}), "状态错误"),
        (json!({"priority": "medium"}), "优先级错误"),
        (json!({"assignee": {"email": "nobody@sample.com"}}), "客服邮箱错误"),
        (json!({"assignee": {"email": "likai@example.com"}}), "客服邮箱错误"),
        (json!({"assignee": {"name": "无此客服"}}), "客服姓名错误"),
        (json!({"assignee": {"name": "客服小王", "email": "agent@sample.com"}}), "客服信息错误"),
        (json!({"agent_group_name": "无此组"}), "客服组错误"),
        (json!({"ticket_field": {"TextField_11": "www.sample.com"}}), link),
        (json!({"ticket_field": {"SelectField_1": "下拉选项1"}}), "验证失败: 下拉列表字段 选项不存在"),
        (json!({"ticket_field": {"SelectField_3": "0,5"}}), "验证失败: 多选框字段 选项不存在"),
        (json!({"ticket_field": {"SelectField_4": "0,1"}}), "验证失败: 级联字段 选项不存在"),
    ] {
        let mut body = ticket(members.clone());
        body["ticket"]["email"] = json!("new@example.com");
        assert_eq!(desk.post(PATH, body).await, business(1001, message), "{members}");
    }
    assert_eq!((desk.count("tickets").await, desk.count("customers").await), (12, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_is_missed_by_name() {
    let desk = Udesk::start().await;
    for (body, error) in [
        (json!({}), "ticket is missing"),
        (json!({"ticket": {"content": "工单测试"}}), "ticket[subject] is missing"),
        (json!({"ticket": {"subject": "测试工单1"}}), "ticket[content] is missing"),
    ] {
        let (status, answer) = desk.call(Method::POST, PATH, Some(body)).await;
        assert_eq!((status.as_u16(), answer), (400, json!({"error": error})));
    }
}

/// Customer 4 has a token, an e-mail, a further one and two numbers; 7 an e-mail and a number; 11 a number alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_customer_is_found_by_token_then_e_mail_then_number_and_else_made() {
    for (known, expected) in [
        (json!({"customer_token": "customer_vip_4", "email": "machao@example.com"}), 4),
        (json!({"customer_token": "unknown", "email": "machao@example.com"}), 7),
        (json!({"email": "zs@example.com"}), 4),
        (json!({"email": "machao@example.com", "cellphone": "13800000011"}), 7),
        (json!({"email": "new@example.com", "cellphone": "13800000011"}), 11),
        (json!({"customer_token": "unknown", "cellphone": "13900000104"}), 4),
        (json!({"cellphone": "13800000099"}), 14),
        (json!({"customer_token": "unknown"}), 14),
        (json!({"customer_token": "", "email": "new@example.com", "cellphone": ""}), 14),
    ] {
        let desk = Udesk::start().await;
        desk.post(PATH, ticket(known.clone())).await;
        let made = desk.stored("tickets", 13).await.unwrap();
        assert_eq!(made["user"]["id"], expected, "{known}");
        assert_eq!(desk.count("customers").await, if expected == 14 { 14 } else { 13 }, "{known}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_found_by_e_mail_gets_the_number_unless_it_is_somebody_elses() {
    let desk = Udesk::start().await;
    desk.post(PATH, ticket(json!({"email": "hexue@example.com", "cellphone": "13800000011"}))).await;
    assert_eq!(desk.stored("customers", 6).await.unwrap()["cellphones"], json!([]));
    desk.post(PATH, ticket(json!({"email": "hexue@example.com", "cellphone": "13800000006"}))).await;
    assert_eq!(desk.stored("customers", 6).await.unwrap()["cellphones"][0]["content"], "13800000006");
    let effect = json!({
        "kind": "ticket_created", "ticketId": 14, "with": [{"kind": "customer_updated", "customerId": 6}]
    });
    let requests = desk.get("/_sandbox/requests").await;
    assert_eq!(requests[1]["effect"], effect);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_found_by_number_gets_the_e_mail_beside_what_they_have() {
    let desk = Udesk::start().await;
    desk.post(PATH, ticket(json!({"email": "new@example.com", "cellphone": "13800000011"}))).await;
    assert_eq!(desk.stored("customers", 11).await.unwrap()["email"], "new@example.com");
    desk.post(PATH, ticket(json!({"email": "second@example.com", "cellphone": "13800000011"}))).await;
    let customer = desk.stored("customers", 11).await.unwrap();
    assert_eq!(customer["email"], "new@example.com");
    assert_eq!(customer["other_emails"][0]["content"], "second@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_customer_has_all_that_was_told() {
    let desk = Udesk::start().await;
    let known = json!({"customer_token": "t-9", "email": "new@example.com", "cellphone": "13800000099"});
    desk.post(PATH, ticket(known)).await;
    let requests = desk.get("/_sandbox/requests").await;
    let effect = json!({
        "kind": "ticket_created", "ticketId": 13, "with": [{"kind": "customer_created", "customerId": 14}]
    });
    assert_eq!(requests[0]["effect"], effect);
    let made = desk.stored("customers", 14).await.unwrap();
    assert_eq!((&made["open_api_token"], &made["email"]), (&json!("t-9"), &json!("new@example.com")));
    assert_eq!(made["cellphones"][0]["content"], "13800000099");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_answers_201_if_switched_so() {
    let desk = Udesk::start().await;
    desk.switch("udesk_write_status", json!(201)).await;
    let (status, body) = desk.call(Method::POST, PATH, Some(ticket(json!({})))).await;
    assert_eq!((status.as_u16(), &body["status"]), (201, &json!(0)));
}
