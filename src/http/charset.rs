//! In which charset a body of JSON is said to be. Whoever reads one as JSON asks here first.

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::problem::Problem;

/// Names of the one encoding that JSON has between systems (RFC 8259, 8.1).
const UTF_8: [&str; 2] = ["utf-8", "utf8"];

/// An error where a charset is named that is another one. A parameter's name is the same in any case, and so is a
/// charset's; its value may stand in quotes (RFC 9110, 8.3).
pub(super) fn utf_8(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(Ok(media)) = headers.get(CONTENT_TYPE).map(HeaderValue::to_str) else { return Ok(()) };
    let parameters = media.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let is_utf_8 = charsets.all(|(_, charset)| {
        let charset = charset.trim().trim_matches('"');
        UTF_8.iter().any(|name| name.eq_ignore_ascii_case(charset))
    });
    if is_utf_8 { Ok(()) } else { Err(Problem::charset()) }
}
