//! How settings are read: each in one way, whether it stands in the environment or is a flag, so that a wrong one is told
//! in the same words. An empty value is the default, of a flag, too: what sets a variable to nothing unsets it.

use std::{num::NonZeroU64, ops::RangeInclusive, path::PathBuf, str::FromStr};

use super::{LogFormat, MetricsAccess, Settings};
use crate::diagnostic::Diagnostic;

/// What the variables of settings begin with.
pub(super) const PREFIX: &str = "DESKBRIDGE_";
/// Deliveries under way at once for a connection: each is a task with calls of its own, and more is a slip.
const MAX_WORKERS: usize = 10_000;
/// Longest lease, in seconds: a day's rest after a crash is an outage.
const MAX_LEASE_S: u64 = 24 * 60 * 60;
/// Largest body that can be allowed: it is held in memory as a whole.
const MAX_BODY_BYTES: usize = 1024 * 1024 * 1024;
/// Longest stop, in seconds: work that takes longer goes on at the next start.
const MAX_GRACE_S: u64 = 60 * 60;
/// A hundred years: for ever is 0.
const MAX_DAYS: u32 = 36_500;

/// One setting.
pub(super) struct Setting {
    /// Its variable without the prefix.
    pub(super) name: &'static str,
    form: &'static str,
    example: &'static str,
    /// `None` if the value is not of this form.
    set: fn(&mut Settings, &str) -> Option<()>,
}

pub(super) const SETTINGS: [Setting; 17] = [
    Setting {
        name: "LISTEN",
        form: "an IP address with a port",
        example: "0.0.0.0:8080",
        set: |settings, text| parsed(&mut settings.listen, text),
    },
    Setting {
        name: "CONFIG",
        form: "the path of a file",
        example: "deskbridge.yaml",
        set: |settings, text| path(&mut settings.config, text),
    },
    Setting {
        name: "STORE",
        form: "sqlite:PATH or postgres://USER@HOST/DATABASE",
        example: "sqlite:data/deskbridge.db",
        // Which engine it is, the store knows.
        set: |settings, text| readable(text).map(|text| settings.store = text.to_owned()),
    },
    Setting {
        name: "LOG",
        form: "a log filter",
        example: "info,deskbridge::dispatch=debug",
        set: |settings, text| parsed(&mut settings.log, text),
    },
    Setting {
        name: "LOG_FORMAT",
        form: "pretty or json",
        example: "json",
        set: |settings, text| one_of(text, FORMATS).map(|format| settings.log_format = Some(format)),
    },
    Setting {
        name: "WORKERS",
        form: "a whole number from 0 to 10000",
        example: "64",
        set: |settings, text| within(&mut settings.workers, text, 0..=MAX_WORKERS),
    },
    Setting {
        name: "LEASE_S",
        form: "a whole number of seconds from 1 to 86400",
        example: "30",
        set: |settings, text| lease(&mut settings.lease_s, text),
    },
    Setting {
        name: "MAX_BODY_BYTES",
        form: "a whole number of bytes from 1 to 1073741824",
        example: "1048576",
        set: |settings, text| within(&mut settings.max_body_bytes, text, 1..=MAX_BODY_BYTES),
    },
    Setting {
        name: "SHUTDOWN_GRACE_S",
        form: "a whole number of seconds from 0 to 3600",
        example: "25",
        set: |settings, text| within(&mut settings.shutdown_grace_s, text, 0..=MAX_GRACE_S),
    },
    Setting {
        name: "DISK_BUDGET_BYTES",
        form: "a whole number of bytes, 67108864 or more",
        example: "10737418240",
        set: |settings, text| text.parse().ok().map(|bytes| settings.disk_budget_bytes = Some(bytes)),
    },
    Setting {
        name: "RETENTION_DAYS",
        form: "a whole number of days from 0 (for ever) to 36500",
        example: "30",
        set: |settings, text| within(&mut settings.retention_days, text, 0..=MAX_DAYS),
    },
    Setting {
        name: "AUDIT_DAYS",
        form: "a whole number of days from 0 (for ever) to 36500",
        example: "400",
        set: |settings, text| within(&mut settings.audit_days, text, 0..=MAX_DAYS),
    },
    Setting {
        name: "WEBHOOK_ALLOW",
        form: "nets of addresses with commas between them",
        example: "10.20.0.0/16,127.0.0.1",
        set: |settings, text| parsed(&mut settings.webhook_allow, text),
    },
    Setting {
        name: "TLS_CERT",
        form: "the path of a file",
        example: "/etc/deskbridge-tls/tls.crt",
        set: |settings, text| path(&mut settings.tls_cert, text),
    },
    Setting {
        name: "TLS_KEY",
        form: "the path of a file",
        example: "/etc/deskbridge-tls/tls.key",
        set: |settings, text| path(&mut settings.tls_key, text),
    },
    Setting {
        name: "ENCRYPTION_KEYS",
        form: "the path of a file",
        example: "/etc/deskbridge/encryption.keys",
        set: |settings, text| path(&mut settings.encryption_keys, text),
    },
    Setting {
        name: "METRICS",
        form: "open, key or off",
        example: "key",
        set: |settings, text| one_of(text, ACCESSES).map(|access| settings.metrics = access),
    },
];

const FORMATS: &[(&str, LogFormat)] = &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)];
const ACCESSES: &[(&str, MetricsAccess)] =
    &[("open", MetricsAccess::Open), ("key", MetricsAccess::Key), ("off", MetricsAccess::Off)];

impl Settings {
    /// Reads the environment and the flags, which win: `("LOG_FORMAT", Some("json"))` is `--log-format json`.
    ///
    /// With an error for each that can't be read, which is left as it is by default. No value is told: it may be a secret in
    /// the wrong place.
    pub fn read(flags: &[(&'static str, Option<String>)]) -> (Self, Vec<Diagnostic>) {
        let (mut settings, mut wrong) = (Self::default(), Vec::new());
        for setting in &SETTINGS {
            let name = setting.name;
            let flag = flags.iter().find(|(flag, _)| *flag == name).and_then(|(_, value)| value.clone());
            settings.given.0.extend(flag.is_some().then_some(name));
            let Some(value) = flag.or_else(|| variable(name)) else { continue };
            let set = match value.trim() {
                "" => Some(()),
                value => (setting.set)(&mut settings, value),
            };
            if set.is_none() {
                let (name, form, example) = (settings.given.name(name), setting.form, setting.example);
                let why = format!("{name} must be {form}, e.g. {example}");
                wrong.push(settings.given.problem(&[setting.name], why));
            }
        }
        (settings, wrong)
    }
}

/// What a setting's variable holds. What isn't UTF-8 is the value of no setting: it is read with a sign that none takes.
fn variable(name: &str) -> Option<String> {
    std::env::var_os(format!("{PREFIX}{name}")).map(|value| value.to_string_lossy().into_owned())
}

fn parsed<T: FromStr>(to: &mut T, text: &str) -> Option<()> {
    *to = text.parse().ok()?;
    Some(())
}

fn within<T: FromStr + PartialOrd>(to: &mut T, text: &str, range: RangeInclusive<T>) -> Option<()> {
    *to = text.parse().ok().filter(|number| range.contains(number))?;
    Some(())
}

fn lease(to: &mut NonZeroU64, text: &str) -> Option<()> {
    let mut seconds = 0;
    within(&mut seconds, text, 1..=MAX_LEASE_S)?;
    *to = NonZeroU64::new(seconds)?;
    Some(())
}

fn path(to: &mut PathBuf, text: &str) -> Option<()> {
    *to = readable(text)?.into();
    Some(())
}

/// What `variable` has put in the place of what isn't UTF-8 is in no name.
fn readable(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.contains(['\0', char::REPLACEMENT_CHARACTER]))
}

fn one_of<T: Copy>(text: &str, known: &[(&str, T)]) -> Option<T> {
    known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_of_its_form() {
        for setting in &SETTINGS {
            assert_eq!(
                (setting.set)(&mut Settings::default(), setting.example),
                Some(()),
                "{}",
                setting.name
            );
        }
    }

    #[test]
    fn the_bounds_that_a_form_names_are_those_that_hold() {
        for (name, bounds) in [
            ("WORKERS", ["0", "10000", "10001"]),
            ("LEASE_S", ["1", "86400", "86401"]),
            ("MAX_BODY_BYTES", ["1", "1073741824", "1073741825"]),
            ("SHUTDOWN_GRACE_S", ["0", "3600", "3601"]),
            ("RETENTION_DAYS", ["0", "36500", "36501"]),
            ("AUDIT_DAYS", ["0", "36500", "36501"]),
        ] {
            let setting = SETTINGS.iter().find(|setting| setting.name == name).unwrap();
            let set = bounds.map(|value| (setting.set)(&mut Settings::default(), value).is_some());
            assert_eq!(set, [true, true, false], "{name}");
            assert!(bounds[..2].iter().all(|bound| setting.form.contains(bound)), "{}", setting.form);
        }
    }
}
