//! Subscribers that use the `standardwebhooks` libraries of PyPI and npm.

use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use tokio::process::Command;

use super::{TICKET, receiver::*, told};
use crate::harness::*;

const LANGUAGES: [Language; 2] = [("Python", || python("verify.py")), ("JavaScript", || node("verify.mjs"))];

/// The message as a subscriber is given it, with this body.
async fn verified(mut subscriber: Command, message: &Message, body: &str, key: &[u8]) -> (u16, Value) {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), Value::from(value.to_str().expect("text")))
    };
    let headers: Map<_, _> = message.headers.iter().map(header).collect();
    subscriber.env("SECRET", whsec(key));
    let answer = answer_of(subscriber, &json!({ "headers": headers, "body": body }).to_string()).await;
    (answer.status, answer.json)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_libraries_take_a_message_for_what_it_is_and_nothing_else() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    app.rename(TICKET, "官方库验签：“改了标题”").await;
    let message = receiver.until(|message| message.tells_of(TICKET)).await;
    let body = str::from_utf8(&message.bytes).expect("text");
    let changed = body.replacen("ticketview.changed", "ticketview.Changed", 1);
    for (language, subscriber) in LANGUAGES {
        let taken = verified(subscriber(), &message, body, SIGNING_KEY).await;
        assert_eq!(taken, (200, message.body.clone()), "{language}");
        let by_another = verified(subscriber(), &message, body, SIGNING_KEY_BEFORE).await;
        assert_eq!(by_another, (401, Value::Null), "{language}");
        assert_eq!(verified(subscriber(), &message, &changed, SIGNING_KEY).await.0, 401, "{language}");
    }
}
