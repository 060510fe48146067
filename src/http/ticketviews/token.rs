//! Tokens that open a stream: a browser's EventSource sends no headers, and an API key has no place in an address.
//!
//! Promises: a token opens the stream of one connection and nothing else, for an hour, and only as long as the key that
//! asked for it may read there. Nothing is kept: it is sealed by that key. A stream that is open stays open.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Answer, wrong_method};
use crate::http::{
    Api, InForce, Scope,
    events::allowed,
    keys::{ApiKeys, Key},
    problem::Problem,
};

/// How long a token opens streams. A browser comes back with the same one after each break, so that it has to live through
/// some; who reads it in a log of addresses should not have much of it.
const LIFE: SignedDuration = SignedDuration::from_hours(1);
/// First part of what is sealed: a seal made for anything else is no token.
const PURPOSE: &[u8] = b"deskbridge ticketviews stream\0";
/// Bytes of the time in a token, in seconds.
const TIME: usize = 8;
/// What the address takes.
const METHODS: &str = "POST, OPTIONS";

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
    allowed(&api, &request, &connection, Scope::Read)?;
    let key = api.keys.demand(&request, &connection, Scope::Read)?;
    let expires = (api.clock)().as_second() + LIFE.as_secs();
    let expires_at = Timestamp::from_second(expires).unwrap_or(Timestamp::MAX);
    let body = Body { token: token(key, &connection, expires), expires_at };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(body))
}

/// Any other method.
pub(in crate::http) async fn only_create(request: HttpRequest) -> Answer {
    wrong_method(&request, METHODS)
}

/// The key that a token was made by.
pub(super) fn holder<'a>(api: &'a Api, token: &str, connection: &str) -> Result<&'a Key, Problem> {
    let key = sealer(&api.keys, token, connection, (api.clock)().as_second());
    let key = key.ok_or_else(|| {
        Problem::unauthorized(
            "the token has expired, is for another connection, or its key is no longer there: ask for another with POST \
             …/ticketviews/stream/tokens",
        )
    })?;
    api.keys.permit(key.id(), connection, Scope::Read)?;
    Ok(key)
}

fn token(key: &Key, connection: &str, expires: i64) -> String {
    let seal = key.seal(&sealed(connection, expires));
    BASE64_URL_SAFE_NO_PAD.encode([&expires.to_be_bytes()[..], &seal].concat())
}

fn sealer<'a>(keys: &'a ApiKeys, token: &str, connection: &str, now: i64) -> Option<&'a Key> {
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
    use proptest::prelude::*;

    use super::{ApiKeys, BASE64_URL_SAFE_NO_PAD, Engine, Key, Scope, sealer, token};

    fn keys() -> ApiKeys {
        let key = |secret: &str| Key::new(secret, vec![Scope::Read], None);
        ApiKeys::new(vec![key("the first key, long enough"), key("another key, long enough")])
    }

    fn made(expires: i64) -> String {
        token(&Key::new("another key, long enough", vec![Scope::Read], None), "acme", expires)
    }

    #[test]
    fn a_token_is_good_until_it_expires_for_its_connection_and_while_its_key_is_there() {
        let (keys, token) = (keys(), made(1000));
        assert!(sealer(&keys, &token, "acme", 999).is_some());
        assert!(sealer(&keys, &token, "acme", 1000).is_none());
        assert!(sealer(&keys, &token, "acme2", 999).is_none());
        let fewer = ApiKeys::new(vec![Key::new("the first key, long enough", vec![Scope::Read], None)]);
        assert!(sealer(&fewer, &token, "acme", 999).is_none());
    }

    proptest! {
        #[test]
        fn a_token_with_any_bit_flipped_opens_nothing(bit in 0..320_usize) {
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(made(i64::MAX - 1)).unwrap();
            prop_assert_eq!(bytes.len() * 8, 320);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(sealer(&keys(), &BASE64_URL_SAFE_NO_PAD.encode(bytes), "acme", 0).is_none());
        }

        #[test]
        fn any_text_is_no_token(text in ".*") {
            prop_assert!(sealer(&keys(), &text, "acme", 0).is_none());
        }
    }
}
