//! What goes wrong on the way, and what the client makes of it.

use std::{convert::Infallible, error::Error as _, net::TcpListener, time::Duration};

use actix_web::{HttpResponse, web::Bytes};
use deskbridge::bangwo8::{Client, Error, Retry, TicketId, TicketWrite};
use futures_util::stream;

use crate::vendor::{Vendor, basic, json, options, raw, request_id};

async fn create(client: &Client) -> Error {
    client.create_ticket(&TicketWrite::default(), &request_id()).await.unwrap_err()
}

/// The texts of an error and of everything under it.
fn texts(error: &Error) -> String {
    let mut texts = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        texts.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    texts
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let error = create(&Client::new(options(&url, basic())).unwrap()).await;
    assert_eq!((error.code(), error.effect_unknown()), ("unreachable", false));
    assert_eq!(error.retry(), Retry::Later { after: None });
}

#[tokio::test]
async fn a_name_without_an_address_is_told_from_a_host_that_refuses() {
    // RFC 6761, 6.4: a name that never has one.
    let url = "http://bangwo8.invalid".parse().unwrap();
    let error = create(&Client::new(options(&url, basic())).unwrap()).await;
    assert_eq!((error.code(), error.effect_unknown()), ("dns", false));
    let expected = "POST /api/v1/tickets.json was not sent: the host's name can't be resolved; check the base URL and the DNS";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_is_told_from_one_that_refuses() {
    let vendor = Vendor::start(|_, _| HttpResponse::Ok().finish());
    let url = vendor.url.as_str().replace("http:", "https:").parse().unwrap();
    let error = create(&Client::new(options(&url, basic())).unwrap()).await;
    assert_eq!((error.code(), error.effect_unknown()), ("tls", false));
}

#[tokio::test]
async fn a_connection_lost_in_mid_answer_leaves_the_effect_of_a_write_open() {
    let (url, _server) = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"ticket\":{", true).await;
    let client = Client::new(options(&url, basic())).unwrap();
    let (client, recording) = client.recording(None);
    let error = create(&client).await;
    assert_eq!((error.code(), error.effect_unknown()), ("unanswered", true));
    let error = client.ticket(&TicketId::new("1")).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("unanswered", false));
    assert_eq!(recording.calls()[0].status, Some(200));
}

#[tokio::test]
async fn a_connection_lost_before_the_answer_leaves_the_effect_of_a_write_open() {
    let (url, _server) = raw(b"", true).await;
    let error = create(&Client::new(options(&url, basic())).unwrap()).await;
    assert_eq!((error.code(), error.effect_unknown()), ("unanswered", true));
}

#[tokio::test]
async fn a_vendor_that_stays_silent_is_given_up_on() {
    for begun in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let (url, _server) = raw(begun, false).await;
        let mut options = options(&url, basic());
        options.timeout = Duration::from_millis(500);
        let error = create(&Client::new(options).unwrap()).await;
        assert_eq!((error.code(), error.effect_unknown()), ("timeout", true));
    }
}

#[tokio::test]
async fn an_endless_answer_is_read_up_to_the_limit() {
    let vendor = Vendor::start(|_, _| {
        let chunk = Ok::<_, Infallible>(Bytes::from_static(&[b' '; 4096]));
        HttpResponse::Ok().streaming(stream::repeat(chunk))
    });
    let mut options = options(&vendor.url, basic());
    options.max_response_bytes = 100_000;
    let error = Client::new(options).unwrap().list_ticketviews().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 100_000, .. }));
}

#[tokio::test]
async fn an_error_in_a_200_is_an_error() {
    let vendor = Vendor::start(|_, _| json(r#"{"state":"403","message":"columnId does not exist"}"#));
    let error = create(&vendor.client()).await;
    assert_eq!(error.to_string(), "POST /api/v1/tickets.json was refused: 403 columnId does not exist");
    assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
}

#[tokio::test]
async fn a_maintenance_page_is_worth_waiting_for() {
    let vendor = Vendor::start(|_, _| {
        HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "30")).body("<html>维护中</html>")
    });
    let error = create(&vendor.client()).await;
    assert_eq!(error.code(), "unavailable");
    assert_eq!(error.retry(), Retry::Later { after: Some(Duration::from_secs(30)) });
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let vendor =
        Vendor::start(|_, _| HttpResponse::Found().insert_header(("Location", "/elsewhere")).body(""));
    assert_eq!(create(&vendor.client()).await.code(), "bad_answer");
    assert_eq!(vendor.seen().len(), 1);
}

#[tokio::test]
async fn an_id_of_dots_asks_nothing() {
    let vendor = Vendor::start(|_, _| json(r#"{"tickets":[]}"#));
    let error = vendor.client().ticketview_tickets_page("..", 1, 100).await.unwrap_err();
    assert_eq!(error.code(), "not_found");
    assert!(vendor.seen().is_empty());
}

#[tokio::test]
async fn no_secret_and_no_content_is_in_an_error_or_in_the_client() {
    let vendor = Vendor::start(|_, _| json(r#"{"ticket": secret-body"#));
    let ticket = TicketWrite { subject: Some("secret-subject".into()), ..TicketWrite::default() };
    let error = vendor.client().create_ticket(&ticket, &request_id()).await.unwrap_err();
    let (url, _server) = raw(b"", true).await;
    let client = Client::new(options(&url, basic())).unwrap();
    let lost = client.create_ticket(&ticket, &request_id()).await.unwrap_err();

    let told = format!("{} {} {client:?} {:?}", texts(&error), texts(&lost), options(&url, basic()));
    for secret in ["secret-", "the-account", "the-password", "dGhlLWFjY291bnQ"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}
