//! The real binary as a process of its own, which can be killed.

use std::{fs::File, process::Stdio, sync::Arc};

use deskbridge::sandbox::{self, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{Options, TestApp, eventually, http_client, write_config};

/// `deskbridge serve` on a free port, with the simulators of the test. Killed when dropped.
pub(crate) struct Process {
    pub(crate) app: TestApp,
    child: Child,
}

impl Process {
    pub(crate) async fn start(options: Options) -> Self {
        let sandbox = sandbox::start(sandbox::Options::default()).await.expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        Self::open(Arc::new(folder), Arc::new(sandbox), options).await
    }

    async fn open(folder: Arc<TempDir>, sandbox: Arc<Sandbox>, options: Options) -> Self {
        write_config(folder.path(), &sandbox, &options);
        let log = folder.path().join("log");
        let child = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .arg("serve")
            .args(["--listen", "127.0.0.1:0", "--log", "info", "--log-format", "json"])
            .args(["--workers", &options.workers.to_string()])
            .arg("--config")
            .arg(folder.path().join("deskbridge.yaml"))
            .arg("--store")
            .arg(format!("sqlite:{}", folder.path().join("deskbridge.db").display()))
            .stdin(Stdio::null())
            .stderr(File::create(&log).expect("a log file"))
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let url = eventually(async || {
            let lines = std::fs::read_to_string(&log).expect("the log");
            lines.lines().find_map(listening).map(|address| format!("http://{address}"))
        })
        .await;
        let task = tokio::spawn(async { Ok(()) });
        let client = http_client();
        Self { app: TestApp { url, sandbox, folder, client, options, stop: None, task }, child }
    }

    /// Ends the process with SIGKILL, which it can't hear.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("the process is killed");
    }

    /// Asks it to read its configuration again.
    pub(crate) async fn hang_up(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status().await.expect("kill runs");
        assert!(sent.success(), "the signal was sent");
    }

    /// What it has written to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.app.folder.path().join("log")).expect("a log")
    }

    /// Another process on what a killed one left behind.
    pub(crate) async fn restart(self) -> Self {
        Self::open(self.app.folder.clone(), self.app.sandbox.clone(), self.app.options.clone()).await
    }
}

/// The address in the line that tells it.
fn listening(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["message"] == "listening").then(|| line["address"].as_str().map(str::to_owned))?
}
