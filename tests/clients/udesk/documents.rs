//! The vendor's own samples, read and written by the client. Where a sample is not valid JSON it is repaired.

use deskbridge::udesk::{
    Assignee, Category, Comment, ContentType, Current, CustomerKey, FieldDefinitions, FieldKind, FieldValue,
    Group, Platform, Priority, Search, Status, Ticket, TicketDraft, Visibility,
};
use serde_json::Value;

use crate::vendor::{Seen, Vendor, json};

use super::client;

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("../documents/udesk-", $name, ".json"))
    };
}

/// A vendor that answers every call with one document.
fn answering(document: &'static str) -> Vendor {
    Vendor::start(move |_, _| json(document))
}

fn only(vendor: &Vendor) -> Seen {
    let [seen] = <[Seen; 1]>::try_from(vendor.seen()).unwrap();
    seen
}

fn parsed(document: &str) -> Value {
    serde_json::from_str(document).unwrap()
}

fn assert_is_the_sample(ticket: &Ticket) {
    assert_eq!(ticket.id, 1);
    assert_eq!(ticket.subject.as_deref(), Some("演示工单"));
    assert_eq!(ticket.content.as_deref(), Some("这是您的第一个工单"));
    assert_eq!(ticket.content_type, Some(ContentType::Text));
    assert_eq!(ticket.platform, Some(Platform::Email));
    assert_eq!((&ticket.status, &ticket.priority), (&Some(Status::Solving), &Some(Priority::Urgent)));
    assert_eq!(ticket.customer.name.as_deref(), Some("测试客户"));
    assert_eq!(ticket.customer.email.as_deref(), Some("test@sample.com"));
    assert_eq!(ticket.customer.cellphone, None);
    assert_eq!((ticket.assignee_id, ticket.assignee_name.as_deref()), (Some(1), Some("测试客服")));
    assert_eq!((ticket.group_id, ticket.group_name.as_deref()), (Some(1), Some("售后1组")));
    assert_eq!(ticket.replied_by.as_deref(), Some("agent_1"));
    assert_eq!(ticket.custom_fields["TextField_2"], "多行文本内容1\r\n多行文本内容2");
    assert_eq!(ticket.custom_fields["SelectField_3"], "0,3");
    assert_eq!(ticket.solving_at, None);
    assert_eq!(ticket.created_at.unwrap().to_string(), "2016-07-28T12:44:08Z");
    assert_eq!(ticket.updated_at.unwrap().to_string(), "2017-05-04T06:26:18Z");
}

async fn sample_fields() -> FieldDefinitions {
    client(&answering(document!("ticket-fields")).url).v1().ticket_fields().await.unwrap()
}

#[tokio::test]
async fn the_three_lists_of_tickets_and_the_detail_are_read() {
    let vendor = answering(document!("tickets"));
    let page = client(&vendor.url).v1().tickets_page(1, 10).await.unwrap();
    assert_eq!((page.total, page.total_pages, page.more, page.items.len()), (Some(1), Some(1), false, 1));
    assert_is_the_sample(&page.items[0]);

    let vendor = answering(document!("customer-tickets"));
    let page = client(&vendor.url).v1().customer_tickets_page("test@sample.com", 1, 100).await.unwrap();
    assert_is_the_sample(&page.items[0]);
    let seen = only(&vendor);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/api/v1/tickets/get.json"));
    assert_eq!(seen.query, "page=1&per_page=100&sign=aeef943db3a889ed76eb882b4f90ea71");
    assert_eq!(seen.body, r#"{"email":"test@sample.com"}"#);

    let vendor = answering(document!("filter-tickets"));
    let page = client(&vendor.url).v1().filter_tickets_page(1, Some(1), 1, 100).await.unwrap();
    assert_is_the_sample(&page.items[0]);
    let seen = only(&vendor);
    assert_eq!(seen.path, "/api/v1/ticket_filters/1/tickets.json");
    assert_eq!(seen.query, "agent_id=1&page=1&per_page=100&sign=80c34e3a793b862bc769b03926ead06c");

    let vendor = answering(document!("ticket"));
    assert_is_the_sample(&client(&vendor.url).v1().ticket(1).await.unwrap());
}

#[tokio::test]
async fn the_filters_are_read() {
    let vendor = answering(document!("ticket-filters"));
    let filters = client(&vendor.url).v1().ticket_filters(Some(7)).await.unwrap();
    assert_eq!(only(&vendor).query, "agent_id=7&sign=8fc2811447d996a8a87ff8b07c4da1d8");
    assert_eq!((filters.len(), filters[0].id, filters[0].active), (1, 1, Some(true)));
    assert_eq!(filters[0].name.as_deref(), Some("我的未解决工单"));
    assert_eq!((filters[0].description.as_deref(), filters[0].permission.as_deref()), (None, Some("All")));
    assert_eq!(filters[0].created_at.unwrap().to_string(), "2017-03-17T05:30:19Z");
}

#[tokio::test]
async fn the_field_definitions_are_read() {
    let fields = sample_fields().await;
    assert_eq!(fields.iter().count(), 11);
    let link = fields.get("TextField_6").unwrap();
    assert_eq!((link.label.as_deref(), &link.kind), (Some("链接字段"), &FieldKind::Text("link".into())));
    assert_eq!((link.permission, link.required, link.options.len()), (Some(2), Some(false), 0));
    let boxes = fields.get("SelectField_3").unwrap();
    assert_eq!((&boxes.kind, boxes.options.len()), (&FieldKind::Many, 4));
    assert_eq!((boxes.index_of("多选框选项4"), boxes.required), (Some("3"), Some(false)));
    assert_eq!(fields.get("SelectField_2").unwrap().required, Some(true));
}

/// What both sample requests say of the custom fields.
fn sample_values() -> Vec<(&'static str, FieldValue)> {
    let text = |name, value: &str| (name, FieldValue::Text(value.to_owned()));
    let chosen = |name, indexes: &[&str]| {
        (name, FieldValue::Chosen(indexes.iter().map(|index| (*index).to_owned()).collect()))
    };
    vec![
        text("TextField_1", "普通文本内容"),
        text("TextField_2", "多行文本内容1\r\n多行文本内容2"),
        text("TextField_3", "2016-08-11"),
        text("TextField_4", "14:44:36"),
        text("TextField_5", "2017-05-03 14:44"),
        text("TextField_6", "https://www.sample.com"),
        text("TextField_7", "13"),
        text("TextField_8", "13.33"),
        chosen("SelectField_1", &["0"]),
        chosen("SelectField_2", &["0"]),
        chosen("SelectField_3", &["0", "3"]),
    ]
}

fn draft_of(values: Vec<(&str, FieldValue)>) -> TicketDraft {
    let fields = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    TicketDraft { fields, ..TicketDraft::default() }
}

#[tokio::test]
async fn the_sample_creation_is_written_and_its_answer_read() {
    let vendor = answering(document!("ticket-create"));
    let draft = TicketDraft {
        subject: Some("测试工单1".into()),
        content: Some("工单测试".into()),
        customer: CustomerKey {
            id: None,
            token: Some("customer_test_1".into()),
            email: Some("customer@sample.com".into()),
            cellphone: Some("13123456789".into()),
        },
        priority: Some(Priority::Medium),
        status: Some(Status::Solving),
        group: Group { id: None, name: Some("默认组".into()) },
        assignee: Assignee { email: Some("agent@sample.com".into()), ..Assignee::default() },
        ..draft_of(sample_values())
    };
    let id = client(&vendor.url).v1().create_ticket(&draft, &sample_fields().await).await.unwrap();
    assert_eq!(id, 2);
    let seen = only(&vendor);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/api/v1/tickets.json"));
    assert_eq!(seen.query, "sign=e9fb0570fe9265fd55ea8b84f8fbcbbb");
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.json(), parsed(document!("ticket-create-request")));
}

#[tokio::test]
async fn the_sample_change_is_written_and_its_answer_read() {
    let vendor = answering(document!("ticket-update"));
    let draft = TicketDraft { priority: Some(Priority::Urgent), ..draft_of(sample_values()) };
    let fields = sample_fields().await;
    client(&vendor.url).v1().update_ticket(2, &draft, &Current::default(), &fields).await.unwrap();
    let seen = only(&vendor);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("PUT", "/api/v1/tickets/2.json"));
    assert_eq!(seen.json(), parsed(document!("ticket-update-request")));
}

#[tokio::test]
async fn a_change_with_a_note_is_written_with_the_current_status() {
    let vendor = answering(document!("ticket-update"));
    let values = sample_values().into_iter().filter(|(name, _)| {
        ["TextField_7", "SelectField_1", "SelectField_2", "SelectField_3"].contains(name)
    });
    let comment = Comment {
        visibility: Visibility::Internal,
        author_email: "agent@sample.com".into(),
        body: "…".into(),
    };
    let draft = TicketDraft { comment: Some(comment), ..draft_of(values.collect()) };
    let current = Current { status: Some(Status::Solving), priority: Some(Priority::Urgent) };
    client(&vendor.url).v1().update_ticket(2, &draft, &current, &sample_fields().await).await.unwrap();
    assert_eq!(only(&vendor).json(), parsed(document!("ticket-comment-request")));
}

#[tokio::test]
async fn the_sample_reply_of_a_customer_is_written() {
    let vendor = answering(document!("customer-reply"));
    client(&vendor.url).v1().reply_as_customer(2, "customer@sample.com", "测试客户回复").await.unwrap();
    let seen = only(&vendor);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/api/v1/tickets/reply.json"));
    assert_eq!(seen.json(), parsed(document!("customer-reply-request")));
}

#[tokio::test]
async fn the_tickets_of_v2_are_read_into_the_same_type() {
    let vendor = answering(document!("v2-tickets"));
    let page = client(&vendor.url).v2().tickets_page(1, 100).await.unwrap();
    assert_eq!((page.total, page.total_pages, page.more), (Some(1), Some(1), false));
    let ticket = &page.items[0];
    assert_eq!((ticket.id, ticket.number.as_deref(), ticket.template_id), (1, Some("#1"), Some(1)));
    assert_eq!((&ticket.status, &ticket.priority), (&Some(Status::Solving), &Some(Priority::Urgent)));
    assert_eq!((ticket.customer.id, ticket.customer.name.as_deref()), (Some(5), Some("测试客户")));
    assert_eq!(ticket.assignee_name.as_deref(), Some("测试客服"));
    assert_eq!((ticket.tags.len(), ticket.resolved_at), (0, None));
    assert_eq!(ticket.created_at.unwrap().to_string(), "2016-07-28T12:44:08Z");
    assert!(ticket.raw.get().starts_with('{') && !ticket.raw.get().contains(r#""ticket""#));
}

#[tokio::test]
async fn the_replies_are_read_oldest_first() {
    let vendor = answering(document!("v2-replies"));
    let replies = client(&vendor.url).v2().replies(1).await.unwrap();
    assert_eq!(only(&vendor).path, "/open_api_v1/tickets/1/replies");
    assert_eq!(replies.iter().map(|reply| reply.id).collect::<Vec<_>>(), [11, 12]);
    assert_eq!((replies[0].author.is_agent(), replies[1].author.is_agent()), (false, true));
    assert_eq!(replies[1].author.name.as_deref(), Some("测试客服"));
    assert_eq!(replies[1].created_at.unwrap().to_string(), "2017-05-04T06:26:18Z");
}

#[tokio::test]
async fn the_organizations_are_read() {
    let vendor = answering(document!("v2-organizations"));
    let page = client(&vendor.url).v2().organizations_page(Search::query("测试"), 1, 100).await.unwrap();
    let organization = &page.items[0];
    assert_eq!((organization.id, organization.name.as_deref()), (1, Some("测试公司1")));
    assert_eq!(organization.cellphones, ["13111111111"]);
    assert_eq!(organization.token.as_deref(), Some("123456s7hgfd"));
    assert_eq!(organization.custom_fields["SelectField_1"][0], "0");
    assert_eq!(organization.updated_at.unwrap().to_string(), "2017-08-18T04:06:02Z");
    assert!(only(&vendor).query.starts_with("query=%E6%B5%8B%E8%AF%95&page=1&per_page=100&email="));
}

#[tokio::test]
async fn the_customers_are_read() {
    let vendor = answering(document!("v2-customers"));
    let page = client(&vendor.url).v2().customers_page(Search::default(), 1, 100).await.unwrap();
    let customer = &page.items[0];
    assert_eq!((customer.id, customer.name.as_deref()), (1, Some("测试用户")));
    assert_eq!((customer.owner_id, customer.organization_id), (Some(1), None));
    assert_eq!((customer.is_blocked, customer.level.as_deref()), (Some(false), Some("normal")));
    assert_eq!(customer.cellphones, ["13000000001"]);
    assert!(customer.tags.is_empty() && customer.other_emails.is_empty() && customer.token.is_none());
    assert!(only(&vendor).query.starts_with("page=1&page_size=100&email="));
}

#[tokio::test]
async fn a_category_of_fields_is_named_as_the_vendor_names_it() {
    let vendor = Vendor::start(|_, _| {
        json(
            r#"{"code":1000,"fields":[{"id":1,"field_name":"SelectField_4","content_type":"chained_droplist",
            "options":[{"title":"北京","value":"0","default":false,"is_hide":true,
                "subs":[{"title":"海淀","value":"0","subs":[]}]}]}]}"#,
        )
    });
    let fields = client(&vendor.url).v2().custom_fields(Category::Organization).await.unwrap();
    assert!(only(&vendor).query.starts_with("category=organization&email="));
    let cascade = fields.get("SelectField_4").unwrap();
    assert!(cascade.options[0].hidden);
    assert_eq!(cascade.options[0].subs[0].name, "海淀");
}

#[tokio::test]
async fn customers_of_v1_are_read_and_one_is_found_or_made_under_an_encoded_email() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/customers.json" => json(
            r#"{"status":0,"size":1,"total":1,"contents":[{"id":1,"email":"","nick_name":"王伟","telephone":null,
            "cellphone":13600000001}]}"#,
        ),
        _ => json(r#"{"status":0,"message":"成功","customer":{"id":5,"email":"wang+1@sample.com"}}"#),
    });
    let v1 = client(&vendor.url).v1();
    let page = v1.customers_page(1, 10).await.unwrap();
    let customer = &page.items[0];
    assert_eq!((customer.id, customer.email.as_deref(), customer.name.as_deref()), (1, None, Some("王伟")));
    assert_eq!((customer.cellphone.as_deref(), customer.telephone.as_deref()), (Some("13600000001"), None));
    let found = v1.find_or_create_customer(Some(5), Some("wang+1@sample.com")).await.unwrap();
    assert_eq!((found.id, found.email.as_deref()), (5, Some("wang+1@sample.com")));
    let seen = &vendor.seen()[1];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("GET", "/api/v1/customers/find_or_create_customer.json")
    );
    assert!(seen.query.starts_with("email=wang%2B1%40sample.com&id=5&sign="), "{}", seen.query);
}
