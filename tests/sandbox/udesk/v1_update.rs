//! `PUT /api/v1/tickets/:id` and the customer's reply (contract §3.5, §3.6).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Udesk, business};

const PATH: &str = "/api/v1/tickets/1.json";

fn ticket(members: Value) -> Value {
    json!({"ticket": members})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_request_changes_the_ticket_and_adds_a_note() {
    let desk = Udesk::start().await;
    let body = ticket(json!({
        "status": "resolved", "priority": "low",
        "custom_fields": {"TextField_7": "14", "SelectField_1": "下拉选项3", "SelectField_2": "单选框选项2",
            "SelectField_3": "多选框选项1,多选框选项4", "SelectField_4": "吉林省,长春市,朝阳区"},
        "comment": {"function": "internal", "author_email": "agent@sample.com", "body": "内部备注内容"}
    }));
    assert_eq!(desk.put(PATH, body).await, json!({"status": 0, "message": "成功"}));
    let effect = desk.last_effect().await;
    assert_eq!(
        (&effect["kind"], &effect["with"][0]["kind"]),
        (&json!("reply_added"), &json!("ticket_updated"))
    );
    let changed = desk.get(PATH).await["contents"].clone();
    assert_eq!((&changed["status"], &changed["priority"]), (&json!("resolved"), &json!("低")));
    let fields = &changed["custom_fields"];
    assert_eq!((&fields["SelectField_1"], &fields["SelectField_3"]), (&json!("2"), &json!("0,3")));
    assert_eq!((&fields["SelectField_4"], &fields["TextField_1"]), (&json!("1,0,1"), &json!("普通文本内容")));
    let stored = desk.stored("tickets", 1).await.unwrap();
    let note = stored["replies"].as_array().unwrap().last().unwrap();
    assert_eq!((&note["internal"], &note["author"]["id"]), (&json!(true), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_stays_and_what_is_listed_is_replaced() {
    let desk = Udesk::start().await;
    let path = "/api/v1/tickets/7";
    desk.put(path, ticket(json!({"tags": "支付, 线上,", "follower_ids": "1"}))).await;
    let changed = desk.stored("tickets", 7).await.unwrap();
    assert_eq!((&changed["tags"], &changed["follower_ids"]), (&json!(["支付", "线上"]), &json!([1])));
    assert_eq!((&changed["status"], &changed["priority"]), (&json!("open"), &json!("urgency")));
    desk.put(path, ticket(json!({"follower_emails": "xiaowang@example.com,admin@example.com"}))).await;
    assert_eq!(desk.stored("tickets", 7).await.unwrap()["follower_ids"], json!([2, 4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn agent_and_group_are_given_by_id_or_by_name() {
    let desk = Udesk::start().await;
    desk.put(PATH, ticket(json!({"agent_email": "xiaowang@example.com", "agent_group_name": "售前组"})))
        .await;
    let changed = desk.get(PATH).await["contents"].clone();
    assert_eq!((&changed["assignee"], &changed["user_group_name"]), (&json!("客服小王"), &json!("售前组")));
    desk.put(PATH, ticket(json!({"agent_id": 1, "agent_group_id": 3}))).await;
    let changed = desk.get(PATH).await["contents"].clone();
    assert_eq!((&changed["assignee_id"], &changed["user_group_id"]), (&json!(1), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_its_words_and_changes_nothing() {
    let desk = Udesk::start().await;
    let before = desk.state().await;
    let comment = |function: &str, author: &str| json!({"subject": "改", "comment": {"function": function, "author_email": author, "body": "回复"}});
    for (members, code, message) in [
        (json!({"status": "解决中"}), 1006, "参数'状态'传递有误"),
        (json!({"priority": "紧急"}), 1006, "参数'优先级'传递有误"),
        (json!({"priority": "urgent"}), 1006, "参数'优先级'传递有误"),
        (json!({"agent_id": 99}), 1001, "未找到客服"),
        (json!({"agent_id": 3}), 1001, "未找到客服"),
        (json!({"agent_email": "x@sample.com"}), 1008, "未找到邮箱为x@sample.com的客服"),
        (json!({"agent_group_id": 99}), 1001, "客服组错误"),
        (json!({"agent_group_name": "无此组"}), 1001, "客服组错误"),
        (json!({"agent_id": 2, "agent_group_id": 1}), 1010, "指定的客服不属于给定的员工组"),
        (json!({"follower_ids": "1,99"}), 1001, "未找到客服"),
        (json!({"follower_emails": "x@sample.com"}), 1008, "未找到邮箱为x@sample.com的客服"),
        (json!({"custom_fields": {"SelectField_1": "0"}}), 1001, "验证失败: 下拉列表字段 选项不存在"),
        (
            json!({"custom_fields": {"SelectField_3": "电话,邮件均可"}}),
            1001,
            "验证失败: 多选框字段 选项不存在",
        ),
        (comment("public", "agent@sample.com"), 1013, "回复类型非法"),
        (comment("external", "x@sample.com"), 1013, "回复人不存在"),
    ] {
        assert_eq!(desk.put(PATH, ticket(members.clone())).await, business(code, message), "{members}");
    }
    let unknown = desk.put("/api/v1/tickets/99", ticket(json!({"status": "open"}))).await;
    assert_eq!(unknown, business(1003, "未找到相应工单"));
    assert_eq!(desk.state().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_excludes_each_other_and_what_is_missing_is_told_by_name() {
    let desk = Udesk::start().await;
    for (members, error) in [
        (json!({"agent_email": "a@b.c", "agent_id": 1}), "agent_email, agent_id are mutually exclusive"),
        (
            json!({"agent_group_name": "售前组", "agent_group_id": 2}),
            "agent_group_name, agent_group_id are mutually exclusive",
        ),
        (
            json!({"follower_emails": "a@b.c", "follower_ids": "1"}),
            "follower_emails, follower_ids are mutually exclusive",
        ),
        (json!({"comment": {"author_email": "a@b.c", "body": "x"}}), "ticket[comment][function] is missing"),
        (
            json!({"comment": {"function": "internal", "body": "x"}}),
            "ticket[comment][author_email] is missing",
        ),
        (
            json!({"comment": {"function": "internal", "author_email": "agent@sample.com"}}),
            "ticket[comment][body] is missing",
        ),
    ] {
        let (status, body) = desk.call(Method::PUT, PATH, Some(ticket(members))).await;
        assert_eq!((status.as_u16(), body), (400, json!({"error": error})));
    }
    let (status, body) = desk.call(Method::PUT, PATH, Some(json!({}))).await;
    assert_eq!((status.as_u16(), body), (400, json!({"error": "ticket is missing"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_reply_names_the_last_who_replied_and_a_note_does_not() {
    let desk = Udesk::start().await;
    let comment = |function: &str| {
        ticket(
            json!({"comment": {"function": function, "author_email": "xiaowang@example.com", "body": "好的"}}),
        )
    };
    desk.put(PATH, comment("internal")).await;
    assert_eq!(desk.get(PATH).await["contents"]["replied_by"], "agent_1");
    desk.put(PATH, comment("external")).await;
    assert_eq!(desk.last_effect().await, json!({"kind": "reply_added", "ticketId": 1, "replyId": 1002}));
    assert_eq!(desk.get(PATH).await["contents"]["replied_by"], "agent_2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_replies_by_e_mail() {
    let desk = Udesk::start().await;
    let path = "/api/v1/tickets/reply.json";
    let reply = |id: u64, email: &str| json!({"id": id, "reply_content": "测试客户回复", "email": email});
    let body = desk.post(path, reply(2, "zhoufang@example.com")).await;
    assert_eq!(body, json!({"status": 0, "message": "成功"}));
    assert_eq!(desk.last_effect().await, json!({"kind": "reply_added", "ticketId": 2, "replyId": 1001}));
    assert_eq!(desk.get("/api/v1/tickets/2").await["contents"]["replied_by"], "customer_2");
    let unknown = desk.post(path, reply(2, "nobody@sample.com")).await;
    assert_eq!(unknown, business(1004, "未找到相应客户"));
    assert_eq!(desk.post(path, reply(99, "zhoufang@example.com")).await, business(1003, "未找到相应工单"));
    for missing in ["id", "reply_content", "email"] {
        let mut body = reply(2, "zhoufang@example.com");
        body.as_object_mut().unwrap().remove(missing);
        let (status, body) = desk.call(Method::POST, path, Some(body)).await;
        assert_eq!((status.as_u16(), body), (400, json!({"error": format!("{missing} is missing")})));
    }
}
