//! The documents and the page as answers: the same bytes for everybody, so that anybody may keep them.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Bytes,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    asyncapi_document, openapi_document,
    page::{self, Language},
};
use crate::http::{problem::Problem, query::Query, ticketviews::tags};

type Answer = Result<HttpResponse, Problem>;

/// A version of the program has one contract; after an upgrade five minutes are soon over.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
/// Names that the page takes in its query.
const LANGUAGES: [(&str, Language); 2] = [("en", Language::English), ("zh", Language::Chinese)];

/// Bytes that are served as they are.
struct Served {
    bytes: Bytes,
    etag: String,
}

impl Served {
    fn new(bytes: Vec<u8>) -> Self {
        let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&bytes)[..16]));
        Self { bytes: bytes.into(), etag }
    }

    fn document(document: &Value) -> Self {
        Self::new(document.to_string().into_bytes())
    }

    /// 200, or 304.
    fn answer(&self, request: &HttpRequest, media: &'static str) -> HttpResponse {
        let known = tags(request).is_some_and(|mut tags| tags.any(|tag| tag == "*" || tag == self.etag));
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer
            .insert_header((header::ETAG, self.etag.as_str()))
            .insert_header((header::CACHE_CONTROL, CACHE_CONTROL))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        if known { answer.finish() } else { answer.content_type(media).body(self.bytes.clone()) }
    }
}

/// `GET /openapi.json`. Tools in pages of any origin may read it: there is no secret in it.
pub(in crate::http) async fn openapi(request: HttpRequest) -> Answer {
    static SERVED: LazyLock<Served> = LazyLock::new(|| Served::document(openapi_document()));
    Query::none(&request)?;
    Ok(for_all_origins(SERVED.answer(&request, JSON)))
}

/// `GET /asyncapi.json`.
pub(in crate::http) async fn asyncapi(request: HttpRequest) -> Answer {
    static SERVED: LazyLock<Served> = LazyLock::new(|| Served::document(asyncapi_document()));
    Query::none(&request)?;
    Ok(for_all_origins(SERVED.answer(&request, JSON)))
}

/// `GET /docs`.
pub(in crate::http) async fn page(request: HttpRequest) -> Answer {
    static ENGLISH: LazyLock<Served> =
        LazyLock::new(|| Served::new(page::render(openapi_document(), Language::English).into_bytes()));
    static CHINESE: LazyLock<Served> =
        LazyLock::new(|| Served::new(page::render(openapi_document(), Language::Chinese).into_bytes()));
    let language = language(&request)?;
    let served = match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    };
    let mut answer = served.answer(&request, HTML);
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(&page::policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(answer)
}

fn for_all_origins(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

/// By the query, else by what the reader's browser asks for first of the two.
fn language(request: &HttpRequest) -> Result<Language, Problem> {
    let query = Query::read(request, &["lang"])?;
    let named =
        |name: &str| LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language);
    if let Some(name) = query.text("lang") {
        return named(&name).ok_or_else(|| Problem::new("invalid_query", "lang: must be en or zh"));
    }
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let wishes = accepted.unwrap_or_default().split(',');
    // Browsers list languages in the order of preference.
    let mut primary = wishes.filter_map(|wish| wish.trim().split(['-', ';', '_']).next());
    Ok(primary.find_map(|name| named(&name.to_ascii_lowercase())).unwrap_or(Language::English))
}
