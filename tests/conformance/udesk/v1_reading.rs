//! What v1 reads: tickets, those of a customer, filters, fields, customers (§3, §4).

use deskbridge::udesk::{ContentType, FieldKind, Platform, Priority, Status, Ticket};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v1_ticket_list,
    v1_ticket_detail,
    v1_ticket_without_values,
    v1_ticket_vocabularies,
    v1_ticket_raw,
    v1_customer_tickets,
    v1_filter_list,
    v1_filter_tickets,
    v1_filter_of_the_last_hour,
    v1_ticket_fields,
    v1_customer_list,
];

fn ids(tickets: &[Ticket]) -> Vec<u64> {
    tickets.iter().map(|ticket| ticket.id).collect()
}

async fn v1_ticket_list(desk: &Desk) {
    let first = desk.v1().tickets_page(1, 5).await.unwrap();
    assert_eq!(ids(&first.items), [1, 2, 3, 4, 5]);
    assert_eq!((first.total, first.total_pages, first.more), (Some(12), Some(3), true));
    let last = desk.v1().tickets_page(3, 5).await.unwrap();
    assert_eq!((ids(&last.items), last.more), (vec![11, 12], false));
    let beyond = desk.v1().tickets_page(4, 5).await.unwrap();
    assert_eq!((beyond.items.len(), beyond.total, beyond.more), (0, Some(12), false));
    let none = desk.v1().tickets_page(0, 5).await.unwrap();
    assert_eq!((ids(&none.items), none.more), (vec![1, 2, 3, 4, 5], true), "taken for the first");
}

async fn v1_ticket_detail(desk: &Desk) {
    let ticket = desk.v1().ticket(1).await.unwrap();
    assert_eq!(ticket.subject.as_deref(), Some("演示工单"));
    assert_eq!(ticket.content.as_deref(), Some("这是您的第一个工单"));
    assert_eq!((ticket.content_type, ticket.platform), (Some(ContentType::Text), Some(Platform::Email)));
    assert_eq!((ticket.status, ticket.priority), (Some(Status::Solving), Some(Priority::Urgent)));
    assert_eq!(ticket.customer.name.as_deref(), Some("测试客户"));
    assert_eq!(ticket.customer.email.as_deref(), Some("test@sample.com"));
    assert_eq!((ticket.customer.cellphone, ticket.customer.id), (None, None));
    assert_eq!((ticket.assignee_id, ticket.assignee_name.as_deref()), (Some(1), Some("测试客服")));
    assert_eq!((ticket.group_id, ticket.group_name.as_deref()), (Some(1), Some("售后1组")));
    assert_eq!(ticket.replied_by.as_deref(), Some("agent_1"));
    assert_eq!(ticket.custom_fields["TextField_2"], "多行文本内容1\r\n多行文本内容2");
    assert_eq!(ticket.custom_fields["TextField_7"], "13");
    assert_eq!(ticket.custom_fields["SelectField_4"], "0,0,0");
    assert_eq!(ticket.created_at.unwrap().to_string(), "2016-07-28T12:44:08Z");
    assert_eq!(ticket.updated_at.unwrap().to_string(), "2017-05-04T06:26:18Z");
    assert_eq!(ticket.solving_at, None);
    assert!(ticket.tags.is_empty() && ticket.number.is_none(), "v1 tells neither");
}

/// Null in one ticket, an empty text in the other (§2.4).
async fn v1_ticket_without_values(desk: &Desk) {
    for id in [2, 8] {
        let ticket = desk.v1().ticket(id).await.unwrap();
        assert_eq!((ticket.assignee_id, &ticket.assignee_name), (None, &None), "{id}");
        assert_eq!((ticket.group_id, &ticket.group_name), (None, &None), "{id}");
        assert_eq!((&ticket.replied_by, ticket.solving_at), (&None, None), "{id}");
    }
    let blank = desk.v1().ticket(8).await.unwrap();
    assert_eq!((blank.customer.email, blank.customer.cellphone), (None, None));
    assert_eq!(desk.v1().ticket(3).await.unwrap().solving_at.unwrap().to_string(), "2017-05-06T07:30:00Z");
}

/// Every status, priority and channel of §4.2 in the language that v1 has for it.
async fn v1_ticket_vocabularies(desk: &Desk) {
    use Platform::{Api, Call, Email, Feedback, HelpCentre, Im, Manual, Wechat, Weibo};
    use Priority::{High, Low, Medium, Urgent};
    use Status::{Closed, Open, Resolved, Solving};
    let expected = [
        (Email, Solving, Urgent),
        (Wechat, Open, High),
        (Email, Solving, Medium),
        (Im, Resolved, Low),
        (Call, Solving, Medium),
        (HelpCentre, Closed, Low),
        (Api, Open, Urgent),
        (Weibo, Open, Medium),
        (Feedback, Resolved, Low),
        (Manual, Solving, Medium),
        (Email, Open, High),
        (Im, Closed, Low),
    ];
    let read = all(desk.v1().tickets()).await.into_iter();
    let read = read.map(|ticket| (ticket.platform, ticket.status, ticket.priority));
    let expected =
        expected.map(|(platform, status, priority)| (Some(platform), Some(status), Some(priority)));
    assert_eq!(read.collect::<Vec<_>>(), expected);
}

/// The bytes that are handed on are those of the detail.
async fn v1_ticket_raw(desk: &Desk) {
    let raw = desk.v1().ticket(1).await.unwrap().raw;
    let listed = desk.v1().tickets_page(1, 1).await.unwrap();
    assert_eq!(listed.items[0].raw.get(), raw.get());
    let text: serde_json::Value = serde_json::from_str(raw.get()).unwrap();
    assert_eq!((&text["solving_at"], &text["user_cellphone"]), (&"".into(), &serde_json::Value::Null));
    assert_eq!((&text["status"], &text["priority"]), (&"solving".into(), &"紧急".into()));
    assert_eq!(text["created_at"], "2016-07-28 20:44:08 +0800");
}

async fn v1_customer_tickets(desk: &Desk) {
    let page = desk.v1().customer_tickets_page("test@sample.com", 1, 2).await.unwrap();
    assert_eq!((ids(&page.items), page.total, page.more), (vec![1, 5], Some(3), true));
    let whole = all(desk.v1().customer_tickets("test@sample.com")).await;
    assert_eq!(ids(&whole), [1, 5, 11]);
    let none = desk.v1().customer_tickets_page("customer@sample.com", 1, 100).await.unwrap();
    assert_eq!((none.items.len(), none.total, none.total_pages), (0, Some(0), Some(0)));
}

async fn v1_filter_list(desk: &Desk) {
    let filters = desk.v1().ticket_filters(None).await.unwrap();
    assert_eq!(filters.iter().map(|filter| filter.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(filters[0].name.as_deref(), Some("我的未解决工单"));
    assert_eq!((&filters[0].description, filters[0].active), (&None, Some(true)));
    assert_eq!(filters[1].description.as_deref(), Some("含未分配的工单"));
    assert_eq!((filters[0].permission.as_deref(), filters[4].active), (Some("All"), Some(false)));
    assert_eq!(filters[0].created_at.unwrap().to_string(), "2017-03-17T05:30:19Z");
    let of = async |agent| {
        let filters = desk.v1().ticket_filters(Some(agent)).await.unwrap();
        filters.iter().map(|filter| filter.id).collect::<Vec<_>>()
    };
    assert_eq!((of(1).await, of(2).await), (vec![1, 2, 3, 5], vec![1, 2, 3, 4, 5]));
}

async fn v1_filter_tickets(desk: &Desk) {
    for (filter, agent, expected) in [
        (2, None, vec![1, 2, 3, 5, 7, 8, 10, 11]),
        (1, Some(1), vec![1, 3, 5, 11]),
        (1, Some(2), vec![10]),
        (1, None, vec![]),
        (4, Some(2), vec![6]),
    ] {
        let found = all(desk.v1().filter_tickets(filter, agent)).await;
        assert_eq!(ids(&found), expected, "filter {filter} of {agent:?}");
    }
    let page = desk.v1().filter_tickets_page(2, None, 2, 3).await.unwrap();
    assert_eq!((ids(&page.items), page.total, page.total_pages), (vec![5, 7, 8], Some(8), Some(3)));
}

/// The only way in v1 to ask for what is new (§3.8).
async fn v1_filter_of_the_last_hour(desk: &Desk) {
    assert!(all(desk.v1().filter_tickets(3, None)).await.is_empty());
    desk.v1().reply_as_customer(2, "zhoufang@example.com", "还是不行").await.unwrap();
    let id = desk.create_v1(&draft()).await.unwrap();
    assert_eq!(ids(&all(desk.v1().filter_tickets(3, None)).await), [2, id]);
}

async fn v1_ticket_fields(desk: &Desk) {
    let fields = desk.v1_fields().await;
    let kind = |name: &str| fields.get(name).unwrap().kind.clone();
    let types = ["text", "area_text", "date", "time", "datetime", "link", "number", "numeric"];
    for (index, of_text) in types.into_iter().enumerate() {
        assert_eq!(kind(&format!("TextField_{}", index + 1)), FieldKind::Text(of_text.to_owned()));
    }
    assert_eq!((kind("SelectField_1"), kind("SelectField_2")), (FieldKind::One, FieldKind::One));
    assert_eq!((kind("SelectField_3"), kind("SelectField_4")), (FieldKind::Many, FieldKind::Path));
    let drop_down = fields.get("SelectField_1").unwrap();
    assert_eq!(drop_down.label.as_deref(), Some("下拉列表字段"));
    assert_eq!((drop_down.permission, drop_down.required), (Some(2), Some(true)));
    assert_eq!((drop_down.index_of("下拉选项3"), drop_down.index_of("已停用选项")), (Some("2"), Some("3")));
    assert_eq!(fields.get("SelectField_3").unwrap().required, Some(false));
    assert!(fields.get("SelectField_4").unwrap().options.is_empty(), "those of a cascade are wrong here");
    assert!(fields.get("TextField_9").is_none(), "only v2 knows locations");
}

async fn v1_customer_list(desk: &Desk) {
    let page = desk.v1().customers_page(2, 5).await.unwrap();
    assert_eq!(page.items.iter().map(|customer| customer.id).collect::<Vec<_>>(), [6, 7, 8, 9, 10]);
    assert_eq!((page.total, page.more), (Some(13), true));
    let all = all(desk.v1().customers()).await;
    assert_eq!(all.len(), 13);
    assert_eq!(
        (all[0].name.as_deref(), all[0].email.as_deref()),
        (Some("测试用户"), Some("customer@sample.com"))
    );
    assert_eq!((all[0].cellphone.as_deref(), &all[0].telephone), (Some("13000000001"), &None));
    assert_eq!((&all[10].email, all[10].cellphone.as_deref()), (&None, Some("13800000011")));
}
