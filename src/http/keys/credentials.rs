//! What a request shows in `Authorization` (RFC 6750, RFC 7617).

use actix_web::{HttpRequest, http::header};
use base64::{Engine, prelude::BASE64_STANDARD};

/// Longest `Authorization` of the scheme Basic that is decoded: an account of 255 characters and a key, with room to
/// spare.
const MAX_BASIC: usize = 4096;

pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    credentials(request, "bearer")
}

/// The password; none if what is there is no Basic at all.
pub(super) fn basic_password(request: &HttpRequest) -> Option<String> {
    let encoded = credentials(request, "basic").filter(|encoded| encoded.len() <= MAX_BASIC)?;
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

/// What follows a scheme in `Authorization`.
fn credentials<'a>(request: &'a HttpRequest, wanted: &str) -> Option<&'a str> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| credentials.trim())
}
