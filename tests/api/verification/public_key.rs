//! Standard Webhooks `v1a`: a sender keeps its private key to itself. Signatures are made by Node.js (OpenSSL).

use tokio::process::Command;

use crate::harness::*;

/// Of the key pair of RFC 8032, 7.1, TEST 1: its secret is in `tests/js/public-key.mjs`'s environment.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/// Likewise of TEST 2.
const OTHER_SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const OTHER_PUBLIC: &str = "whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

async fn only(secrets: &str) -> TestApp {
    let verify = format!("[{{ standard_webhooks: {{ secrets: [{secrets}] }} }}]");
    let files = [("public", PUBLIC), ("public-other", OTHER_PUBLIC)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    TestApp::with(Options { verify, files, ..Options::default() }).await
}

/// Signed so many seconds ago with these private keys; `list` says how the header is made of the signatures, which stand
/// for `0`, `1` and so on.
async fn post(app: &TestApp, seeds: &[&str], age_s: i64, list: &str, body: &str) -> Answer {
    let mut sender: Command = node("public-key.mjs");
    sender.arg(app.path("/events")).arg(age_s.to_string()).arg(list).env("SEEDS", seeds.join(" "));
    answer_of(sender, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_private_key_signed_is_delivered_and_its_record_says_by_what_it_was_proved() {
    let app = only("file:public").await;
    let body = created(1, "用私钥签名的工单").to_string();
    let answer = post(&app, &[SEED], 0, "v1a,0", &body).await;
    assert_eq!((answer.status, answer.str("/status")), (202, "accepted"), "{}", answer.text);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(record.str("/verified_by"), "standard_webhooks");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_pair_an_old_time_and_another_version_are_refused() {
    let app = only("file:public").await;
    let body = created(1, "不该接受").to_string();
    let cases = [
        (OTHER_SEED, 0, "v1a,0", "invalid_signature"),
        (SEED, 0, "v1,0", "invalid_signature"),
        (SEED, 0, "v2a,0", "invalid_signature"),
        (SEED, 0, "v1a,", "invalid_signature"),
        (SEED, 0, "0", "invalid_signature"),
        (SEED, 330, "v1a,0", "timestamp_out_of_tolerance"),
        (SEED, -330, "v1a,0", "timestamp_out_of_tolerance"),
    ];
    for (seed, age_s, list, code) in cases {
        let answer = post(&app, &[seed], age_s, list, &body).await;
        assert_eq!((answer.status, answer.str("/code")), (401, code), "{list}: {}", answer.text);
    }
    app.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_signature_is_tried_by_every_key_of_both_kinds() {
    let app = only("file:signing, file:public, file:public-other").await;
    let body = created(1, "轮换密钥").to_string();
    for (seeds, list) in [
        (&[SEED][..], "v1a,0"),
        (&[OTHER_SEED][..], "v1a,0"),
        (&[OTHER_SEED, SEED][..], "v1,AAAA rubbish v9,0 v1a,%%% v1a,0 v1a,1"),
        (&[SEED][..], "v1,0 v1a,0"),
    ] {
        let answer = post(&app, seeds, 0, list, &body).await;
        assert_eq!(answer.status, 202, "{list}: {}", answer.text);
    }
    assert_eq!(app.post(&created(1, "轮换密钥")).await.status, 202, "v1 by the shared secret");
    let nobodys = "1111111111111111111111111111111111111111111111111111111111111111";
    let answer = post(&app, &[nobodys], 0, "v1a,0 v1,0", &body).await;
    assert_eq!((answer.status, answer.str("/code")), (401, "invalid_signature"), "{}", answer.text);
}
