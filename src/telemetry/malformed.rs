//! Connections over HTTP/1.1 that the server library ended: what came was no HTTP, a head was too long, an answer broke off.
//! It tells that by its log alone, one line of level ERROR a connection, so that any stranger could fill the log: those lines
//! are counted instead, and written for whoever asks for them by name. What else it has to say is written as ever.

use std::sync::LazyLock;

use prometheus_client::metrics::counter::Counter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, layer::Context, registry::LookupSpan};

/// Whose lines they are.
const LIBRARY: &str = "actix_http";
/// The parts of it that speak HTTP/1.1: the first has the last word on each connection, the second says before what it
/// couldn't read.
const SPEAKER: &str = "actix_http::h1::dispatcher";
const READER: &str = "actix_http::h1::decoder";

/// Of the process: a log has no other owner.
static COUNTED: LazyLock<Counter> = LazyLock::new(Counter::default);

/// Connections that were ended so, since the process began to log.
pub(super) fn counted() -> Counter {
    COUNTED.clone()
}

/// A log filter without those lines, unless it names the library: `info,actix_http=error`.
pub(super) fn quiet(filter: &str) -> String {
    // Without any directive, errors are let through.
    let filter = if filter.trim().is_empty() { "error" } else { filter };
    match filter.contains(LIBRARY) {
        true => filter.to_owned(),
        false => format!("{SPEAKER}=off,{READER}=off,{filter}"),
    }
}

/// Counts, whatever the log's own filter lets through.
pub(super) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = filter_fn(|of| *of.level() == Level::ERROR && of.target() == SPEAKER);
    Counting.with_filter(filter)
}

struct Counting;

impl<S: Subscriber> Layer<S> for Counting {
    fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {
        COUNTED.inc();
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::{EnvFilter, layer::SubscriberExt, registry};

    use super::*;

    #[test]
    fn what_is_counted_is_left_out_of_the_log_and_nothing_else_that_the_library_says() {
        let of = |filter: &str| {
            let log = registry().with(EnvFilter::try_new(quiet(filter)).unwrap());
            tracing::subscriber::with_default(log, || {
                [
                    tracing::enabled!(target: "actix_http::h1::dispatcher", Level::ERROR),
                    tracing::enabled!(target: "actix_http::h1::decoder", Level::ERROR),
                    tracing::enabled!(target: "actix_http::h1::service", Level::ERROR),
                    tracing::enabled!(target: "actix_http::h2::dispatcher", Level::ERROR),
                ]
            })
        };
        assert_eq!(of("info"), [false, false, true, true]);
        assert_eq!(of(""), [false, false, true, true]);
        assert_eq!(of("info,actix_http=error"), [true; 4]);
        assert_eq!(of("off"), [false; 4]);
    }
}
