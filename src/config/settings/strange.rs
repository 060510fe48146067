//! Variables that look as if they set something, and set nothing.

use super::read::{PREFIX, SETTINGS};

/// What only some commands read, and what proofs have the process die at.
const OTHERS: [&str; 4] = ["CONNECTION", "KEY", "CA", "DIE_AT"];
/// What other services call such a setting.
const CALLED: [(&str, &str); 12] = [
    ("DATA", "STORE"),
    ("DATA_DIR", "STORE"),
    ("DATABASE", "STORE"),
    ("DATABASE_URL", "STORE"),
    ("DB", "STORE"),
    ("DB_PATH", "STORE"),
    ("DB_URL", "STORE"),
    ("ADDR", "LISTEN"),
    ("ADDRESS", "LISTEN"),
    ("BIND", "LISTEN"),
    ("HOST", "LISTEN"),
    ("PORT", "LISTEN"),
];
/// Most edits between the name that was meant and the one that was written.
const SLIPS: usize = 2;
/// And one edit at most for so many letters: any two names of two letters are two edits apart.
const LETTERS: usize = 3;

/// Names among `given` that begin as a setting's does, or nearly, and are none; each with the setting that was meant, if
/// there is one near. Whatever else reads some of them has to say so.
pub fn unknown_settings<'a>(given: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, Option<String>)> {
    let strange = given.into_iter().filter_map(|name| match name.strip_prefix(PREFIX) {
        Some(rest) if known().any(|known| known == rest) => None,
        Some(rest) => Some((name, meant(&rest.to_uppercase()).map(variable))),
        None => misspelt(name).map(|meant| (name, Some(meant))),
    });
    strange.collect()
}

/// The setting that was meant by a name that is none: a letter or two away, with a part missing or one too many
/// (`RETENTION`, `LOG_LEVEL`), or called so elsewhere.
fn meant(name: &str) -> Option<&'static str> {
    let edits = |known: &&str| strsim::damerau_levenshtein(name, known);
    let continues =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    let near = known().filter(|known| edits(known) <= SLIPS.min(name.len() / LETTERS)).min_by_key(edits);
    let part = || known().find(|known| continues(name, known) || continues(known, name));
    let called = || CALLED.iter().find(|(called, _)| *called == name).map(|(_, setting)| *setting);
    near.or_else(part).or_else(called)
}

/// The setting that was meant by a name that doesn't even begin as one.
fn misspelt(name: &str) -> Option<String> {
    let upper = name.to_uppercase();
    known().map(variable).find(|known| strsim::damerau_levenshtein(&upper, known) <= SLIPS)
}

fn known() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name).chain(OTHERS)
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// True for what Kubernetes plants in the environment for a Service that is named as we are, e.g. `DESKBRIDGE_SERVICE_HOST`,
/// `DESKBRIDGE_PORT` with an address, `DESKBRIDGE_PORT_8080_TCP_ADDR` (Kubernetes, "Service", "Environment variables").
pub fn is_service_link(name: &str, value: &str) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else { return false };
    // The Service's name may go on: that of `deskbridge-prod` begins with `DESKBRIDGE_PROD_`.
    let rest = format!("_{rest}");
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    rest.ends_with("_SERVICE_HOST")
        || rest.contains("_SERVICE_PORT")
        || (rest.ends_with("_PORT") && is_address)
        || rest.split_once("_PORT_").is_some_and(|(_, port)| is_port(port))
}

/// `8080_TCP`, and that with what is told of it.
fn is_port(text: &str) -> bool {
    let mut parts = text.split('_');
    parts.next().is_some_and(|port| port.parse::<u16>().is_ok())
        && parts.next().is_some_and(|protocol| ["TCP", "UDP", "SCTP"].contains(&protocol))
        && parts.next().is_none_or(|what| ["PROTO", "PORT", "ADDR"].contains(&what))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_plants_is_told_from_what_somebody_wrote() {
        for (name, value) in [
            ("DESKBRIDGE_SERVICE_HOST", "10.0.0.1"),
            ("DESKBRIDGE_SERVICE_PORT", "8080"),
            ("DESKBRIDGE_SERVICE_PORT_HTTP", "8080"),
            ("DESKBRIDGE_PORT", "tcp://10.0.0.1:8080"),
            ("DESKBRIDGE_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("DESKBRIDGE_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("DESKBRIDGE_PROD_HEADLESS_PORT_8080_TCP_PROTO", "tcp"),
            ("DESKBRIDGE_PROD_SERVICE_HOST", "10.0.0.1"),
        ] {
            assert!(is_service_link(name, value), "{name}");
        }
        for (name, value) in
            [("DESKBRIDGE_PORT", "8080"), ("DESKBRIDGE_PORT_HTTP", "8080"), ("DESKBRIDGE_METRIC", "off")]
        {
            assert!(!is_service_link(name, value), "{name}");
        }
    }

    #[test]
    fn what_was_meant_is_near_or_called_so_elsewhere_and_nothing_else_is_proposed() {
        let meant = |name: &str| {
            let name = format!("DESKBRIDGE_{name}");
            unknown_settings([name.as_str()]).pop().and_then(|(_, meant)| meant)
        };
        for (given, setting) in [
            ("METRIC", "METRICS"),
            ("LSITEN", "LISTEN"),
            ("RETENTION", "RETENTION_DAYS"),
            ("LOG_LEVEL", "LOG"),
            ("LOG_FROMAT", "LOG_FORMAT"),
            ("tls_crt", "TLS_CERT"),
            ("DATA_DIR", "STORE"),
            ("PORT", "LISTEN"),
        ] {
            assert_eq!(meant(given), Some(format!("DESKBRIDGE_{setting}")), "{given}");
        }
        for given in ["WALL_KEY", "DATASET", "NAMESPACE", "ENABLED", "REPLICAS"] {
            assert_eq!(meant(given), None, "{given}");
        }
    }

    #[test]
    fn a_slip_in_the_prefix_is_found_too() {
        let meant = |name| unknown_settings([name]).pop().and_then(|(_, meant)| meant);
        assert_eq!(meant("DESKBRIGE_METRICS").as_deref(), Some("DESKBRIDGE_METRICS"));
        assert_eq!(meant("deskbridge_listen").as_deref(), Some("DESKBRIDGE_LISTEN"));
        assert_eq!(unknown_settings(["PATH", "DESKBRIDGE_KEY", "DESKBRIDGE_METRICS", "DESK_OPS_KEY"]), []);
    }
}
