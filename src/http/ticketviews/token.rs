//! Tokens that open a stream: a browser's EventSource sends no headers, and an API key has no place in an address.
//!
//! Promises: a token opens the stream of one connection and nothing else, for an hour, and only as long as the key that
//! asked for it may read there. Nothing is kept: it is sealed by that key. A stream that is open stays open.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Answer;
use crate::{
    http::{
        Api, InForce, Scope,
        audit::{Deed, permitted},
        keys::{ApiKeys, Shown},
        problem::Problem,
        query::Query,
    },
    store::Action,
};

/// How long a token opens streams. A browser comes back with the same one after each break, so that it has to live through
/// some; who reads it in a log of addresses should not have much of it.
const LIFE: SignedDuration = SignedDuration::from_hours(1);
/// First part of what is sealed: a seal made for anything else is no token.
const PURPOSE: &[u8] = b"deskbridge ticketviews stream\0";
/// Bytes of the time in a token, in seconds.
const TIME: usize = 8;
/// `201 {"token","expires_at"}`.
pub(in crate::http) async fn create(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
) -> Answer {
    #[derive(Serialize)]
    struct Body {
        token: String,
        expires_at: Timestamp,
    }
    permitted(&api, &request, &connection, Scope::Read, Action::CreateStreamToken).await?;
    Query::none(&request)?;
    let key = api.keys.shown(&request)?;
    let expires = (api.clock)().as_second() + LIFE.as_secs();
    let expires_at = Timestamp::from_second(expires).unwrap_or(Timestamp::MAX);
    // Nobody has it before it is written down that it was handed out.
    let token = token(&key, &connection, expires);
    let deed = Deed::new(Action::CreateStreamToken, &connection);
    let token = api.audit(&request, deed, async move |_| Ok((token, 1))).await?;
    let body = Body { token, expires_at };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

/// The key that a token was made by.
pub(super) fn holder<'a>(api: &'a Api, token: &str, connection: &str) -> Result<Shown<'a>, Problem> {
    let key = sealer(&api.keys, token, connection, (api.clock)().as_second());
    let key = key.ok_or_else(|| {
        Problem::unauthorized(
            "the token has expired, is for another connection, or its key is no longer there: ask for another with POST \
             …/ticketviews/stream/tokens",
        )
    })?;
    api.keys.admit(key, connection, Scope::Read).map(|()| key)
}

fn token(key: &Shown<'_>, connection: &str, expires: i64) -> String {
    let seal = key.seal(&sealed(connection, expires));
    BASE64_URL_SAFE_NO_PAD.encode([&expires.to_be_bytes()[..], &seal].concat())
}

fn sealer<'a>(keys: &'a ApiKeys, token: &str, connection: &str, now: i64) -> Option<Shown<'a>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (expires, seal) = bytes.split_first_chunk::<TIME>()?;
    let expires = i64::from_be_bytes(*expires);
    keys.sealer(&sealed(connection, expires), seal).filter(|_| now < expires)
}

fn sealed(connection: &str, expires: i64) -> Vec<u8> {
    [PURPOSE, &expires.to_be_bytes(), connection.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::{ApiKeys, BASE64_URL_SAFE_NO_PAD, Engine, Scope, Timestamp, sealer, token};
    use crate::http::Key;

    const BOTH: [&str; 2] = ["the first key, long enough", "another key, long enough"];

    fn keys(secrets: &[&str]) -> ApiKeys {
        let key = |secret: &&str| Arc::new(Key::new(secret, secret, vec![Scope::Read], None));
        ApiKeys::new(secrets.iter().map(key).collect(), || Timestamp::UNIX_EPOCH)
    }

    fn made(expires: i64) -> String {
        let keys = keys(&BOTH);
        let shown = TestRequest::default().insert_header(("authorization", format!("Bearer {}", BOTH[1])));
        token(&keys.shown(&shown.to_http_request()).unwrap(), "acme", expires)
    }

    #[test]
    fn a_token_is_good_until_it_expires_for_its_connection_and_while_its_key_is_there() {
        let (keys, fewer, token) = (keys(&BOTH), keys(&BOTH[..1]), made(1000));
        assert!(sealer(&keys, &token, "acme", 999).is_some());
        assert!(sealer(&keys, &token, "acme", 1000).is_none());
        assert!(sealer(&keys, &token, "acme2", 999).is_none());
        assert!(sealer(&fewer, &token, "acme", 999).is_none());
    }

    proptest! {
        #[test]
        fn a_token_with_any_bit_flipped_opens_nothing(bit in 0..320_usize) {
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(made(i64::MAX - 1)).unwrap();
            prop_assert_eq!(bytes.len() * 8, 320);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(sealer(&keys(&BOTH), &BASE64_URL_SAFE_NO_PAD.encode(bytes), "acme", 0).is_none());
        }

        #[test]
        fn any_text_is_no_token(text in ".*") {
            prop_assert!(sealer(&keys(&BOTH), &text, "acme", 0).is_none());
        }
    }
}
