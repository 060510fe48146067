//! What v2 refuses. Its table of codes is not documented, so what counts is that a refusal is one, that it is not
//! repeated, and that nothing has been changed (§5.0).

use deskbridge::udesk::{
    Assignee, Cause, CustomerKey, Error, FieldDefinition, FieldDefinitions, Followers, Group,
    OrganizationKey, Retry, Search, TicketDraft,
};
use serde_json::{json, value::to_raw_value};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v2_refuses_ticket,
    v2_refuses_filter,
    v2_refuses_organization_and_group,
    v2_refuses_page_size,
    v2_create_refuses_customer,
    v2_create_refuses_values,
    v2_update_refuses_values,
    v2_refuses_reply_without_customer,
    v2_says_what_it_cannot_look_up,
];

/// A refusal by a code that is not documented, which is final.
fn final_refusal<T>(outcome: Result<T, Error>) -> String {
    match refused(outcome) {
        error @ Error::Rejected { cause: Cause::Unknown, .. } => {
            assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
            error.to_string()
        }
        other => panic!("not a rejection: {other}"),
    }
}

async fn v2_refuses_ticket(desk: &Desk) {
    let none = FieldDefinitions::default();
    for told in [
        final_refusal(desk.v2().ticket(99).await),
        final_refusal(desk.v2().replies(99).await),
        final_refusal(desk.v2().update_ticket(99, &TicketDraft::default(), &none).await),
        final_refusal(desk.v2().reply_as_customer(99, "你好", &[]).await),
    ] {
        assert!(told.contains("未找到相应工单"), "{told}");
    }
}

async fn v2_refuses_filter(desk: &Desk) {
    for filter in [99, 5] {
        let told = final_refusal(desk.v2().filter_tickets_page(filter, 1, 10).await);
        assert!(told.contains("未找到指定过滤器"), "{told}");
    }
}

async fn v2_refuses_organization_and_group(desk: &Desk) {
    for key in [
        OrganizationKey::Id(99),
        OrganizationKey::Name("测试公司".into()),
        OrganizationKey::Token("none".into()),
    ] {
        assert!(final_refusal(desk.v2().organization(&key).await).contains("未找到相应公司"));
    }
    final_refusal(desk.v2().user_group(99).await);
}

async fn v2_refuses_page_size(desk: &Desk) {
    for size in [0, 101] {
        final_refusal(desk.v2().tickets_page(1, size).await);
        final_refusal(desk.v2().customers_page(Search::default(), 1, size).await);
        final_refusal(desk.v2().organizations_page(Search::default(), 1, size).await);
        final_refusal(desk.v2().agents_page(true, 1, size).await);
    }
}

/// Where v1 makes one, v2 refuses (§5.1).
async fn v2_create_refuses_customer(desk: &Desk) {
    let before = (desk.stored("tickets"), desk.stored("customers"));
    for customer in [
        CustomerKey { id: Some(987_654), ..CustomerKey::default() },
        CustomerKey { cellphone: Some("13000009999".into()), ..CustomerKey::default() },
        CustomerKey { email: Some("nobody@example.com".into()), ..CustomerKey::default() },
    ] {
        let draft = TicketDraft { customer, ..draft() };
        let told = final_refusal(desk.v2().create_ticket(&draft, &FieldDefinitions::default()).await);
        assert!(told.contains("未找到相应客户"), "{told}");
    }
    assert_eq!((desk.stored("tickets"), desk.stored("customers")), before);
}

async fn v2_create_refuses_values(desk: &Desk) {
    let before = desk.stored("tickets");
    let email = |email: &str| Assignee { email: Some(email.into()), ..Assignee::default() };
    for (draft, words) in [
        (TicketDraft { assignee: email("nobody@example.com"), ..draft() }, "客服邮箱错误"),
        (TicketDraft { assignee: email("likai@example.com"), ..draft() }, "客服邮箱错误"),
        (TicketDraft { group: Group { id: None, name: Some("无此组".into()) }, ..draft() }, "客服组错误"),
        (TicketDraft { followers: Some(Followers::Ids(vec![1, 99])), ..draft() }, "未找到客服"),
        (TicketDraft { creator_email: Some("nobody@example.com".into()), ..draft() }, "客服邮箱错误"),
        (TicketDraft { content: Some(String::new()), ..draft() }, "ticket[content] is missing"),
        (
            TicketDraft { fields: [("TextField_11".to_owned(), text("example.com"))].into(), ..draft() },
            "ql-链接 不是正确的网址格式",
        ),
    ] {
        let told = final_refusal(desk.v2().create_ticket(&draft, &FieldDefinitions::default()).await);
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(desk.stored("tickets"), before);
}

async fn v2_update_refuses_values(desk: &Desk) {
    let before = desk.stored("tickets");
    let assignee = Assignee { id: Some(3), ..Assignee::default() };
    let leaver = TicketDraft { assignee, ..TicketDraft::default() };
    let none = FieldDefinitions::default();
    assert!(final_refusal(desk.v2().update_ticket(1, &leaver, &none).await).contains("未找到客服"));
    let stale = json!({"field_name": "SelectField_1", "content_type": "droplist",
        "options": [{"title": "已删除", "value": "9"}]});
    let stale = FieldDefinitions::new(FieldDefinition::read(&to_raw_value(&stale).unwrap()));
    let fields = [("SelectField_1".to_owned(), chosen(&["9"]))].into();
    let draft = TicketDraft { fields, ..TicketDraft::default() };
    let told = final_refusal(desk.v2().update_ticket(1, &draft, &stale).await);
    assert!(told.contains("下拉列表字段 选项不存在"), "{told}");
    assert_eq!(desk.stored("tickets"), before);
}

async fn v2_refuses_reply_without_customer(desk: &Desk) {
    let id = desk.v2().create_ticket(&draft(), &FieldDefinitions::default()).await.unwrap();
    let told = final_refusal(desk.v2().reply_as_customer(id, "你好", &[]).await);
    assert!(told.contains("未找到相应客户"), "{told}");
}

async fn v2_says_what_it_cannot_look_up(desk: &Desk) {
    let customer = CustomerKey { token: Some("customer_vip_4".into()), ..CustomerKey::default() };
    let draft = TicketDraft { customer, ..draft() };
    let error = refused(desk.v2().create_ticket(&draft, &FieldDefinitions::default()).await);
    assert_eq!(error.code(), "inexpressible");
}
