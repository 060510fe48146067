//! What goes wrong on the way, and what the client makes of it.

use std::{
    convert::Infallible,
    error::Error as _,
    net::TcpListener,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use actix_web::{HttpResponse, web::Bytes};
use deskbridge::udesk::{
    Cause, Client, Comment, Current, CustomerDraft, Error, LookUp, Options, Retry, TicketDraft, Visibility,
};
use futures_util::{future::join_all, stream};
use tokio::{io::AsyncWriteExt, task::yield_now, time::timeout};
use url::Url;

use crate::vendor::{Vendor, json, raw, read_request};

use super::{EMAIL, SECRET, TOKEN, client, options};

fn draft() -> TicketDraft {
    TicketDraft {
        subject: Some("机密".into()),
        content: Some("机密".into()),
        customer: deskbridge::udesk::CustomerKey {
            email: Some("li.na@example.com".into()),
            ..Default::default()
        },
        ..TicketDraft::default()
    }
}

async fn create(client: &Client) -> Error {
    client.v1().create_ticket(&draft(), &Default::default()).await.unwrap_err()
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
    let error = create(&client(&format!("http://127.0.0.1:{port}").parse().unwrap())).await;
    assert_eq!((error.code(), error.effect_unknown()), ("unreachable", false));
    assert_eq!(error.retry(), Retry::Later { after: None });
}

#[tokio::test]
async fn a_lost_answer_leaves_open_what_adds_something_and_nothing_else() {
    let cut_off: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"status\":0,";
    for bytes in [&b""[..], cut_off] {
        let (url, _server) = raw(bytes, true).await;
        let (v1, v2, fields) = (client(&url).v1(), client(&url).v2(), Default::default());
        let current = Current::default();
        let comment =
            Comment { visibility: Visibility::Public, author_email: "a@e.cn".into(), body: "好".into() };
        let commented = TicketDraft { comment: Some(comment), ..TicketDraft::default() };
        let open = [
            v1.create_ticket(&draft(), &fields).await.unwrap_err(),
            v1.update_ticket(1, &commented, &current, &fields).await.unwrap_err(),
            v1.reply_as_customer(1, "a@e.cn", "好").await.unwrap_err(),
            v2.upload_file(1, "a.log", "好".into()).await.unwrap_err(),
            v2.update_customer(&LookUp::Cellphone("1".into()), &CustomerDraft::default()).await.unwrap_err(),
        ];
        let harmless = [
            v1.update_ticket(1, &TicketDraft::default(), &current, &fields).await.unwrap_err(),
            v1.find_or_create_customer(None, Some("a@e.cn")).await.unwrap_err(),
            v1.customer_tickets_page("a@e.cn", 1, 1).await.unwrap_err(),
            v2.take_survey(1, 1, None).await.unwrap_err(),
            v2.log_in(&EMAIL.into(), &TOKEN.into()).await.unwrap_err(),
        ];
        assert!(open.iter().chain(&harmless).all(|error| error.code() == "unanswered"));
        assert!(open.iter().all(Error::effect_unknown) && !harmless.iter().any(Error::effect_unknown));
    }
}

#[tokio::test]
async fn a_vendor_that_stays_silent_is_given_up_on() {
    let (url, _server) = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", false).await;
    let mut options = options(&url);
    options.timeout = Duration::from_millis(500);
    let error = create(&Client::new(options).unwrap()).await;
    assert_eq!((error.code(), error.effect_unknown()), ("unanswered", true));
}

#[tokio::test]
async fn an_endless_answer_is_read_up_to_the_limit() {
    let vendor = Vendor::start(|_, _| {
        let chunk = Ok::<_, Infallible>(Bytes::from_static(&[b' '; 4096]));
        HttpResponse::Ok().streaming(stream::repeat(chunk))
    });
    let mut options = options(&vendor.url);
    options.max_response_bytes = 100_000;
    let error = Client::new(options).unwrap().v2().agents_page(true, 1, 100).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 100_000, .. }));
    assert_eq!(error.retry(), Retry::Never);
}

#[tokio::test]
async fn statuses_that_need_no_body_are_told_apart() {
    let vendor = Vendor::start(|_, before| match before {
        0 => HttpResponse::TooManyRequests().insert_header(("Retry-After", "30")).body(r#"{"status":2999}"#),
        1 => HttpResponse::BadGateway().body("<html>"),
        2 => HttpResponse::Found().insert_header(("Location", "/login")).body("<html>"),
        _ => HttpResponse::NotFound().body("没有这个页面"),
    });
    let client = client(&vendor.url);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let error = create(&client).await;
        seen.push((error.code(), error.retry(), error.effect_unknown()));
    }
    let soon = Retry::Later { after: None };
    assert_eq!(seen[0], ("rate_limited", Retry::Later { after: Some(Duration::from_secs(30)) }, false));
    assert_eq!(seen[1], ("unavailable", soon, true));
    assert_eq!(seen[2], ("not_json", soon, true));
    assert_eq!(seen[3], ("not_json", soon, true));
    assert_eq!(vendor.seen().len(), 4);
}

#[tokio::test]
async fn every_documented_refusal_has_its_action() {
    let cases: [(&str, &str); 10] = [
        (r#"{"status":1001,"message":"状态错误"}"#, "rejected"),
        (r#"{"status":1002,"message":"未找到相应客户"}"#, "customer_unknown"),
        (r#"{"status":1003,"message":"未找到相应工单"}"#, "not_found"),
        (r#"{"status":1004,"message":"未找到相应客户"}"#, "customer_unknown"),
        (r#"{"status":1006,"message":"参数'状态'传递有误"}"#, "rejected"),
        (r#"{"status":1008,"message":"未找到邮箱为a@e.cn的客服"}"#, "rejected"),
        (r#"{"status":1010,"message":"指定的客服不属于给定的员工组"}"#, "rejected"),
        (r#"{"status":1013,"message":"回复类型非法"}"#, "rejected"),
        (r#"{"status":2002,"message":"签名错,请升级版本后使用!"}"#, "unauthorized"),
        (r#"{"error":"ticket[content] is missing"}"#, "invalid"),
    ];
    let vendor = Vendor::start(move |_, before| json(cases[before].0));
    let client = client(&vendor.url);
    for (body, code) in cases {
        let error = create(&client).await;
        assert_eq!(
            (error.code(), error.retry(), error.effect_unknown()),
            (code, Retry::Never, false),
            "{body}"
        );
    }
    assert_eq!(vendor.seen().len(), cases.len());
}

#[tokio::test]
async fn the_same_code_means_what_the_call_makes_of_it() {
    let vendor = Vendor::start(|_, _| json(r#"{"status":1001,"message":"未找到客服"}"#));
    let error = client(&vendor.url).v1().ticket_filters(Some(99)).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { cause: Cause::FilterOrAgent, number: 1001, .. }));
    assert!(matches!(
        create(&client(&vendor.url)).await,
        Error::Rejected { cause: Cause::CreateValue, number: 1001, .. }
    ));
}

#[tokio::test]
async fn a_creation_without_an_id_is_not_to_be_repeated() {
    let vendor = Vendor::start(|_, _| json(r#"{"status":0,"message":"工单创建成功"}"#));
    let error = create(&client(&vendor.url)).await;
    assert_eq!((error.code(), error.retry()), ("created_id_unknown", Retry::Never));
}

#[tokio::test]
async fn a_family_without_credentials_is_a_mistake_of_the_configuration() {
    let vendor = Vendor::start(|_, _| json("{}"));
    let v1_only = Client::new(Options::new(vendor.url.clone()).v1(SECRET.into())).unwrap();
    let v2_only = Client::new(Options::new(vendor.url.clone()).v2(EMAIL.into(), TOKEN.into())).unwrap();
    let errors = [v1_only.v2().ticket(1).await.unwrap_err(), v2_only.v1().ticket(1).await.unwrap_err()];
    assert!(errors.iter().all(|error| error.code() == "configuration" && !error.is_temporary()));
    assert!(vendor.seen().is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_at_once() {
    for bad in ["ftp://acme.udesk.cn", "https://u:p@acme.udesk.cn", "https://acme.udesk.cn/?a=1", "data:x"] {
        let url: Url = bad.parse().unwrap();
        assert_eq!(Client::new(Options::new(url)).unwrap_err().code(), "configuration", "{bad}");
    }
    let mut options = Options::new("https://acme.udesk.cn".parse().unwrap());
    options.concurrency = 0;
    assert_eq!(Client::new(options).unwrap_err().code(), "configuration");
}

#[tokio::test]
async fn each_family_is_slowed_down_by_itself() {
    let vendor = Vendor::start(|_, _| json(r#"{"status":0,"code":1000,"contents":[]}"#));
    let mut options = options(&vendor.url);
    options.v1_requests_per_minute = NonZeroU32::MIN;
    let client = Client::new(options).unwrap();
    client.v1().tickets_page(1, 1).await.unwrap();
    let second = client.clone().v1();
    assert!(timeout(Duration::from_millis(100), second.tickets_page(2, 1)).await.is_err());
    client.v2().tickets_page(1, 1).await.unwrap();
    client.v2().tickets_page(2, 1).await.unwrap();
    assert_eq!(vendor.seen().len(), 3);
}

#[tokio::test]
async fn no_secret_no_signature_and_no_content_is_in_an_error_or_in_the_client() {
    let vendor =
        Vendor::start(|_, _| json(r#"{"status":1008,"message":"未找到邮箱为li.na@example.com的客服"}"#));
    let broken = Vendor::start(|_, _| json(r#"{"contents": 机密"#));
    let (lost, _server) = raw(b"", true).await;
    let mut told = format!("{:?} {:?} {:?}", options(&lost), client(&lost), draft());
    for url in [&vendor.url, &broken.url, &lost] {
        let client = client(url);
        told.push_str(&texts(&create(&client).await));
        told.push_str(&texts(&client.v2().ticket(1).await.unwrap_err()));
        told.push_str(&texts(
            &client.v1().find_or_create_customer(None, Some("li.na@example.com")).await.unwrap_err(),
        ));
    }
    for secret in [SECRET, TOKEN, "e9fb0570", "sign=", "nonce", "ops+", "ops%2B", "li.na", "机密"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[tokio::test]
async fn nesting_without_end_is_an_answer_that_cannot_be_used() {
    let deep = format!(r#"{{"status":0,"contents":{{"id":1,"custom_fields":{}"#, "[".repeat(200_000));
    let closed = format!("{deep}{}}}}}", "]".repeat(200_000));
    let vendor =
        Vendor::start(move |_, before| json(if before == 0 { closed.clone() } else { deep.clone() }));
    let v1 = client(&vendor.url).v1();
    assert_eq!(v1.ticket(1).await.unwrap_err().code(), "bad_answer");
    assert_eq!(v1.ticket(1).await.unwrap_err().code(), "not_json");
}

#[tokio::test]
async fn no_more_calls_of_both_families_are_in_flight_than_allowed() {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 38\r\n\r\n\
        {\"status\":0,\"code\":1000,\"contents\":[]}";
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (now, most) = (Arc::clone(&now), Arc::clone(&seen));
            tokio::spawn(async move {
                read_request(&mut stream).await.unwrap();
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                // Gives every other call the chance to arrive before this one is answered.
                for _ in 0..1000 {
                    yield_now().await;
                }
                now.fetch_sub(1, SeqCst);
                stream.write_all(ANSWER).await.unwrap();
            });
        }
    });
    let mut options = options(&url);
    options.concurrency = 3;
    let client = Client::new(options).unwrap();
    let (v1, v2) = (client.v1(), client.v2());
    let calls = (1..=6).map(|page| {
        let (v1, v2) = (&v1, &v2);
        async move { v1.tickets_page(page, 1).await.is_ok() && v2.tickets_page(page, 1).await.is_ok() }
    });
    assert!(join_all(calls).await.into_iter().all(|both| both));
    assert!((2..=3).contains(&most.load(SeqCst)));
}
