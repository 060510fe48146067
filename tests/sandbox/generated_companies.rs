use deskbridge::sandbox::{Counts, Options};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Desk;

/// The companies of the seed data that a list shows.
const SEEDED: usize = 7;
const FIRST: u64 = 1_000_000_000;

async fn desk() -> Desk {
    let generate = Counts { companies: 250, contacts: 500, ..Counts::default() };
    Desk::start_with(Options { generate, ..Options::default() }).await
}

fn ids(body: &Value, list: &str) -> Vec<u64> {
    let id = |company: &Value| company["uId"].as_str().unwrap().parse().unwrap();
    body[list].as_array().unwrap().iter().map(id).collect()
}

async fn listed(desk: &Desk, query: &str) -> Vec<u64> {
    ids(&desk.get(&format!("/companies.json{query}")).await, "companies")
}

async fn rename(desk: &Desk, id: u64, name: &str) -> Value {
    let sent = json!({"company": {"companyName": name}});
    desk.write(Method::PUT, &format!("/companies/{id}.json"), sent).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_company_once_seeded_ones_first() {
    let desk = desk().await;
    let mut all = Vec::new();
    for page in 1..=3 {
        all.extend(listed(&desk, &format!("?page={page}")).await);
    }
    assert_eq!(all.len(), SEEDED + 250);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!((all[0], all[SEEDED]), (111, FIRST));
    assert_eq!(listed(&desk, "?created_order=desc&per_page=2").await, [14_650_146, FIRST + 249]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_company_is_read_and_found_like_any_other() {
    let desk = desk().await;
    let company = desk.get(&format!("/companies/{}.json", FIRST + 7)).await["company"].clone();
    let name = company["companyName"].as_str().unwrap();
    let found = desk.get(&format!("/companies/search.json?query=companyName:{name}")).await;
    assert_eq!((ids(&found, "results"), &found["count"]), (vec![FIRST + 7], &json!("1")));
    let many = desk.get(&format!("/companies/show_many.json?ids={},{}", FIRST + 7, FIRST + 250)).await;
    assert_eq!(many["companies"].as_array().unwrap().len(), 1);
    let created = &company["createDT"].as_str().unwrap()[..10];
    let day = listed(&desk, &format!("?created_start={created}&created_end={created}&per_page=300")).await;
    assert!(day.contains(&(FIRST + 7)) && day[0] == FIRST, "{day:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_one_is_listed_once_with_its_change() {
    let desk = desk().await;
    let old = desk.get(&format!("/companies/{FIRST}.json")).await["company"]["companyName"].clone();
    assert_eq!(rename(&desk, FIRST, "长春启明电梯").await["company"]["companyName"], "长春启明电梯");
    let all = listed(&desk, "?per_page=300").await;
    assert_eq!(all.len(), SEEDED + 250);
    assert_eq!(all.iter().filter(|id| **id == FIRST).count(), 1);
    let found = desk.get("/companies/search.json?query=companyName:启明电梯").await;
    assert_eq!(ids(&found, "results"), [FIRST]);
    assert_eq!(rename(&desk, FIRST + 1, "长春启明电梯").await["data"]["companyId"], FIRST.to_string());
    assert_eq!(rename(&desk, FIRST + 1, old.as_str().unwrap()).await["company"]["companyName"], old);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_name_is_taken_and_a_new_company_has_a_small_id() {
    let desk = desk().await;
    let name = desk.get(&format!("/companies/{}.json", FIRST + 9)).await["company"]["companyName"].clone();
    let sent = json!({"company": {"companyName": name}});
    let (_, body) = desk.write(Method::POST, "/companies.json", sent).await;
    assert_eq!((&body["status"], &body["data"]["companyId"]), (&json!("110026"), &json!("1000000009")));
    rename(&desk, FIRST + 9, "别名").await;
    let (_, body) =
        desk.write(Method::POST, "/companies.json", json!({"company": {"companyName": "新公司"}})).await;
    assert_eq!(body["company"]["uId"], "14650147");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_company_may_own_rows_of_an_asset_table() {
    let desk = desk().await;
    let rows = json!({"items_data": [{"owner": FIRST + 3, "ownerType": "company", "field_1": "DT-9"}]});
    assert_eq!(desk.write(Method::POST, "/forms/asset_form/1021.json", rows).await.1["status"], "0");
}
