//! What v1 writes, read back (§3.3, §3.5, §3.6).

use deskbridge::udesk::{
    Assignee, Comment, CustomerKey, Error, Followers, Group, Platform, Priority, Status, TicketDraft,
    Visibility,
};
use serde_json::json;

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v1_create,
    v1_create_defaults,
    v1_create_assignee_by_name,
    v1_create_says_what_it_cannot,
    v1_update,
    v1_update_leaves_the_rest,
    v1_update_assignee_and_group,
    v1_update_tags,
    v1_update_followers,
    v1_update_statuses_and_priorities,
    v1_update_hidden_option,
    v1_comment_public,
    v1_comment_internal,
    v1_comment_with_a_change,
    v1_customer_reply,
];

async fn v1_create(desk: &Desk) {
    let draft = TicketDraft {
        status: Some(Status::Solving),
        priority: Some(Priority::High),
        customer: CustomerKey { email: Some("lintao@example.com".into()), ..CustomerKey::default() },
        assignee: Assignee { email: Some("agent@sample.com".into()), ..Assignee::default() },
        group: Group { id: None, name: Some("售后1组".into()) },
        ..draft()
    };
    let id = desk.create_v1(&draft).await.unwrap();
    let ticket = desk.v1().ticket(id).await.unwrap();
    assert_eq!(ticket.subject.as_deref(), Some("打印机离线"));
    assert_eq!(ticket.content.as_deref(), Some("三楼打印机无法连接"));
    assert_eq!((&ticket.status, &ticket.priority), (&Some(Status::Solving), &Some(Priority::High)));
    assert_eq!(ticket.platform, Some(Platform::Api));
    assert_eq!(ticket.customer.name.as_deref(), Some("林涛"));
    assert_eq!(ticket.customer.cellphone.as_deref(), Some("13900000009"));
    assert_eq!((ticket.assignee_id, ticket.group_id), (Some(1), Some(1)));
    assert!(desk.is_now(ticket.created_at) && ticket.updated_at == ticket.created_at);
    assert!(desk.is_now(ticket.solving_at), "it was solved on from the start");
}

async fn v1_create_defaults(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    let ticket = desk.v1().ticket(id).await.unwrap();
    assert_eq!((ticket.status, ticket.priority), (Some(Status::Open), Some(Priority::Medium)));
    assert_eq!((ticket.assignee_id, ticket.group_id, ticket.solving_at), (None, None, None));
    assert_eq!(ticket.customer.name, None);
    assert!(ticket.custom_fields.is_empty());
}

async fn v1_create_assignee_by_name(desk: &Desk) {
    let name = Some("客服小王".to_owned());
    for email in [None, Some("xiaowang@example.com".to_owned())] {
        let assignee = Assignee { id: None, name: name.clone(), email };
        let id = desk.create_v1(&TicketDraft { assignee, ..draft() }).await.unwrap();
        assert_eq!(desk.v1().ticket(id).await.unwrap().assignee_id, Some(2));
    }
}

/// What a creation has no field for is not left out in silence, and nothing is sent (§3.3).
async fn v1_create_says_what_it_cannot(desk: &Desk) {
    let before = desk.stored("tickets").len();
    let comment = Comment {
        visibility: Visibility::Public,
        author_email: "agent@sample.com".into(),
        body: "已处理".into(),
    };
    for (draft, what) in [
        (TicketDraft { tags: vec!["网络".into()], ..draft() }, "tags"),
        (TicketDraft { followers: Some(Followers::Ids(vec![1])), ..draft() }, "followers"),
        (TicketDraft { comment: Some(comment), ..draft() }, "comment"),
        (TicketDraft { template_id: Some(2), ..draft() }, "template_id"),
        (TicketDraft { creator_email: Some("agent@sample.com".into()), ..draft() }, "creator_email"),
        (TicketDraft { content: None, ..draft() }, "content"),
        (TicketDraft { status: Some(Status::Other("等待客户".into())), ..draft() }, "status"),
        (TicketDraft { priority: Some(Priority::Other("特急".into())), ..draft() }, "priority"),
        (TicketDraft { group: Group { id: Some(1), name: None }, ..draft() }, "group"),
    ] {
        let error = refused(desk.create_v1(&draft).await);
        let Error::Inexpressible { source, .. } = error else { panic!("{what}: {error}") };
        assert_eq!(source.what, what);
    }
    assert_eq!(desk.stored("tickets").len(), before);
}

async fn v1_update(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    let change = TicketDraft {
        subject: Some("打印机已恢复".into()),
        content: Some("重启后恢复".into()),
        status: Some(Status::Resolved),
        priority: Some(Priority::Urgent),
        ..TicketDraft::default()
    };
    desk.update_v1(id, &change).await.unwrap();
    let ticket = desk.v1().ticket(id).await.unwrap();
    assert_eq!(ticket.subject.as_deref(), Some("打印机已恢复"));
    assert_eq!(ticket.content.as_deref(), Some("重启后恢复"));
    assert_eq!((ticket.status, ticket.priority), (Some(Status::Resolved), Some(Priority::Urgent)));
    assert!(desk.is_now(desk.v2().ticket(id).await.unwrap().resolved_at));
}

/// Also the status and the priority, which an update that left them out might reset (§3.5).
async fn v1_update_leaves_the_rest(desk: &Desk) {
    let draft = TicketDraft {
        status: Some(Status::Solving),
        priority: Some(Priority::Low),
        customer: CustomerKey { email: Some("hexue@example.com".into()), ..CustomerKey::default() },
        assignee: Assignee { email: Some("xiaowang@example.com".into()), ..Assignee::default() },
        group: Group { id: None, name: Some("售前组".into()) },
        fields: [("TextField_7".to_owned(), text("20"))].into(),
        ..draft()
    };
    let id = desk.create_v1(&draft).await.unwrap();
    let before = desk.v1().ticket(id).await.unwrap();
    let change = TicketDraft { subject: Some("改过的标题".into()), ..TicketDraft::default() };
    desk.update_v1(id, &change).await.unwrap();
    let after = desk.v1().ticket(id).await.unwrap();
    assert_eq!(after.subject.as_deref(), Some("改过的标题"));
    assert_eq!((&after.status, &after.priority), (&Some(Status::Solving), &Some(Priority::Low)));
    assert_eq!((after.assignee_id, after.group_id), (Some(2), Some(2)));
    assert!(after.content == before.content && after.customer == before.customer);
    assert_eq!(after.custom_fields, before.custom_fields);
    assert_eq!(after.created_at, before.created_at);
    let sent = desk.requests(&format!("/api/v1/tickets/{id}.json")).await;
    let sent = sent.iter().find(|request| request["method"] == "PUT").unwrap();
    assert_eq!(
        (&sent["body"]["ticket"]["status"], &sent["body"]["ticket"]["priority"]),
        (&json!("solving"), &json!("low"))
    );
}

async fn v1_update_assignee_and_group(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    let agent = |id, email: Option<&str>| Assignee { id, name: None, email: email.map(Into::into) };
    let group = |id, name: Option<&str>| Group { id, name: name.map(Into::into) };
    for (assignee, group, expected) in [
        (agent(Some(1), None), group(None, None), (Some(1), None)),
        (agent(None, None), group(Some(1), None), (Some(1), Some(1))),
        (agent(None, Some("xiaowang@example.com")), group(None, Some("售前组")), (Some(2), Some(2))),
        (agent(Some(4), None), group(Some(3), None), (Some(4), Some(3))),
    ] {
        desk.update_v1(id, &TicketDraft { assignee, group, ..TicketDraft::default() }).await.unwrap();
        let ticket = desk.v1().ticket(id).await.unwrap();
        assert_eq!((ticket.assignee_id, ticket.group_id), expected);
    }
}

/// v1 writes them and only v2 reads them.
async fn v1_update_tags(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    for tags in [vec!["网络".to_owned(), "VIP".to_owned()], vec!["打印机".to_owned()]] {
        desk.update_v1(id, &TicketDraft { tags: tags.clone(), ..TicketDraft::default() }).await.unwrap();
        assert_eq!(desk.v2().ticket(id).await.unwrap().tags, tags);
    }
}

async fn v1_update_followers(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    let emails = ["agent@sample.com".to_owned(), "xiaowang@example.com".to_owned()];
    for (followers, expected) in
        [(Followers::Ids(vec![1, 4]), json!([1, 4])), (Followers::Emails(emails.to_vec()), json!([1, 2]))]
    {
        let draft = TicketDraft { followers: Some(followers), ..TicketDraft::default() };
        desk.update_v1(id, &draft).await.unwrap();
        assert_eq!(desk.stored_one("tickets", id)["follower_ids"], expected);
    }
}

/// English in a change, Chinese in a creation (§4.4).
async fn v1_update_statuses_and_priorities(desk: &Desk) {
    let statuses = [Status::Solving, Status::Resolved, Status::Closed, Status::Open];
    let priorities = [Priority::Urgent, Priority::High, Priority::Medium, Priority::Low];
    let id = desk.create_v1(&draft()).await.unwrap();
    for (status, priority) in statuses.into_iter().zip(priorities) {
        let values = TicketDraft { status: Some(status), priority: Some(priority), ..TicketDraft::default() };
        desk.update_v1(id, &values).await.unwrap();
        let made = TicketDraft { subject: draft().subject, content: draft().content, ..values.clone() };
        let made = desk.create_v1(&made).await.unwrap();
        for id in [id, made] {
            let ticket = desk.v1().ticket(id).await.unwrap();
            assert_eq!((&ticket.status, &ticket.priority), (&values.status, &values.priority));
        }
    }
}

/// One that is no longer offered can still be written, by its name.
async fn v1_update_hidden_option(desk: &Desk) {
    let (fields, id) = (desk.v1_fields().await, desk.create_v1(&draft()).await.unwrap());
    let draft = TicketDraft {
        fields: [("SelectField_1".to_owned(), chosen(&["3"]))].into(),
        ..TicketDraft::default()
    };
    desk.v1().update_ticket(id, &draft, &Default::default(), &fields).await.unwrap();
    assert_eq!(desk.v1().ticket(id).await.unwrap().custom_fields["SelectField_1"], "3");
}

fn comment(visibility: Visibility, body: &str) -> TicketDraft {
    let comment = Comment { visibility, author_email: "agent@sample.com".into(), body: body.into() };
    TicketDraft { comment: Some(comment), ..TicketDraft::default() }
}

async fn v1_comment_public(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    desk.update_v1(id, &comment(Visibility::Public, "工程师已出发")).await.unwrap();
    let replies = desk.v2().replies(id).await.unwrap();
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].content.as_deref(), Some("工程师已出发"));
    assert_eq!((replies[0].author.id, replies[0].author.is_agent()), (Some(1), true));
    assert!(desk.is_now(replies[0].created_at));
    assert_eq!(desk.v1().ticket(id).await.unwrap().replied_by.as_deref(), Some("agent_1"));
}

/// The customer does not see it.
async fn v1_comment_internal(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    desk.update_v1(id, &comment(Visibility::Internal, "客户要求上门")).await.unwrap();
    assert!(desk.v2().replies(id).await.unwrap().is_empty());
    assert_eq!(desk.v1().ticket(id).await.unwrap().replied_by, None);
    let note = &desk.stored_one("tickets", id)["replies"][0];
    assert_eq!((&note["content"], &note["internal"]), (&json!("客户要求上门"), &json!(true)));
}

async fn v1_comment_with_a_change(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    let draft = TicketDraft { status: Some(Status::Closed), ..comment(Visibility::Public, "已修好") };
    desk.update_v1(id, &draft).await.unwrap();
    assert_eq!(desk.v1().ticket(id).await.unwrap().status, Some(Status::Closed));
    assert_eq!(desk.v2().replies(id).await.unwrap().len(), 1);
}

async fn v1_customer_reply(desk: &Desk) {
    let id = desk.create_v1(&draft()).await.unwrap();
    desk.v1().reply_as_customer(id, "machao@example.com", "还是打不出来").await.unwrap();
    let replies = desk.v2().replies(id).await.unwrap();
    assert_eq!(replies[0].content.as_deref(), Some("还是打不出来"));
    assert_eq!((replies[0].author.id, replies[0].author.is_agent()), (Some(7), false));
    assert_eq!(replies[0].author.email.as_deref(), Some("machao@example.com"));
    assert_eq!(desk.v1().ticket(id).await.unwrap().replied_by.as_deref(), Some("customer_7"));
}
