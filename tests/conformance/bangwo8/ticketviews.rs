//! Ticket views and what they hold (§6.8).

use deskbridge::bangwo8::Ticket;
use serde_json::json;

use super::{
    desk::{Desk, code},
    lists::{all, descends, paged},
    ticket_lists::{ids, numbers},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    list_ticketviews_has_all_in_order_of_the_ids_as_text,
    list_ticketviews_counts_as_every_other_count_does,
    list_ticketviews_as_sent_has_what_the_vendor_sent,
    ticketview_reads_one,
    ticketview_tells_its_last_change,
    ticketview_unknown_is_not_found,
    ticketview_count_unknown_is_not_found,
    ticketview_counts_leaves_unknown_ones_out,
    ticketview_tickets_pages_make_up_the_whole,
    ticketview_tickets_page_as_sent_has_what_the_vendor_sent,
    ticketview_tickets_unknown_is_not_found,
    ticketview_tickets_are_those_that_its_name_says,
    ticketview_tickets_depend_on_the_caller,
    ticketview_tickets_follow_a_change,
];

async fn list_ticketviews_has_all_in_order_of_the_ids_as_text(desk: &Desk) {
    let views = desk.agent().list_ticketviews().await.unwrap();
    let ids: Vec<&str> = views.iter().map(|view| view.id.as_str()).collect();
    assert_eq!(ids, ["10", "13", "15", "17", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let enabled: Vec<&str> =
        views.iter().filter(|view| view.active == Some(true)).map(|view| view.id.as_str()).collect();
    assert_eq!(enabled, ["15", "17", "2"]);
    assert!(views.iter().all(|view| view.active.is_some() && view.ticket_count.is_some()));
}

async fn list_ticketviews_counts_as_every_other_count_does(desk: &Desk) {
    let listed = desk.agent().list_ticketviews().await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|view| view.id.as_str()).collect();
    let counts = desk.agent().ticketview_counts(&ids).await.unwrap();
    let expected: Vec<(String, u64)> =
        listed.iter().map(|view| (view.id.clone(), view.ticket_count.unwrap())).collect();
    assert_eq!(counts, expected);
    for (id, count) in expected.iter().take(3) {
        assert_eq!(desk.agent().ticketview_count(id).await.unwrap(), *count, "view {id}");
        assert_eq!(desk.agent().ticketview(id).await.unwrap().ticket_count, Some(*count), "view {id}");
    }
}

async fn list_ticketviews_as_sent_has_what_the_vendor_sent(desk: &Desk) {
    let (views, sent): (Vec<_>, Vec<_>) = desk
        .agent()
        .list_ticketviews_as_sent()
        .await
        .unwrap()
        .into_iter()
        .map(|view| (view.it, view.sent))
        .unzip();
    assert_eq!(views, desk.agent().list_ticketviews().await.unwrap());
    let answered = desk.answered("/api/v1/ticketviews.json?fields=show_tickets_num").await;
    assert_eq!(json!(sent).to_string(), answered["ticketviews"].to_string(), "the order of keys, too");
}

async fn ticketview_reads_one(desk: &Desk) {
    let view = desk.agent().ticketview("9").await.unwrap();
    assert_eq!((view.id.as_str(), view.title.as_deref()), ("9", Some("您组中未解决的工单")));
    assert_eq!(view.active, Some(false));
    assert_eq!((view.created_at, view.updated_at), (Some(desk.at("2019-08-16 00:00:07")), None));
    let all_tickets = desk.agent().ticketview("2").await.unwrap();
    assert_eq!(all_tickets.updated_at, Some(desk.at("2019-10-07 13:35:59")));
}

async fn ticketview_tells_its_last_change(desk: &Desk) {
    desk.control("POST", "views/9", json!({"active": "1", "title": "我们组的"})).await;
    let view = desk.agent().ticketview("9").await.unwrap();
    assert_eq!((view.title.as_deref(), view.active), (Some("我们组的"), Some(true)));
    assert!(desk.is_now(view.updated_at), "{:?}", view.updated_at);
}

async fn ticketview_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().ticketview("404").await), "not_found");
}

async fn ticketview_count_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().ticketview_count("404").await), "not_found");
}

async fn ticketview_counts_leaves_unknown_ones_out(desk: &Desk) {
    let counts = desk.agent().ticketview_counts(&["15", "404", "2"]).await.unwrap();
    let ids: Vec<&str> = counts.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["15", "2"]);
}

async fn ticketview_tickets_pages_make_up_the_whole(desk: &Desk) {
    let pages = paged(async |page, size| desk.agent().ticketview_tickets_page("2", page, size).await).await;
    let walked = all(desk.agent().ticketview_tickets("2")).await;
    assert_eq!(walked, pages);
    assert_eq!(walked.len() as u64, desk.agent().ticketview_count("2").await.unwrap());
    assert!(descends(&numbers(&walked)), "as in the vendor's sample");
}

async fn ticketview_tickets_page_as_sent_has_what_the_vendor_sent(desk: &Desk) {
    let page = desk.agent().ticketview_tickets_page_as_sent("2", 2, 10).await.unwrap();
    let understood = desk.agent().ticketview_tickets_page("2", 2, 10).await.unwrap();
    assert_eq!((page.count, page.more), (understood.count, understood.more));
    let (tickets, sent): (Vec<_>, Vec<_>) =
        page.items.into_iter().map(|ticket| (ticket.it, ticket.sent)).unzip();
    assert_eq!(tickets, understood.items);
    let answered = desk.answered("/api/v1/ticketviews/2/tickets.json?page=2&per_page=10").await;
    assert_eq!(json!(sent).to_string(), answered["tickets"].to_string(), "the order of keys, too");
}

async fn ticketview_tickets_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().ticketview_tickets_page("404", 1, 10).await), "not_found");
}

async fn ticketview_tickets_are_those_that_its_name_says(desk: &Desk) {
    let everything = all(desk.agent().ticketview_tickets("2")).await;
    let unassigned = |ticket: &Ticket| ticket.servicer_user_id.is_none();
    let awaiting = |ticket: &Ticket| status(ticket) == "pending";
    let in_sales =
        |ticket: &Ticket| ticket.tag_list.iter().any(|tags| tags.split(',').any(|tag| tag == "售中"));
    assert_view(desk, "4", &everything, unassigned).await;
    assert_view(desk, "5", &everything, is_unsolved).await;
    assert_view(desk, "8", &everything, awaiting).await;
    assert_view(desk, "15", &everything, in_sales).await;
}

async fn assert_view(desk: &Desk, id: &str, everything: &[Ticket], holds: impl Fn(&Ticket) -> bool) {
    let expected: Vec<&str> =
        everything.iter().filter(|ticket| holds(ticket)).map(|it| it.id.as_str()).collect();
    assert!(!expected.is_empty(), "view {id}");
    assert_eq!(ids(&all(desk.agent().ticketview_tickets(id)).await), expected, "view {id}");
}

/// View 3 is "your unsolved tickets".
async fn ticketview_tickets_depend_on_the_caller(desk: &Desk) {
    for (client, servicer) in [(desk.agent(), "565124"), (desk.basic(), "565123")] {
        let yours = all(client.ticketview_tickets("3")).await;
        assert!(yours.iter().all(|ticket| ticket.servicer_user_id.as_deref() == Some(servicer)));
        assert!(!yours.is_empty() && yours.iter().all(is_unsolved));
    }
}

async fn ticketview_tickets_follow_a_change(desk: &Desk) {
    let before = desk.agent().ticketview_count("5").await.unwrap();
    let id = deskbridge::bangwo8::TicketId::new("5101465");
    let solved = deskbridge::bangwo8::TicketWrite { ticket_status: Some(4), ..Default::default() };
    desk.agent().update_ticket(&id, &solved, &desk.request_id()).await.unwrap();
    assert_eq!(desk.agent().ticketview_count("5").await.unwrap(), before - 1);
    let recent = all(desk.agent().ticketview_tickets("6")).await;
    assert_eq!(recent[0].id, id, "the ticket changed last is the first of the recently changed");
}

fn status(ticket: &Ticket) -> &'static str {
    ticket.ticket_status.as_ref().unwrap().name.unwrap()
}

fn is_unsolved(ticket: &Ticket) -> bool {
    matches!(status(ticket), "new" | "open" | "pending")
}
