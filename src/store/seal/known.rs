//! The keys that a store was written under. It keeps a value for each, so that a missing key and another one of the same
//! name are found before anything is read or written.

use jiff::Timestamp;

use super::{Keyring, value::Place};
use crate::store::{StoreError, engine::Engine};

/// The cursors of these values. No connection has an empty name.
pub(in crate::store) const KEYS: (&str, &str) = ("", "key/");
/// What is encrypted under each.
const KNOWN: &str = "deskbridge";

impl Keyring {
    /// Compares these keys with the store's, and tells it of the one that encrypts from now on.
    ///
    /// Errors: `KeyMissing`, `KeyWrong`.
    pub(in crate::store) async fn meet(&self, engine: &dyn Engine, now: Timestamp) -> Result<(), StoreError> {
        let mut is_known = false;
        for (cursor, kept) in engine.cursors(KEYS.0, KEYS.1).await? {
            let name = cursor.strip_prefix(KEYS.1).unwrap_or_default();
            self.check(name, kept)?;
            is_known |= self.first_name() == Some(name);
        }
        match self.first_name() {
            Some(name) if !is_known => {
                let kept = self.seal_text(&place(name), KNOWN.to_owned())?;
                engine.put_cursor(KEYS.0, &format!("{}{name}", KEYS.1), &kept, now).await
            }
            _ => Ok(()),
        }
    }

    fn check(&self, name: &str, kept: String) -> Result<(), StoreError> {
        match self.open_text(&place(name), kept) {
            Ok(known) if known == KNOWN => Ok(()),
            Err(missing @ StoreError::KeyMissing(_)) => Err(missing),
            _ => Err(StoreError::KeyWrong(name.to_owned())),
        }
    }
}

fn place(name: &str) -> Place {
    Place::of("key", &[name])
}
