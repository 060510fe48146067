//! Signing in and the headers of a call.

use actix_web::HttpResponse;
use deskbridge::bangwo8::{Auth, Client, TicketId, TicketWrite};
use futures_util::future::join_all;
use serde_json::json;

use crate::vendor::{Seen, Vendor, basic, json as answer, options, request_id};

fn token(text: &str, expires_in: u32) -> HttpResponse {
    answer(
        json!({"access_token": text, "expires_in": expires_in, "token_type": "Bearer", "scope": null})
            .to_string(),
    )
}

fn views() -> HttpResponse {
    answer(r#"{"ticketviews":[],"count":"0"}"#)
}

fn unauthorized() -> HttpResponse {
    HttpResponse::Unauthorized().body("")
}

#[tokio::test]
async fn one_token_serves_many_calls_at_once_and_later_ones() {
    let vendor = Vendor::start(|seen, _| if seen.is_token() { token("t1", 3600) } else { views() });
    let client = vendor.oauth_client();
    let results = join_all((0..20).map(|_| client.list_ticketviews())).await;
    assert!(results.iter().all(Result::is_ok));
    client.clone().list_ticketviews().await.unwrap();

    assert_eq!(vendor.seen_tokens_and_calls(), (1, 21));
    let seen = vendor.seen();
    assert_eq!(seen[0].method, "POST");
    assert_eq!(seen[0].header("authorization"), Some("Basic dGhlLWlkOnRoZS1zZWNyZXQ="));
    assert!(seen[0].header("content-type").unwrap().starts_with("multipart/form-data"));
    assert!(seen[0].body.contains("name=\"grant_type\"\r\n\r\nclient_credentials\r\n"));
    assert_eq!(seen[0].header("requestid"), None);
    assert!(seen[1..].iter().all(|call| call.header("authorization") == Some("Bearer t1")));
}

#[tokio::test]
async fn a_token_with_less_than_a_minute_left_is_not_used_again() {
    let vendor = Vendor::start(|seen, _| if seen.is_token() { token("t", 59) } else { views() });
    let client = vendor.oauth_client();
    client.list_ticketviews().await.unwrap();
    client.list_ticketviews().await.unwrap();
    assert_eq!(vendor.seen_tokens_and_calls(), (2, 2));
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_request_repeated_once_as_it_was() {
    let vendor = Vendor::start(|seen, before| match seen.header("authorization") {
        _ if seen.is_token() => token(&format!("t{before}"), 3600),
        Some("Bearer t0") => unauthorized(),
        _ => answer(r#"{"ticket":{"ticketId":7}}"#),
    });
    let ticket = TicketWrite { subject: Some("s".into()), ..TicketWrite::default() };
    let (client, recording) = vendor.oauth_client().recording(None);
    let id = client.create_ticket(&ticket, &request_id()).await.unwrap();

    assert_eq!(id, TicketId::new("7"));
    let calls: Vec<Seen> = vendor.seen().into_iter().filter(|seen| !seen.is_token()).collect();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[1].header("authorization"), Some("Bearer t2"));
    assert_eq!(
        (calls[0].header("requestid"), &calls[0].body),
        (calls[1].header("requestid"), &calls[1].body)
    );
    let codes: Vec<_> = recording.calls().iter().map(|call| (call.status, call.code)).collect();
    assert_eq!(codes, [(Some(200), "ok"), (Some(401), "unauthorized"), (Some(200), "ok"), (Some(200), "ok")]);
}

#[tokio::test]
async fn many_calls_refused_with_the_same_token_share_one_renewal() {
    let vendor = Vendor::start(|seen, before| match seen.header("authorization") {
        _ if seen.is_token() => token(if before == 0 { "old" } else { "new" }, 3600),
        Some("Bearer new") => views(),
        _ => unauthorized(),
    });
    let client = vendor.oauth_client();
    let results = join_all((0..8).map(|_| client.list_ticketviews())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(vendor.seen_tokens_and_calls().0, 2);
}

#[tokio::test]
async fn a_second_refusal_is_final() {
    let vendor = Vendor::start(|seen, _| if seen.is_token() { token("t", 3600) } else { unauthorized() });
    let error = vendor.oauth_client().list_ticketviews().await.unwrap_err();
    assert_eq!(error.code(), "unauthorized");
    assert_eq!(vendor.seen_tokens_and_calls(), (2, 2));
}

#[tokio::test]
async fn wrong_client_credentials_stop_before_the_call() {
    let vendor = Vendor::start(|_, _| {
        HttpResponse::BadRequest()
            .body(r#"{"error":"invalid_client","error_description":"The client credentials are invalid"}"#)
    });
    let error = vendor.oauth_client().list_ticketviews().await.unwrap_err();
    assert_eq!(error.code(), "unauthorized");
    assert_eq!(vendor.seen_tokens_and_calls(), (1, 0));
}

#[tokio::test]
async fn a_missing_token_endpoint_does_not_look_like_a_missing_ticket() {
    let vendor = Vendor::start(|_, _| HttpResponse::NotFound().body(""));
    let error = vendor.oauth_client().ticket(&TicketId::new("1")).await.unwrap_err();
    assert_eq!(error.code(), "configuration");
}

#[tokio::test]
async fn a_token_that_does_not_come_leaves_no_doubt_about_the_write() {
    let vendor = Vendor::start(|_, _| HttpResponse::InternalServerError().body(""));
    let error =
        vendor.oauth_client().create_ticket(&TicketWrite::default(), &request_id()).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("unavailable", false));
}

#[tokio::test]
async fn a_login_is_refused_without_a_second_try() {
    let vendor = Vendor::start(|_, _| unauthorized());
    let error = vendor.client().list_ticketviews().await.unwrap_err();
    assert_eq!(error.code(), "unauthorized");
    assert_eq!(vendor.seen_tokens_and_calls(), (0, 1));
}

#[tokio::test]
async fn calls_carry_the_documented_headers() {
    let vendor = Vendor::start(|_, _| answer(r#"{"status":"0","message":"ok","data":7}"#));
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let (client, _) = vendor.client().recording(Some(traceparent.to_owned()));
    client.create_ticket(&TicketWrite::default(), &request_id()).await.unwrap();
    client.update_ticket(&TicketId::new("7"), &TicketWrite::default(), &request_id()).await.unwrap();
    let _ = client.list_ticketviews().await;

    let seen = vendor.seen();
    for call in &seen {
        assert_eq!(call.header("authorization"), Some("Basic dGhlLWFjY291bnQ6dGhlLXBhc3N3b3Jk"));
        assert_eq!(call.header("accept"), Some("application/json"));
        assert_eq!(call.header("traceparent"), Some(traceparent));
        assert!(call.header("user-agent").unwrap().starts_with("deskbridge/"));
    }
    for write in &seen[..2] {
        assert_eq!(write.header("requestid"), Some("evt-1"));
        assert_eq!(write.header("content-type"), Some("application/json"));
    }
    assert_eq!(seen[2].header("requestid"), None);
}

#[tokio::test]
async fn a_path_in_the_base_url_is_kept() {
    let vendor = Vendor::start(|_, _| views());
    let url = vendor.url.join("/bangwo8/").unwrap();
    Client::new(options(&url, basic())).unwrap().list_ticketviews().await.unwrap();
    assert_eq!(vendor.seen()[0].path, "/bangwo8/api/v1/ticketviews.json");
}

#[tokio::test]
async fn a_base_url_that_cannot_work_is_refused_at_the_start() {
    for url in [
        "ftp://example.com",
        "mailto:a@example.com",
        "https://user:pw@example.com",
        "https://example.com/?a=1",
    ] {
        let error = Client::new(options(&url.parse().unwrap(), basic())).unwrap_err();
        assert_eq!(error.code(), "configuration", "{url}");
    }
}

#[tokio::test]
async fn configured_headers_go_with_every_call_and_are_not_shown() {
    let vendor = Vendor::start(|seen, _| if seen.is_token() { token("t", 3600) } else { views() });
    let auth = Auth::OAuth2 { id: "the-id".into(), secret: "the-secret".into() };
    let mut options = options(&vendor.url, auth);
    options.headers =
        vec![("User-Agent".into(), "Mozilla/5.0".into()), ("Cookie".into(), "PHPSESSID=hush".into())];
    let told = format!("{options:?}");
    let client = Client::new(options).unwrap();
    client.list_ticketviews().await.unwrap();

    for call in vendor.seen() {
        assert_eq!(call.header("user-agent"), Some("Mozilla/5.0"));
        assert_eq!(call.header("cookie"), Some("PHPSESSID=hush"));
    }
    assert!(!format!("{told} {client:?}").contains("hush"));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_or_is_the_clients_own_is_refused_at_the_start() {
    for (name, value) in
        [("a b", "x"), ("", "x"), ("Cookie", "a\nb"), ("AUTHORIZATION", "x"), ("Requestid", "x")]
    {
        let mut options = options(&"https://example.com".parse().unwrap(), basic());
        options.headers = vec![(name.into(), value.into())];
        let error = Client::new(options).unwrap_err();
        assert_eq!(error.code(), "configuration", "{name}");
    }
}
