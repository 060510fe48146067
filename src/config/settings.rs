//! Process settings: the environment, prefix `DESKBRIDGE_`, each overridden by its command-line flag.

mod given;
mod read;
mod strange;

use std::{fmt, net::SocketAddr, num::NonZeroU64, path::PathBuf};

use super::{nets::Nets, patience::Patience};

pub use self::{
    given::{ENVIRONMENT, Given},
    strange::{is_service_link, unknown_settings},
};

/// Settings of the process. `Debug` doesn't show the store, whose address may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// The connections file.
    pub config: PathBuf,
    /// Where events are kept: `sqlite:PATH`, or `postgres://…`, which holds a password.
    pub store: String,
    /// Log filter, in the syntax of tracing's `EnvFilter`.
    pub log: String,
    /// Log format; by default pretty on a terminal and json elsewhere.
    pub log_format: Option<LogFormat>,
    /// Deliveries under way at once for a connection, whose own limit can only lower it; 0 only accepts.
    pub workers: usize,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long an event rests after the process that had it in hand has died, in seconds.
    pub lease_s: NonZeroU64,
    /// How long a stop waits for work under way, in seconds.
    pub shutdown_grace_s: u64,
    /// Bytes that the store may take; as many as the disk has if none.
    pub disk_budget_bytes: Option<u64>,
    /// Days for which settled events are kept; 0 for ever.
    pub retention_days: u32,
    /// Days for which entries of the audit log are kept; 0 for ever.
    pub audit_days: u32,
    /// Nets that subscribers may be in although they aren't public.
    pub webhook_allow: Nets,
    /// The certificate that callers are shown, with those above it, as PEM; empty: no TLS.
    pub tls_cert: PathBuf,
    /// Its private key, as PEM.
    pub tls_key: PathBuf,
    /// How long callers are waited for.
    pub patience: Patience,
    /// The file of the keys that the store's content is encrypted under; empty for none.
    pub encryption_keys: PathBuf,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Which of them were given by flags.
    pub given: Given,
}

impl Default for Settings {
    fn default() -> Self {
        const LEASE: NonZeroU64 = NonZeroU64::new(30).unwrap();
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            config: "deskbridge.yaml".into(),
            store: "sqlite:data/deskbridge.db".into(),
            log: "info".into(),
            log_format: None,
            workers: 64,
            lease_s: LEASE,
            max_body_bytes: 1024 * 1024,
            shutdown_grace_s: 25,
            disk_budget_bytes: None,
            retention_days: 30,
            audit_days: 400,
            webhook_allow: Nets::default(),
            tls_cert: PathBuf::new(),
            tls_key: PathBuf::new(),
            patience: Patience::default(),
            encryption_keys: PathBuf::new(),
            metrics: MetricsAccess::default(),
            given: Given::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Settings");
        shown.field("listen", &self.listen).field("config", &self.config).finish_non_exhaustive()
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LogFormat {
    Pretty,
    Json,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Everybody.
    #[default]
    Open,
    /// Who shows a key with the scope `read` that is for all connections.
    Key,
    /// Nobody: the address is as good as not there.
    Off,
}
