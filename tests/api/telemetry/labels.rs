//! Labels have few values, whatever callers think of.

use std::collections::BTreeSet;

use deskbridge::http::addresses;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::Method;

use crate::harness::*;

/// Requests of the flood; each would be a series of its own if anything of it were a label.
const FLOOD: usize = 3000;
/// Series that the flood may add: the answers of ours that it can meet with, in 18 lines each.
const MORE: usize = 60 * 18;

/// The names of series, without their values.
fn series(page: &str) -> Vec<&str> {
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.rsplit_once(' ').expect("a value").0).collect()
}

fn word(random: &mut StdRng) -> String {
    (0..random.random_range(1..12)).map(|_| random.random_range('a'..='z')).collect()
}

fn path(random: &mut StdRng) -> String {
    let (a, b, c) = (word(random), word(random), word(random));
    match random.random_range(0..7) {
        0 => format!("/{a}"),
        1 => format!("/{a}/{b}?{c}={a}"),
        2 => format!("/v1/connections/{a}/events"),
        3 => format!("/v1/connections/{a}/events/{b}/explain"),
        4 => format!("/v1/connections/{CONNECTION}/ticketviews/{a}/tickets"),
        5 => format!("/v1/connections/{CONNECTION}/links/{a}/{b}"),
        _ => format!("/v1/connections/{a}/{b}/{c}"),
    }
}

fn method(random: &mut StdRng) -> Method {
    let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
    match random.random_range(0..5) {
        4 => Method::from_bytes(word(random).to_uppercase().as_bytes()).expect("a token"),
        known_one => known[known_one].clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_addresses_methods_and_connections_adds_only_as_many_series_as_there_are_routes() {
    let app = TestApp::start().await;
    let random = &mut StdRng::seed_from_u64(7);
    let before = series(&app.metrics().await).len();
    for _ in 0..FLOOD {
        let request = app.client.request(method(random), format!("{}{}", app.url, path(random)));
        let traceparent = format!("00-{:032x}-{:016x}-01", random.random::<u128>(), random.random::<u64>());
        send(request.bearer_auth(OPS_KEY).header("traceparent", traceparent)).await;
    }
    let page = app.metrics().await;
    let after = series(&page);
    assert!(after.len() <= before + MORE, "{before} series became {}", after.len());
    let routes = routes(&page);
    assert!(routes.contains("/v1/connections/{connection}/events/{id}/explain"), "{routes:?}");
    assert!(routes.contains(""), "what is no route has one value: {routes:?}");
    let ours: BTreeSet<String> = addresses().map(|(address, _)| address).chain([String::new()]).collect();
    assert!(routes.is_subset(&ours), "{routes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_lay_prepared_is_counted_under_the_route_that_the_router_knows() {
    let app = TestApp::with(crate::ticketviews::every_second()).await;
    let of_view = |what: &str| format!("/ticketviews/2{what}");
    let of_all = ["/ticketviews", "/ticketviews/counts"].map(str::to_owned);
    for path in of_all.into_iter().chain(["", "/tickets", "/count"].map(of_view)) {
        eventually(async || Some(app.get(&path).await).filter(|answer| answer.status == 200)).await;
        // A query is left to the router.
        app.get(&format!("{path}?fields=id")).await;
    }
    let ours: BTreeSet<String> = addresses().map(|(address, _)| address).collect();
    let routes = routes(&app.metrics().await);
    assert_eq!(routes.iter().filter(|route| route.contains("/ticketviews")).count(), 5, "{routes:?}");
    assert!(routes.is_subset(&ours), "{routes:?}");
}

fn routes(page: &str) -> BTreeSet<String> {
    let route = |name: &str| name.split("http_route=\"").nth(1)?.split('"').next().map(str::to_owned);
    series(page).into_iter().filter_map(route).collect()
}
