//! The v2 signature and the log-in (contract §1.2, §1.3).

use std::time::{SystemTime, UNIX_EPOCH};

use deskbridge::sandbox::credentials::{UDESK_ADMIN_EMAIL, UDESK_ADMIN_PASSWORD, UDESK_API_TOKEN};
use reqwest::Method;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::refused;
use crate::support::Desk;

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn signed(email: &str, token: &str, timestamp: i64, nonce: &str) -> String {
    let sign = hex::encode(Sha256::digest(format!("{email}&{token}&{timestamp}&{nonce}&v2")));
    format!("email={email}&timestamp={timestamp}&sign={sign}&nonce={nonce}&sign_version=v2")
}

fn superseded(token: &str, timestamp: i64) -> String {
    let sign = hex::encode(Sha1::digest(format!("{UDESK_ADMIN_EMAIL}&{token}&{timestamp}")));
    format!("email={UDESK_ADMIN_EMAIL}&timestamp={timestamp}&sign={sign}")
}

async fn agents(desk: &Desk, query: &str) -> Value {
    let (status, body) = desk.udesk(Method::GET, &format!("/open_api_v1/agents?{query}"), None).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn wrong() -> Value {
    refused(2059, "open api signature wrong")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_opens_one_call() {
    let desk = Desk::start().await;
    let query = signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now(), "n-1");
    assert_eq!(agents(&desk, &query).await["code"], 1000);
    assert_eq!(agents(&desk, &query).await, wrong());
    let query = signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now(), "n-2");
    assert_eq!(agents(&desk, &query).await["code"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_is_spent_by_a_right_signature_alone() {
    let desk = Desk::start().await;
    assert_eq!(agents(&desk, &signed(UDESK_ADMIN_EMAIL, "guessed", now(), "n-1")).await, wrong());
    let query = signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now(), "n-1");
    assert_eq!(agents(&desk, &query).await["code"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stale_another_s_or_incomplete_is_a_wrong_signature() {
    let desk = Desk::start().await;
    let right = signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now(), "n-1");
    for query in [
        String::new(),
        signed("other@example.com", UDESK_API_TOKEN, now(), "n-1"),
        signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now() - 910, "n-1"),
        signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now() + 910, "n-1"),
        signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now() * 1000, "n-1"),
        signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now(), ""),
        right.replace("&sign_version=v2", ""),
        right.replace("n-1", "n-2"),
        superseded(UDESK_API_TOKEN, now()),
    ] {
        assert_eq!(agents(&desk, &query).await, wrong(), "{query}");
    }
    assert_eq!(agents(&desk, &right).await["code"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_superseded_signature_is_taken_leniently_and_for_ever() {
    let desk = Desk::start().await;
    desk.switch("udesk_v2_sign", json!("lenient")).await;
    let query = superseded(UDESK_API_TOKEN, 1_488_337_316);
    for _ in 0..2 {
        assert_eq!(agents(&desk, &query).await["code"], 1000);
    }
    assert_eq!(agents(&desk, &superseded("guessed", now())).await, wrong());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_whose_clock_is_wrong_refuses_right_signatures() {
    let desk = Desk::start().await;
    desk.switch("clock_skew_s", json!(3600)).await;
    let query = signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now(), "n-1");
    assert_eq!(agents(&desk, &query).await, wrong());
    let query = signed(UDESK_ADMIN_EMAIL, UDESK_API_TOKEN, now() + 3600, "n-1");
    assert_eq!(agents(&desk, &query).await["code"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_administrator_s_password_gets_the_token_unsigned() {
    let desk = Desk::start().await;
    let log_in = |body: Value| desk.udesk(Method::POST, "/open_api_v1/log_in", Some(body));
    let right = json!({"email": UDESK_ADMIN_EMAIL, "password": UDESK_ADMIN_PASSWORD});
    let (_, body) = log_in(right.clone()).await;
    assert_eq!(body, json!({"code": 1000, "open_api_auth_token": UDESK_API_TOKEN}));
    desk.switch("udesk_token_key", json!("open_api_token")).await;
    assert_eq!(log_in(right).await.1, json!({"code": 1000, "open_api_token": UDESK_API_TOKEN}));
    let (_, body) = log_in(json!({"email": UDESK_ADMIN_EMAIL, "password": "guessed"})).await;
    assert_eq!(body, refused(2000, "邮箱或密码错误"));
    let (_, body) = log_in(json!({"email": UDESK_ADMIN_EMAIL})).await;
    assert_eq!(body, refused(2062, "password is missing"));
    let (_, requests) = desk.udesk(Method::GET, "/_sandbox/requests", None).await;
    assert!(!requests.to_string().contains(UDESK_ADMIN_PASSWORD), "{requests}");
}
