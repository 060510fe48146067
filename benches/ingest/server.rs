//! The two processes that are measured: the bare handler and the service.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::process::{Memory, Process, Usage};
use crate::request;

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// Commits of the journal, each with one fsync.
const COMMITS_METRIC: &str = "deskbridge_store_commits_total";

/// Statements of the journal's writer.
const STATEMENTS_METRIC: &str = "deskbridge_store_statements_total";

/// Events that wait for their delivery.
const WAITING_METRIC: &str = "deskbridge_events_waiting{connection=\"bench\",result=\"accepted\"}";

/// Nothing listens at the target: no event is delivered, acceptance alone is measured.
const CONNECTIONS: &str = "\
connections:
  bench:
    source:
      vendor: udesk
      verify:
        - standard_webhooks: { secrets: [env:BENCH_SECRET] }
    target:
      vendor: bangwo8
      base_url: http://127.0.0.1:9
      auth: { basic: { account: env:BENCH_ACCOUNT, password: env:BENCH_PASSWORD } }
    mapping: udesk-bangwo8
";

/// What a journal did.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) commits: u64,
    pub(crate) statements: u64,
}

impl Work {
    pub(crate) fn since(self, before: Self) -> Self {
        Self { commits: self.commits - before.commits, statements: self.statements - before.statements }
    }
}

pub(crate) struct Server {
    name: &'static str,
    process: Process,
    address: SocketAddr,
}

impl Server {
    /// This executable again, as the bare handler.
    pub(crate) fn bare() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = Process(command.arg("--bare-server").stdout(Stdio::piped()).spawn()?);
        let stdout = process.0.stdout.take().ok_or("the bare handler has no standard output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        Ok(Self { name: "bare handler", process, address: address.trim().parse()? })
    }

    /// The service on an SQLite file in `folder`.
    pub(crate) fn on_sqlite(folder: &Path) -> Result<Self> {
        Self::deskbridge("on SQLite", &format!("sqlite:{}", folder.join("deskbridge.db").display()), folder)
    }

    /// The service on an empty PostgreSQL.
    pub(crate) fn on_postgres(store: &str, folder: &Path) -> Result<Self> {
        Self::deskbridge("on PostgreSQL", store, folder)
    }

    fn deskbridge(name: &'static str, store: &str, folder: &Path) -> Result<Self> {
        fs::write(folder.join("deskbridge.yaml"), CONNECTIONS)?;
        let address = free_address()?;
        let child = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .arg("serve")
            .current_dir(folder)
            .env("DESKBRIDGE_CONFIG", folder.join("deskbridge.yaml"))
            .env("DESKBRIDGE_STORE", store)
            .env("DESKBRIDGE_LISTEN", address.to_string())
            .env("DESKBRIDGE_WORKERS", "0")
            .env("DESKBRIDGE_LOG", "error")
            .env("BENCH_SECRET", request::secret())
            .env("BENCH_ACCOUNT", "bench")
            .env("BENCH_PASSWORD", "bench")
            .spawn()?;
        let mut server = Self { name, process: Process(child), address };
        server.wait_until_ready()?;
        Ok(server)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        Usage::of(&self.process.id())
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        Memory::of(&self.process.id())
    }

    /// What the journal did so far, if the server counts it.
    pub(crate) fn work(&self) -> Option<Work> {
        let metrics = get(self.address, "/metrics").ok()?;
        Some(Work {
            commits: sample(&metrics, COMMITS_METRIC)?,
            statements: sample(&metrics, STATEMENTS_METRIC)?,
        })
    }

    /// Events that were kept, as the service counted them last; none is ever delivered.
    pub(crate) fn kept(&self) -> Result<u64> {
        let metrics = get(self.address, "/metrics")?;
        Ok(sample(&metrics, WAITING_METRIC).unwrap_or_default())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while !get(self.address, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 ")) {
            if let Some(status) = self.process.0.try_wait()? {
                return Err(format!("deskbridge serve ended before it was ready: {status}").into());
            }
            if start.elapsed() > STARTS_WITHIN {
                return Err(format!("deskbridge serve was not ready within {STARTS_WITHIN:?}").into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Free at this moment; the service takes it a moment later.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The value of a metric, named with its labels.
fn sample(metrics: &str, name: &str) -> Option<u64> {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().parse::<f64>().ok().map(|value| value as u64)
}

fn get(server: SocketAddr, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
