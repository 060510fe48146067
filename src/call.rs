//! A call of a client: the span that it runs in, by OpenTelemetry's conventions for HTTP clients, and who is told when it
//! has ended. Who collects spans and who counts isn't known here, nor what was sent or read.

use std::{fmt, time::Duration};

use tracing::{Span, field::Empty};
use url::Url;

/// Watches the calls of a client.
pub trait Watch: fmt::Debug + Send + Sync {
    /// The W3C `traceparent` that names the span of a call, if spans are collected.
    fn traceparent(&self, span: &Span) -> Option<String>;

    /// A call has ended.
    fn ended(&self, call: &Ended<'_>);
}

/// A call that has ended; it holds nothing that was sent or read.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path without the base URL's own prefix, `{id}` standing for whatever is variable in it; empty if it may hold a
    /// secret.
    pub template: &'a str,
    /// The HTTP status, if an answer began.
    pub status: Option<u16>,
    /// `ok`, or the code of the error it ended in.
    pub code: &'static str,
    /// From sending to the last byte of the answer.
    pub duration: Duration,
}

/// The span that a call is to run in: `template` as in [`Ended`], `resent` how often the same was sent before. Without the
/// path: what is variable in it may be about somebody.
pub fn begin(method: &'static str, base: &Url, template: &str, resent: u32) -> Span {
    tracing::info_span!(
        "call",
        otel.kind = "client",
        otel.name = format!("{method} {template}").trim_end(),
        otel.status_code = Empty,
        "error.type" = Empty,
        http.request.method = method,
        http.request.resend_count = (resent > 0).then_some(resent),
        http.response.status_code = Empty,
        server.address = base.host_str(),
        server.port = base.port_or_known_default(),
        url.template = Some(template).filter(|template| !template.is_empty()),
    )
}

/// The W3C `traceparent` of the call under way, if anybody collects its span. Called within that span.
pub fn traceparent(watch: Option<&dyn Watch>) -> Option<String> {
    watch?.traceparent(&Span::current())
}

/// A call has ended: its span says how, and whoever watches is told. Called within that span.
pub fn end(watch: Option<&dyn Watch>, call: &Ended<'_>) {
    let span = Span::current();
    span.record("http.response.status_code", call.status);
    if call.code != "ok" {
        span.record("error.type", call.code).record("otel.status_code", "ERROR");
    }
    if let Some(watch) = watch {
        watch.ended(call);
    }
}
