//! Tickets byte for byte, and the signature under which they are asked for.

use crate::vendor::{Vendor, json};

use super::client;

#[tokio::test]
async fn a_page_of_tickets_is_asked_for_with_the_published_signature() {
    let vendor = Vendor::start(|_, _| {
        json(
            r#"{"status":0,"message":"成功","size":1,"total":11,"total_pages":2,"contents":[{"id": 1,"x":1.0}]}"#,
        )
    });
    let page = client(&vendor.url).v1().tickets_page(1, 10).await.unwrap();
    assert_eq!((page.total, page.total_pages, page.more), (Some(11), Some(2), true));
    assert_eq!(page.items[0].raw.get(), r#"{"id": 1,"x":1.0}"#);
    let seen = &vendor.seen()[0];
    assert_eq!(seen.path, "/api/v1/tickets.json");
    assert_eq!(seen.query, "page=1&per_page=10&sign=b48d4134e7d13839b09b5423e300c352");
}

#[tokio::test]
async fn a_ticket_is_given_as_it_came() {
    let vendor =
        Vendor::start(|_, _| json(r#"{"status":0,"message":"成功","contents":{"id":1, "b":"\u5de5"}}"#));
    let ticket = client(&vendor.url).v1().ticket(1).await.unwrap();
    assert_eq!(ticket.raw.get(), r#"{"id":1, "b":"\u5de5"}"#);
    let seen = &vendor.seen()[0];
    assert_eq!(seen.path, "/api/v1/tickets/1.json");
    assert_eq!(seen.query, "sign=e9fb0570fe9265fd55ea8b84f8fbcbbb");
}

#[tokio::test]
async fn a_prefix_of_the_base_url_is_kept() {
    let vendor = Vendor::start(|_, _| json(r#"{"status":0,"contents":{"id":1}}"#));
    client(&vendor.url.join("udesk/").unwrap()).v1().ticket(1).await.unwrap();
    assert_eq!(vendor.seen()[0].path, "/udesk/api/v1/tickets/1.json");
}
