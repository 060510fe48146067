//! Variables of OpenTelemetry that look as if they set something, and set nothing here.

use super::variables;

/// What the standard has beside what is read, and what is to be known instead (OpenTelemetry specification, "Environment Variable
/// Specification"). Those of other languages and of instrumentations are theirs.
const NOT_FOLLOWED: &[(&str, &str)] = &[
    ("OTEL_LOG_LEVEL", "DESKBRIDGE_LOG filters the log"),
    ("OTEL_CONFIG_FILE", "only variables are read"),
    ("OTEL_EXPERIMENTAL_CONFIG_FILE", "only variables are read"),
    ("OTEL_ENTITIES", "OTEL_RESOURCE_ATTRIBUTES says who sends"),
    ("OTEL_BSP_EXPORT_TIMEOUT", ONE_TIMEOUT),
    ("OTEL_BLRP_EXPORT_TIMEOUT", ONE_TIMEOUT),
    ("OTEL_METRIC_EXPORT_TIMEOUT", ONE_TIMEOUT),
    ("OTEL_METRICS_EXEMPLAR_FILTER", "no exemplars are sent"),
    (
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "the buckets are those of docs/operations/metrics.md",
    ),
    ("OTEL_EXPORTER_OTLP_INSECURE", BY_SCHEME),
    ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", BY_SCHEME),
    ("OTEL_EXPORTER_OTLP_METRICS_INSECURE", BY_SCHEME),
    ("OTEL_EXPORTER_OTLP_LOGS_INSECURE", BY_SCHEME),
    ("OTEL_EXPORTER_PROMETHEUS_HOST", "/metrics is on the service's own port"),
    ("OTEL_EXPORTER_PROMETHEUS_PORT", "/metrics is on the service's own port"),
    ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTLP is the one protocol"),
    ("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "OTLP is the one protocol"),
    ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", SHORT),
    ("OTEL_ATTRIBUTE_COUNT_LIMIT", SHORT),
    ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", SHORT),
    ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", SHORT),
    ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", SHORT),
    ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", SHORT),
    ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", SHORT),
];
const ONE_TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT ends an export";
const BY_SCHEME: &str = "the address says it, by http:// or https://";
const SHORT: &str = "attributes are few and short";
/// Edits between a name that was meant and one that was written: a letter or two, or an ending.
const SLIPS: usize = 3;

/// A sentence for each variable among `names` that was meant for telemetry and does nothing, and for each
/// attribute of who sends that can't be meant. No value is told.
pub fn strange_variables<'a>(
    names: impl IntoIterator<Item = &'a str>,
    get: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let read = variables::names();
    let strange = names.into_iter().filter_map(|name| strange(name, &read));
    strange.chain(malformed(&get("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default())).collect()
}

fn strange(name: &str, read: &[String]) -> Option<String> {
    if read.iter().any(|read| read == name) {
        return None;
    }
    if let Some((_, instead)) = NOT_FOLLOWED.iter().find(|(standard, _)| *standard == name) {
        return Some(format!("{name} is not followed here: {instead}"));
    }
    let upper = name.to_uppercase();
    let near = read.iter().map(|read| (strsim::damerau_levenshtein(&upper, read), read));
    let (_, meant) = near.min().filter(|(edits, _)| *edits <= SLIPS)?;
    Some(format!("{name} is not read by deskbridge and sets nothing; did you mean {meant}?"))
}

/// Attributes that the SDK leaves out without a word, or sends without a name.
fn malformed(attributes: &str) -> Vec<String> {
    let pairs = (1..).zip(attributes.split(','));
    let is_pair = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.trim().is_empty());
    let wrong = pairs.filter(|(_, pair)| !pair.trim().is_empty() && !is_pair(pair));
    let told = wrong.map(|(place, _)| {
        format!(
            "OTEL_RESOURCE_ATTRIBUTES: number {place} of its attributes is none: write name=value,name=value"
        )
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> Option<String> {
        strange_variables([name], &|_| None).pop()
    }

    #[test]
    fn a_slip_names_what_was_meant_and_a_standard_name_what_to_do_instead() {
        for (given, meant) in [
            ("OTEL_EXPORTER_OTLP_ENDPONT", "did you mean OTEL_EXPORTER_OTLP_ENDPOINT?"),
            ("OTEL_EXPORTER_OTLP_TRACE_ENDPOINT", "did you mean OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?"),
            ("OTLE_SERVICE_NAME", "did you mean OTEL_SERVICE_NAME?"),
            ("otel_service_name", "did you mean OTEL_SERVICE_NAME?"),
            ("OTEL_LOG_LEVEL", "is not followed here: DESKBRIDGE_LOG"),
        ] {
            assert!(told(given).is_some_and(|told| told.contains(meant)), "{given}: {:?}", told(given));
        }
        for given in ["OTEL_PYTHON_LOG_CORRELATION", "OTEL_JAVAAGENT_ENABLED", "PATH", "OTEL_SERVICE_NAME"] {
            assert_eq!(told(given), None, "{given}");
        }
    }

    #[test]
    fn an_attribute_without_a_name_or_a_value_is_told_by_its_place() {
        assert_eq!(malformed("a=1, b=2,").len(), 0);
        let told = malformed("a=1,s3cret,=2");
        assert_eq!(told.len(), 2);
        assert!(told[0].contains("number 2") && told[1].contains("number 3"), "{told:?}");
        assert!(!told.concat().contains("s3cret"));
    }
}
