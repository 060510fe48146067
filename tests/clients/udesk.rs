//! The Udesk reader.

use actix_web::HttpResponse;
use deskbridge::udesk::{Client, Options};

use crate::vendor::{Vendor, json, raw};

const SECRET: &str = "99d80d18b0b9a994a8d0283e830e5099";

fn client(url: &url::Url) -> Client {
    Client::new(Options::new(url.clone(), SECRET.into())).unwrap()
}

#[tokio::test]
async fn a_page_of_tickets_is_asked_for_with_the_published_signature() {
    let vendor = Vendor::start(|_, _| {
        json(
            r#"{"status":0,"message":"成功","size":1,"total":11,"total_pages":2,"contents":[{"id": 1,"x":1.0}]}"#,
        )
    });
    let page = client(&vendor.url).tickets_page(1, 10).await.unwrap();
    assert_eq!((page.total, page.total_pages), (Some(11), Some(2)));
    assert_eq!(page.items[0].get(), r#"{"id": 1,"x":1.0}"#);
    let seen = &vendor.seen()[0];
    assert_eq!(seen.path, "/api/v1/tickets.json");
    assert_eq!(seen.query, "page=1&per_page=10&sign=b48d4134e7d13839b09b5423e300c352");
}

#[tokio::test]
async fn a_ticket_and_the_field_definitions_are_read() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/tickets/1.json" => json(r#"{"status":0,"message":"成功","contents":{"id":1}}"#),
        _ => json(r#"{"status":0,"message":"success","ticket_fields":[{"field_name":"TextField_1"}]}"#),
    });
    assert_eq!(client(&vendor.url).ticket(1).await.unwrap().get(), r#"{"id":1}"#);
    assert_eq!(client(&vendor.url).ticket_fields().await.unwrap().len(), 1);
    let seen = vendor.seen();
    assert_eq!(seen[0].query, "sign=e9fb0570fe9265fd55ea8b84f8fbcbbb");
    assert_eq!(seen[1].path, "/api/v2/ticket_fields.json");
}

#[tokio::test]
async fn errors_in_a_200_and_failures_of_the_vendor_are_told_apart() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/tickets/1.json" => json(r#"{"status":1003,"message":"未找到相应工单"}"#),
        "/api/v1/tickets/2.json" => json(r#"{"status":2002,"message":"签名错,请升级版本后使用!"}"#),
        "/api/v1/tickets/3.json" => HttpResponse::BadRequest().body(r#"{"error":"id is missing"}"#),
        "/api/v1/tickets/4.json" => HttpResponse::TooManyRequests().body(r#"{"status":2999}"#),
        _ => HttpResponse::BadGateway().body("<html>"),
    });
    let client = client(&vendor.url);
    let codes = ["not_found", "unauthorized", "rejected", "unavailable", "unavailable"];
    for (id, code) in (1..).zip(codes) {
        assert_eq!(client.ticket(id).await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn the_signature_is_not_in_an_error() {
    let (url, _server) = raw(b"", true).await;
    let error = client(&url).ticket(1).await.unwrap_err();
    assert!(error.is_temporary());
    let told = format!("{error} {error:?}");
    assert!(!told.contains("e9fb0570") && !told.contains(SECRET), "{told}");
}
