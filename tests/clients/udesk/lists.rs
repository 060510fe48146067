//! Walking lists in the vendor's three styles.

use deskbridge::udesk::{Error, Search};
use futures_util::{StreamExt, pin_mut};

use crate::vendor::{Seen, Vendor, json};

use super::{all, client};

/// The number of a parameter of the query.
fn number(seen: &Seen, name: &str) -> u64 {
    let pair = |pair: &str| pair.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
    seen.query.split('&').find_map(pair).unwrap()
}

#[tokio::test]
async fn v1_tickets_are_read_to_the_last_page() {
    let vendor = Vendor::start(|seen, _| {
        let page = number(seen, "page");
        json(format!(r#"{{"status":0,"total":3,"total_pages":3,"contents":[{{"id":{page}}}]}}"#))
    });
    let (tickets, error) = all(client(&vendor.url).v1().tickets()).await;
    assert!(error.is_none());
    assert_eq!(tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(vendor.seen().len(), 3);
}

#[tokio::test]
async fn a_stream_asks_for_a_page_only_when_it_is_wanted() {
    let vendor = Vendor::start(|_, _| {
        json(r#"{"code":1000,"meta":{"total_pages":9},"contents":[{"ticket":{"id":1}},{"ticket":{"id":2}}]}"#)
    });
    let tickets = client(&vendor.url).v2().tickets();
    pin_mut!(tickets);
    assert!(vendor.seen().is_empty());
    tickets.next().await.unwrap().unwrap();
    tickets.next().await.unwrap().unwrap();
    assert_eq!(vendor.seen().len(), 1);
    tickets.next().await.unwrap().unwrap();
    assert_eq!(vendor.seen().len(), 2);
}

#[tokio::test]
async fn v1_customers_without_a_page_count_are_read_to_their_total() {
    let vendor = Vendor::start(|seen, _| {
        let page = number(seen, "page");
        json(format!(r#"{{"status":0,"total":101,"contents":{}}}"#, ids(if page == 1 { 100 } else { 1 })))
    });
    let (customers, error) = all(client(&vendor.url).v1().customers()).await;
    assert!(error.is_none());
    assert_eq!((customers.len(), vendor.seen().len()), (101, 2));
}

#[tokio::test]
async fn the_old_name_of_the_total_is_read_too() {
    let vendor = Vendor::start(|_, _| {
        json(r#"{"code":1000,"meta":{"current_page":1,"count":"7"},"agents":[{"id":1}]}"#)
    });
    let page = client(&vendor.url).v2().agents_page(true, 1, 1).await.unwrap();
    assert_eq!((page.total, page.total_pages, page.more), (Some(7), None, true));
    assert!(vendor.seen()[0].query.starts_with("with_disabled=true&page=1&per_page=1&"));
}

#[tokio::test]
async fn an_empty_page_before_the_last_one_is_an_error_and_not_the_end() {
    let vendor = Vendor::start(|seen, _| match number(seen, "page") {
        1 => json(r#"{"code":1000,"meta":{"total_pages":9},"user_groups":[{"id":1}]}"#),
        _ => json(r#"{"code":1000,"meta":{"total_pages":9},"user_groups":[]}"#),
    });
    let (groups, error) = all(client(&vendor.url).v2().user_groups()).await;
    assert_eq!((groups.len(), error.unwrap().code(), vendor.seen().len()), (1, "bad_answer", 2));
}

#[tokio::test]
async fn an_empty_page_before_the_total_is_an_error_too() {
    let vendor = Vendor::start(|_, _| json(r#"{"status":0,"total":3,"contents":[]}"#));
    let error = client(&vendor.url).v1().customers_page(1, 100).await.unwrap_err();
    assert_eq!(error.code(), "bad_answer");
}

#[tokio::test]
async fn an_empty_page_that_nothing_is_promised_after_ends_a_list() {
    let vendor = Vendor::start(|seen, _| match number(seen, "page") {
        1 => json(format!(r#"{{"code":1000,"user_groups":{}}}"#, ids(100))),
        _ => json(r#"{"code":1000,"user_groups":[]}"#),
    });
    let (groups, error) = all(client(&vendor.url).v2().user_groups()).await;
    assert!(error.is_none());
    assert_eq!((groups.len(), vendor.seen().len()), (100, 2));
}

#[tokio::test]
async fn more_customers_than_the_vendor_shows_are_an_error_at_the_end_and_not_a_short_list() {
    let vendor = Vendor::start(|_, _| {
        json(format!(r#"{{"code":1000,"meta":{{"total_pages":101}},"customers":{}}}"#, ids(100)))
    });
    let (customers, error) = all(client(&vendor.url).v2().customers(Search::default())).await;
    assert_eq!((customers.len(), vendor.seen().len()), (10_000, 100));
    assert!(matches!(error, Some(Error::OutOfReach { reach: 10_000, .. })));
}

#[tokio::test]
async fn organizations_have_a_hundred_pages_at_most() {
    let vendor = Vendor::start(|_, _| json(r#"{"code":1000,"meta":{},"organizations":[]}"#));
    let v2 = client(&vendor.url).v2();
    assert!(v2.organizations_page(Search::default(), 100, 20).await.is_ok());
    let error = v2.organizations_page(Search::default(), 101, 20).await.unwrap_err();
    assert!(matches!(error, Error::OutOfReach { reach: 2000, .. }));
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn an_error_ends_a_stream_after_what_came_before_it() {
    let vendor = Vendor::start(|_, before| match before {
        0 => json(r#"{"status":0,"total_pages":3,"contents":[{"id":1}]}"#),
        _ => json("<html>维护中</html>"),
    });
    let (tickets, error) = all(client(&vendor.url).v1().filter_tickets(4, None)).await;
    assert_eq!((tickets.len(), error.unwrap().code(), vendor.seen().len()), (1, "not_json", 2));
}

#[tokio::test]
async fn an_element_without_an_id_spoils_the_page() {
    let vendor = Vendor::start(|_, _| json(r#"{"status":0,"contents":[{"id":1},{"subject":"无编号"}]}"#));
    let error = client(&vendor.url).v1().tickets_page(1, 2).await.unwrap_err();
    assert_eq!(error.code(), "bad_answer");
}

fn ids(count: u32) -> String {
    let items: Vec<String> = (1..=count).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    format!("[{}]", items.join(","))
}
