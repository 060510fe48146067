//! The run's files, the simulated vendor, and the processes that are killed.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

use super::{
    super::{Failure, sign::whsec},
    postgres::Postgres,
    replica::Replica,
};
use crate::{
    sandbox::{self, Sandbox, credentials},
    store::{Store, StoreError},
};

/// The connection of the run.
pub(super) const CONNECTION: &str = "torture";

/// What the user says of the stage.
pub(super) struct Given {
    pub(super) dir: Option<PathBuf>,
    pub(super) store: Option<String>,
    pub(super) postgres: bool,
    pub(super) replicas: u16,
    pub(super) disk_budget: Option<u64>,
    pub(super) seed: u64,
}

pub(super) struct Stage {
    pub(super) replicas: Vec<Replica>,
    pub(super) postgres: Option<Postgres>,
    pub(super) sandbox: Sandbox,
    pub(super) key: String,
    pub(super) signing: [u8; 32],
    store: String,
    /// Last, so that it outlives what works in it.
    pub(super) folder: Folder,
}

impl Stage {
    /// Everything but the processes, which start with the first round.
    pub(super) async fn build(given: Given) -> Result<Self, Failure> {
        let file = !given.postgres && given.store.as_ref().is_none_or(|store| store.starts_with("sqlite:"));
        if given.replicas > 1 && file {
            return Err(Failure::usage(
                "an SQLite file is for one process: --replicas needs --postgres or --store postgres://…",
            ));
        }
        let folder = Folder::open(given.dir)?;
        let log = folder.requests();
        if let Some(store) = &given.store {
            is_empty(store).await?;
        }
        let postgres = if given.postgres { Some(Postgres::start(folder.path()).await?) } else { None };
        let own = || format!("sqlite:{}", folder.path().join("deskbridge.db").display());
        let store = given.store.or(postgres.as_ref().map(Postgres::url)).unwrap_or_else(own);
        let options = sandbox::Options { seed: given.seed, log: Some(log), ..sandbox::Options::default() };
        let sandbox = sandbox::start(options).await.map_err(Failure::work)?;
        let (key, signing) = (hex::encode(rand::random::<[u8; 16]>()), rand::random::<[u8; 32]>());
        write_files(folder.path(), &sandbox.bangwo8_url(), &key, &signing).map_err(Failure::work)?;
        let replica =
            |number| Ok(Replica::new(number, free_port()?, folder.path(), &store, given.disk_budget));
        let replicas = (0..usize::from(given.replicas)).map(replica).collect::<std::io::Result<_>>();
        let replicas = replicas.map_err(Failure::work)?;
        Ok(Self { replicas, postgres, sandbox, key, signing, store, folder })
    }

    /// The files that the store is in; none if it isn't in files.
    pub(super) fn store_files(&self) -> Vec<PathBuf> {
        let file = self.store.strip_prefix("sqlite:");
        file.into_iter()
            .flat_map(|file| ["", "-wal"].map(|end| PathBuf::from(format!("{file}{end}"))))
            .collect()
    }

    /// The address of the events at each replica.
    pub(super) fn urls(&self) -> Vec<String> {
        let url = |replica: &Replica| format!("{}/v1/connections/{CONNECTION}/events", replica.url());
        self.replicas.iter().map(url).collect()
    }
}

/// An error if there is something in a store: the run would deliver it, and kill whoever does.
async fn is_empty(store: &str) -> Result<(), Failure> {
    match Store::open_for_copy(store).await {
        Ok(store) => {
            store.close();
            Ok(())
        }
        Err(StoreError::NotEmpty) => {
            Err(Failure::usage("the store is not empty: the run needs one of its own, made for it"))
        }
        Err(error) => Err(Failure::work(error)),
    }
}

/// A folder of the user's, or a temporary one that goes with the run if nothing was found.
pub(super) struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    /// Of the user's only an empty one: what is written must not take the place of anything.
    fn open(dir: Option<PathBuf>) -> Result<Self, Failure> {
        let temporary = dir.is_none();
        let name = format!("deskbridge-torture-{}", hex::encode(rand::random::<[u8; 6]>()));
        let path = dir.unwrap_or_else(|| std::env::temp_dir().join(name));
        let told = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
        fs::create_dir_all(&path).map_err(told)?;
        if fs::read_dir(&path).map_err(told)?.next().is_some() {
            let message = "is not empty: the run needs a folder of its own, so choose another --dir";
            return Err(Failure::Usage(format!("{} {message}", path.display())));
        }
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
