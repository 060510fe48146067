//! Encrypts what the store keeps of tickets and people, and opens it again: AES-256-GCM, a random nonce for each value,
//! and the value's place as associated data, so that none can stand for another.
//!
//! Promises: a value says under which key it is; plain ones stay readable, so that encryption can be turned on for a
//! store in use; an encrypted value that was changed or moved is an error, never other content. What is looked for (ids, lanes,
//! statuses, times, digests) stays plain: `places.rs` says what doesn't, and `tables.rs` in which columns it stands.

mod items;
mod keyring;
mod known;
pub(super) mod places;
mod rows;
mod value;

pub use self::keyring::{Keyring, KeyringError};
pub(super) use self::{known::KEYS, places::Seal, rows::under};
