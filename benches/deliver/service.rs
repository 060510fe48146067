//! The service as a process of its own.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use deskbridge::sandbox::credentials;

use crate::{
    Result,
    process::{Process, free_address, until_it_answers},
};

/// May post events.
pub(crate) const KEY: &str = "a-key-that-only-ingests";
/// Nobody listens there.
const DEAD: &str = "http://127.0.0.1:9";
const STOPS_WITHIN: Duration = Duration::from_secs(30);

/// The connections of a round, `c0` and on, all alike but for those at the end, whose target is dead.
pub(crate) struct Connections {
    /// The simulator.
    pub(crate) at: String,
    pub(crate) well: usize,
    pub(crate) dead: usize,
    pub(crate) concurrency: usize,
}

impl Connections {
    fn yaml(&self) -> String {
        let all = self.well + self.dead;
        let target = |number| if number < self.well { &self.at } else { DEAD };
        let connections: String = (0..all).map(|number| self.connection(number, target(number))).collect();
        format!(
            "api_keys:\n  - {{ name: bench, scopes: [ingest], secret: env:BENCH_KEY }}\nconnections:\n{connections}"
        )
    }

    fn connection(&self, number: usize, target: &str) -> String {
        let concurrency = self.concurrency;
        format!(
            "  c{number}:
    source: {{ vendor: udesk, verify: [{{ api_key: {{}} }}] }}
    target:
      vendor: bangwo8
      base_url: {target}
      auth: {{ basic: {{ account: env:BENCH_ACCOUNT, password: env:BENCH_PASSWORD }} }}
      limits: {{ requests_per_second: 1000000, concurrency: {concurrency}, timeout_ms: 15000 }}
    mapping: udesk-bangwo8
    parameters: {{ ticket_template_id: 4, default_contact_id: 21101341 }}
    ticketviews: {{ refresh_s: 0 }}
    drift: {{ check_s: 0 }}
"
        )
    }
}

/// A running service.
pub(crate) struct Service {
    process: Process,
    pub(crate) url: String,
    pub(crate) connections: usize,
}

impl Service {
    /// On an SQLite store in `folder`, with so many workers; ready.
    pub(crate) async fn start(folder: &Path, connections: &Connections, workers: usize) -> Result<Self> {
        let store = format!("sqlite:{}", folder.join("deskbridge.db").display());
        let service = Self::launch(&store, folder, connections, workers)?;
        until_it_answers(&format!("{}/readyz", service.url)).await?;
        Ok(service)
    }

    /// On a store, its files in `folder`. It is not ready yet.
    pub(crate) fn launch(
        store: &str,
        folder: &Path,
        connections: &Connections,
        workers: usize,
    ) -> Result<Self> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("deskbridge.yaml"), connections.yaml())?;
        let address = free_address()?;
        let child = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .args(["serve", "--log", "error", "--listen", &address, "--workers", &workers.to_string()])
            .args(["--store", store, "--config"])
            .arg(folder.join("deskbridge.yaml"))
            .env("BENCH_KEY", KEY)
            .env("BENCH_ACCOUNT", credentials::BANGWO8_ADMIN_ACCOUNT)
            .env("BENCH_PASSWORD", credentials::BANGWO8_ADMIN_PASSWORD)
            .stdout(Stdio::null())
            .spawn()?;
        let connections = connections.well + connections.dead;
        Ok(Self { process: Process(child), url: format!("http://{address}"), connections })
    }

    /// Ends it in order, as a supervisor does.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = self.process.0.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let ended = async {
            while self.process.0.try_wait()?.is_none() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        tokio::time::timeout(STOPS_WITHIN, ended).await?
    }
}
