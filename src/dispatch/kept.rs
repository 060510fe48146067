//! The mapping that an attempt goes by: the one in force, or the one that an operator has pinned the event to, compiled
//! of what the store keeps.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::spawn_blocking;

use super::{Desk, attempt::Attempt, failure::Failure};
use crate::{
    mapping::{Library, Mapping},
    store::{Claimed, Store, StoreError},
};

/// Compiled ones at most: what waits was parked by one or two of them.
const MAX_COMPILED: usize = 4;

/// Why a mapping that was kept can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store has none of this digest.
    #[error("the store doesn't keep the mapping {0}")]
    Unknown(String),
    /// Against the schemas of now it doesn't compile: the first problem.
    #[error("the mapping as it was doesn't compile any more: {0}")]
    Broken(String),
}

/// The mappings that events were tried by once.
pub struct KeptMappings {
    library: Arc<Library>,
    /// The latest at the end.
    compiled: Mutex<Vec<Arc<Mapping>>>,
}

impl KeptMappings {
    /// Compiles them by this library's schemas.
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, compiled: Mutex::default() }
    }

    /// The mapping of this digest.
    pub async fn get(&self, digest: &str, store: &Store) -> Result<Arc<Mapping>, KeptError> {
        if let Some(mapping) = self.compiled().iter().find(|mapping| mapping.digest() == digest) {
            return Ok(mapping.clone());
        }
        let content = store.mapping(digest).await?;
        let content = content.ok_or_else(|| KeptError::Unknown(digest.to_owned()))?;
        let library = self.library.clone();
        let compiled = spawn_blocking(move || library.compile_kept(&content)).await;
        let compiled = compiled.map_err(|_| KeptError::Broken("deskbridge panicked over it".to_owned()))?;
        let mapping = compiled.map(Arc::new).map_err(|problems| {
            KeptError::Broken(problems.first().map(ToString::to_string).unwrap_or_default())
        })?;
        let mut all = self.compiled();
        if all.len() == MAX_COMPILED {
            all.remove(0);
        }
        all.push(mapping.clone());
        Ok(mapping)
    }

    /// A poisoned lock here guards nothing but a list that is whole after each step.
    fn compiled(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Mapping>>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The digest of the mapping that an event goes by.
pub(super) fn digest<'a>(desk: &'a Desk, claimed: &'a Claimed) -> &'a str {
    claimed.pinned.as_deref().unwrap_or(desk.mapping.digest())
}

/// The mapping that an attempt goes by.
pub(super) async fn mapping(attempt: &Attempt<'_>) -> Result<Arc<Mapping>, Failure> {
    let desk = attempt.desk;
    let digest = digest(desk, attempt.claimed);
    if digest == desk.mapping.digest() {
        return Ok(desk.mapping.clone());
    }
    match desk.kept.get(digest, attempt.store).await {
        Ok(mapping) => Ok(mapping),
        Err(KeptError::Store(error)) => Err(Failure::Store(error)),
        Err(error) => {
            let why = format!("{error}: replay the event by the current mapping");
            Err(Failure::Stuck("pinned_mapping", why))
        }
    }
}
