use deskbridge::sandbox::credentials as known;
use reqwest::{Method, multipart::Form};
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

async fn token(desk: &Desk) -> Value {
    let request = desk
        .request(Method::POST, "/api/token.php")
        .basic_auth(known::BANGWO8_CLIENT_ID, Some(known::BANGWO8_CLIENT_SECRET))
        .multipart(Form::new().text("grant_type", "client_credentials"));
    parsed(request).await.1
}

fn urlencoded(desk: &Desk, secret: &str) -> reqwest::RequestBuilder {
    desk.request(Method::POST, "/api/token.php")
        .basic_auth(known::BANGWO8_CLIENT_ID, Some(secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_api_until_it_is_revoked() {
    let desk = Desk::start().await;
    let body = token(&desk).await;
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body.get("scope"), Some(&Value::Null));
    let token = body["access_token"].as_str().unwrap();
    assert!(token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()));

    let list = || desk.request(Method::GET, "/api/v1/tickets.json").bearer_auth(token);
    assert_eq!(parsed(list()).await.0, 200);
    assert_eq!(desk.control(Method::POST, "tokens/revoke", json!({})).await.1, json!({"revoked": 1}));
    let (status, body) = parsed(list()).await;
    assert_eq!(status, 401);
    assert_eq!(body["error"], "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_takes_an_urlencoded_form_and_has_the_two_documented_errors() {
    let desk = Desk::start().await;
    assert_eq!(parsed(urlencoded(&desk, known::BANGWO8_CLIENT_SECRET)).await.0, 200);

    let (status, body) = parsed(urlencoded(&desk, "wrong")).await;
    assert_eq!(status, 400);
    assert_eq!(
        body,
        json!({"error": "invalid_client", "error_description": "The client credentials are invalid"})
    );

    let (status, body) = parsed(desk.request(Method::GET, "/api/token.php")).await;
    assert_eq!(status, 405);
    assert_eq!(body["error"], "invalid_request");
    assert_eq!(body["error_uri"], "http://tools.ietf.org/html/rfc6749#section-3.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_or_with_wrong_credentials_are_refused() {
    let desk = Desk::start().await;
    let list = || desk.request(Method::GET, "/api/v1/ticketviews.json");
    for request in [list(), list().bearer_auth("0"), list().basic_auth("sandbox-admin", Some("wrong"))] {
        assert_eq!(parsed(request).await.0, 401);
    }
    desk.switch("unauthorized_body", json!("empty")).await;
    assert_eq!(parsed(list()).await.1, json!(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn administrator_endpoints_are_closed_to_agents() {
    let desk = Desk::start().await;
    for path in ["tickets", "tickettemplates", "supports"] {
        let (status, body) = parsed(desk.agent(Method::GET, &format!("/api/v1/{path}.json"))).await;
        assert_eq!(status, 403, "{path}");
        assert!(body["errcode"].is_string());
    }
    for path in ["ticketviews", "tickets/ticket_fields", "tickets/5237431"] {
        assert_eq!(parsed(desk.agent(Method::GET, &format!("/api/v1/{path}.json"))).await.0, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_an_invalid_resource_uri() {
    let desk = Desk::start().await;
    for path in ["/api/v1/nothing.json", "/api/v1/tickets", "/", "/api/v1/tickets/1/replies.json"] {
        let (status, body) = parsed(desk.admin(Method::GET, path)).await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(body, json!({"errcode": "100047", "errmsg": "Invalid resource URI"}));
    }
}
