//! The demo's processes and files.

use std::{
    fs::DirBuilder,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::super::{Failure, sign::whsec};
use crate::{json, sandbox::credentials};

/// The port that is taken if it is free, so that the printed addresses are the same from run to run.
const PORT: u16 = 8080;
/// Longest that the service may take to become ready.
const START: Duration = Duration::from_secs(20);
/// Between two looks whether it is.
const LOOK: Duration = Duration::from_millis(50);

/// The mode of a folder that nobody but its owner may look into.
const OWNERS_ALONE: u32 = 0o700;
/// The connection of the demo.
pub(super) const CONNECTION: &str = "demo";

pub(super) struct Stage {
    pub(super) folder: Folder,
    pub(super) url: String,
    pub(super) bangwo8: String,
    pub(super) udesk: String,
    pub(super) secrets: Secrets,
    port: u16,
    service: Child,
    sandbox: Child,
}

/// Made anew for each run.
pub(super) struct Secrets {
    pub(super) signing: [u8; 32],
    pub(super) signing_before: [u8; 32],
    pub(super) key: String,
    pub(super) push: String,
}

impl Stage {
    pub(super) async fn build(dir: Option<PathBuf>) -> Result<Self, Failure> {
        let folder = Folder::open(dir).map_err(Failure::work)?;
        if folder.path().join("deskbridge.db").exists() {
            let message = "holds a store already: the demo needs one of its own, so choose another --dir";
            return Err(Failure::Usage(format!("{} {message}", folder.path().display())));
        }
        let (sandbox, vendors) = start_sandbox().await?;
        let secrets = Secrets {
            signing: rand::random(),
            signing_before: rand::random(),
            key: hex::encode(rand::random::<[u8; 16]>()),
            push: hex::encode(rand::random::<[u8; 16]>()),
        };
        write_files(folder.path(), &secrets, &vendors).map_err(Failure::work)?;
        let port = free_port().map_err(Failure::work)?;
        let service = start_service(folder.path(), port).await?;
        let url = format!("http://127.0.0.1:{port}");
        let (bangwo8, udesk) = (vendors.bangwo8, vendors.udesk);
        Ok(Self { folder, url, bangwo8, udesk, secrets, port, service, sandbox })
    }

    /// kill -9, as a machine that loses its power would.
    pub(super) async fn kill_service(&mut self) -> Result<(), Failure> {
        self.service.kill().await.map_err(Failure::work)
    }

    pub(super) async fn restart_service(&mut self) -> Result<(), Failure> {
        self.service = start_service(self.folder.path(), self.port).await?;
        Ok(())
    }

    /// Closing a child's standard input asks it to stop.
    pub(super) async fn end(mut self) -> Result<(), Failure> {
        for child in [&mut self.service, &mut self.sandbox] {
            drop(child.stdin.take());
            child.wait().await.map_err(Failure::work)?;
        }
        Ok(())
    }
}

/// A folder of the user's, or a temporary one that goes with the demo.
pub(super) enum Folder {
    Given(PathBuf),
    Temporary(PathBuf),
}

impl Folder {
    fn open(dir: Option<PathBuf>) -> std::io::Result<Self> {
        let folder = match dir {
            Some(dir) => Self::Given(dir),
            None => {
                let name = format!("deskbridge-demo-{}", hex::encode(rand::random::<[u8; 6]>()));
                Self::Temporary(std::env::temp_dir().join(name))
            }
        };
        // There are keys in it.
        DirBuilder::new().recursive(true).mode(OWNERS_ALONE).create(folder.path())?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Given(path) | Self::Temporary(path) => path,
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Self::Temporary(path) = self
            && let Err(error) = std::fs::remove_dir_all(path)
        {
            tracing::warn!(%error, "the temporary folder could not be removed");
        }
    }
}

#[derive(Deserialize)]
struct Vendors {
    bangwo8: String,
    udesk: String,
}

async fn start_sandbox() -> Result<(Child, Vendors), Failure> {
    let any = "127.0.0.1:0";
    let mut child =
        this_program(&["sandbox", "--with-parent", "--bangwo8-listen", any, "--udesk-listen", any])?
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Failure::work)?;
    let output = child.stdout.take().ok_or_else(|| Failure::work("the sandbox has no output"))?;
    let line = BufReader::new(output).lines().next_line().await.map_err(Failure::work)?;
    let vendors = json::from_str(&line.unwrap_or_default());
    Ok((child, vendors.map_err(|_| Failure::work("the sandbox did not start"))?))
}

async fn start_service(folder: &Path, port: u16) -> Result<Child, Failure> {
    let mut child = this_program(&["serve", "--with-parent", "--log", "error"])?
        .arg("--listen")
        .arg(format!("127.0.0.1:{port}"))
        .arg("--config")
        .arg(folder.join("deskbridge.yaml"))
        .arg("--store")
        .arg(format!("sqlite:{}", folder.join("deskbridge.db").display()))
        .spawn()
        .map_err(Failure::work)?;
    let ready = async {
        let client = super::http_client(START).map_err(Failure::work)?;
        loop {
            let answer = client.get(format!("http://127.0.0.1:{port}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = child.try_wait().map_err(Failure::work)? {
                return Err(Failure::Work(format!("the service ended at once: {status}")));
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let in_time = tokio::time::timeout(START, ready).await;
    in_time.map_err(|_| Failure::work("the service did not become ready"))??;
    Ok(child)
}

/// This program again, stopping when we do.
fn this_program(arguments: &[&str]) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe().map_err(Failure::work)?);
    command.args(arguments).stdin(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

fn free_port() -> std::io::Result<u16> {
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    Ok(listen(PORT).or_else(|_| listen(0))?.local_addr()?.port())
}

/// The configuration as a user would write it: secrets in files of their own, tenant values as parameters.
fn write_files(folder: &Path, secrets: &Secrets, vendors: &Vendors) -> std::io::Result<()> {
    let yaml = include_str!("deskbridge.yaml").replace("BANGWO8", &vendors.bangwo8);
    let yaml = yaml.replace("UDESK", &vendors.udesk);
    let files = [
        ("signing", whsec(&secrets.signing)),
        ("signing-before", whsec(&secrets.signing_before)),
        ("key", secrets.key.clone()),
        ("push-token", secrets.push.clone()),
        ("udesk-secret", credentials::UDESK_SHARED_SECRET.to_owned()),
        ("bangwo8-id", credentials::BANGWO8_CLIENT_ID.to_owned()),
        ("bangwo8-secret", credentials::BANGWO8_CLIENT_SECRET.to_owned()),
        ("deskbridge.yaml", yaml),
    ];
    files.into_iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
}
