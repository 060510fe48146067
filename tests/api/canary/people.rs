//! What is said in tickets, and who says it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    planted::{Planted, assert_unseen, contains},
    witness::Witness,
};
use crate::harness::*;

const SUBJECT: &str = "张伟的打印机离线";
const CONTENT: &str = "身份证号 110101199003077758 请尽快处理";
const EMAIL: &str = "zhang.wei.canary@example.cn";
const PHONE: &str = "13800138000777";
const NAME: &str = "张伟先生";
const STATUS: &str = "待张伟确认";

/// As they are sent, and as JSON may write them: logs and documents are JSON, too.
fn planted(words: &[&str]) -> Vec<Planted> {
    let as_sent = words.iter().map(|word| Planted::new(word_name(word), word));
    let escaped = words.iter().map(|word| Planted::new(word_name(word), escape(word)));
    as_sent.chain(escaped).collect()
}

fn word_name(word: &str) -> &'static str {
    match word {
        SUBJECT => "the subject",
        CONTENT => "the content",
        EMAIL => "the e-mail address",
        PHONE => "the telephone number",
        NAME => "the name",
        _ => "the status",
    }
}

fn escape(word: &str) -> String {
    let unit = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    word.encode_utf16().map(unit).collect()
}

fn ticket(id: u64, changes: Value) -> Value {
    let said = json!({
        "subject": SUBJECT, "content": CONTENT, "user": NAME, "user_email": EMAIL, "user_cellphone": PHONE
    });
    let event = created_with(id, said);
    with(event.clone(), json!({ "data": with(event["data"].clone(), changes) }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_ticket_says_is_seen_by_its_desks_alone() {
    let mut service = Witness::start(crate::ticketviews::every_second(), "").await;
    let delivered = service.deliver(&ticket(1, json!({}))).await;
    assert_eq!(delivered.str("/status"), "delivered", "the ticket was made");
    // Each goes wrong in another room: no arm for the status, a vendor that quotes what it was sent, a wrong shape.
    service.deliver(&ticket(2, json!({ "status": STATUS }))).await;
    service.answer_with(&format!("{SUBJECT} {EMAIL}")).await;
    service.deliver(&ticket(3, json!({}))).await;
    let wrong = ticket(4, json!({ "id": EMAIL, "subject": [SUBJECT], "created_at": CONTENT })).to_string();
    let request = service.app.client.post(service.url("/events")).header("content-type", "application/json");
    let request = signed(request, SIGNING_KEY, now(), wrong.as_bytes());
    assert_eq!(service.ask("an event of a wrong shape", request).await.status, 422);
    let cut = &wrong[..wrong.len() - 9];
    service.send_as(FLOW_KEY, Method::POST, "/events", cut).await;
    service.read_everything("created-1").await;
    service.walk().await;
    for command in [&["store", "stats"][..], &["check"]] {
        service.run(command).await;
    }

    let seen = service.finish().await;
    assert!(contains(seen.store(), SUBJECT.as_bytes()), "it is kept where it has to be");
    assert!(contains(&seen.of("/v1/traces"), b"delivery"), "there were traces");
    // What a walk is answered is for who may read events and views.
    let shown = format!("the answer to /v1/connections/{CONNECTION}/");
    assert!(contains(&seen.of(&shown), SUBJECT.as_bytes()), "it is shown to whom it is for");
    seen.assert_seen_only(&planted(&[SUBJECT, CONTENT, EMAIL, PHONE, NAME]), &shown);
    // An operator has to learn which value the mapping lacks: the event's record has it, and nothing else.
    for place in ["the log", "/v1/", "the answer to /metrics", "the answer to /readyz"] {
        assert_unseen(&planted(&[STATUS]), place, &seen.of(place));
    }
}
