//! The W3C trace context: how a trace comes in, goes on inside, and goes out.
//!
//! Where traces are exported, the ids are those of OpenTelemetry's spans. Where they aren't, the caller's context is
//! passed on as it came, as the standard asks of whoever takes no part, and a span only knows its trace for the log.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use opentelemetry::{Context, propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SpanData};
use tracing::{Dispatch, Span, span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{
    Registry,
    registry::{LookupSpan, SpanRef},
};

/// Fields of version 00: version, trace, parent, flags.
const FIELDS: usize = 4;
/// The one flag of version 00: the trace is collected.
const SAMPLED: u8 = 1;

/// The attribute of a span that is not to be collected after all. It never leaves the process.
const FORGOTTEN: &str = "forgotten";

/// Whether this process exports traces; it is decided once, at its start.
static EXPORTED: AtomicBool = AtomicBool::new(false);

/// Says that traces are exported.
pub(super) fn exported() {
    EXPORTED.store(true, Ordering::Relaxed);
}

/// True if traces are exported.
pub(super) fn is_exported() -> bool {
    EXPORTED.load(Ordering::Relaxed)
}

/// The trace of a span and the span's own id, in hexadecimal digits.
pub(super) struct Ids {
    pub(super) trace: String,
    pub(super) span: String,
}

/// A traceparent for a request that came without one (W3C Trace Context, version 00), not sampled: no one
/// upstream asked for a trace.
pub fn new_traceparent() -> String {
    let (trace, parent): (u128, u64) = (rand::random(), rand::random());
    format!("00-{:032x}-{:016x}-00", trace.max(1), parent.max(1))
}

/// The traceparent of a caller's header, in version 00. Of a later version the four fields are taken that this one has,
/// and of its flags the one known here; whatever follows is left out (W3C Trace Context, "Versioning of traceparent").
/// None if it is none.
pub fn read_traceparent(header: &str) -> Option<String> {
    let fields: Vec<&str> = header.splitn(FIELDS + 1, '-').collect();
    let (known, rest) = fields.split_at_checked(FIELDS)?;
    let [version, trace, parent, flags] = *known else { return None };
    let fits = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    let is_id = |id: &str| id.contains(|digit| digit != '0');
    if !fits || !is_id(trace) || !is_id(parent) {
        return None;
    }
    match version {
        "00" => rest.is_empty().then(|| header.to_owned()),
        "ff" => None,
        _ => {
            let sampled = u8::from_str_radix(flags, 16).ok()? & SAMPLED;
            Some(format!("00-{trace}-{parent}-{sampled:02x}"))
        }
    }
}

fn hex(field: &str, digits: usize) -> bool {
    field.len() == digits && field.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Lets `span` go on the trace that `traceparent` names.
pub fn continue_trace(span: &Span, traceparent: Option<&str>) {
    follow(span, traceparent, None);
}

/// As [`continue_trace`], with what else the caller's vendors have to say (`tracestate`).
pub(super) fn follow(span: &Span, traceparent: Option<&str>, tracestate: Option<&str>) {
    let Some(traceparent) = traceparent else { return };
    if !is_exported() {
        span.with_subscriber(|(id, subscriber)| remember(id, subscriber, traceparent));
        return;
    }
    let given = [("traceparent", Some(traceparent)), ("tracestate", tracestate)];
    let carrier: HashMap<String, String> =
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    // An error says that the span is not collected, which is no fault.
    span.set_parent(TraceContextPropagator::new().extract(&carrier)).ok();
}

/// Lets a span that came to nothing not be collected: what it was begun for had been done before.
pub fn forget(span: &Span) {
    span.set_attribute(FORGOTTEN, true);
}

/// True if a span is not to be collected.
pub(super) fn is_forgotten(span: &SpanData) -> bool {
    span.attributes.iter().any(|attribute| attribute.key.as_str() == FORGOTTEN)
}

/// Notes a span's trace for the lines of the log.
fn remember(id: &span::Id, subscriber: &Dispatch, traceparent: &str) {
    let span = subscriber.downcast_ref::<Registry>().and_then(|registry| registry.span(id));
    if let Some((span, trace)) = span.zip(traceparent.split('-').nth(1)) {
        let own: u64 = rand::random();
        span.extensions_mut().replace(Ids { trace: trace.to_owned(), span: format!("{:016x}", own.max(1)) });
    }
}

/// The ids of the innermost span that has some, from the innermost outwards.
pub(super) fn ids<'a, S>(mut spans: impl Iterator<Item = SpanRef<'a, S>>) -> Option<Ids>
where
    S: LookupSpan<'a> + 'a,
{
    let context = Context::current();
    let collected = context.span().span_context().clone();
    if collected.is_valid() {
        let (trace, span) = (collected.trace_id().to_string(), collected.span_id().to_string());
        return Some(Ids { trace, span });
    }
    spans.find_map(|span| {
        let extensions = span.extensions();
        extensions.get().map(|Ids { trace, span }| Ids { trace: trace.clone(), span: span.clone() })
    })
}

/// The traceparent to send from inside `span`: its own where traces are collected, else the one given.
pub fn traceparent_of(span: &Span, given: Option<&str>) -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.remove("traceparent").or_else(|| given.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_traceparent_is_a_valid_one() {
        let new = new_traceparent();
        assert_eq!(read_traceparent(&new), Some(new));
    }

    #[test]
    fn of_a_later_version_what_this_one_has_is_read_and_what_is_no_traceparent_is_refused() {
        const IDS: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
        for (given, read) in [
            (format!("00-{IDS}-01"), Some(format!("00-{IDS}-01"))),
            (format!("00-{IDS}-03"), Some(format!("00-{IDS}-03"))),
            (format!("01-{IDS}-01"), Some(format!("00-{IDS}-01"))),
            (format!("cc-{IDS}-fe-what-the-future-brings"), Some(format!("00-{IDS}-00"))),
            (format!("cc-{IDS}-01-"), Some(format!("00-{IDS}-01"))),
            (format!("cc-{IDS}-01.what"), None),
            (format!("00-{IDS}-01-more"), None),
            (format!("00-{IDS}-01-"), None),
            (format!("ff-{IDS}-01"), None),
            (format!("0-{IDS}-01"), None),
            (format!("0G-{IDS}-01"), None),
            (format!("00-{IDS}"), None),
            (format!("00-{}-01", IDS.to_uppercase()), None),
            ("00-00000000000000000000000000000000-0000000000000001-00".to_owned(), None),
            ("00-00000000000000000000000000000001-0000000000000000-00".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(read_traceparent(&given), read, "{given}");
        }
    }
}
