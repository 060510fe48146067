//! Every refusal that v1 documents (§6), as the client understands it. What the client never sends is sent as it
//! stands, so that the simulator's words are checked too.

use deskbridge::udesk::{
    Assignee, Cause, Comment, CustomerKey, Error, FieldDefinition, FieldDefinitions, Followers, Group, Retry,
    Status, TicketDraft, Visibility,
};
use reqwest::Method;
use serde_json::{json, value::to_raw_value};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v1_create_refuses_assignee,
    v1_create_refuses_group,
    v1_refuses_link,
    v1_refuses_option,
    v1_filters_refuse_agent,
    v1_filter_refuses_filter,
    v1_refuses_customer,
    v1_refuses_ticket,
    v1_update_refuses_status,
    v1_update_refuses_agent,
    v1_update_refuses_group,
    v1_update_refuses_stranger,
    v1_comment_refuses_author,
    v1_refuses_parameters,
    v1_refuses_what_the_client_never_sends,
    v1_refusal_changes_nothing,
];

fn assigned(email: Option<&str>, name: Option<&str>) -> TicketDraft {
    let assignee = Assignee { id: None, email: email.map(Into::into), name: name.map(Into::into) };
    TicketDraft { assignee, ..draft() }
}

fn by(assignee: Assignee) -> TicketDraft {
    TicketDraft { assignee, ..TicketDraft::default() }
}

fn create_value(words: &str) -> (i64, Cause, String) {
    (1001, Cause::CreateValue, words.to_owned())
}

fn update_value(words: &str) -> (i64, Cause, String) {
    (1001, Cause::UpdateValue, words.to_owned())
}

async fn v1_create_refuses_assignee(desk: &Desk) {
    let (email, other) = ("agent@sample.com", "nobody@example.com");
    for (draft, words) in [
        (assigned(Some(other), None), "客服邮箱错误"),
        (assigned(None, Some("无此人")), "客服姓名错误"),
        (assigned(Some(email), Some("客服小王")), "客服信息错误"),
        (assigned(Some("likai@example.com"), None), "客服邮箱错误"),
    ] {
        assert_eq!(rejection(desk.create_v1(&draft).await), create_value(words));
    }
}

async fn v1_create_refuses_group(desk: &Desk) {
    let draft = TicketDraft { group: Group { id: None, name: Some("无此组".into()) }, ..draft() };
    assert_eq!(rejection(desk.create_v1(&draft).await), create_value("客服组错误"));
}

async fn v1_refuses_link(desk: &Desk) {
    let fields = desk.v1_fields().await;
    let draft =
        TicketDraft { fields: [("TextField_11".to_owned(), text("www.example.com"))].into(), ..draft() };
    let words = "验证失败: ql-链接 不是正确的网址格式, 仅支持http, https 或 ftp 开头的网址";
    assert_eq!(rejection(desk.v1().create_ticket(&draft, &fields).await), create_value(words));
    let outcome = desk.v1().update_ticket(2, &draft, &Default::default(), &fields).await;
    assert_eq!(rejection(outcome), update_value(words));
}

/// As when an administrator has removed an option since the definitions were read.
async fn v1_refuses_option(desk: &Desk) {
    let stale =
        json!({"field_name": "SelectField_1", "content_type": "droplist", "options": [{"9": "已删除"}]});
    let stale = FieldDefinitions::new(FieldDefinition::read(&to_raw_value(&stale).unwrap()));
    let draft = TicketDraft { fields: [("SelectField_1".to_owned(), chosen(&["9"]))].into(), ..draft() };
    let words = "验证失败: 下拉列表字段 选项不存在";
    assert_eq!(rejection(desk.v1().create_ticket(&draft, &stale).await), create_value(words));
    let outcome = desk.v1().update_ticket(2, &draft, &Default::default(), &stale).await;
    assert_eq!(rejection(outcome), update_value(words));
}

async fn v1_filters_refuse_agent(desk: &Desk) {
    let expected = (1001, Cause::FilterOrAgent, "未找到客服".to_owned());
    assert_eq!(rejection(desk.v1().ticket_filters(Some(99)).await), expected);
    assert_eq!(rejection(desk.v1().filter_tickets_page(1, Some(99), 1, 10).await), expected);
}

async fn v1_filter_refuses_filter(desk: &Desk) {
    let words = "未找到指定过滤器, 或指定客服无权限使用该过滤器";
    for (filter, agent) in [(99, None), (4, Some(1))] {
        let outcome = desk.v1().filter_tickets_page(filter, agent, 1, 10).await;
        assert_eq!(rejection(outcome), (1001, Cause::FilterOrAgent, words.to_owned()), "{filter}");
    }
}

async fn v1_refuses_customer(desk: &Desk) {
    let nobody = "nobody@example.com";
    let errors = [
        refused(desk.v1().customer_tickets_page(nobody, 1, 10).await),
        refused(desk.v1().reply_as_customer(1, nobody, "你好").await),
    ];
    for error in errors {
        assert!(matches!(error, Error::CustomerUnknown { .. }), "{error}");
        assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
    }
}

async fn v1_refuses_ticket(desk: &Desk) {
    let errors = [
        refused(desk.v1().ticket(99).await),
        refused(desk.update_v1(99, &draft()).await),
        refused(desk.v1().reply_as_customer(99, "test@sample.com", "你好").await),
    ];
    for error in errors {
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
    }
}

async fn v1_update_refuses_status(desk: &Desk) {
    let draft = TicketDraft { status: Some(Status::Other("waiting".into())), ..TicketDraft::default() };
    let expected = (1006, Cause::Status, "参数'状态'传递有误".to_owned());
    assert_eq!(rejection(desk.update_v1(2, &draft).await), expected);
}

/// An address that is not found is repeated by the vendor and masked by the client.
async fn v1_update_refuses_agent(desk: &Desk) {
    let nobody = || "nobody@example.com".to_owned();
    let followers = Followers::Emails(vec!["agent@sample.com".into(), nobody()]);
    for draft in [
        by(Assignee { email: Some(nobody()), ..Assignee::default() }),
        by(Assignee { email: Some("likai@example.com".into()), ..Assignee::default() }),
        TicketDraft { followers: Some(followers), ..TicketDraft::default() },
    ] {
        let expected = (1008, Cause::AgentUnknown, "未找到邮箱为[masked]的客服".to_owned());
        assert_eq!(rejection(desk.update_v1(2, &draft).await), expected);
    }
    let by_id = by(Assignee { id: Some(99), ..Assignee::default() });
    assert_eq!(rejection(desk.update_v1(2, &by_id).await), update_value("未找到客服"));
}

async fn v1_update_refuses_group(desk: &Desk) {
    let groups = [Group { id: Some(99), name: None }, Group { id: None, name: Some("无此组".into()) }];
    for group in groups {
        let draft = TicketDraft { group, ..TicketDraft::default() };
        assert_eq!(rejection(desk.update_v1(2, &draft).await), update_value("客服组错误"));
    }
}

async fn v1_update_refuses_stranger(desk: &Desk) {
    let assignee = Assignee { id: Some(2), ..Assignee::default() };
    let draft = TicketDraft { assignee, group: Group { id: Some(1), name: None }, ..TicketDraft::default() };
    let expected = (1010, Cause::AgentOutsideGroup, "指定的客服不属于给定的员工组".to_owned());
    assert_eq!(rejection(desk.update_v1(2, &draft).await), expected);
}

async fn v1_comment_refuses_author(desk: &Desk) {
    let author_email = "nobody@example.com".to_owned();
    let comment = Comment { visibility: Visibility::Public, author_email, body: "已处理".into() };
    let draft = TicketDraft { comment: Some(comment), ..TicketDraft::default() };
    let expected = (1013, Cause::Comment, "回复人不存在".to_owned());
    assert_eq!(rejection(desk.update_v1(2, &draft).await), expected);
}

/// §6.2: an `error` text instead of a code.
async fn v1_refuses_parameters(desk: &Desk) {
    let range = "per_page should be between 1 and 100";
    for size in [0, 101] {
        assert_eq!(invalid(desk.v1().tickets_page(1, size).await), range);
        assert_eq!(invalid(desk.v1().customer_tickets_page("test@sample.com", 1, size).await), range);
        assert_eq!(invalid(desk.v1().filter_tickets_page(2, None, 1, size).await), range);
        assert_eq!(invalid(desk.v1().customers_page(1, size).await), range);
    }
    assert_eq!(invalid(desk.v1().customer_tickets_page("", 1, 10).await), "email is missing");
    let error = refused(desk.v1().tickets_page(1, 101).await);
    assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
}

async fn v1_refuses_what_the_client_never_sends(desk: &Desk) {
    let text = json!({"subject": "打印机离线", "content": "三楼"});
    let ticket = |extra: serde_json::Value| {
        let mut members = text.as_object().unwrap().clone();
        members.extend(extra.as_object().unwrap().clone());
        json!({ "ticket": members })
    };
    let comment = json!({"function": "secret", "author_email": "agent@sample.com", "body": "已处理"});
    for (method, path, body, status, words) in [
        (Method::POST, "tickets", ticket(json!({"status": "open"})), 1001, "状态错误"),
        (Method::POST, "tickets", ticket(json!({"priority": "high"})), 1001, "优先级错误"),
        (Method::PUT, "tickets/2", json!({"ticket": {"status": "解决中"}}), 1006, "参数'状态'传递有误"),
        (Method::PUT, "tickets/2", json!({"ticket": {"priority": "高"}}), 1006, "参数'优先级'传递有误"),
        (Method::PUT, "tickets/2", json!({"ticket": {"comment": comment}}), 1013, "回复类型非法"),
    ] {
        let (http, answer) = desk.raw_v1(method, &format!("/api/v1/{path}.json"), body).await;
        assert_eq!((http, answer), (200, json!({"status": status, "message": words})));
    }
    for (method, path, body, error) in [
        (Method::POST, "tickets", json!({"ticket": {"subject": "离线"}}), "ticket[content] is missing"),
        (Method::POST, "tickets", json!({"ticket": {"content": "离线"}}), "ticket[subject] is missing"),
        (Method::POST, "tickets/get", json!({}), "email is missing"),
        (Method::POST, "tickets/reply", json!({"id": 1, "email": "a@e.cn"}), "reply_content is missing"),
        (
            Method::PUT,
            "tickets/2",
            json!({"ticket": {"agent_email": "agent@sample.com", "agent_id": 1}}),
            "agent_email, agent_id are mutually exclusive",
        ),
        (
            Method::PUT,
            "tickets/2",
            json!({"ticket": {"agent_group_name": "售前组", "agent_group_id": 1}}),
            "agent_group_name, agent_group_id are mutually exclusive",
        ),
        (
            Method::PUT,
            "tickets/2",
            json!({"ticket": {"follower_emails": "agent@sample.com", "follower_ids": "1"}}),
            "follower_emails, follower_ids are mutually exclusive",
        ),
    ] {
        let (http, answer) = desk.raw_v1(method, &format!("/api/v1/{path}"), body).await;
        assert_eq!((http, answer), (400, json!({ "error": error })));
    }
}

async fn v1_refusal_changes_nothing(desk: &Desk) {
    let before = (desk.stored("tickets"), desk.stored("customers"));
    let customer = CustomerKey { email: Some("new@example.com".into()), ..CustomerKey::default() };
    let draft = TicketDraft { customer, ..assigned(None, Some("无此人")) };
    refused(desk.create_v1(&draft).await);
    let comment = Comment {
        visibility: Visibility::Internal,
        author_email: "nobody@example.com".into(),
        body: "备注".into(),
    };
    let draft = TicketDraft { comment: Some(comment), ..draft };
    refused(desk.update_v1(2, &TicketDraft { assignee: Assignee::default(), ..draft }).await);
    assert_eq!((desk.stored("tickets"), desk.stored("customers")), before);
}
