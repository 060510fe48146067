//! Rows that nobody stores.

use deskbridge::sandbox::{Counts, Options};
use serde_json::{Value, json};

use super::Udesk;
use crate::support::Desk;

const FIRST: u64 = 1_000_000_000;

async fn desk() -> Udesk {
    let counts = Counts {
        tickets: 1_000_000,
        contacts: 1_000_000,
        companies: 1_000,
        replies: 2_000_000,
        ..Counts::default()
    };
    let options = Options { generate: counts, seed: 7, ..Options::default() };
    Udesk::with(Desk::start_with(options).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_tickets_are_paged_to_the_last() {
    let desk = desk().await;
    let body = desk.get("/api/v1/tickets?page=10001&per_page=100").await;
    assert_eq!(
        (&body["size"], &body["total"], &body["total_pages"]),
        (&json!(12), &json!(1_000_012), &json!(10_001))
    );
    assert_eq!(body["contents"][11]["id"], FIRST + 999_999);
    let joint = desk.get("/open_api_v1/tickets?page=2&per_page=10").await;
    let ids: Vec<u64> = joint["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["ticket"]["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, (11..=12).chain(FIRST..FIRST + 8).collect::<Vec<_>>());
    assert_eq!(desk.count("tickets").await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_ticket_is_read_replied_to_and_from_then_on_stored() {
    let desk = desk().await;
    let path = format!("/open_api_v1/tickets/detail?id={}", FIRST + 5);
    let before = desk.get(&path).await;
    assert_eq!(before, desk.get(&path).await);
    let email = before["ticket"]["user_email"].as_str().unwrap().to_owned();
    let replies = async || {
        let body = desk.get(&format!("/open_api_v1/tickets/{}/replies", FIRST + 5)).await;
        body["replies"].as_array().map(Vec::len)
    };
    assert_eq!(replies().await, Some(2));
    let reply = json!({"id": FIRST + 5, "reply_content": "还是不行", "email": email});
    assert_eq!(desk.post("/api/v1/tickets/reply", reply).await["status"], 0);
    assert_eq!((replies().await, desk.count("tickets").await), (Some(3), 13));
    let body = desk.get("/api/v1/tickets").await;
    assert_eq!(body["total"], 1_000_012);
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_customers_and_companies_are_found() {
    let desk = desk().await;
    let body = desk.get("/open_api_v1/customers?page_size=100&page=100").await;
    assert_eq!(
        (&body["meta"]["total_count"], body["customers"].as_array().unwrap().len()),
        (&json!(1_000_013), 100)
    );
    let known: &Value = &body["customers"][0];
    let email = known["email"].as_str().unwrap();
    let found = desk.get(&format!("/open_api_v1/customers/get_customer?type=email&content={email}")).await;
    assert_eq!(&found["customer"], known);
    let number = known["cellphones"][0]["content"].as_str().unwrap();
    let found =
        desk.get(&format!("/open_api_v1/customers/get_customer?type=cellphone&content={number}")).await;
    assert_eq!(&found["customer"], known);
    let company = known["organization_id"].as_u64().unwrap();
    let path = format!("/open_api_v1/organizations/show_org?type=id&content={company}");
    assert_eq!(desk.get(&path).await["organization"]["id"], company);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_tickets_are_numbered_after_the_seeded_ones() {
    let desk = desk().await;
    let body = desk.post("/api/v1/tickets", json!({"ticket": {"subject": "新", "content": "工单"}})).await;
    assert_eq!(body["ticket_id"], 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_shows_generated_tickets_by_id_and_follows_their_changes() {
    let desk = desk().await;
    let path = "/api/v1/ticket_filters/2/tickets?per_page=100";
    let body = desk.get(path).await;
    assert_eq!(body["total"], 8 + 500_000);
    let shown = body["contents"].as_array().unwrap();
    assert!(shown.iter().all(|ticket| ticket["status"] == "open" || ticket["status"] == "solving"));
    let ids: Vec<u64> = shown.iter().map(|ticket| ticket["id"].as_u64().unwrap()).collect();
    assert!(ids.is_sorted() && ids[8] == FIRST, "{ids:?}");
    desk.put(&format!("/api/v1/tickets/{FIRST}"), json!({"ticket": {"status": "closed"}})).await;
    desk.put(&format!("/api/v1/tickets/{}", FIRST + 1), json!({"ticket": {"status": "open"}})).await;
    let body = desk.get(path).await;
    assert_eq!((&body["total"], &body["contents"][8]["id"]), (&json!(8 + 500_000), &json!(FIRST + 1)));
    let last = desk.get("/open_api_v1/tickets/tickets_in_filter?filter_id=2&per_page=100&page=5001").await;
    assert_eq!(last["contents"].as_array().unwrap().len(), 8);
    let recent = desk.get("/api/v1/ticket_filters/3/tickets").await;
    assert_eq!((&recent["total"], &recent["contents"][1]["id"]), (&json!(2), &json!(FIRST + 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_customer_has_generated_tickets() {
    let counts = Counts { tickets: 1_000, contacts: 300, ..Counts::default() };
    let options = Options { generate: counts, ..Options::default() };
    let desk = Udesk::with(Desk::start_with(options).await).await;
    let body = desk.post("/api/v1/tickets/get", json!({"email": "u7@example.com"})).await;
    let ids: Vec<u64> = body["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| ticket["id"].as_u64().unwrap() - FIRST)
        .collect();
    assert_eq!((ids, &body["total"]), (vec![7, 307, 607, 907], &json!(4)));
    let body = desk.post("/api/v1/tickets/get?per_page=3&page=2", json!({"email": "u7@example.com"})).await;
    assert_eq!((&body["size"], &body["contents"][0]["id"]), (&json!(1), &json!(FIRST + 907)));
}
