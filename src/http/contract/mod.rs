//! The contract: what the service answers, as OpenAPI 3.1 and AsyncAPI 3.0, for tools and as a page.
//!
//! It is written by hand, in `schemas/openapi`, rather than derived from the handlers. A body is often bytes here that were
//! made long before anybody asks (ticket views), or read member by member (events), so that attributes would stand beside types
//! that say nothing; and what matters most to a caller, which problems come when, is in no type at all. What could drift is
//! held in place instead: problems come from the one table of codes, events from the schemas that intake goes by, and tests hold the
//! paths against the routes and what is answered against the shapes.

mod assemble;
mod html;
mod page;
mod serve;
mod shape;

use std::sync::LazyLock;

use serde_json::Value;

pub(super) use self::serve::{asyncapi, openapi, page};

/// The files of the OpenAPI document, which are parts of one.
const OPENAPI: &[&str] = &[
    include_str!("../../../schemas/openapi/openapi.yaml"),
    include_str!("../../../schemas/openapi/sending.yaml"),
    include_str!("../../../schemas/openapi/journal.yaml"),
    include_str!("../../../schemas/openapi/ticketviews.yaml"),
    include_str!("../../../schemas/openapi/bangwo8.yaml"),
    include_str!("../../../schemas/openapi/service.yaml"),
    include_str!("../../../schemas/openapi/webhooks.yaml"),
];
/// The AsyncAPI document, whose payloads are schemas of the other.
const ASYNCAPI: &str = include_str!("../../../schemas/asyncapi.yaml");

/// The OpenAPI 3.1 document of this version.
pub fn openapi_document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| assemble::openapi(OPENAPI));
    &DOCUMENT
}

/// The AsyncAPI 3.0 document of this version.
pub fn asyncapi_document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| assemble::asyncapi(ASYNCAPI, openapi_document()));
    &DOCUMENT
}

/// Every code of a problem, with its status.
pub fn problem_codes() -> impl Iterator<Item = (&'static str, u16)> {
    super::problem::CODES.iter().map(|(code, status, _)| (*code, *status))
}
