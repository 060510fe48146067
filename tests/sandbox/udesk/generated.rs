//! Rows that nobody stores.

use deskbridge::sandbox::{Counts, Options};
use serde_json::{Value, json};

use super::Udesk;
use crate::support::Desk;

const FIRST: u64 = 1_000_000_000;

async fn desk() -> Udesk {
    let counts = Counts { tickets: 1_000_000, contacts: 1_000_000, companies: 1_000, replies: 2_000_000 };
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
