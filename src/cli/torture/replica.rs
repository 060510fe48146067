//! One process of the service, which lives and dies as it is told.

use std::{
    fs::File,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use tokio::process::{Child, ChildStdin, Command};

use super::super::Failure;
use crate::fault;

/// Longest that a process may take to become ready: a store after a crash reads its log again.
const START: Duration = Duration::from_secs(60);
/// Between two looks whether it is.
const LOOK: Duration = Duration::from_millis(10);
/// Longest wait for one answer whether it is.
const ANSWER: Duration = Duration::from_secs(1);
/// How long a process has an event for itself without saying that it still lives, in seconds.
const LEASE_S: &str = "5";
/// The signal that can't be heard.
const SIGKILL: i32 = 9;

/// How a life is to end.
#[derive(Debug, Clone)]
pub(super) enum Death {
    /// Not before the end of the round.
    None,
    /// By a signal, so long after it became ready.
    After(Duration),
    /// At a named place, at so many passings; if it doesn't come there in time, by a signal.
    At(String, Duration),
}

pub(super) struct Replica {
    number: usize,
    port: u16,
    folder: PathBuf,
    store: String,
    disk_budget: Option<u64>,
    client: reqwest::Client,
    child: Option<Child>,
    /// Its standard input, whose end would ask it to stop: to wait for a child closes what the child still has.
    held_open: Option<ChildStdin>,
    pub(super) death: Death,
    /// When each of its lives began and, but for the last, ended.
    pub(super) lives: Vec<(Timestamp, Option<Timestamp>)>,
}

impl Replica {
    pub(super) fn new(
        number: usize,
        port: u16,
        folder: &Path,
        store: &str,
        disk_budget: Option<u64>,
    ) -> Self {
        Self {
            number,
            port,
            folder: folder.to_owned(),
            store: store.to_owned(),
            disk_budget,
            client: reqwest::Client::new(),
            child: None,
            held_open: None,
            death: Death::None,
            lives: Vec::new(),
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process's number, while it lives.
    pub(super) fn process(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Its standard error, of all its lives.
    fn log(&self) -> PathBuf {
        self.folder.join(format!("replica-{}.log", self.number))
    }

    /// Starts a life that is to end so. Returns once it is ready, or dead already.
    pub(super) async fn start(&mut self, death: Death) -> Result<(), Failure> {
        let log = File::options().create(true).append(true).open(self.log()).map_err(Failure::work)?;
        let mut command = Command::new(std::env::current_exe().map_err(Failure::work)?);
        command
            .args(["serve", "--with-parent", "--log", "warn", "--log-format", "json", "--store", &self.store])
            .arg("--listen")
            .arg(format!("127.0.0.1:{}", self.port))
            .arg("--config")
            .arg(self.folder.join("deskbridge.yaml"))
            .env_remove(fault::VARIABLE)
            // What a dead process had in hand is another's soon.
            .env("DESKBRIDGE_LEASE_S", LEASE_S)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if let Death::At(place, _) = &death {
            command.env(fault::VARIABLE, place);
        }
        if let Some(bytes) = self.disk_budget {
            command.env("DESKBRIDGE_DISK_BUDGET_BYTES", bytes.to_string());
        }
        self.lives.push((Timestamp::now(), None));
        let mut child = command.spawn().map_err(Failure::work)?;
        self.held_open = child.stdin.take();
        self.child = Some(child);
        self.death = death;
        let ready = tokio::time::timeout(START, self.ready()).await;
        ready.map_err(|_| self.failure("did not become ready"))?
    }

    /// polls: readiness, or the death that was asked for.
    async fn ready(&mut self) -> Result<(), Failure> {
        let url = format!("{}/readyz", self.url());
        loop {
            let answer = self.client.get(&url).timeout(ANSWER).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.child()?.try_wait().map_err(Failure::work)? {
                return self.may_have_died(status);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Lets the life end as it was told to. True if it came to the place that was named.
    pub(super) async fn end(&mut self) -> Result<bool, Failure> {
        let (wait, named) = match &self.death {
            Death::None => (Duration::ZERO, false),
            Death::After(wait) => (*wait, false),
            Death::At(_, wait) => (*wait, true),
        };
        let ended = tokio::time::timeout(wait, self.child()?.wait()).await;
        let reached = match ended {
            Ok(status) => {
                self.may_have_died(status.map_err(Failure::work)?)?;
                named
            }
            Err(_) => {
                self.child()?.kill().await.map_err(Failure::work)?;
                false
            }
        };
        self.child = None;
        if let Some(life) = self.lives.last_mut() {
            life.1 = Some(Timestamp::now());
        }
        Ok(reached)
    }

    /// An end that nobody asked for is a finding of its own.
    fn may_have_died(&self, status: ExitStatus) -> Result<(), Failure> {
        match self.death {
            Death::At(..) if status.signal() == Some(SIGKILL) => Ok(()),
            _ => Err(self.failure(&format!("ended by itself ({status})"))),
        }
    }

    fn child(&mut self) -> Result<&mut Child, Failure> {
        self.child.as_mut().ok_or_else(|| Failure::work("the service doesn't run"))
    }

    fn failure(&self, what: &str) -> Failure {
        Failure::Work(format!("the service {what}: see {}", self.log().display()))
    }
}
