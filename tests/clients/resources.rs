//! Tickets and ticket views as the vendor shows them.

use std::pin::pin;

use deskbridge::bangwo8::{CustomFieldWrite, Error, TicketId, TicketWrite};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

use crate::vendor::{Seen, Vendor, json as answer, request_id};

#[tokio::test]
async fn a_ticket_is_created_changed_and_answered() {
    let vendor =
        Vendor::start(|_, _| answer(r#"{"status":"0","message":"Insert ok","data":{"ticketId":"7"}}"#));
    let client = vendor.client();
    let ticket = TicketWrite {
        subject: Some("打印机".into()),
        ticket_status: Some(1),
        ticket_template_id: Some(4),
        custom_fields: vec![CustomFieldWrite { key: "field_14".into(), value: "text".into() }],
        ..TicketWrite::default()
    };
    let id = client.create_ticket(&ticket, &request_id()).await.unwrap();
    client.update_ticket(&id, &ticket, &request_id()).await.unwrap();
    client.reply_ticket(&id, "换了网卡", &request_id()).await.unwrap();

    let wire = json!({"ticket": {
        "subject": "打印机", "ticketStatus": 1, "ticketTemplateId": 4,
        "custom_fields": [{"key": "field_14", "value": "text"}],
    }});
    let seen = vendor.seen();
    let calls: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    let change = "PUT /api/v1/tickets/7.json";
    assert_eq!(calls, ["POST /api/v1/tickets.json", change, change]);
    assert_eq!(seen[0].json(), wire);
    assert_eq!(seen[1].json(), wire);
    assert_eq!(seen[2].json(), json!({"ticket": {"ticketReply": {"replyMsg": "换了网卡"}}}));
}

#[tokio::test]
async fn a_ticket_is_read_from_an_array_or_an_object_and_missed_in_neither() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/tickets/1.json" => answer(r#"{"ticket":[{"ticketId":"1"}]}"#),
        "/api/v1/tickets/2.json" => answer(r#"{"ticket":{"ticketId":2}}"#),
        "/api/v1/tickets/3.json" => answer(r#"{"ticket":[]}"#),
        "/api/v1/tickets/4.json" => answer("{}"),
        _ => answer(r#"{"ticket":{"subject":"no id"}}"#),
    });
    let client = vendor.client();
    let read = async |id: &str| match client.ticket(&TicketId::new(id)).await {
        Ok(ticket) => ticket.id.to_string(),
        Err(error) => error.code().to_owned(),
    };
    assert_eq!(read("1").await, "1");
    assert_eq!(read("2").await, "2");
    assert_eq!(read("3").await, "not_found");
    assert_eq!(read("4").await, "not_found");
    assert_eq!(read("5").await, "bad_answer");
}

#[tokio::test]
async fn views_come_with_their_counts() {
    let view = r#"{"id":"10","title":"最近解决的工单","active":"0","ticket_count":"3",
        "createDT":"2019-08-16 00:00:08","updateDT":""}"#;
    let vendor = Vendor::start(move |seen, _| match seen.path.as_str() {
        "/api/v1/ticketviews.json" => answer(format!(r#"{{"ticketviews":[{view}],"count":"1"}}"#)),
        "/api/v1/ticketviews/10.json" => answer(format!(r#"{{"ticketview":{view}}}"#)),
        "/api/v1/ticketviews/10/count.json" => {
            answer(r#"{"ticketview_count":[{"ticketview_id":"10","count":"7"}]}"#)
        }
        _ => answer(
            r#"{"ticketview_counts":[{"ticketview_id":"15","count":"7"},{"ticketview_id":2,"count":23}]}"#,
        ),
    });
    let client = vendor.client();
    let views = client.list_ticketviews().await.unwrap();
    assert_eq!(views, [client.ticketview("10").await.unwrap()]);
    assert_eq!((views[0].active, views[0].ticket_count, views[0].updated_at), (Some(false), Some(3), None));
    assert_eq!(views[0].created_at.unwrap().to_string(), "2019-08-15T16:00:08Z");
    assert_eq!(client.ticketview_count("10").await.unwrap(), 7);
    let counts = client.ticketview_counts(&["15", "2"]).await.unwrap();
    assert_eq!(counts, [("15".to_owned(), 7), ("2".to_owned(), 23)]);

    let queries: Vec<String> = vendor.seen().into_iter().map(|seen| seen.query).collect();
    assert_eq!(queries, ["fields=show_tickets_num", "fields=show_tickets_num", "", "ids=15%2C2"]);
}

/// A vendor with tickets 1 to `count` in pages of `size`, whatever the client asks for.
fn paged(count: usize, size: usize, with_count: bool) -> Vendor {
    Vendor::start(move |seen, _| {
        let first = (page_of(seen) - 1) * size;
        let tickets: Vec<_> = (first..count.min(first + size))
            .map(|index| json!({"ticketId": (index + 1).to_string()}))
            .collect();
        let mut list = json!({"tickets": tickets, "previous_page": "", "next_page": ""});
        if with_count {
            list["count"] = count.to_string().into();
        }
        answer(list.to_string())
    })
}

fn page_of(seen: &Seen) -> usize {
    let pairs = url::form_urlencoded::parse(seen.query.as_bytes());
    pairs.filter(|(key, _)| key == "page").map(|(_, value)| value.parse::<usize>().unwrap()).next().unwrap()
}

async fn walk(vendor: &Vendor) -> (usize, usize) {
    let tickets: Vec<_> = vendor.client().ticketview_tickets("2").try_collect().await.unwrap();
    (tickets.len(), vendor.seen().len())
}

#[tokio::test]
async fn a_view_is_read_page_by_page_to_its_end() {
    let vendor = paged(250, 100, true);
    assert_eq!(walk(&vendor).await, (250, 3));
    assert_eq!(vendor.seen()[0].query, "page=1&per_page=100");
    assert_eq!(walk(&paged(250, 100, false)).await, (250, 3));
    assert_eq!(walk(&paged(200, 100, true)).await, (200, 2));
    assert_eq!(walk(&paged(0, 100, true)).await, (0, 1));
}

#[tokio::test]
async fn a_vendor_with_smaller_pages_than_asked_for_loses_no_ticket() {
    assert_eq!(walk(&paged(25, 10, true)).await, (25, 3));
}

#[tokio::test]
async fn a_vendor_that_ignores_the_page_number_ends_the_walk_with_an_error() {
    let list = r#"{"tickets":[{"ticketId":1},{"ticketId":2}],"count":"9","next_page":"http://x/?page=2"}"#;
    let vendor = Vendor::start(move |_, _| answer(list));
    let results: Vec<_> = vendor.client().ticketview_tickets("2").collect().await;
    let codes: Vec<_> =
        results.iter().map(|result| result.as_ref().map_or_else(Error::code, |_| "ok")).collect();
    assert_eq!(codes, ["ok", "ok", "bad_answer"]);
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn pages_are_asked_for_only_when_needed() {
    let vendor = paged(250, 100, true);
    let mut tickets = pin!(vendor.client().ticketview_tickets("2"));
    assert!(vendor.seen().is_empty());
    for _ in 0..100 {
        tickets.next().await.unwrap().unwrap();
    }
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn a_list_with_an_unreadable_element_is_no_list() {
    let vendor =
        Vendor::start(|_, _| answer(r#"{"tickets":[{"ticketId":1},{"subject":"no id"}],"count":"2"}"#));
    let error = vendor.client().ticketview_tickets_page("2", 1, 100).await.unwrap_err();
    assert_eq!(error.code(), "bad_answer");
    let results: Vec<_> = vendor.client().ticketview_tickets("2").collect().await;
    assert_eq!(results.len(), 1);
}
