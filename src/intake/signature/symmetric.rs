//! `v1`: HMAC-SHA256 by a secret that both sides have.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::Message;

/// A shared secret, its schedule computed once.
#[derive(Clone)]
pub(super) struct Shared(Hmac<Sha256>);

impl Shared {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of every length (RFC 2104, section 3)"))
    }

    pub(super) fn sign(&self, message: &Message<'_>) -> [u8; 32] {
        let mut mac = self.0.clone();
        message.parts().into_iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    /// All are compared, each in constant time: how much of a forgery is right must not be told.
    pub(super) fn fits(&self, message: &Message<'_>, signatures: &[[u8; 32]]) -> bool {
        if signatures.is_empty() {
            return false;
        }
        let ours = self.sign(message);
        signatures.iter().fold(Choice::from(0), |found, theirs| found | ours.ct_eq(theirs)).into()
    }
}
