//! From the text of `/metrics` to OTLP's metrics, so that both say the same of everything: the text is read, not the
//! counters behind it. It reads what this program writes (OpenMetrics 1.0: counters, gauges, histograms), nothing else.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    metrics::v1::{
        AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
        metric::Data, number_data_point,
    },
};

/// Sums count from here, and are read now: nanoseconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) now: u64,
}

/// Every metric of a text.
pub(super) fn metrics(text: &str, span: Span) -> Vec<Metric> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(described) = line.strip_prefix("# ") {
            describe(&mut families, described);
        } else if let (Some(sample), Some(family)) = (Sample::read(line), families.last_mut()) {
            family.samples.push(sample);
        }
    }
    families.iter().filter_map(|family| family.metric(span)).collect()
}

/// A metric with all its samples, as they stand in the text.
struct Family<'a> {
    name: &'a str,
    help: &'a str,
    kind: &'a str,
    samples: Vec<Sample<'a>>,
}

/// `HELP name words`, `TYPE name kind`: a name that is new begins a family.
fn describe<'a>(families: &mut Vec<Family<'a>>, described: &'a str) {
    let mut words = described.splitn(3, ' ');
    let (Some(what), Some(name), text) = (words.next(), words.next(), words.next().unwrap_or_default())
    else {
        return;
    };
    if families.last().is_none_or(|family| family.name != name) {
        families.push(Family { name, help: "", kind: "", samples: Vec::new() });
    }
    if let Some(family) = families.last_mut() {
        match what {
            "HELP" => family.help = text,
            "TYPE" => family.kind = text,
            _ => {}
        }
    }
}

type Labels = Vec<(String, String)>;

struct Sample<'a> {
    /// With its suffix, e.g. `_total`.
    name: &'a str,
    labels: Labels,
    value: &'a str,
}

impl<'a> Sample<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let end = line.find(['{', ' '])?;
        let (name, rest) = line.split_at(end);
        let (labels, value) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest)?,
            None => (Labels::new(), rest),
        };
        Some(Self { name, labels, value: value.split_whitespace().next()? })
    }

    fn float(&self) -> f64 {
        self.value.parse().unwrap_or(f64::NAN)
    }

    fn number(&self) -> number_data_point::Value {
        match self.value.parse() {
            Ok(whole) => number_data_point::Value::AsInt(whole),
            Err(_) => number_data_point::Value::AsDouble(self.float()),
        }
    }
}

/// `a="b",c="d"}`, and what follows it. A value's quotes, backslashes and line ends are escaped by a backslash.
fn labels(mut rest: &str) -> Option<(Labels, &str)> {
    let mut labels = Labels::new();
    loop {
        rest = rest.trim_start_matches(',');
        if let Some(rest) = rest.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let (value, after) = quoted_value(quoted)?;
        labels.push((name.to_owned(), value));
        rest = after;
    }
}

fn quoted_value(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(match characters.next()?.1 {
                'n' => '\n',
                escaped => escaped,
            }),
            other => value.push(other),
        }
    }
    None
}

impl Family<'_> {
    fn metric(&self, span: Span) -> Option<Metric> {
        let cumulative = AggregationTemporality::Cumulative.into();
        let data = match self.kind {
            "counter" => Data::Sum(Sum {
                data_points: self.numbers(Some(span.start), span.now),
                aggregation_temporality: cumulative,
                is_monotonic: true,
            }),
            "gauge" => Data::Gauge(Gauge { data_points: self.numbers(None, span.now) }),
            "histogram" => Data::Histogram(Histogram {
                data_points: self.histograms(span),
                aggregation_temporality: cumulative,
            }),
            _ => return None,
        };
        let (name, unit) = spoken(self.name);
        let description = self.help.to_owned();
        // A family that has no series yet says nothing.
        let metric =
            Metric { name, description, unit: unit.to_owned(), data: Some(data), ..Metric::default() };
        (!self.samples.is_empty()).then_some(metric)
    }

    fn numbers(&self, start: Option<u64>, now: u64) -> Vec<NumberDataPoint> {
        let point = |sample: &Sample<'_>| NumberDataPoint {
            attributes: attributes(&sample.labels),
            start_time_unix_nano: start.unwrap_or_default(),
            time_unix_nano: now,
            value: Some(sample.number()),
            ..NumberDataPoint::default()
        };
        self.samples.iter().map(point).collect()
    }

    fn histograms(&self, span: Span) -> Vec<HistogramDataPoint> {
        let mut points: BTreeMap<Labels, Buckets> = BTreeMap::new();
        for sample in &self.samples {
            let bound =
                sample.labels.iter().find(|(name, _)| name == "le").and_then(|(_, le)| le.parse().ok());
            let of = sample.labels.iter().filter(|(name, _)| name != "le").cloned().collect();
            let buckets = points.entry(of).or_default();
            match sample.name.rsplit('_').next() {
                Some("sum") => buckets.sum = sample.float(),
                Some("bucket") => buckets
                    .cumulative
                    .push((bound.unwrap_or(f64::INFINITY), sample.value.parse().unwrap_or(0))),
                _ => {}
            }
        }
        points.into_iter().map(|(labels, buckets)| buckets.point(&labels, span)).collect()
    }
}

/// What a histogram has counted, each bucket with those below it.
#[derive(Default)]
struct Buckets {
    sum: f64,
    cumulative: Vec<(f64, u64)>,
}

impl Buckets {
    fn point(self, labels: &Labels, span: Span) -> HistogramDataPoint {
        let below = std::iter::once(0).chain(self.cumulative.iter().map(|(_, count)| *count));
        let own = self.cumulative.iter().zip(below).map(|((_, count), below)| count.saturating_sub(below));
        HistogramDataPoint {
            attributes: attributes(labels),
            start_time_unix_nano: span.start,
            time_unix_nano: span.now,
            count: self.cumulative.last().map_or(0, |(_, count)| *count),
            sum: Some(self.sum),
            bucket_counts: own.collect(),
            explicit_bounds: self
                .cumulative
                .iter()
                .map(|(bound, _)| *bound)
                .filter(|le| le.is_finite())
                .collect(),
            ..HistogramDataPoint::default()
        }
    }
}

/// A metric's name and unit as OpenTelemetry spells them. Those of the semantic conventions have dots and no unit in the
/// name; ours keep their names, so that a dashboard finds them whichever way they came.
fn spoken(name: &str) -> (String, &'static str) {
    let unit = match name {
        name if name.ends_with("_seconds") => "s",
        name if name.ends_with("_bytes") => "By",
        _ => "",
    };
    match name {
        "http_server_request_duration_seconds" => ("http.server.request.duration".to_owned(), unit),
        "http_client_request_duration_seconds" => ("http.client.request.duration".to_owned(), unit),
        name => (name.to_owned(), unit),
    }
}

/// A label of the semantic conventions under their name for it.
fn key(label: &str) -> &str {
    match label {
        "error_type" => "error.type",
        "http_request_method" => "http.request.method",
        "http_response_status_code" => "http.response.status_code",
        "http_route" => "http.route",
        "server_address" => "server.address",
        "server_port" => "server.port",
        "url_scheme" => "url.scheme",
        "url_template" => "url.template",
        own => own,
    }
}

/// An empty label is an absent one, as Prometheus has it.
fn attributes(labels: &Labels) -> Vec<KeyValue> {
    let attribute = |(name, value): &(String, String)| KeyValue {
        key: key(name).to_owned(),
        value: Some(AnyValue { value: Some(typed(name, value)) }),
        ..KeyValue::default()
    };
    labels.iter().filter(|(_, value)| !value.is_empty()).map(attribute).collect()
}

/// The two attributes that the conventions have as numbers.
fn typed(name: &str, value: &str) -> any_value::Value {
    match (name, value.parse()) {
        ("http_response_status_code" | "server_port", Ok(number)) => any_value::Value::IntValue(number),
        _ => any_value::Value::StringValue(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { start: 1, now: 2 };

    #[test]
    fn counters_and_gauges_keep_their_names_labels_and_values() {
        let text = "# HELP deskbridge_a Some words.\n# TYPE deskbridge_a counter\n\
                    deskbridge_a_total{connection=\"客服\\\"\\\\\\n,}\",result=\"\"} 7\n\
                    # HELP deskbridge_b_seconds B.\n# TYPE deskbridge_b_seconds gauge\ndeskbridge_b_seconds 0.5\n\
                    # HELP deskbridge_none N.\n# TYPE deskbridge_none counter\n# EOF\n";
        let found = metrics(text, SPAN);
        let [a, b] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (a.name.as_str(), a.description.as_str(), b.unit.as_str()),
            ("deskbridge_a", "Some words.", "s")
        );
        let Some(Data::Sum(sum)) = &a.data else { panic!("{a:?}") };
        let [point] = &sum.data_points[..] else { panic!("{sum:?}") };
        assert!(sum.is_monotonic && point.value == Some(number_data_point::Value::AsInt(7)), "{sum:?}");
        let told = any_value::Value::StringValue("客服\"\\\n,}".to_owned());
        assert_eq!(point.attributes.len(), 1, "an empty label is left out");
        assert_eq!(point.attributes[0].value, Some(AnyValue { value: Some(told) }));
        let Some(Data::Gauge(gauge)) = &b.data else { panic!("{b:?}") };
        assert_eq!(gauge.data_points[0].value, Some(number_data_point::Value::AsDouble(0.5)));
    }

    #[test]
    fn a_bucket_counts_its_own_and_the_conventions_names_are_spoken() {
        let name = "http_server_request_duration_seconds";
        let text = format!(
            "# TYPE {name} histogram\n{name}_sum{{http_route=\"/livez\"}} 1.5\n{name}_count{{http_route=\"/livez\"}} 4\n\
             {name}_bucket{{le=\"0.005\",http_route=\"/livez\"}} 1\n{name}_bucket{{le=\"0.01\",http_route=\"/livez\"}} 3\n\
             {name}_bucket{{le=\"+Inf\",http_route=\"/livez\"}} 4\n# EOF\n"
        );
        let found = metrics(&text, SPAN);
        assert_eq!((found[0].name.as_str(), found[0].unit.as_str()), ("http.server.request.duration", "s"));
        let Some(Data::Histogram(histogram)) = &found[0].data else { panic!("{found:?}") };
        let point = &histogram.data_points[0];
        assert_eq!((point.count, point.sum, &point.bucket_counts[..]), (4, Some(1.5), &[1, 2, 1][..]));
        assert_eq!(
            (&point.explicit_bounds[..], point.attributes[0].key.as_str()),
            (&[0.005, 0.01][..], "http.route")
        );
    }
}
