//! Standard Webhooks signatures over `{id}.{timestamp}.{body}`: `v1`, HMAC-SHA256 by a shared secret, and `v1a`, Ed25519
//! by the sender's private key (<https://www.standardwebhooks.com>, specification, "Signature scheme"). The raw bytes are
//! checked before anything reads them.
//!
//! Promises: each signature is tried by each key of its version, and whatever is no signature of a known version is passed
//! over. Which key or signature fits can be told from the time it takes; how much of a secret a guess has right can't.
//! What one request can cost is bounded: each shared secret hashes the body once, each public key
//! [`MAX_PUBLIC_SIGNATURES`] times at most.

mod asymmetric;
mod symmetric;

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use self::{asymmetric::Public, symmetric::Shared};
use super::Refusal;

/// How far a signature's time may be from ours, either way, in seconds: what the specification's own libraries
/// allow.
pub const TOLERANCE_S: i64 = 5 * 60;
/// Signatures in one header that are looked at. A sender rotating its keys sends two.
const MAX_SIGNATURES: usize = 16;
/// Of these, signatures of `v1a` that are looked at: each of them has every public key hash the whole body anew.
const MAX_PUBLIC_SIGNATURES: usize = 4;

/// A key that signatures are checked with. Not printed.
#[derive(Clone)]
pub struct Signer(Kind);

#[derive(Clone)]
enum Kind {
    Shared(Shared),
    Public(Public),
}

impl Signer {
    /// One of a shared secret, for `v1`.
    pub fn new(secret: &[u8]) -> Self {
        Self(Kind::Shared(Shared::new(secret)))
    }

    /// One of a sender's public key (Ed25519, RFC 8032), for `v1a`.
    pub fn public(key: [u8; 32]) -> Self {
        Self(Kind::Public(Public::new(key)))
    }

    fn fits(&self, message: &Message<'_>, sent: &Sent) -> bool {
        match &self.0 {
            Kind::Shared(key) => key.fits(message, &sent.v1),
            Kind::Public(key) => key.fits(message, &sent.v1a),
        }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

/// The three headers, as far as they were sent.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct SignatureHeaders {
    pub id: Option<String>,
    pub timestamp: Option<String>,
    pub signatures: Option<String>,
}

impl SignatureHeaders {
    /// True if the sender meant to sign.
    pub(super) fn is_present(&self) -> bool {
        self.signatures.is_some()
    }
}

/// What is signed.
struct Message<'a> {
    id: &'a str,
    timestamp: &'a str,
    body: &'a [u8],
}

impl<'a> Message<'a> {
    fn parts(&self) -> [&'a [u8]; 5] {
        [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", self.body]
    }
}

/// The signatures of a header that can be any.
#[derive(Default)]
struct Sent {
    v1: Vec<[u8; 32]>,
    v1a: Vec<[u8; 64]>,
}

impl Sent {
    /// A list separated by spaces, each with its version before a comma.
    fn read(header: &str) -> Self {
        let mut sent = Self::default();
        for (version, base64) in header.split(' ').take(MAX_SIGNATURES).filter_map(|it| it.split_once(',')) {
            match version {
                "v1" => sent.v1.extend(decoded(base64)),
                "v1a" if sent.v1a.len() < MAX_PUBLIC_SIGNATURES => sent.v1a.extend(decoded(base64)),
                _ => {}
            }
        }
        sent
    }
}

fn decoded<const BYTES: usize>(base64: &str) -> Option<[u8; BYTES]> {
    BASE64_STANDARD.decode(base64).ok()?.try_into().ok()
}

/// Any signature by any key will do. The time is judged last, so that only a sender who knows a key learns
/// that its clock is wrong.
pub(super) fn check(
    signers: &[Signer],
    headers: &SignatureHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Refusal> {
    let (Some(id), Some(timestamp), Some(sent)) = (&headers.id, &headers.timestamp, &headers.signatures)
    else {
        return Err(Refusal::InvalidSignature);
    };
    let (message, sent) = (Message { id, timestamp, body }, Sent::read(sent));
    if !signers.iter().any(|key| key.fits(&message, &sent)) {
        return Err(Refusal::InvalidSignature);
    }
    match timestamp.parse::<i64>() {
        Ok(seconds) if seconds.abs_diff(now.as_second()) <= TOLERANCE_S.unsigned_abs() => Ok(()),
        _ => Err(Refusal::TimestampOutOfTolerance),
    }
}

#[cfg(test)]
mod tests;
