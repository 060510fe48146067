//! The standard variables of OpenTelemetry: which signals are exported, and where to.
//!
//! What the SDK reads by itself it reads in silence, mistakes included; so every value that it would pass over is looked
//! at here first, and is an error that says what to do. (Attributes of who sends are looked at with what is strange: without
//! one of them, all is still sent.) No value is told: keys and passwords of collectors stand in headers and addresses, and
//! in any other variable by mistake.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Every variable that is read, here or by the SDK, but for the counts; `{}` stands for nothing and for each signal.
const READ: &[&str] = &[
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_PROPAGATORS",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_LOGS_EXPORTER",
    "OTEL_EXPORTER_OTLP_{}ENDPOINT",
    "OTEL_EXPORTER_OTLP_{}PROTOCOL",
    "OTEL_EXPORTER_OTLP_{}HEADERS",
    "OTEL_EXPORTER_OTLP_{}TIMEOUT",
    "OTEL_EXPORTER_OTLP_{}COMPRESSION",
    "OTEL_EXPORTER_OTLP_{}CERTIFICATE",
    "OTEL_EXPORTER_OTLP_{}CLIENT_KEY",
    "OTEL_EXPORTER_OTLP_{}CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    "OTEL_METRIC_EXPORT_INTERVAL",
];
const SIGNALS: [&str; 4] = ["", "TRACES_", "METRICS_", "LOGS_"];

/// Where a collector listens unless told otherwise (OTLP exporter, "Endpoint URLs for OTLP/HTTP").
const DEFAULT_ENDPOINT: &str = "http://localhost:4318";
/// What stands for itself in no address (RFC 3986, section 2) and is forgiven by some readers of them; the SDK isn't one.
const IN_NO_ADDRESS: &[char] = &[' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}'];
/// Time for one export unless told otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two exports of metrics unless told otherwise (`OTEL_METRIC_EXPORT_INTERVAL`).
const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
/// What the SDK understands of `OTEL_TRACES_SAMPLER`.
const SAMPLERS: &[&str] = &[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];
/// Whole numbers that the SDK reads, all of them at least 1.
const COUNTS: &[&str] = &[
    "OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_BLRP_MAX_QUEUE_SIZE",
    "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_BLRP_SCHEDULE_DELAY",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
];

/// The name of every variable that is read.
pub(super) fn names() -> Vec<String> {
    let each = READ.iter().chain(COUNTS).flat_map(|name| match name.contains("{}") {
        true => SIGNALS.iter().map(|signal| name.replace("{}", signal)).collect(),
        false => vec![(*name).to_owned()],
    });
    each.collect()
}

/// One of the three kinds of telemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    /// As it stands in the names of variables.
    fn name(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Traces => "v1/traces",
            Self::Metrics => "v1/metrics",
            Self::Logs => "v1/logs",
        }
    }
}

/// What a process was given of the variables; empty ones count as unset, as the standard says.
pub(super) struct Variables<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The signal's own variable, else the one for all: `OTEL_EXPORTER_OTLP_{SIGNAL_}{what}`, with the name it has.
    fn of(&self, signal: Signal, what: &str) -> Option<(String, String)> {
        let names =
            [format!("OTEL_EXPORTER_OTLP_{}_{what}", signal.name()), format!("OTEL_EXPORTER_OTLP_{what}")];
        names.into_iter().find_map(|name| self.get(&name).map(|value| (name, value)))
    }

    /// True if the signal is exported: it is asked for, or a collector for it is named.
    ///
    /// Error: a variable has a value that can't be followed.
    pub(super) fn exports(&self, signal: Signal) -> Result<bool, String> {
        self.wrong(signal).into_iter().next().map_or_else(|| Ok(self.is_on(signal)), Err)
    }

    /// What can't be followed for a signal, each with what to do; nothing where all is turned off.
    pub(super) fn wrong(&self, signal: Signal) -> Vec<String> {
        let disabled = self.in_small_letters("OTEL_SDK_DISABLED");
        if disabled.as_ref().is_some_and(|(_, value)| value == "true") {
            return Vec::new();
        }
        let exporter = self.named(&format!("OTEL_{}_EXPORTER", signal.name()));
        let mut results = vec![
            self.known(disabled, &["true", "false"], "all is turned off or it isn't"),
            self.known(exporter, &["otlp", "none"], "no other exporter is built in"),
        ];
        if self.is_on(signal) {
            results.extend(self.check(signal));
        }
        results.into_iter().filter_map(Result::err).collect()
    }

    fn is_on(&self, signal: Signal) -> bool {
        let disabled = self.in_small_letters("OTEL_SDK_DISABLED");
        let exporter = self.get(&format!("OTEL_{}_EXPORTER", signal.name()));
        let asked =
            exporter.map_or_else(|| self.of(signal, "ENDPOINT").is_some(), |exporter| exporter == "otlp");
        asked && disabled.is_none_or(|(_, value)| value != "true")
    }

    fn check(&self, signal: Signal) -> Vec<Result<(), String>> {
        let mut results = vec![
            self.endpoint(signal).map(drop),
            self.timeout(signal).map(drop),
            self.headers(signal).map(drop),
            self.known(self.of(signal, "PROTOCOL"), &["http/protobuf"], "the collector's HTTP port is 4318"),
            self.known(self.of(signal, "COMPRESSION"), &["none"], "telemetry is sent as it is"),
        ];
        results.extend(["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"].map(|what| {
            self.of(signal, what).map_or(Ok(()), |(name, _)| {
                Err(format!("{name} is not supported; let the machine trust the collector's certificate"))
            })
        }));
        match signal {
            Signal::Traces => results.extend(self.check_sampling()),
            Signal::Metrics => results.extend(self.check_metrics()),
            Signal::Logs => {}
        }
        results.extend(COUNTS.iter().map(|name| self.count(name).map(drop)));
        results
    }

    fn known(&self, given: Option<(String, String)>, known: &[&str], why: &str) -> Result<(), String> {
        match given {
            Some((name, value)) if !known.contains(&value.as_str()) => Err(format!(
                "{name} has a value that is not supported; unset it or set it to {}: {why}",
                known.join(" or ")
            )),
            _ => Ok(()),
        }
    }

    fn named(&self, name: &str) -> Option<(String, String)> {
        self.get(name).map(|value| (name.to_owned(), value))
    }

    /// Of a variable whose values are compared without regard to their case.
    fn in_small_letters(&self, name: &str) -> Option<(String, String)> {
        self.named(name).map(|(name, value)| (name, value.to_ascii_lowercase()))
    }

    fn check_sampling(&self) -> [Result<(), String>; 3] {
        let propagators = ["tracecontext", "tracecontext,baggage"];
        let is_share = |text: &String| text.parse::<f64>().is_ok_and(|share| (0.0..=1.0).contains(&share));
        [
            self.known(self.named("OTEL_TRACES_SAMPLER"), SAMPLERS, "no other sampler is built in"),
            self.known(self.named("OTEL_PROPAGATORS"), &propagators, "traces go by W3C Trace Context"),
            match self.get("OTEL_TRACES_SAMPLER_ARG").is_none_or(|share| is_share(&share)) {
                true => Ok(()),
                false => {
                    Err("OTEL_TRACES_SAMPLER_ARG is no share; set it to a number from 0 to 1".to_owned())
                }
            },
        ]
    }

    fn check_metrics(&self) -> [Result<(), String>; 2] {
        let temporality = self.in_small_letters("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
        let sums = "sums are kept since the start of the process";
        [self.known(temporality, &["cumulative"], sums), self.interval().map(drop)]
    }

    /// Where the signal is sent.
    pub(super) fn endpoint(&self, signal: Signal) -> Result<Url, String> {
        let own = format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", signal.name());
        if let Some(address) = self.get(&own) {
            return address_of(&own, &address);
        }
        let base = self.get("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let whole = format!("{}/{}", base.trim_end_matches('/'), signal.path());
        address_of("OTEL_EXPORTER_OTLP_ENDPOINT", &whole)
    }

    /// How long one export may take.
    pub(super) fn timeout(&self, signal: Signal) -> Result<Duration, String> {
        let Some((name, _)) = self.of(signal, "TIMEOUT") else { return Ok(DEFAULT_TIMEOUT) };
        Ok(self.count(&name)?.map_or(DEFAULT_TIMEOUT, Duration::from_millis))
    }

    /// Time between two exports of metrics.
    pub(super) fn interval(&self) -> Result<Duration, String> {
        Ok(self.count("OTEL_METRIC_EXPORT_INTERVAL")?.map_or(DEFAULT_INTERVAL, Duration::from_millis))
    }

    /// What to send along, as `name=value` pairs with percent-encoded values.
    pub(super) fn headers(&self, signal: Signal) -> Result<HeaderMap, String> {
        let Some((variable, text)) = self.of(signal, "HEADERS") else { return Ok(HeaderMap::new()) };
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let header = |(place, pair)| {
            header(pair).ok_or_else(|| {
                format!("{variable}: number {place} of its headers is none; write name=value,name=value")
            })
        };
        (1..).zip(pairs).map(header).collect()
    }

    fn count(&self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse() {
            Ok(count @ 1..) => Ok(Some(count)),
            _ => Err(format!("{name} is no whole number of at least 1; mend it or unset it")),
        }
    }

    /// The name of the service that the telemetry is of, if it was given one.
    pub(super) fn service(&self) -> Option<String> {
        self.get("OTEL_SERVICE_NAME")
    }
}

/// `name=value`. Not even the name is told of one that is none: a key may stand in its place.
fn header(pair: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = pair.split_once('=')?;
    let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy();
    let mut value = HeaderValue::try_from(value.into_owned()).ok()?;
    value.set_sensitive(true);
    Some((HeaderName::try_from(name.trim()).ok()?, value))
}

/// An address may hold a password, so an error doesn't tell it.
fn address_of(name: &str, address: &str) -> Result<Url, String> {
    let plain = address.is_ascii() && !address.contains(IN_NO_ADDRESS);
    let url =
        Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.filter(|_| plain)
        .ok_or_else(|| format!("{name} is no address of a collector; write it as http://HOST:4318"))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeSet};

    use super::*;

    fn with<T>(given: &[(&str, &str)], ask: impl Fn(&Variables<'_>) -> T) -> T {
        let get =
            |name: &str| given.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        ask(&Variables(&get))
    }

    #[test]
    fn a_signal_is_exported_where_a_collector_is_named_or_it_is_asked_for() {
        for (given, traces, metrics) in [
            (&[][..], false, false),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")][..], true, true),
            (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")], false, false),
            (&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/v1/traces")], true, false),
            (&[("OTEL_METRICS_EXPORTER", "otlp")], false, true),
            (
                &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_TRACES_EXPORTER", "none")],
                false,
                true,
            ),
            (
                &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), ("OTEL_SDK_DISABLED", "true")],
                false,
                false,
            ),
        ] {
            let on = |signal| with(given, |variables| variables.exports(signal)).unwrap();
            assert_eq!((on(Signal::Traces), on(Signal::Metrics)), (traces, metrics), "{given:?}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_an_error_that_names_the_variable_and_what_to_do() {
        for (name, value, advice) in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "none"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem", "trust"),
            ("OTEL_TRACES_EXPORTER", "zipkin", "otlp or none"),
            ("OTEL_SDK_DISABLED", "yes", "true or false"),
            ("OTEL_TRACES_SAMPLER", "jaeger_remote", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "7", "from 0 to 1"),
            ("OTEL_PROPAGATORS", "b3", "tracecontext"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "at least 1"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "at least 1"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "s3cret", "name=value"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b,Bearer s3cret=", "number 2 of its headers"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318", "http://HOST:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://ops:s3cret@c:4318/路径", "http://HOST:4318"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "s3cret", "http/protobuf"),
            ("OTEL_TRACES_EXPORTER", "http://ops:s3cret@c:4318", "otlp or none"),
            ("OTEL_TRACES_SAMPLER_ARG", "s3cret", "from 0 to 1"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "s3cret", "at least 1"),
        ] {
            let given = [(name, value), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318")];
            let error = with(&given, |variables| variables.exports(Signal::Traces)).unwrap_err();
            assert!(error.contains(name) && error.contains(advice), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
        let given = [
            ("OTEL_METRICS_EXPORTER", "otlp"),
            ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"),
        ];
        assert!(
            with(&given, |variables| variables.exports(Signal::Metrics)).unwrap_err().contains("cumulative")
        );
    }

    /// The variables of the manual's table. `…` is what the first of a row begins with, `{SIGNAL}` each of the three.
    fn documented() -> BTreeSet<String> {
        let rows =
            include_str!("../../docs/telemetry.md").lines().filter(|line| line.starts_with("| `OTEL_"));
        let cells = rows.filter_map(|row| row.split('|').nth(1)).map(|cell| {
            let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
            let begins = ["OTEL_EXPORTER_OTLP", "OTEL_BSP", "OTEL_BLRP", "OTEL_SPAN", "OTEL"];
            let begin = begins.into_iter().find(|begin| names[0].starts_with(begin)).unwrap();
            names.into_iter().map(|name| name.replace('…', begin)).collect::<Vec<_>>()
        });
        let each = |name: String| match name.contains("{SIGNAL}") {
            true => ALL.map(|signal| name.replace("{SIGNAL}", signal.name())).to_vec(),
            false => vec![name],
        };
        cells.flatten().flat_map(each).collect()
    }

    const ALL: [Signal; 3] = [Signal::Traces, Signal::Metrics, Signal::Logs];

    #[test]
    fn every_variable_that_is_read_is_in_the_manuals_table_and_every_row_is_read() {
        // This one is the SDK's alone; what is wrong in it is a warning.
        let asked = RefCell::new(BTreeSet::from(["OTEL_RESOURCE_ATTRIBUTES".to_owned()]));
        let get = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            name.ends_with("_EXPORTER").then(|| "otlp".to_owned())
        };
        let variables = Variables(&get);
        assert!(ALL.into_iter().all(|signal| variables.exports(signal) == Ok(true)));
        assert_eq!(variables.service(), None);
        assert_eq!(*asked.borrow(), documented());
        assert_eq!(names().into_iter().collect::<BTreeSet<_>>(), documented());
    }

    #[test]
    fn the_address_of_a_signal_is_its_own_as_it_stands_or_the_common_one_with_its_path() {
        let given = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/base/"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:1/take"),
        ];
        let endpoint = |signal| with(&given, |variables| variables.endpoint(signal)).unwrap().to_string();
        assert_eq!(endpoint(Signal::Metrics), "http://c:4318/base/v1/metrics");
        assert_eq!(endpoint(Signal::Logs), "http://logs:1/take");
    }
}
