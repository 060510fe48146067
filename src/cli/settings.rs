//! The process settings as flags.

use std::{
    net::SocketAddr,
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::Failure;
use crate::{
    config::{Config, Connection, LogFormat, Nets, Overrides, Settings},
    diagnostic::did_you_mean,
    store::LEAST_BUDGET,
};

/// Flags that win over the environment's DESKBRIDGE_ variables of the same name.
#[derive(clap::Args, Default)]
pub(super) struct Flags {
    /// Address to listen on [environment: DESKBRIDGE_LISTEN; default: 127.0.0.1:8080]
    #[arg(long)]
    pub(super) listen: Option<SocketAddr>,
    /// The connections file [DESKBRIDGE_CONFIG; deskbridge.yaml]
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
    /// Where events are kept, sqlite:PATH or postgres://… [DESKBRIDGE_STORE; sqlite:data/deskbridge.db]
    #[arg(long)]
    pub(super) store: Option<String>,
    /// Log filter, e.g. info or deskbridge=debug [DESKBRIDGE_LOG; info]
    #[arg(long)]
    pub(super) log: Option<String>,
    /// Log format [DESKBRIDGE_LOG_FORMAT; pretty on a terminal, json elsewhere]
    #[arg(long)]
    pub(super) log_format: Option<Format>,
    /// Deliveries under way at once for a connection; 0 only accepts [DESKBRIDGE_WORKERS; 64]
    #[arg(long)]
    pub(super) workers: Option<usize>,
    /// How long an event rests after the process that had it in hand has died, in seconds [DESKBRIDGE_LEASE_S; 30]
    #[arg(long)]
    pub(super) lease_s: Option<NonZeroU64>,
    /// Largest request body in bytes [DESKBRIDGE_MAX_BODY_BYTES; 1048576]
    #[arg(long)]
    pub(super) max_body_bytes: Option<usize>,
    /// How long a stop waits for work under way, in seconds [DESKBRIDGE_SHUTDOWN_GRACE_S; 25]
    #[arg(long)]
    pub(super) shutdown_grace_s: Option<u64>,
    /// Bytes that the store may take of its disk [DESKBRIDGE_DISK_BUDGET_BYTES; as many as there are]
    #[arg(long)]
    pub(super) disk_budget_bytes: Option<u64>,
    /// Days for which settled events are kept; 0 for ever [DESKBRIDGE_RETENTION_DAYS; 30]
    #[arg(long)]
    pub(super) retention_days: Option<u32>,
    /// Nets that subscribers may be in although they aren't public, e.g. 10.20.0.0/16,127.0.0.1 [DESKBRIDGE_WEBHOOK_ALLOW]
    #[arg(long, value_name = "NETS")]
    pub(super) webhook_allow: Option<Nets>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    Pretty,
    Json,
}

impl Flags {
    /// The settings of the environment with these flags on top.
    pub(super) fn settings(self) -> Result<Settings, Failure> {
        let log_format = self.log_format.map(|format| match format {
            Format::Pretty => LogFormat::Pretty,
            Format::Json => LogFormat::Json,
        });
        let overrides = Overrides {
            listen: self.listen,
            config: self.config,
            store: self.store,
            log: self.log,
            log_format,
            workers: self.workers,
            lease_s: self.lease_s,
            max_body_bytes: self.max_body_bytes,
            shutdown_grace_s: self.shutdown_grace_s,
            disk_budget_bytes: self.disk_budget_bytes,
            retention_days: self.retention_days,
            webhook_allow: self.webhook_allow,
        };
        let settings = Settings::read(overrides).map_err(Failure::usage)?;
        match settings.disk_budget_bytes {
            Some(budget @ ..LEAST_BUDGET) => Err(Failure::Usage(format!(
                "a disk budget of {budget} bytes is too small: give the store {LEAST_BUDGET} or more, or no budget"
            ))),
            _ => Ok(settings),
        }
    }
}

/// A connection of the connections file.
pub(super) fn connection(name: &str, path: &Path) -> Result<Connection, Failure> {
    let mut config = Config::load(path).map_err(Failure::Files)?;
    config.connections.remove(name).ok_or_else(|| {
        let known: Vec<&str> = config.connections.keys().map(String::as_str).collect();
        let hint = did_you_mean(name, known.iter().copied());
        let (file, known) = (path.display(), known.join(", "));
        Failure::Usage(format!("{file} has no connection {name}, only {known}{hint}"))
    })
}
