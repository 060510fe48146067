//! What is kept beside the journal: links, mappings, how far readers have come, and who leads.

use jiff::Timestamp;

use super::{Hold, Link, LinkKey, Store, StoreError};

impl Store {
    /// The target entity that stands for a source entity.
    pub async fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        let link = self.engine.link(connection, key).await?;
        link.map(|link| self.keys.opened_link(connection, link)).transpose()
    }

    /// True if a target entity of a kind stands for some source entity already, of whichever connection.
    pub async fn is_linked(&self, kind: &str, target_id: &str) -> Result<bool, StoreError> {
        self.engine.is_linked(kind, target_id).await
    }

    /// Remembers a link at once, before the event that made it is settled.
    pub async fn put_link(&self, connection: &str, link: Link, now: Timestamp) -> Result<(), StoreError> {
        self.engine.put_link(connection, self.keys.sealed_link(connection, link)?, now).await
    }

    /// As `put_link`, by an attempt that must still have its event: what came after it is not written over.
    ///
    /// Error: `LeaseLost` when it hasn't.
    pub async fn put_link_of(&self, hold: &Hold, link: Link, now: Timestamp) -> Result<(), StoreError> {
        self.engine.put_link_of(hold, self.keys.sealed_link(&hold.connection, link)?, now).await
    }

    /// Keeps a mapping's content by its digest, for events that are to be delivered by it later.
    pub async fn keep_mapping(&self, digest: &str, content: &str, now: Timestamp) -> Result<(), StoreError> {
        self.engine.keep_mapping(digest, content, now).await
    }

    /// The content of the mapping of a digest.
    pub async fn mapping(&self, digest: &str) -> Result<Option<String>, StoreError> {
        self.engine.mapping(digest).await
    }

    /// How far a reader of a source's list has come, in its own words.
    pub async fn cursor(&self, connection: &str, name: &str) -> Result<Option<String>, StoreError> {
        self.engine.cursor(connection, name).await
    }

    /// Remembers how far a reader has come.
    pub async fn put_cursor(
        &self,
        connection: &str,
        name: &str,
        at: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.engine.put_cursor(connection, name, at, now).await
    }

    /// All cursors whose names begin so, in the order of their names: each with how far it is.
    pub async fn cursors(&self, connection: &str, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.engine.cursors(connection, prefix).await
    }

    /// Forgets how far a reader has come, if that is known.
    pub async fn forget_cursor(&self, connection: &str, name: &str) -> Result<(), StoreError> {
        self.engine.forget_cursor(connection, name).await
    }

    /// True if `holder` may do, until `until`, what only one process does at a time: nobody else does, or it did
    /// before.
    pub async fn lead(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.engine.lead(name, holder, until, now).await
    }
}
