//! The signatures of both families (§1): right ones get in, wrong ones are told from everything else, and v2's are
//! made anew once.

use deskbridge::{
    sandbox::{ClockSkew, SignCheck, credentials as known},
    udesk::{Client, Error, FieldDefinitions, Options, Retry, sign},
};
use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v1_published_signature,
    v1_wrong_secret,
    v1_signature_of_another_query,
    v1_suffix_may_be_left_out,
    v1_lenient_forms,
    v2_wrong_token,
    v2_wrong_token_changes_nothing,
    v2_refused_signature_is_made_anew,
    v2_nonce_serves_once,
    v2_stale_timestamp,
    v2_wrong_clock_is_told,
    v2_superseded_signature,
    v2_unknown_tenant,
    v2_log_in,
    family_without_credentials,
];

const WRONG: &str = "00000000000000000000000000000000";

fn token() -> SecretString {
    known::UDESK_API_TOKEN.into()
}

/// A client with these credentials and the tenant's address and limits.
fn with(desk: &Desk, change: impl FnOnce(Options) -> Options) -> Client {
    Client::new(change(desk.options())).unwrap()
}

/// The answer to a v2 read with this query.
async fn agents(desk: &Desk, query: &str) -> Value {
    desk.raw(Method::GET, &format!("/open_api_v1/agents?{query}"), None).await.1
}

fn now(desk: &Desk) -> i64 {
    Timestamp::now().as_second() + desk.switches.clock_skew_s.get()
}

fn signed(at: i64, nonce: &str) -> String {
    sign::v2_query(&[], known::UDESK_ADMIN_EMAIL, &token(), at, nonce)
}

/// Lets the tenant check v2 signatures as its switch says although its clock may be wrong.
async fn check_v2(desk: &Desk) {
    desk.switch("udesk_v2_sign", json!(text_of(desk.switches.udesk_v2_sign))).await;
}

fn text_of(check: SignCheck) -> &'static str {
    match check {
        SignCheck::Strict => "strict",
        SignCheck::Lenient => "lenient",
        SignCheck::Off => "off",
    }
}

/// The vendor's own example, and one whose order is not that of its signature.
async fn v1_published_signature(desk: &Desk) {
    for query in [
        "page=1&per_page=10&sign=b48d4134e7d13839b09b5423e300c352",
        "per_page=10&page=1&sign=03f67933ec5c7669fd63b35c9c161301",
        "per_page=10&page=1&sign=b48d4134e7d13839b09b5423e300c352",
    ] {
        let (status, answer) = desk.raw(Method::GET, &format!("/api/v1/tickets.json?{query}"), None).await;
        assert_eq!((status, &answer["status"], &answer["size"]), (200, &json!(0), &json!(10)), "{query}");
    }
}

/// Stopped at once: the same signature would be refused again.
async fn v1_wrong_secret(desk: &Desk) {
    let v1 = with(desk, |options| options.v1(WRONG.into())).v1();
    if desk.switches.udesk_sign == SignCheck::Off {
        assert_eq!(v1.ticket(1).await.unwrap().id, 1);
        return;
    }
    let error = refused(v1.ticket(1).await);
    assert!(matches!(error, Error::Unauthorized { clock_behind_seconds: None, .. }), "{error}");
    assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
    assert!(!format!("{error} {error:?}").contains(WRONG));
    assert_eq!(desk.requests("/api/v1/tickets/1").await.len(), 1);
    refused(v1.create_ticket(&draft(), &FieldDefinitions::default()).await);
    assert_eq!(desk.stored("tickets").len(), 12);
}

async fn v1_signature_of_another_query(desk: &Desk) {
    let of_ten = "sign=b48d4134e7d13839b09b5423e300c352";
    let (status, answer) =
        desk.raw(Method::GET, &format!("/api/v1/tickets.json?page=1&per_page=20&{of_ten}"), None).await;
    assert_eq!(status, 200);
    match desk.switches.udesk_sign {
        SignCheck::Off => assert_eq!(answer["status"], 0),
        _ => assert_eq!(answer, json!({"status": 2002, "message": "签名错,请升级版本后使用!"})),
    }
}

/// §2.1: the document itself prints both.
async fn v1_suffix_may_be_left_out(desk: &Desk) {
    let query = sign::v1_query(&[], &known::UDESK_SHARED_SECRET.into());
    for path in ["/api/v1/tickets/1", "/api/v1/ticket_filters", "/api/v2/ticket_fields", "/api/v1/customers"]
    {
        let (_, long) = desk.raw(Method::GET, &format!("{path}.json?{query}"), None).await;
        let (_, short) = desk.raw(Method::GET, &format!("{path}?{query}"), None).await;
        assert_eq!((&long["status"], &long), (&json!(0), &short), "{path}");
    }
}

/// Capitals, and a signature of the text before it was encoded.
async fn v1_lenient_forms(desk: &Desk) {
    for query in [
        "sign=E9FB0570FE9265FD55EA8B84F8FBCBBB",
        "q=%E5%B7%A5%E5%8D%95&sign=626e71e28bbf65e6db8106f22483b2c0",
    ] {
        let (_, answer) = desk.raw(Method::GET, &format!("/api/v1/tickets/1.json?{query}"), None).await;
        let expected = if desk.switches.udesk_sign == SignCheck::Strict { 2002 } else { 0 };
        assert_eq!(answer["status"], expected, "{query}");
    }
    let encoded = "q=%E5%B7%A5%E5%8D%95&sign=5f2cdd23de5c39bdb72547ed2c22b48f";
    let (_, answer) = desk.raw(Method::GET, &format!("/api/v1/tickets/1.json?{encoded}"), None).await;
    assert_eq!(answer["status"], 0);
}

async fn v2_wrong_token(desk: &Desk) {
    check_v2(desk).await;
    for (email, token) in [(known::UDESK_ADMIN_EMAIL, WRONG), ("agent@sample.com", known::UDESK_API_TOKEN)] {
        let before = desk.requests("/open_api_v1").await.len();
        let v2 = with(desk, |options| options.v2(email.into(), token.into())).v2();
        if desk.switches.udesk_v2_sign == SignCheck::Off {
            assert_eq!(v2.ticket(1).await.unwrap().id, 1);
            continue;
        }
        let error = refused(v2.ticket(1).await);
        assert!(matches!(error, Error::Unauthorized { clock_behind_seconds: Some(_), .. }), "{error}");
        assert_eq!((error.retry(), error.effect_unknown()), (Retry::Never, false));
        let told = format!("{error} {error:?}");
        assert!(!told.contains(token) && !told.contains(email), "{told}");
        assert_eq!(desk.requests("/open_api_v1").await.len() - before, 2, "once more with a new nonce");
    }
}

async fn v2_wrong_token_changes_nothing(desk: &Desk) {
    check_v2(desk).await;
    let v2 = with(desk, |options| options.v2(known::UDESK_ADMIN_EMAIL.into(), WRONG.into())).v2();
    let outcome = v2.create_ticket(&draft(), &FieldDefinitions::default()).await;
    let made = u64::from(desk.switches.udesk_v2_sign == SignCheck::Off);
    assert_eq!((outcome.is_ok(), desk.stored("tickets").len() as u64), (made == 1, 12 + made));
}

/// As after a nonce that somebody else has used.
async fn v2_refused_signature_is_made_anew(desk: &Desk) {
    desk.fault(json!({"status": 200, "body": {"code": 2059, "message": "open api signature wrong"}})).await;
    let id = desk.v2().create_ticket(&draft(), &FieldDefinitions::default()).await.unwrap();
    assert_eq!((id, desk.stored("tickets").len()), (13, 13));
    assert_eq!(desk.requests("/open_api_v1/tickets").await.len(), 2);
}

/// §1.2: within fifteen minutes, for any call.
async fn v2_nonce_serves_once(desk: &Desk) {
    check_v2(desk).await;
    let query = signed(now(desk), "n-0001");
    assert_eq!(agents(desk, &query).await["code"], 1000);
    let expected = if desk.switches.udesk_v2_sign == SignCheck::Off { 1000 } else { 2059 };
    assert_eq!(agents(desk, &query).await["code"], expected);
    let (_, elsewhere) = desk.raw(Method::GET, &format!("/open_api_v1/user_groups?{query}"), None).await;
    assert_eq!(elsewhere["code"], expected);
    assert_eq!(agents(desk, &signed(now(desk), "n-0002")).await["code"], 1000);
}

async fn v2_stale_timestamp(desk: &Desk) {
    check_v2(desk).await;
    // Half a minute off the edge, for the time that the request takes.
    for (off, fresh) in [(-870, true), (870, true), (-930, false), (930, false)] {
        let answer = agents(desk, &signed(now(desk) + off, &format!("n{off}"))).await;
        let accepted = fresh || desk.switches.udesk_v2_sign == SignCheck::Off;
        assert_eq!(answer["code"], if accepted { 1000 } else { 2059 }, "{off}");
    }
}

/// A clock that is an hour off looks like a wrong token, but for the vendor's own time.
async fn v2_wrong_clock_is_told(desk: &Desk) {
    check_v2(desk).await;
    let (outcome, skew) = (desk.v2().ticket(1).await, desk.switches.clock_skew_s.get());
    if skew == ClockSkew::default().get() {
        assert_eq!(outcome.unwrap().id, 1);
        return;
    }
    let error = refused(outcome);
    let Error::Unauthorized { clock_behind_seconds: Some(behind), .. } = error else { panic!("{error}") };
    assert!((behind - skew).abs() < 60, "{behind}");
    let side = if skew > 0 { "behind" } else { "ahead of" };
    assert!(error.to_string().contains(side), "{error}");
}

/// SHA-1 over three values (§1.3), by the contract's own vector.
async fn v2_superseded_signature(desk: &Desk) {
    check_v2(desk).await;
    let query = "email=admin@example.com&timestamp=1700000000&sign=808f24bcb5d20760eee330883f1f934a60a05b67";
    let expected = if desk.switches.udesk_v2_sign == SignCheck::Strict { 2059 } else { 1000 };
    assert_eq!(agents(desk, query).await["code"], expected);
}

/// The number that in v1 is a wrong signature (§1.3).
async fn v2_unknown_tenant(desk: &Desk) {
    desk.fault(json!({"status": 200, "body": {"code": 2002, "message": "subdomain is invalid"}})).await;
    let error = refused(desk.v2().ticket(1).await);
    assert!(matches!(error, Error::UnknownTenant { .. }) && !error.is_temporary(), "{error}");
}

/// The token of a log-in, under either name, signs (§1.2).
async fn v2_log_in(desk: &Desk) {
    let stranger = with(desk, |options| Options { v2: None, ..options }).v2();
    let (email, password) = (known::UDESK_ADMIN_EMAIL.into(), known::UDESK_ADMIN_PASSWORD.into());
    let token = stranger.log_in(&email, &password).await.unwrap();
    assert!(!format!("{token:?}").contains(token.expose_secret()));
    let v2 = with(desk, |options| options.v2(email.clone(), token)).v2();
    assert_eq!(v2.ticket(1).await.unwrap().id, 1);
    let error = refused(stranger.log_in(&email, &"wrong-password".into()).await);
    assert!(
        matches!(error, Error::Rejected { .. }) && !error.to_string().contains("wrong-password"),
        "{error}"
    );
    let log_ins = desk.requests("/open_api_v1/log_in").await;
    assert!(log_ins.len() == 2 && !log_ins[0].to_string().contains("sign"), "{}", log_ins[0]);
}

async fn family_without_credentials(desk: &Desk) {
    let v1_only = with(desk, |options| Options { v2: None, ..options });
    let v2_only = with(desk, |options| Options { v1_secret: None, ..options });
    assert_eq!(v1_only.v1().ticket(1).await.unwrap().id, 1);
    assert_eq!(v2_only.v2().ticket(1).await.unwrap().id, 1);
    assert_eq!(refused(v1_only.v2().ticket(1).await).code(), "configuration");
    assert_eq!(refused(v2_only.v1().ticket(1).await).code(), "configuration");
}
