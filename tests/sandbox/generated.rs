//! Rows made up from a seed, beside the stored ones.

use std::collections::BTreeSet;

use deskbridge::sandbox::{Counts, Options};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

async fn desk(generate: Counts, seed: u64) -> Desk {
    Desk::start_with(Options { generate, seed, ..Options::default() }).await
}

async fn crowd() -> Desk {
    desk(
        Counts {
            tickets: 1_000_000,
            companies: 300,
            contacts: 7_000,
            replies: 2_500_000,
            ..Counts::default()
        },
        7,
    )
    .await
}

async fn small(seed: u64) -> Desk {
    desk(Counts { tickets: 90, companies: 3, contacts: 7, replies: 90, ..Counts::default() }, seed).await
}

fn column(body: &Value, member: &str) -> Vec<String> {
    body["tickets"].as_array().unwrap().iter().map(|row| row[member].as_str().unwrap().to_owned()).collect()
}

/// Every ticket of a list, page by page.
async fn all(desk: &Desk, path: &str, member: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for page in 1.. {
        let sign = if path.contains('?') { '&' } else { '?' };
        let body = desk.get(&format!("{path}{sign}per_page=7&page={page}")).await;
        let shown = column(&body, member);
        if shown.is_empty() {
            assert_eq!(body["count"], rows.len().to_string(), "{path}");
            break;
        }
        rows.extend(shown);
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_page_of_a_million_is_there_like_the_first() {
    let desk = crowd().await;
    let first = desk.get("/tickets.json?per_page=100").await;
    assert_eq!(first["count"], "1000023");
    assert_eq!(column(&first, "ticketId")[0], "4987103");
    assert_eq!(column(&first, "ticketId")[23], "1000000000");
    let last = desk.get("/tickets.json?per_page=100&page=10001").await;
    assert_eq!(column(&last, "ticketId").last().unwrap(), "1000999999");
    assert_eq!(last["tickets"].as_array().unwrap().len(), 23);
    let newest = desk.get("/tickets.json?updated_order=desc&per_page=3").await;
    assert_eq!(column(&newest, "ticketId"), ["1000999999", "1000999998", "1000999997"]);
    assert_eq!(desk.get("/ticketviews/2/count.json").await["ticketview_count"][0]["count"], "1000023");
    let state = desk.state().await;
    assert_eq!(state["tickets"].as_array().unwrap().len(), 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seed_always_shows_the_same_desk() {
    let (one, same, other) = (small(1).await, small(1).await, small(2).await);
    let (path, contact) = ("/tickets.json?per_page=200", "/users.json");
    assert_eq!(one.get(path).await["tickets"], same.get(path).await["tickets"]);
    assert_ne!(one.get(path).await["tickets"], other.get(path).await["tickets"]);
    assert_eq!(one.get(contact).await["count"], "11");
    assert_eq!(one.get("/companies/1000000002.json").await["company"]["uId"], "1000000002");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_of_a_list_holds_every_ticket_once() {
    let desk = small(3).await;
    for (query, member) in [
        ("", "ticketId"),
        ("?created_order=asc", "createDT"),
        ("?created_order=desc", "createDT"),
        ("?updated_order=desc", "updateDT"),
        ("?status_order=asc", "ticketStatus"),
        ("?status_order=desc", "ticketStatus"),
    ] {
        desk.switch("ticket_enums", json!("code-as-text")).await;
        let ids = all(&desk, &format!("/tickets.json{query}"), "ticketId").await;
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 113, "{query}");
        let shown = all(&desk, &format!("/tickets.json{query}"), member).await;
        let mut sorted = shown.clone();
        sorted.sort_by_key(|text| (text.len(), text.clone()));
        if query.ends_with("desc") {
            sorted.reverse();
        }
        assert_eq!(shown, sorted, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_holds_exactly_the_tickets_of_its_time() {
    let desk = small(3).await;
    let every = all(&desk, "/tickets.json", "createDT").await;
    let (from, to) = ("2023-01-01 08:03:00", "2023-01-01 08:09:59");
    let expected = every.iter().filter(|time| from <= time.as_str() && time.as_str() <= to).count();
    let path = format!("/tickets.json?created_start={from}&created_end={to}");
    let within = all(&desk, &path, "createDT").await;
    assert_eq!(within.len(), expected);
    assert!(expected > 30 && within.iter().all(|time| from <= time.as_str() && time.as_str() <= to));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_of_generated_tickets_share_them_among_themselves() {
    let desk = small(4).await;
    let (mut of_contacts, mut of_companies) = (Vec::new(), Vec::new());
    for contact in 0..7 {
        of_contacts.extend(
            all(&desk, &format!("/users/{}/tickets.json", 1_000_000_000 + contact), "ticketId").await,
        );
    }
    for company in 0..3 {
        let path = format!("/companies/{}/tickets.json?status_order=desc", 1_000_000_000 + company);
        of_companies.extend(all(&desk, &path, "ticketId").await);
    }
    of_contacts.sort();
    of_companies.sort();
    assert_eq!(of_contacts.len(), 90);
    assert_eq!(of_contacts, of_companies);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_ticket_is_stored_and_shown_once() {
    let desk = small(5).await;
    let id = "1000000041";
    let (status, body) =
        desk.update(id, json!({"ticketStatus": 4, "ticketReply": {"replyMsg": "已解决。"}})).await;
    assert_eq!(status, 200, "{body}");
    let ids = all(&desk, "/tickets.json", "ticketId").await;
    assert_eq!((ids.len(), ids.iter().filter(|shown| *shown == id).count()), (113, 1));
    assert_eq!(desk.stored(1_000_000_041).await.unwrap()["replies"].as_array().unwrap().len(), 2);
    let newest = desk.get("/tickets.json?updated_order=desc&per_page=1").await;
    assert_eq!(column(&newest, "ticketId"), [id]);
    let new = desk.create(json!({"subject": "新的", "ticketStatus": 1})).await.1;
    assert_eq!(new["ticket"]["ticketId"], "5237432");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_hold_generated_tickets_too() {
    let desk = small(6).await;
    for view in ["3", "4", "5", "7", "8", "9", "13"] {
        let shown = all(&desk, &format!("/ticketviews/{view}/tickets.json"), "ticketId").await;
        assert!(shown.iter().any(|id| id.len() == 10), "view {view}");
        assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len());
    }
    assert_eq!(all(&desk, "/ticketviews/10/tickets.json", "ticketId").await.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_company_is_found_changed_and_its_name_is_taken() {
    let desk = small(8).await;
    let company = desk.get("/companies/1000000001.json").await["company"].clone();
    let name = company["companyName"].as_str().unwrap();
    let found = desk.get(&format!("/companies/search.json?query=companyName:{name}")).await;
    assert_eq!((&found["count"], &found["results"][0]["uId"]), (&json!("1"), &json!("1000000001")));
    let taken =
        desk.write(Method::POST, "/companies.json", json!({"company": {"companyName": name}})).await.1;
    assert_eq!((&taken["status"], &taken["data"]["companyId"]), (&json!("110026"), &json!("1000000001")));
    let change = json!({"company": {"companyName": "改名有限公司"}});
    assert_eq!(desk.write(Method::PUT, "/companies/1000000001.json", change).await.0, 200);
    assert_eq!(desk.get(&format!("/companies/search.json?query=companyName:{name}")).await["count"], "0");
    assert_eq!(desk.get("/companies.json").await["companies"].as_array().unwrap().len(), 10);
    let (status, _) = parsed(desk.admin(Method::GET, "/api/v1/companies/1000000003.json")).await;
    assert_eq!(status, 404);
}
