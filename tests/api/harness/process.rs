//! The real binary as a process of its own, which can be killed.

use std::{ffi::OsString, fs::File, path::Path, process::Stdio, sync::Arc};

use deskbridge::{
    fault,
    sandbox::{self, Sandbox},
};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{Options, TLS_KEY, TestApp, eventually, http_client, program::listening, write_config};

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
        Self::open_dying(folder, sandbox, options, None).await
    }

    async fn open_dying(
        folder: Arc<TempDir>,
        sandbox: Arc<Sandbox>,
        options: Options,
        death: Option<&str>,
    ) -> Self {
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
            .args(tls(folder.path(), &options))
            .args(encryption(folder.path(), &options))
            .envs(death.map(|death| (fault::VARIABLE, death)))
            .stdin(Stdio::null())
            .stderr(File::create(&log).expect("a log file"))
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let url = eventually(async || {
            let lines = std::fs::read_to_string(&log).expect("the log");
            lines.lines().find_map(listening)
        })
        .await;
        let (url, client) = match &options.tls {
            Some(pair) => (url.replace("127.0.0.1", "https://localhost"), pair.client()),
            None => (format!("http://{url}"), http_client()),
        };
        let task = tokio::spawn(async { Ok(()) });
        let reload = Arc::default();
        Self { app: TestApp { url, sandbox, folder, client, options, reload, stop: None, task }, child }
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

    /// Most bytes of memory that it has had at any time (Linux, proc(5), `VmHWM`).
    pub(crate) fn most_memory(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
        let kib = line.trim().trim_end_matches(" kB");
        kib.parse::<u64>().expect("a number") * 1024
    }

    /// What it has written to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.app.folder.path().join("log")).expect("a log")
    }

    /// Another process on what a killed one left behind.
    pub(crate) async fn restart(self) -> Self {
        Self::open(self.app.folder.clone(), self.app.sandbox.clone(), self.app.options.clone()).await
    }

    /// As `restart`, told where to die: `call.after:3`.
    pub(crate) async fn restart_dying(self, death: &str) -> Self {
        let app = &self.app;
        let (folder, sandbox, options) = (app.folder.clone(), app.sandbox.clone(), app.options.clone());
        Self::open_dying(folder, sandbox, options, Some(death)).await
    }
}

/// The flags of a service with a certificate.
fn tls(folder: &Path, options: &Options) -> Vec<OsString> {
    let Some(pair) = &options.tls else { return Vec::new() };
    let (cert, key) = (pair.write(folder), folder.join(TLS_KEY));
    vec!["--tls-cert".into(), cert.into(), "--tls-key".into(), key.into()]
}

/// The flags of a service that encrypts.
fn encryption(folder: &Path, options: &Options) -> Vec<OsString> {
    if options.encryption_keys.is_empty() {
        return Vec::new();
    }
    vec!["--encryption-keys".into(), folder.join("encryption-keys").into()]
}
