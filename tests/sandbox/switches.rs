//! The switches, and what each one changes that no other test shows.

use deskbridge::sandbox::Switches;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, id_of, parsed, ticket};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_can_be_made_and_found_under_every_value_of_every_switch() {
    let desk = Desk::start().await;
    let mut made = 23;
    for (name, value) in Switches::every_value() {
        let default = desk.control(Method::GET, "switches", json!({})).await.1[name].clone();
        desk.switch(name, value.clone()).await;
        let (status, body) = desk.create(ticket()).await;
        assert_eq!(status, 200, "{name} {value}: {body}");
        made += 1;
        let count = desk.get("/tickets.json?per_page=1").await["count"].clone();
        // `23` under one value, `"23"` under the other.
        assert_eq!(count.to_string().trim_matches('"'), made.to_string(), "{name} {value}");
        desk.switch(name, default).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_values_are_listed_and_each_can_be_set() {
    let desk = Desk::start().await;
    let (_, values) = desk.control(Method::GET, "switches/values", json!({})).await;
    let listed: Vec<(String, Value)> = values
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(name, values)| {
            values.as_array().unwrap().iter().map(|value| (name.clone(), value.clone()))
        })
        .collect();
    let known = Switches::every_value().into_iter().map(|(name, value)| (name.to_owned(), value));
    assert_eq!(listed, known.collect::<Vec<_>>());
    for (name, value) in listed {
        desk.switch(&name, value.clone()).await;
        assert_eq!(desk.control(Method::GET, "switches", json!({})).await.1[&name], value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_switch_or_value_is_refused_with_what_exists() {
    let desk = Desk::start().await;
    for (change, told) in [
        (json!({"count": "text"}), "udesk_delivery"),
        (json!({"rate_limit": 500}), "one of \"off\", 429, 503"),
        (json!({"tickets_per_page": 0}), "a whole number from 1 to 1000"),
    ] {
        let (status, body) = desk.control(Method::PUT, "switches", change.clone()).await;
        assert_eq!(status, 422);
        assert!(body["error"].as_str().unwrap().contains(told), "{change}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_refuses_what_is_above_it() {
    let desk = Desk::start().await;
    let read = async || desk.admin(Method::GET, "/api/v1/ticketviews/2.json").send().await.unwrap();
    desk.switch("rate_limit_per_minute", json!(2)).await;
    assert_eq!(read().await.status(), 200);
    desk.switch("rate_limit", json!(429)).await;
    assert_eq!((read().await.status().as_u16(), read().await.status().as_u16()), (200, 200));
    let refused = read().await;
    let retry_after: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(refused.status(), 429);
    assert!((1..=60).contains(&retry_after));
    desk.switch("rate_limit", json!(503)).await;
    let refused = read().await;
    assert_eq!(refused.status(), 503);
    assert!(refused.text().await.unwrap().contains("系统维护中"));
    desk.switch("rate_limit", json!("off")).await;
    assert_eq!(read().await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_may_end_the_old_one() {
    let desk = Desk::start().await;
    let read = async |token: &str| {
        parsed(desk.request(Method::GET, "/api/v1/ticketviews.json").bearer_auth(token)).await.0.as_u16()
    };
    let (first, second) = (desk.token().await, desk.token().await);
    assert_eq!((read(&first).await, read(&second).await), (200, 200));
    desk.switch("new_token", json!("ends-others")).await;
    let third = desk.token().await;
    assert_eq!((read(&first).await, read(&second).await, read(&third).await), (401, 401, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_ticket_is_told_in_three_ways() {
    let desk = Desk::start().await;
    for (value, status, body) in [
        ("not-found", 404, json!({"errcode": "100047", "errmsg": "Invalid resource URI"})),
        ("empty-array", 200, json!({"ticket": []})),
        ("no-key", 200, json!({})),
    ] {
        desk.switch("missing_ticket", json!(value)).await;
        for path in ["/api/v1/tickets/7.json", "/api/v1/tickets/7_v2.json"] {
            let (answered, told) = parsed(desk.admin(Method::GET, path)).await;
            assert_eq!((answered.as_u16(), &told), (status, &body), "{value} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skewed_clock_shows_in_the_timestamps() {
    let desk = Desk::start().await;
    let mut created = Vec::new();
    for skew in [0, -3600, 3600] {
        desk.switch("clock_skew_s", json!(skew)).await;
        let id = id_of(&desk.create(ticket()).await.1);
        let time: jiff::civil::DateTime =
            desk.stored(id).await.unwrap()["createDT"].as_str().unwrap().parse().unwrap();
        created.push(time);
    }
    let hours = |from: usize, to: usize| created[to].duration_since(created[from]).as_secs_f64() / 3600.0;
    assert!((hours(0, 1) + 1.0).abs() < 0.1, "{created:?}");
    assert!((hours(1, 2) - 2.0).abs() < 0.1, "{created:?}");
}
