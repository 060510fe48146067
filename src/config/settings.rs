//! Process settings: the environment, prefix `DESKBRIDGE_`, each overridden by its command-line flag.

use std::{net::SocketAddr, num::NonZeroU64, path::PathBuf};

use serde::Deserialize;

use super::nets::Nets;

/// Settings of the process.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
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
    /// Nets that subscribers may be in although they aren't public.
    pub webhook_allow: Nets,
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
            webhook_allow: Nets::default(),
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum LogFormat {
    Pretty,
    Json,
}

/// What the command line says about the settings.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Overrides {
    pub listen: Option<SocketAddr>,
    pub config: Option<PathBuf>,
    pub store: Option<String>,
    pub log: Option<String>,
    pub log_format: Option<LogFormat>,
    pub workers: Option<usize>,
    pub lease_s: Option<NonZeroU64>,
    pub max_body_bytes: Option<usize>,
    pub shutdown_grace_s: Option<u64>,
    pub disk_budget_bytes: Option<u64>,
    pub retention_days: Option<u32>,
    pub webhook_allow: Option<Nets>,
}

/// A setting of the environment that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("the environment's DESKBRIDGE_ settings can't be read: {0}")]
pub struct SettingsError(#[from] envy::Error);

impl Settings {
    /// Reads the environment, then lays `overrides` on top.
    pub fn read(overrides: Overrides) -> Result<Self, SettingsError> {
        // What isn't UTF-8 is somebody else's: the library would end the process, and show it.
        let readable = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let read: Self = envy::prefixed("DESKBRIDGE_").from_iter(readable)?;
        Ok(read.with(overrides))
    }

    fn with(self, flags: Overrides) -> Self {
        Self {
            listen: flags.listen.unwrap_or(self.listen),
            config: flags.config.unwrap_or(self.config),
            store: flags.store.unwrap_or(self.store),
            log: flags.log.unwrap_or(self.log),
            log_format: flags.log_format.or(self.log_format),
            workers: flags.workers.unwrap_or(self.workers),
            lease_s: flags.lease_s.unwrap_or(self.lease_s),
            max_body_bytes: flags.max_body_bytes.unwrap_or(self.max_body_bytes),
            shutdown_grace_s: flags.shutdown_grace_s.unwrap_or(self.shutdown_grace_s),
            disk_budget_bytes: flags.disk_budget_bytes.or(self.disk_budget_bytes),
            retention_days: flags.retention_days.unwrap_or(self.retention_days),
            webhook_allow: flags.webhook_allow.unwrap_or(self.webhook_allow),
        }
    }
}
