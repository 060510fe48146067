//! Tickets and ticket views as the vendor's documents show them, and the lists with their filters.

use deskbridge::bangwo8::{CompanyId, ContactId, Order, Ticket, TicketFilter, TicketId, Window};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    documents::document,
    vendor::{Vendor, json as answer, paths, queries},
};

fn field<'a>(ticket: &'a Ticket, key: &str) -> &'a Value {
    &ticket.custom_fields.iter().find(|(name, _)| name == key).unwrap().1
}

#[tokio::test]
async fn the_documented_list_is_read() {
    let vendor = Vendor::start(|_, _| answer(document("tickets_list")));
    let page = vendor.client().tickets_page(&TicketFilter::default(), 1, 100).await.unwrap();
    assert_eq!((page.count, page.more, page.items.len()), (Some(8), true, 1));
    let ticket = &page.items[0];
    assert_eq!(ticket.id, TicketId::new("5237431"));
    assert_eq!((ticket.subject.as_deref(), &ticket.descript), (Some("打印机离线"), &None));
    assert_eq!(ticket.ticket_status.as_ref().unwrap().name, Some("new"));
    assert_eq!(ticket.ticket_source.as_ref().unwrap().label, "工单工作台");
    assert_eq!((ticket.ticket_type.as_ref(), ticket.priority_level.as_ref()), (None, None));
    assert_eq!(
        (ticket.cust_user_id.as_deref(), ticket.ticket_template_id.as_deref()),
        (Some("21130282"), Some("4"))
    );
    assert_eq!(ticket.updated_at.unwrap().to_string(), "2019-12-19T06:37:26Z");
    assert_eq!(field(ticket, "field_16")[0]["name"], "photo.jpg");
    assert_eq!(field(ticket, "field_29"), "123.00");
    assert_eq!(field(ticket, "field_19"), "");
    assert!(field(ticket, "field_33").as_str().unwrap().starts_with("a:3:{s:2:\"SN\""));
}

#[tokio::test]
async fn one_ticket_is_read_in_the_old_style_and_in_the_new() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/tickets/5237431.json" => answer(document("tickets_one")),
        _ => answer(document("tickets_v2")),
    });
    let id = TicketId::new("5237431");
    let old = vendor.client().ticket(&id).await.unwrap();
    assert_eq!(old.ticket_status.as_ref().unwrap().name, Some("solved"));
    assert_eq!(old.priority_level.as_ref().unwrap().name, Some("normal"));
    assert_eq!(old.ticket_source.as_ref().unwrap().name, Some("api"));
    assert_eq!((old.creater_id.as_deref(), old.creater_type.as_ref().unwrap().name), (None, Some("agent")));
    assert_eq!((old.waiting_at, old.closed_at), (None, None));
    assert_eq!(old.solved_at.unwrap().to_string(), "2019-12-20T01:00:00Z");
    assert_eq!(field(&old, "module"), "68958");

    let new = vendor.client().ticket_v2(&id).await.unwrap();
    assert_eq!(new.id, id);
    assert_eq!(field(&new, "field_3")[1], json!({"rowId": 2, "field_1": "硒鼓", "field_2": "1"}));
    assert_eq!(field(&new, "field_34"), "4672422,4672423");
    assert_eq!(paths(&vendor)[1], "GET /api/v1/tickets/5237431_v2.json");
}

#[tokio::test]
async fn the_documented_views_are_read() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/ticketviews.json" => answer(document("ticketviews_list")),
        "/api/v1/ticketviews/9.json" => answer(document("ticketviews_one")),
        "/api/v1/ticketviews/9/tickets.json" => answer(document("ticketviews_tickets")),
        "/api/v1/ticketviews/15/count.json" => answer(document("ticketviews_count")),
        _ => answer(document("ticketviews_show_many")),
    });
    let client = vendor.client();
    let views = client.list_ticketviews().await.unwrap();
    let ids: Vec<&str> = views.iter().map(|view| view.id.as_str()).collect();
    assert_eq!(ids, ["10", "13", "15", "17", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!((views[4].title.as_deref(), views[4].active), (Some("所有工单"), Some(true)));
    assert_eq!(views[4].updated_at.unwrap().to_string(), "2019-10-07T05:35:59Z");
    assert_eq!((views[0].active, views[0].updated_at, views[0].ticket_count), (Some(false), None, None));
    assert_eq!(client.ticketview("9").await.unwrap(), views[11]);

    let page = client.ticketview_tickets_page("9", 1, 100).await.unwrap();
    assert_eq!(page.count, Some(8));
    let subjects: Vec<_> = page.items.iter().filter_map(|ticket| ticket.subject.as_deref()).collect();
    assert_eq!(subjects, ["测试工单", "碧桂园"]);
    assert_eq!(page.items.iter().map(|ticket| ticket.custom_fields.len()).collect::<Vec<_>>(), [20, 15]);
    assert_eq!(field(&page.items[0], "field_35"), "近(1-15公里)");
    assert_eq!(field(&page.items[1], "field_16"), &json!([]));

    assert_eq!(client.ticketview_count("15").await.unwrap(), 7);
    let counts = client.ticketview_counts(&["15", "2"]).await.unwrap();
    assert_eq!(counts, [("15".to_owned(), 7), ("2".to_owned(), 23)]);
}

#[tokio::test]
async fn every_filter_and_order_is_sent_in_the_tenants_time() {
    let vendor = Vendor::start(|_, _| answer(r#"{"tickets":[],"count":"0"}"#));
    let filter = TicketFilter {
        created: Window {
            start: "2019-12-18T16:00:00Z".parse().ok(),
            end: "2019-12-19T15:59:59.9Z".parse().ok(),
        },
        updated: Window { start: "2019-12-19T06:28:51Z".parse().ok(), end: None },
        created_order: Some(Order::Ascending),
        updated_order: Some(Order::Descending),
        status_order: Some(Order::Ascending),
    };
    vendor.client().tickets_page(&filter, 3, 50).await.unwrap();
    let pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(vendor.seen()[0].query.as_bytes()).into_owned().collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(
        pairs,
        [
            ("created_start", "2019-12-19 00:00:00"),
            ("created_end", "2019-12-19 23:59:59"),
            ("updated_start", "2019-12-19 14:28:51"),
            ("created_order", "asc"),
            ("updated_order", "desc"),
            ("status_order", "asc"),
            ("page", "3"),
            ("per_page", "50"),
        ]
    );
}

#[tokio::test]
async fn the_tickets_of_all_of_a_company_and_of_a_contact_are_walked_to_their_end() {
    let vendor = Vendor::start(|seen, _| {
        let second = seen.query.contains("page=2");
        let numbers = if second { 101..=103 } else { 1..=100 };
        let tickets: Vec<Value> = numbers.map(|number| json!({"ticketId": number.to_string()})).collect();
        answer(json!({"tickets": tickets, "count": "103", "previous_page": "", "next_page": ""}).to_string())
    });
    let (client, filter) =
        (vendor.client(), TicketFilter { status_order: Some(Order::Descending), ..Default::default() });
    let all: Vec<Ticket> = client.tickets(&filter).try_collect().await.unwrap();
    let companys: Vec<Ticket> =
        client.company_tickets(&CompanyId::new("14650146"), &filter).try_collect().await.unwrap();
    let contacts: Vec<Ticket> =
        client.contact_tickets(&ContactId::new("211/30"), &filter).try_collect().await.unwrap();
    for tickets in [all, companys, contacts] {
        assert_eq!((tickets.len(), tickets[102].id.as_str()), (103, "103"));
    }
    let twice = |path: &str| [path.to_owned(), path.to_owned()];
    let expected = [
        twice("GET /api/v1/tickets.json"),
        twice("GET /api/v1/companies/14650146/tickets.json"),
        twice("GET /api/v1/users/211%2F30/tickets.json"),
    ];
    assert_eq!(paths(&vendor), expected.concat());
    let queries = queries(&vendor);
    assert_eq!(
        queries[..2],
        ["status_order=desc&page=1&per_page=100", "status_order=desc&page=2&per_page=100"]
    );
}
