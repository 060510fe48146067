//! What v2 writes, read back (§5.1).

use deskbridge::udesk::{
    Assignee, Comment, CustomerKey, Error, FieldDefinitions, Followers, Group, Platform, Priority, Status,
    TicketDraft, Visibility,
};
use serde_json::json;

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v2_create,
    v2_create_defaults,
    v2_create_finds_the_customer,
    v2_create_template,
    v2_create_statuses,
    v2_update,
    v2_update_says_what_it_cannot,
    v2_customer_reply,
    v2_replies_in_order,
    v2_take_survey,
    v2_upload_file,
    v2_upload_file_for_reply,
];

async fn create(desk: &Desk, draft: &TicketDraft) -> u64 {
    desk.v2().create_ticket(draft, &FieldDefinitions::default()).await.unwrap()
}

async fn v2_create(desk: &Desk) {
    let draft = TicketDraft {
        status: Some(Status::Solving),
        priority: Some(Priority::Urgent),
        customer: CustomerKey { id: Some(9), ..CustomerKey::default() },
        assignee: Assignee { email: Some("agent@sample.com".into()), ..Assignee::default() },
        group: Group { id: None, name: Some("默认组".into()) },
        tags: vec!["网络".into(), "VIP".into()],
        followers: Some(Followers::Ids(vec![2, 4])),
        template_id: Some(2),
        creator_email: Some("admin@example.com".into()),
        ..draft()
    };
    let id = create(desk, &draft).await;
    let ticket = desk.v2().ticket(id).await.unwrap();
    assert_eq!(ticket.subject.as_deref(), Some("打印机离线"));
    assert_eq!(ticket.content.as_deref(), Some("三楼打印机无法连接"));
    assert_eq!((&ticket.status, &ticket.priority), (&Some(Status::Solving), &Some(Priority::Urgent)));
    assert_eq!((ticket.customer.id, ticket.customer.name.as_deref()), (Some(9), Some("林涛")));
    assert_eq!((ticket.assignee_id, ticket.group_id), (Some(1), Some(3)));
    assert_eq!((ticket.template_id, ticket.creator_id), (Some(2), Some(4)));
    assert_eq!(ticket.tags, ["网络", "VIP"]);
    assert_eq!(ticket.platform, Some(Platform::Api));
    assert!(desk.is_now(ticket.created_at) && desk.is_now(ticket.solving_at));
    assert_eq!(desk.stored_one("tickets", id)["follower_ids"], json!([2, 4]));
}

async fn v2_create_defaults(desk: &Desk) {
    let ticket = desk.v2().ticket(create(desk, &draft()).await).await.unwrap();
    assert_eq!((ticket.status, ticket.priority), (Some(Status::Open), Some(Priority::Medium)));
    assert_eq!((ticket.customer.id, ticket.assignee_id, ticket.group_id), (None, None, None));
    assert_eq!((ticket.template_id, ticket.tags.len()), (Some(1), 0));
}

/// By the surest key that is known; a customer who has the others keeps what they have.
async fn v2_create_finds_the_customer(desk: &Desk) {
    let key = |id, cellphone: Option<&str>, email: Option<&str>| CustomerKey {
        id,
        token: None,
        cellphone: cellphone.map(Into::into),
        email: email.map(Into::into),
    };
    for (customer, expected) in [
        (key(Some(12), Some("13900000010"), None), 12),
        (key(None, Some("13900000010"), Some("lintao@example.com")), 10),
        (key(None, None, Some("lintao@example.com")), 9),
    ] {
        let id = create(desk, &TicketDraft { customer, ..draft() }).await;
        assert_eq!(desk.v2().ticket(id).await.unwrap().customer.id, Some(expected));
    }
}

/// A wrong one means the default one.
async fn v2_create_template(desk: &Desk) {
    for (template_id, expected) in [(None, 1), (Some(1), 1), (Some(2), 2), (Some(99), 1)] {
        let id = create(desk, &TicketDraft { template_id, ..draft() }).await;
        assert_eq!(desk.v2().ticket(id).await.unwrap().template_id, Some(expected));
    }
}

async fn v2_create_statuses(desk: &Desk) {
    for status in [Status::Open, Status::Resolved, Status::Closed, Status::Solving] {
        let id = create(desk, &TicketDraft { status: Some(status.clone()), ..draft() }).await;
        assert_eq!(desk.v2().ticket(id).await.unwrap().status, Some(status));
    }
}

async fn v2_update(desk: &Desk) {
    let draft = TicketDraft {
        status: Some(Status::Solving),
        priority: Some(Priority::Low),
        tags: vec!["网络".into()],
        ..draft()
    };
    let id = create(desk, &draft).await;
    let change = TicketDraft {
        subject: Some("打印机已恢复".into()),
        assignee: Assignee { id: Some(2), ..Assignee::default() },
        fields: [("TextField_1".to_owned(), text("三楼"))].into(),
        ..TicketDraft::default()
    };
    desk.v2().update_ticket(id, &change, &desk.v2_fields().await).await.unwrap();
    let ticket = desk.v2().ticket(id).await.unwrap();
    assert_eq!((ticket.subject.as_deref(), ticket.assignee_id), (Some("打印机已恢复"), Some(2)));
    assert_eq!(ticket.custom_fields["TextField_1"], "三楼");
    assert_eq!(ticket.content.as_deref(), Some("三楼打印机无法连接"));
    assert_eq!((ticket.status, ticket.priority), (Some(Status::Solving), Some(Priority::Low)));
    assert_eq!(ticket.tags, ["网络"]);
}

async fn v2_update_says_what_it_cannot(desk: &Desk) {
    let nothing = TicketDraft::default;
    let comment = Comment {
        visibility: Visibility::Public,
        author_email: "agent@sample.com".into(),
        body: "已处理".into(),
    };
    for (draft, what) in [
        (TicketDraft { content: Some("内容".into()), ..nothing() }, "content"),
        (TicketDraft { status: Some(Status::Closed), ..nothing() }, "status"),
        (TicketDraft { priority: Some(Priority::Low), ..nothing() }, "priority"),
        (TicketDraft { group: Group { id: Some(1), name: None }, ..nothing() }, "group"),
        (TicketDraft { tags: vec!["网络".into()], ..nothing() }, "tags"),
        (TicketDraft { followers: Some(Followers::Ids(vec![1])), ..nothing() }, "followers"),
        (TicketDraft { comment: Some(comment), ..nothing() }, "comment"),
    ] {
        let error = refused(desk.v2().update_ticket(1, &draft, &FieldDefinitions::default()).await);
        let Error::Inexpressible { source, .. } = error else { panic!("{what}: {error}") };
        assert_eq!(source.what, what);
    }
}

/// In the name of the ticket's own customer.
async fn v2_customer_reply(desk: &Desk) {
    let customer = CustomerKey { id: Some(7), ..CustomerKey::default() };
    let id = create(desk, &TicketDraft { customer, ..draft() }).await;
    desk.v2().reply_as_customer(id, "还是打不出来", &[]).await.unwrap();
    let replies = desk.v2().replies(id).await.unwrap();
    assert_eq!((replies.len(), replies[0].content.as_deref()), (1, Some("还是打不出来")));
    assert_eq!((replies[0].author.id, replies[0].author.is_agent()), (Some(7), false));
    let ticket = desk.v2().ticket(id).await.unwrap();
    assert!(desk.is_now(ticket.replied_at));
    assert_eq!(ticket.replied_by.as_deref(), Some("customer_7"));
}

/// The vendor sends the newest first.
async fn v2_replies_in_order(desk: &Desk) {
    let customer = CustomerKey { id: Some(7), ..CustomerKey::default() };
    let id = create(desk, &TicketDraft { customer, ..draft() }).await;
    for words in ["第一条", "第二条", "第三条"] {
        desk.v2().reply_as_customer(id, words, &[]).await.unwrap();
    }
    let replies = desk.v2().replies(id).await.unwrap();
    let told: Vec<_> = replies.iter().map(|reply| reply.content.as_deref().unwrap()).collect();
    assert_eq!(told, ["第一条", "第二条", "第三条"]);
}

async fn v2_take_survey(desk: &Desk) {
    let id = create(desk, &draft()).await;
    desk.v2().take_survey(id, 2, Some("等了两天")).await.unwrap();
    let expected = json!({"vote_number": 2, "vote_desc": "等了两天"});
    assert_eq!(desk.stored_one("tickets", id)["satisfaction"], expected);
    desk.v2().take_survey(id, 1, None).await.unwrap();
    assert_eq!(desk.stored_one("tickets", id)["satisfaction"]["vote_number"], 1);
    assert_eq!(rejection(desk.v2().take_survey(id, 9, None).await).2, "vote_number 错误");
    assert_eq!(rejection(desk.v2().take_survey(99_999, 1, None).await).2, "未找到相应工单");
}

async fn v2_upload_file(desk: &Desk) {
    let before = desk.stored("attachments").len();
    desk.v2().upload_file(1, "打印机 +1.log", "一行日志\r\n".into()).await.unwrap();
    let stored = desk.stored("attachments");
    let file = &stored[before];
    assert_eq!((&file["ticket_id"], &file["file_name"]), (&json!(1), &json!("打印机 +1.log")));
    assert_eq!((&file["bytes"], &file["for_reply"]), (&json!("一行日志\r\n".len()), &json!(false)));
    assert_eq!(rejection(desk.v2().upload_file(99_999, "a.log", "a".into()).await).2, "未找到相应工单");
}

async fn v2_upload_file_for_reply(desk: &Desk) {
    let photo =
        desk.v2().upload_file_for_reply(1, "照片.png", vec![0x89, b'P', 0, 0xff].into()).await.unwrap();
    desk.v2().reply_as_customer(1, "见照片", &[photo]).await.unwrap();
    let ticket = desk.stored_one("tickets", 1);
    let reply = ticket["replies"].as_array().unwrap().last().unwrap();
    assert_eq!((&reply["content"], &reply["attachment_ids"]), (&json!("见照片"), &json!([photo])));
    let unknown = desk.v2().reply_as_customer(1, "见照片", &[photo + 1]).await;
    assert_eq!(rejection(unknown).2, "附件不存在");
}
