//! Signing in: a constant header for Basic, a cached and renewed token for OAuth2 (§3).

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::{
    answer::Answer,
    client::Client,
    error::Error,
    options::Auth,
    query::Query,
    request::{Body, Endpoint, Request},
    scalar,
};

/// A token with less than this left is renewed before it is used.
const RENEW_BEFORE: Duration = Duration::from_secs(60);
/// The documented life of a token (§3.2), for an answer that does not name it.
const DEFAULT_LIFE_SECONDS: u64 = 3600;
/// The longest life that is believed.
const MAX_LIFE_SECONDS: u64 = 86_400;

/// Where the `Authorization` header comes from.
pub(super) enum Authenticator {
    Basic(HeaderValue),
    OAuth2 {
        /// Identifies the client to the token endpoint.
        basic: HeaderValue,
        /// Locked while a token is fetched, so that concurrent calls wait for one fetch instead of making many.
        token: Mutex<Option<Token>>,
    },
}

/// A token as header, and until when to use it.
pub(super) struct Token {
    header: HeaderValue,
    renew_at: Instant,
}

impl Authenticator {
    pub(super) fn new(auth: &Auth) -> Result<Authenticator, Error> {
        Ok(match auth {
            Auth::Basic { account, password } => Authenticator::Basic(basic(account, password)?),
            Auth::OAuth2 { id, secret } => {
                Authenticator::OAuth2 { basic: basic(id, secret)?, token: Mutex::new(None) }
            }
        })
    }
}

impl Client {
    /// The header to send, after fetching a token if there is no fresh one.
    pub(super) async fn authorization(&self) -> Result<HeaderValue, Error> {
        match &self.shared.auth {
            Authenticator::Basic(header) => Ok(header.clone()),
            Authenticator::OAuth2 { basic, token } => self.token(basic, token, None).await,
        }
    }

    /// Another header than the refused one; nothing if there is no other to be had.
    pub(super) async fn renewed_authorization(
        &self,
        refused: &HeaderValue,
    ) -> Result<Option<HeaderValue>, Error> {
        match &self.shared.auth {
            Authenticator::Basic(_) => Ok(None),
            Authenticator::OAuth2 { basic, token } => self.token(basic, token, Some(refused)).await.map(Some),
        }
    }

    /// The cached token unless it is old or the refused one. Of several calls that were refused with the same
    /// token only the first fetches; the others find its result.
    async fn token(
        &self,
        basic: &HeaderValue,
        cache: &Mutex<Option<Token>>,
        refused: Option<&HeaderValue>,
    ) -> Result<HeaderValue, Error> {
        let mut cached = cache.lock().await;
        if let Some(token) = cached.as_ref()
            && Some(&token.header) != refused
            && Instant::now() < token.renew_at
        {
            return Ok(token.header.clone());
        }
        let request = Request {
            endpoint: Endpoint::token(),
            query: Query::new(),
            body: Body::TokenForm,
            request_id: None,
        };
        let fetched = self.exchange(&request, basic, 0, |answer| Token::read(answer, Instant::now())).await;
        Ok(cached.insert(fetched.map_err(about_the_token)?).header.clone())
    }
}

/// Keeps a missing or refusing token endpoint from looking like a missing or refused ticket.
fn about_the_token(error: Error) -> Error {
    let why = match error {
        Error::NotFound { .. } => "the base URL has no token endpoint",
        Error::Rejected { .. } => "the token endpoint refuses the request for a token",
        other => return other,
    };
    Error::Configuration { why, source: None }
}

impl Token {
    fn read(answer: &Answer, now: Instant) -> Result<Token, Error> {
        let token = scalar::text(answer.body.get("access_token"))
            .ok_or_else(|| answer.endpoint.bad_answer("it has no access_token"))?;
        let header = sensitive(format!("Bearer {token}"))
            .ok_or_else(|| answer.endpoint.bad_answer("its access_token fits no header"))?;
        let life = scalar::count(answer.body.get("expires_in")).unwrap_or(DEFAULT_LIFE_SECONDS);
        let usable = Duration::from_secs(life.min(MAX_LIFE_SECONDS)).saturating_sub(RENEW_BEFORE);
        Ok(Token { header, renew_at: now + usable })
    }
}

fn basic(user: &SecretString, password: &SecretString) -> Result<HeaderValue, Error> {
    let pair = format!("{}:{}", user.expose_secret(), password.expose_secret());
    sensitive(format!("Basic {}", BASE64_STANDARD.encode(pair)))
        .ok_or(Error::Configuration { why: "the credentials fit no header", source: None })
}

/// A header that `Debug` does not show.
fn sensitive(text: String) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}
