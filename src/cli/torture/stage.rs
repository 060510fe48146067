//! The run's files, the simulated vendor, and the processes that are killed.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use super::{
    super::{Failure, sign::whsec},
    replica::Replica,
};
use crate::sandbox::{self, Sandbox, credentials};

/// The connection of the run.
pub(super) const CONNECTION: &str = "torture";

pub(super) struct Stage {
    pub(super) folder: Folder,
    pub(super) sandbox: Sandbox,
    pub(super) replicas: Vec<Replica>,
    pub(super) key: String,
    pub(super) signing: [u8; 32],
}

impl Stage {
    /// Everything but the processes, which start with the first round.
    pub(super) async fn build(
        dir: Option<PathBuf>,
        store: Option<String>,
        replicas: u16,
        seed: u64,
    ) -> Result<Self, Failure> {
        let folder = Folder::open(dir).map_err(Failure::work)?;
        let store =
            store.unwrap_or_else(|| format!("sqlite:{}", folder.path().join("deskbridge.db").display()));
        if replicas > 1 && store.starts_with("sqlite:") {
            return Err(Failure::usage(
                "an SQLite file is for one process: give --replicas a --store postgres://…",
            ));
        }
        let log = folder.requests();
        if log.exists() {
            let message = "holds an earlier run: the run needs a folder of its own, so choose another --dir";
            return Err(Failure::Usage(format!("{} {message}", folder.path().display())));
        }
        let options = sandbox::Options { seed, log: Some(log), ..sandbox::Options::default() };
        let sandbox = sandbox::start(options).await.map_err(Failure::work)?;
        let (key, signing) = (hex::encode(rand::random::<[u8; 16]>()), rand::random::<[u8; 32]>());
        write_files(folder.path(), &sandbox.bangwo8_url(), &key, &signing).map_err(Failure::work)?;
        let replica = |number| Ok(Replica::new(number, free_port()?, folder.path(), &store));
        let replicas = (0..usize::from(replicas)).map(replica).collect::<std::io::Result<_>>();
        Ok(Self { replicas: replicas.map_err(Failure::work)?, folder, sandbox, key, signing })
    }

    /// The address of the events at each replica.
    pub(super) fn urls(&self) -> Vec<String> {
        let url = |replica: &Replica| format!("{}/v1/connections/{CONNECTION}/events", replica.url());
        self.replicas.iter().map(url).collect()
    }
}

/// A folder of the user's, or a temporary one that goes with the run if nothing was found.
pub(super) struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn open(dir: Option<PathBuf>) -> std::io::Result<Self> {
        let temporary = dir.is_none();
        let name = format!("deskbridge-torture-{}", hex::encode(rand::random::<[u8; 6]>()));
        let path = dir.unwrap_or_else(|| std::env::temp_dir().join(name));
        fs::create_dir_all(&path)?;
        Ok(Self { path, temporary })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Every request to the simulated vendor, a line each.
    pub(super) fn requests(&self) -> PathBuf {
        self.path.join("requests.ndjson")
    }

    /// It is evidence now.
    pub(super) fn keep(&mut self) {
        self.temporary = false;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, "the temporary folder could not be removed");
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn write_files(folder: &Path, bangwo8: &str, key: &str, signing: &[u8]) -> std::io::Result<()> {
    let files = [
        ("signing", whsec(signing)),
        ("key", key.to_owned()),
        ("bangwo8-id", credentials::BANGWO8_CLIENT_ID.to_owned()),
        ("bangwo8-secret", credentials::BANGWO8_CLIENT_SECRET.to_owned()),
        ("deskbridge.yaml", include_str!("deskbridge.yaml").replace("BANGWO8", bangwo8)),
    ];
    files.into_iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}
