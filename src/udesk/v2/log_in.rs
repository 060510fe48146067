//! The API token for the administrator's password (§1.2).

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::V2;
use crate::udesk::{
    answer::Answer,
    error::Error,
    request::{Endpoint, Operation, Request},
    scalar,
};

/// The keys that running clients have found the token under.
const TOKEN_KEYS: [&str; 2] = ["open_api_auth_token", "open_api_token"];

#[derive(Serialize)]
struct LogIn<'a> {
    email: &'a str,
    password: &'a str,
}

impl V2 {
    /// The tenant's API token: `POST /open_api_v1/log_in` (§1.2). It is the one call that needs neither e-mail nor
    /// token in the [`Options`](crate::udesk::Options). Better configure the token than the administrator's password.
    ///
    /// # Errors
    /// Any [`Error`] of a read. The code for a wrong password is not documented, so that is
    /// [`Rejected`](Error::Rejected).
    pub async fn log_in(&self, email: &SecretString, password: &SecretString) -> Result<SecretString, Error> {
        let endpoint = Endpoint::v2("POST", "/log_in", Operation::LogIn);
        let body = LogIn { email: email.expose_secret(), password: password.expose_secret() };
        self.0.send(&Request::write(endpoint, &body)?, token).await
    }
}

fn token(answer: &Answer<'_>) -> Result<SecretString, Error> {
    let token = TOKEN_KEYS.iter().find_map(|key| scalar::text(answer.value(key).as_ref()));
    token.map(SecretString::from).ok_or_else(|| answer.endpoint.bad_answer("it has no token"))
}
