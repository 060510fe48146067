//! `v1a`: Ed25519 by a key that the sender alone has. Nothing here is secret.

use ring::signature::{ED25519, UnparsedPublicKey};

use super::Message;

/// A sender's public key.
#[derive(Clone)]
pub(super) struct Public(UnparsedPublicKey<[u8; 32]>);

impl Public {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(UnparsedPublicKey::new(&ED25519, key))
    }

    /// The message is put together only if there is something to check: it is as large as the body.
    pub(super) fn fits(&self, message: &Message<'_>, signatures: &[[u8; 64]]) -> bool {
        if signatures.is_empty() {
            return false;
        }
        let signed = message.parts().concat();
        signatures.iter().any(|signature| self.0.verify(&signed, signature).is_ok())
    }
}
