//! The program itself, as a user starts it: a process with arguments, an environment and exit codes.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
};

use serde_json::Value;
use tokio::process::{Child, Command};

use super::{PATIENCE, eventually};

/// The program with nothing of the test's own environment.
pub(crate) fn deskbridge(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbridge"));
    command.args(arguments).env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command that ends by itself.
pub(crate) async fn run_to_end(mut command: Command) -> Output {
    let ended = tokio::time::timeout(PATIENCE, command.output()).await;
    ended.expect("the command ends in time").expect("the program starts")
}

/// `serve` on a free port, with `folder/deskbridge.yaml` and a store of that folder.
pub(crate) fn serve_command(folder: &Path) -> Command {
    let (config, store) = (folder.join("deskbridge.yaml"), folder.join("program.db"));
    let mut command = deskbridge(&["serve", "--listen", "127.0.0.1:0"]);
    command.arg("--config").arg(config).arg("--store").arg(format!("sqlite:{}", store.display()));
    command
}

/// An address that nobody listened on a moment ago.
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// A running `deskbridge serve` whose standard error goes to a file. Dropped, it is killed.
pub(crate) struct Serving {
    pub(crate) address: String,
    child: Child,
    log: PathBuf,
}

impl Serving {
    /// Returns once it listens.
    pub(crate) async fn start(folder: &Path) -> Self {
        let log = folder.join("serve.log");
        let mut command = serve_command(folder);
        command.stderr(File::create(&log).expect("a log file")).stdout(Stdio::null());
        Self::of(command, log).await
    }

    /// As `start`, of a command whose standard error goes to `log`.
    pub(crate) async fn of(mut command: Command, log: PathBuf) -> Self {
        let child = command.spawn().expect("the program starts");
        let lines = async || fs::read_to_string(&log).expect("a log").lines().find_map(listening);
        let address = eventually(lines).await;
        Self { address, child, log }
    }

    /// The process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Asks it to stop as a supervisor does.
    pub(crate) async fn terminate(&self) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
        assert!(sent.success(), "the signal was sent");
    }

    /// Ends it with SIGKILL, which it can't hear.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it is killed");
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends in time").expect("its status is known")
    }

    /// What it has written to standard error.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("a log")
    }
}

/// The address in the log line that tells it.
pub(super) fn listening(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["message"] == "listening").then(|| line["address"].as_str().map(str::to_owned))?
}
