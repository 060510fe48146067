//! Which configuration was in force when, in the audit log. Nobody's key stands behind it: whoever may write the files
//! may change them. What stands in the files is not told, only a part of their hash.

use jiff::Timestamp;
use serde_json::json;

use super::{Blueprint, BuildError, files::Fingerprint};
use crate::store::{Act, Action, AuditFilter, Store, StoreError};

/// What came of files that are in force, and of those that are not.
const APPLIED: &str = "done";
const REFUSED: &str = "refused";

/// The files of a configuration, and what they come to.
pub(super) struct Files {
    object: String,
    options: String,
}

impl Files {
    pub(super) fn of(blueprint: &Blueprint) -> Self {
        let config = &blueprint.config;
        let connections: Vec<&str> = config.connections.keys().map(String::as_str).collect();
        let options = json!({ "connections": connections, "api_keys": config.api_keys.len() });
        Self { object: object(&blueprint.seen), options: options.to_string() }
    }

    /// Tells of files that were put in force by a start, unless they were in force before it: a process that dies again and
    /// again changes nothing.
    pub(super) async fn found_at_start(self, store: &Store) -> Result<(), BuildError> {
        let newest =
            AuditFilter { action: Some(Action::ApplyConfiguration), limit: 1, ..AuditFilter::default() };
        let newest = store.audit(newest).await?.pop();
        if newest.is_none_or(|before| before.object.as_ref() != Some(&self.object)) {
            let entry = self.begin(store).await?;
            applied(store, entry).await;
        }
        Ok(())
    }

    /// Tells that these are about to be put in force; the entry's number.
    pub(super) async fn begin(self, store: &Store) -> Result<i64, StoreError> {
        let Self { object, options } = self;
        store.audit_begin(act(Action::ApplyConfiguration, Some(object), options), Timestamp::now()).await
    }
}

/// They are in force.
pub(super) async fn applied(store: &Store, entry: i64) {
    tracing::info!(target: "deskbridge::audit", number = entry, outcome = APPLIED, "a configuration was applied");
    if let Err(error) = store.audit_end(entry, APPLIED, None, Timestamp::now()).await {
        tracing::error!(%error, number = entry, "the end of an entry of the audit log can't be written");
    }
}

/// Tells of files that were refused: what is in force stays so, whether that can be written down or not.
pub(super) async fn refused(store: &Store, found: Option<Fingerprint>, problems: usize) {
    let options = json!({ "problems": problems }).to_string();
    let act = act(Action::RefuseConfiguration, found.as_ref().map(object), options);
    let written = async {
        let number = store.audit_begin(act, Timestamp::now()).await?;
        store.audit_end(number, REFUSED, None, Timestamp::now()).await?;
        Ok::<_, StoreError>(number)
    };
    match written.await {
        Ok(number) => {
            tracing::info!(target: "deskbridge::audit", number, outcome = REFUSED, "a configuration was refused");
        }
        Err(error) => tracing::error!(%error, "an entry of the audit log can't be written"),
    }
}

fn act(action: Action, object: Option<String>, options: String) -> Act {
    Act { actor: None, action, connection: None, object, options: Some(options), trace_id: None }
}

fn object(files: &Fingerprint) -> String {
    json!({ "files": files.to_string() }).to_string()
}
