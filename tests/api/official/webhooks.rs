//! The `standardwebhooks` libraries of PyPI and npm sign what the service verifies.

use tokio::process::Command;

use crate::harness::*;

const BY_SIGNATURE: &str = "[{ standard_webhooks: { secrets: [file:signing, file:signing-before] } }]";
const OTHER_KEY: &[u8] = b"a key that nobody gave this connection";
/// Seconds beyond the five minutes that a signature may be away from now.
const TOO_LONG: i64 = 5 * 60 + 30;

const LANGUAGES: [Language; 2] =
    [("Python", || python("standard_webhooks.py")), ("JavaScript", || node("standard-webhooks.mjs"))];

async fn only_by_signature() -> TestApp {
    TestApp::with(Options { verify: BY_SIGNATURE.into(), ..Options::default() }).await
}

/// Sent by a library, signed so many seconds ago.
async fn send_by(mut sender: Command, app: &TestApp, key: &[u8], age_s: i64, body: &str) -> Answer {
    sender.arg(app.path("/events")).arg(age_s.to_string()).env("SECRET", whsec(key));
    answer_of(sender, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_official_libraries_sign_is_accepted_and_delivered() {
    let app = only_by_signature().await;
    for (id, (language, sender)) in (1..).zip(LANGUAGES) {
        let subject = format!("{language} 签名的工单：“打印机离线”");
        let answer = send_by(sender(), &app, SIGNING_KEY, 0, &created(id, &subject).to_string()).await;
        assert_eq!((answer.status, answer.str("/status")), (202, "accepted"), "{language}: {}", answer.text);
        let record = app.until(&format!("created-{id}"), &["delivered"]).await;
        assert_eq!(record.str("/verified_by"), "standard_webhooks");
        assert_eq!(app.ticket(record.str("/target/id")).await["subject"], subject);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_signed_with_the_secret_before_or_within_five_minutes_is_accepted() {
    let app = only_by_signature().await;
    for (id, (language, sender)) in (1..).zip(LANGUAGES) {
        let body = created(id, "轮换密钥").to_string();
        let before = send_by(sender(), &app, SIGNING_KEY_BEFORE, 0, &body).await;
        assert_eq!((before.status, before.str("/status")), (202, "accepted"), "{language}: {}", before.text);
        for age_s in [4 * 60, -4 * 60] {
            let again = send_by(sender(), &app, SIGNING_KEY, age_s, &body).await;
            assert_eq!(
                (again.status, again.str("/status")),
                (202, "duplicate"),
                "{language}: {}",
                again.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_signed_with_another_secret_or_too_long_ago_is_refused() {
    let app = only_by_signature().await;
    let body = created(1, "不该接受").to_string();
    for (language, sender) in LANGUAGES {
        for (key, age_s, code) in [
            (OTHER_KEY, 0, "invalid_signature"),
            (SIGNING_KEY, TOO_LONG, "timestamp_out_of_tolerance"),
            (SIGNING_KEY, -TOO_LONG, "timestamp_out_of_tolerance"),
        ] {
            let answer = send_by(sender(), &app, key, age_s, &body).await;
            assert_eq!((answer.status, answer.str("/code")), (401, code), "{language}: {}", answer.text);
        }
    }
    app.assert_untouched().await;
}
