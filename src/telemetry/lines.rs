//! The lines of the log on standard error. As JSON, a line that is written inside a trace leads to it: it has the members
//! `trace_id` and `span_id`, whether traces are exported or not.

use std::{fmt, io::IsTerminal};

use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::{
        FmtContext, FormatEvent,
        format::{self, Format, JsonFields, Writer},
    },
    layer::Filter,
    registry::LookupSpan,
};

use super::trace;

/// Lines as the filter lets them through, in JSON if `json` says so or, unsaid, where standard error is no terminal.
pub(super) fn layer<S>(filter: &EnvFilter, json: Option<bool>) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let filter = of_lines(filter);
    if !json.unwrap_or_else(|| !std::io::stderr().is_terminal()) {
        return lines.with_filter(filter).boxed();
    }
    let format = Traced(format::format().json().flatten_event(true));
    lines.fmt_fields(JsonFields::new()).event_format(format).with_filter(filter).boxed()
}

/// The filter is about lines: the spans that they stand in are known whatever it says.
pub(super) fn of_lines<S>(filter: &EnvFilter) -> impl Filter<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    filter.clone().or(filter_fn(is_own_span))
}

/// Spans of this program: what libraries span is theirs alone.
pub(super) fn is_own_span(of: &Metadata<'_>) -> bool {
    of.is_span() && of.target().starts_with("deskbridge")
}

/// A JSON object on one line, with the ids of the trace it stands in.
struct Traced(Format<format::Json>);

impl<S> FormatEvent<S, JsonFields> for Traced
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let spans = context.event_scope().into_iter().flatten();
        let Some(ids) = trace::ids(spans) else { return self.0.format_event(context, writer, event) };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let members = line.trim_end().strip_suffix('}').ok_or(fmt::Error)?;
        writeln!(writer, r#"{members},"trace_id":"{}","span_id":"{}"}}"#, ids.trace, ids.span)
    }
}
