//! Writing tickets by v2 (contract §5.1).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Udesk, refused};

const PATH: &str = "/open_api_v1/tickets";

fn ticket(members: Value) -> Value {
    let mut ticket = json!({"subject": "测试工单", "content": "内容"});
    ticket.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({"ticket": ticket})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_made_for_a_customer_who_is_known() {
    let desk = Udesk::start().await;
    let body = ticket(json!({
        "type": "cellphone", "type_content": "13900000007", "priority": "高", "assignee_email": "agent@sample.com",
        "agent_group_name": "售后1组", "template_id": 2, "follower_ids": [2, 4], "tags": "支付,线上", "status_id": 4,
        "ticket_field": {"SelectField_1": "2", "SelectField_4": "0,0,1"}, "creator_email": "admin@example.com"
    }));
    let answer = desk.post(PATH, body).await;
    assert_eq!(answer, json!({"code": 1000, "message": "工单创建成功", "ticket_id": 13}));
    assert_eq!(desk.last_effect().await, json!({"kind": "ticket_created", "ticketId": 13}));
    let made = desk.get("/open_api_v1/tickets/detail?id=13").await["ticket"].clone();
    let expected = json!({"user_id": 7, "priority": "高", "status_en": "solving", "assignee_id": 1, "user_group_id": 1,
        "template_id": 2, "tags": "支付,线上", "creator_id": 4, "platform": "API"});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(made["custom_fields"], json!({"SelectField_1": "2", "SelectField_4": "0,0,1"}));
    assert_eq!(desk.stored("tickets", 13).await.unwrap()["follower_ids"], json!([2, 4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_looked_up_and_never_made() {
    let desk = Udesk::start().await;
    let lookups = [
        ("customer_id", "4", 4),
        ("email", "zs@example.com", 4),
        ("token", "customer_vip_4", 4),
        ("id", "11", 11),
    ];
    for (n, (kind, content, customer)) in (13..).zip(lookups) {
        desk.post(PATH, ticket(json!({"type": kind, "type_content": content}))).await;
        assert_eq!(desk.stored("tickets", n).await.unwrap()["user"]["id"], customer, "{kind}");
    }
    let unknown = desk.post(PATH, ticket(json!({"type": "cellphone", "type_content": "13800000099"}))).await;
    assert_eq!(unknown, refused(2000, "未找到相应客户"));
    assert_eq!((desk.count("tickets").await, desk.count("customers").await), (16, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_is_missing_or_wrong_is_the_default_one() {
    let desk = Udesk::start().await;
    for (n, (members, template)) in
        (13..).zip([(json!({}), 1), (json!({"template_id": 99}), 1), (json!({"template_id": "2"}), 2)])
    {
        desk.post(PATH, ticket(members)).await;
        assert_eq!(desk.stored("tickets", n).await.unwrap()["template_id"], template);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_refused_and_makes_nothing() {
    let desk = Udesk::start().await;
    for (members, code, message) in [
        (json!({"subject": null}), 2062, "ticket[subject] is missing"),
        (json!({"content": ""}), 2062, "ticket[content] is missing"),
        (json!({"subject": "长".repeat(256)}), 2000, "subject is too long (maximum is 255 characters)"),
        (json!({"type": "email"}), 2062, "ticket[type_content] is missing"),
        (json!({"type": "weixin", "type_content": "x"}), 2000, "type 错误"),
        (json!({"priority": "high"}), 2000, "优先级错误"),
        (json!({"status_id": 9}), 2000, "状态错误"),
        (json!({"assignee_email": "likai@example.com"}), 2000, "客服邮箱错误"),
        (json!({"creator_email": "x@sample.com"}), 2000, "客服邮箱错误"),
        (json!({"agent_group_name": "无此组"}), 2000, "客服组错误"),
        (json!({"follower_ids": [1, 99]}), 2000, "未找到客服"),
        (json!({"ticket_field": {"SelectField_1": "9"}}), 2000, "验证失败: 下拉列表字段 选项不存在"),
    ] {
        assert_eq!(desk.post(PATH, ticket(members.clone())).await, refused(code, message), "{members}");
    }
    assert_eq!(desk.post(PATH, json!({})).await, refused(2062, "ticket is missing"));
    assert_eq!(desk.count("tickets").await, 12);
    desk.post(PATH, ticket(json!({"subject": "长".repeat(255)}))).await;
    assert_eq!(desk.count("tickets").await, 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_takes_selections_by_index() {
    let desk = Udesk::start().await;
    let members = json!({"subject": "新标题", "agent_id": 2, "custom_fields": {"SelectField_1": "1"}});
    let answer = desk.put("/open_api_v1/tickets/2", json!({"ticket": members})).await;
    assert_eq!(answer, json!({"code": 1000, "ticket": {"id": 2}}));
    let changed = desk.get("/open_api_v1/tickets/detail?id=2").await["ticket"].clone();
    assert_eq!((&changed["subject"], &changed["assignee_name"]), (&json!("新标题"), &json!("客服小王")));
    let fields = json!({"TextField_1": "后台", "SelectField_1": "1"});
    assert_eq!((&changed["custom_fields"], &changed["status_en"]), (&fields, &json!("open")));
    let by_name = json!({"ticket": {"custom_fields": {"SelectField_1": "下拉选项1"}}});
    let refusal = refused(2000, "验证失败: 下拉列表字段 选项不存在");
    assert_eq!(desk.put("/open_api_v1/tickets/2", by_name).await, refusal);
    let nobody = desk.put("/open_api_v1/tickets/2", json!({"ticket": {"agent_id": 99}})).await;
    assert_eq!(nobody, refused(2000, "未找到客服"));
    let unknown = desk.put("/open_api_v1/tickets/99", json!({"ticket": {}})).await;
    assert_eq!(unknown, refused(2000, "未找到相应工单"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_and_replied_with() {
    let desk = Udesk::start().await;
    let path = "/open_api_v1/tickets/upload_file_for_reply?ticket_id=2&file_name=截图.png";
    let body = desk.post(path, json!({"bytes": "as they are"})).await;
    let attachment = json!({"id": 1, "file_name": "截图.png", "file_size": 23});
    assert_eq!((&body["code"], &body["attachment"]), (&json!(1000), &attachment));
    let effect = json!({"kind": "attachment_added", "ticketId": 2, "attachmentId": 1});
    assert_eq!(desk.last_effect().await, effect);
    let reply = json!({"id": 2, "content_type": "text", "new_reply": "见截图", "attachment_ids": "1"});
    let path = "/open_api_v1/tickets/customer_reply";
    assert_eq!(desk.post(path, reply).await["code"], 1000);
    let replies = desk.stored("tickets", 2).await.unwrap()["replies"].clone();
    assert_eq!(
        (&replies[0]["attachment_ids"], &replies[0]["author"]["kind"]),
        (&json!([1]), &json!("customer"))
    );
    let unknown = json!({"id": 2, "new_reply": "x", "attachment_ids": [9]});
    assert_eq!(desk.post(path, unknown).await, refused(2000, "附件不存在"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_s_file_is_what_is_counted() {
    let desk = Udesk::start().await;
    let form = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n四个汉字\r\n--edge--\r\n";
    let (_, body) = desk
        .raw(
            "/open_api_v1/tickets/upload_file?ticket_id=1&file_name=a.txt",
            "multipart/form-data; boundary=edge",
            form,
        )
        .await;
    assert_eq!(body["attachment"]["file_size"], 12);
    assert_eq!(desk.stored("attachments", 1).await.unwrap()["for_reply"], false);
    for (query, code, message) in [
        ("file_name=a.txt", 2062, "ticket_id is missing"),
        ("ticket_id=1", 2062, "file_name is missing"),
        ("ticket_id=99&file_name=a.txt", 2000, "未找到相应工单"),
        ("ticket_id=1&file_name=a.txt", 2062, "file is missing"),
    ] {
        let path = format!("/open_api_v1/tickets/upload_file?{query}");
        assert_eq!(desk.call(Method::POST, &path, None).await.1, refused(code, message));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reply_needs_a_ticket_with_a_customer() {
    let desk = Udesk::start().await;
    desk.post(PATH, ticket(json!({}))).await;
    let path = "/open_api_v1/tickets/customer_reply";
    for (body, code, message) in [
        (json!({"id": 13, "new_reply": "x"}), 2000, "未找到相应客户"),
        (json!({"id": 99, "new_reply": "x"}), 2000, "未找到相应工单"),
        (json!({"id": 1}), 2062, "new_reply is missing"),
        (json!({"new_reply": "x"}), 2062, "id is missing"),
        (json!({"id": 1, "new_reply": "x", "content_type": "pdf"}), 2000, "content_type 错误"),
    ] {
        assert_eq!(desk.post(path, body).await, refused(code, message));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn satisfaction_is_asked_and_told() {
    let desk = Udesk::start().await;
    let body = desk.get("/open_api_v1/tickets/surveys").await;
    assert_eq!(body["ticket_survey"]["options"][0], json!({"vote_number": 1, "name": "满意"}));
    let path = "/open_api_v1/tickets/take_survey";
    let vote = json!({"ticket_id": 6, "vote_number": 2, "vote_desc": "有点慢"});
    assert_eq!(desk.put(path, vote).await, json!({"code": 1000}));
    assert_eq!(desk.last_effect().await, json!({"kind": "survey_taken", "ticketId": 6}));
    assert_eq!(desk.get("/open_api_v1/tickets/detail?id=6").await["ticket"]["satisfaction"], 2);
    for (body, code, message) in [
        (json!({"vote_number": 1}), 2062, "ticket_id is missing"),
        (json!({"ticket_id": 6}), 2062, "vote_number is missing"),
        (json!({"ticket_id": 6, "vote_number": 9}), 2000, "vote_number 错误"),
        (json!({"ticket_id": 99, "vote_number": 1}), 2000, "未找到相应工单"),
    ] {
        assert_eq!(desk.put(path, body).await, refused(code, message));
    }
}
