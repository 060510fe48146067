//! The OAuth2 token endpoint. Its statuses and texts beyond the two documented errors are those of the PHP
//! library whose wording the documented ones have.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::json;
use url::form_urlencoded;

use super::auth;
use crate::sandbox::call::Call;
use crate::sandbox::credentials::{BANGWO8_CLIENT_ID, BANGWO8_CLIENT_SECRET};
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::{NewToken, Switches};

pub(crate) const PATH: &str = "/api/token.php";

const LIFETIME: Duration = Duration::from_secs(3600);
/// Tokens remembered; the oldest are forgotten first.
const MAX_TOKENS: usize = 1_000;

/// Tokens given out and when each ends.
#[derive(Debug, Default)]
pub(crate) struct Tokens(VecDeque<(String, Instant)>);

impl Tokens {
    fn issue(&mut self, others: NewToken) -> String {
        if others == NewToken::EndsOthers {
            self.0.clear();
        }
        let token = hex::encode(rand::random::<[u8; 20]>());
        if self.0.len() >= MAX_TOKENS {
            self.0.pop_front();
        }
        self.0.push_back((token.clone(), Instant::now() + LIFETIME));
        token
    }

    pub(crate) fn is_valid(&self, token: &str) -> bool {
        self.0.iter().any(|(issued, end)| issued == token && Instant::now() < *end)
    }

    pub(crate) fn expire(&mut self, token: &str) {
        self.0.retain(|(issued, _)| issued != token);
    }

    pub(crate) fn revoke_all(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }
}

pub(crate) fn answer(tokens: &mut Tokens, call: &Call, switches: Switches) -> Reply {
    if call.method != "POST" {
        return not_post();
    }
    match grant_type(call).as_deref() {
        None => refused("invalid_request", "The grant type was not specified in the request"),
        Some("client_credentials") if is_client(call) => Reply::ok(json!({
            "access_token": tokens.issue(switches.new_token),
            "expires_in": LIFETIME.as_secs(),
            "token_type": "Bearer",
            "scope": null,
        })),
        Some("client_credentials") => refused("invalid_client", "The client credentials are invalid"),
        Some(other) => refused("unsupported_grant_type", &format!("Grant type \"{other}\" not supported")),
    }
}

fn not_post() -> Reply {
    let description = "The request method must be POST when requesting an access token";
    let uri = "http://tools.ietf.org/html/rfc6749#section-3.2";
    let body = json!({"error": "invalid_request", "error_description": description, "error_uri": uri});
    Reply::json(405, body).with_header("allow", "POST".to_owned())
}

fn refused(error: &str, description: &str) -> Reply {
    Reply::json(400, json!({"error": error, "error_description": description}))
}

fn is_client(call: &Call) -> bool {
    let credential = call.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    credential
        .and_then(auth::decode_basic)
        .is_some_and(|(id, secret)| id == BANGWO8_CLIENT_ID && secret == BANGWO8_CLIENT_SECRET)
}

/// The documented form is multipart; URL-encoded is accepted as well, as the library does.
fn grant_type(call: &Call) -> Option<String> {
    match call.media_type().as_deref() {
        Some("multipart/form-data") => multipart_field(call, "grant_type"),
        _ => {
            let mut fields = form_urlencoded::parse(&call.body);
            fields.find(|(name, _)| name == "grant_type").map(|(_, value)| value.into_owned())
        }
    }
}

/// The text of one field of a multipart body. Files are not expected here.
fn multipart_field(call: &Call, name: &str) -> Option<String> {
    let content_type = call.header("content-type")?;
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim_matches('"');
    let body = std::str::from_utf8(&call.body).ok()?;
    let wanted = format!("name=\"{name}\"");
    body.split(&format!("--{boundary}")).find_map(|part| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        head.contains(&wanted).then(|| value.strip_suffix("\r\n").unwrap_or(value).to_owned())
    })
}
