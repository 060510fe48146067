//! What was last written to entities is forgotten at its age, or when somebody asks to be; the sender's count stays, by which
//! what comes late is known for ever.

use std::sync::atomic::Ordering;

use jiff::Timestamp;

use super::{
    Link, LinkKey, Store, StoreError,
    tables::{LINKS, Row, Value},
};

impl Store {
    /// Forgets what was written before `before` to up to `limit` entities, the longest ago first; of how many.
    pub(super) async fn forget_old_written(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, StoreError> {
        // What is left of the others is not looked through again each time.
        let since = self.forgotten_until.load(Ordering::Relaxed);
        let old = self.engine.written_between(since, before.as_millisecond(), limit).await?;
        let found = old.len();
        let changes = old.into_iter().filter_map(|(connection, link)| self.forgetting(&connection, link));
        let forgotten = self.engine.change_rows(LINKS, changes.collect()).await?;
        // One that somebody has written meanwhile is looked for again.
        if found < limit && forgotten == found as u64 {
            self.forgotten_until.fetch_max(before.as_millisecond(), Ordering::Relaxed);
        }
        Ok(forgotten)
    }

    /// A link as it is kept, and as it is after what was written was forgotten; nothing if it was.
    pub(super) fn forgetting(&self, connection: &str, link: Link) -> Option<(Row, Row)> {
        let kept = link.written.clone()?;
        let before = row(connection, &link.key, Value::Text(kept.clone()));
        // What can't be read is as good as nothing.
        let written = self.keys.opened_link(connection, link.clone()).ok().and_then(|link| link.written);
        // As it is, not sealed: by this what is done is told from what is to do, and a count tells of nobody.
        let lasting = written.and_then(|written| super::link::lasting(&written));
        if lasting.as_ref() == Some(&kept) {
            return None;
        }
        Some((before, row(connection, &link.key, lasting.map_or(Value::Null, Value::Text))))
    }
}

/// With what is compared and changed of a link alone.
fn row(connection: &str, key: &LinkKey, written: Value) -> Row {
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        text(connection),
        text(&key.kind),
        text(&key.source_id),
        Value::Null,
        Value::Null,
        Value::Null,
        written,
    ]
}
