//! The process settings as flags.

use std::path::Path;

use super::Failure;
use crate::{
    app::refused,
    config::{Config, Connection, Settings},
    diagnostic::{Diagnostic, did_you_mean},
    store::{LEAST_BUDGET, Place},
};

/// Flags that win over the environment's DESKBRIDGE_ variables of the same name. Texts all: both are read in one place.
#[derive(clap::Args, Default)]
pub(super) struct Flags {
    /// Address to listen on [environment: DESKBRIDGE_LISTEN; default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<String>,
    /// The connections file [DESKBRIDGE_CONFIG; deskbridge.yaml]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<String>,
    /// Where events are kept, sqlite:PATH or postgres://… [DESKBRIDGE_STORE; sqlite:data/deskbridge.db]
    #[arg(long)]
    pub(super) store: Option<String>,
    /// Log filter, e.g. info or deskbridge=debug [DESKBRIDGE_LOG; info]
    #[arg(long, value_name = "FILTER")]
    pub(super) log: Option<String>,
    /// Log format, pretty or json [DESKBRIDGE_LOG_FORMAT; pretty on a terminal, json elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub(super) log_format: Option<String>,
    /// Deliveries under way at once for a connection; 0 only accepts [DESKBRIDGE_WORKERS; 64]
    #[arg(long, value_name = "NUMBER")]
    pub(super) workers: Option<String>,
    /// How long an event rests after the process that had it in hand has died, in seconds [DESKBRIDGE_LEASE_S; 30]
    #[arg(long, value_name = "SECONDS")]
    pub(super) lease_s: Option<String>,
    /// Largest request body in bytes [DESKBRIDGE_MAX_BODY_BYTES; 1048576]
    #[arg(long, value_name = "BYTES")]
    pub(super) max_body_bytes: Option<String>,
    /// How long a stop waits for work under way, in seconds [DESKBRIDGE_SHUTDOWN_GRACE_S; 25]
    #[arg(long, value_name = "SECONDS")]
    pub(super) shutdown_grace_s: Option<String>,
    /// Bytes that the store may take of its disk [DESKBRIDGE_DISK_BUDGET_BYTES; as many as there are]
    #[arg(long, value_name = "BYTES")]
    pub(super) disk_budget_bytes: Option<String>,
    /// Days for which settled events are kept; 0 for ever [DESKBRIDGE_RETENTION_DAYS; 30]
    #[arg(long, value_name = "DAYS")]
    pub(super) retention_days: Option<String>,
    /// Days for which entries of the audit log are kept; 0 for ever [DESKBRIDGE_AUDIT_DAYS; 400]
    #[arg(long, value_name = "DAYS")]
    pub(super) audit_days: Option<String>,
    /// Nets that subscribers may be in although they aren't public, e.g. 10.20.0.0/16,127.0.0.1 [DESKBRIDGE_WEBHOOK_ALLOW]
    #[arg(long, value_name = "NETS")]
    pub(super) webhook_allow: Option<String>,
    /// The certificate that callers are shown, as PEM; with it, only TLS is spoken [DESKBRIDGE_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    pub(super) tls_cert: Option<String>,
    /// Its private key, as PEM [DESKBRIDGE_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    pub(super) tls_key: Option<String>,
    /// The file of the keys that the store's content is encrypted under [DESKBRIDGE_ENCRYPTION_KEYS; none]
    #[arg(long, value_name = "FILE")]
    pub(super) encryption_keys: Option<String>,
    /// Who may read /metrics: open (everybody), key (holders of a key with the scope read for all connections) or
    /// off (nobody) [DESKBRIDGE_METRICS; open]
    #[arg(long, value_name = "WHO")]
    pub(super) metrics: Option<String>,
}

impl Flags {
    /// The settings of the environment with these flags on top.
    pub(super) fn settings(self) -> Result<Settings, Failure> {
        let (settings, wrong) = self.read();
        if wrong.is_empty() { Ok(settings) } else { Err(Failure::Files(wrong)) }
    }

    /// The settings of a service that is to start: with all that it would stumble over later.
    pub(super) fn of_service(self) -> Result<Settings, Failure> {
        let (settings, mut wrong) = self.read();
        wrong.extend(refused(&settings));
        if wrong.is_empty() { Ok(settings) } else { Err(Failure::Files(wrong)) }
    }

    /// The settings, and an error for each that can't be read.
    pub(super) fn read(self) -> (Settings, Vec<Diagnostic>) {
        let (settings, mut wrong) = Settings::read(&[
            ("LISTEN", self.listen),
            ("CONFIG", self.config),
            ("STORE", self.store),
            ("LOG", self.log),
            ("LOG_FORMAT", self.log_format),
            ("WORKERS", self.workers),
            ("LEASE_S", self.lease_s),
            ("MAX_BODY_BYTES", self.max_body_bytes),
            ("SHUTDOWN_GRACE_S", self.shutdown_grace_s),
            ("DISK_BUDGET_BYTES", self.disk_budget_bytes),
            ("RETENTION_DAYS", self.retention_days),
            ("AUDIT_DAYS", self.audit_days),
            ("WEBHOOK_ALLOW", self.webhook_allow),
            ("TLS_CERT", self.tls_cert),
            ("TLS_KEY", self.tls_key),
            ("ENCRYPTION_KEYS", self.encryption_keys),
            ("METRICS", self.metrics),
        ]);
        if let Some(..LEAST_BUDGET) = settings.disk_budget_bytes {
            let why = format!("it is too small: give the store {LEAST_BUDGET} bytes or more, or no budget");
            wrong.push(settings.given.error(&["DISK_BUDGET_BYTES"], why));
        }
        (settings, wrong)
    }
}

/// A store that was named, with the environment's keys.
pub(super) fn place(store: &str) -> Result<Place, Failure> {
    let settings = Settings { store: store.to_owned(), ..Flags::default().settings()? };
    crate::app::place(&settings).map_err(Failure::usage)
}

/// A connection of the connections file.
pub(super) fn connection(name: &str, path: &Path) -> Result<Connection, Failure> {
    let mut config = Config::load(path).map_err(Failure::Files)?;
    let found = config.connections.remove(name);
    found.ok_or_else(|| no_connection(path, name, config.connections.keys().map(String::as_str)))
}

/// The connections file has others, or none.
pub(super) fn no_connection<'a>(
    file: &Path,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Failure {
    let only = match known.clone().collect::<Vec<_>>().as_slice() {
        [] => ": it has none at all".to_owned(),
        known => format!(", only {}", known.join(", ")),
    };
    let (file, hint) = (file.display(), did_you_mean(name, known));
    Failure::Usage(format!("{file} has no connection {name}{only}{hint}"))
}
