//! Standard Webhooks signatures, version `v1`: HMAC-SHA256 over `{id}.{timestamp}.{body}`
//! (<https://www.standardwebhooks.com>, specification, "Signature scheme"). The raw bytes are checked before
//! anything reads them.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::Refusal;

/// How far a signature's time may be from ours, either way, in seconds: what the specification's own libraries
/// allow.
pub const TOLERANCE_S: i64 = 5 * 60;
/// Signatures in one header that are looked at. A sender rotating its keys sends two.
const MAX_SIGNATURES: usize = 16;

/// A key that signatures are checked with, its schedule computed once. Not printed.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// A signer for the key's bytes.
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length (RFC 2104, section 3)"))
    }

    /// Constant time in the signature: the comparison is the MAC's own.
    fn fits(&self, id: &str, timestamp: &str, body: &[u8], signature: &[u8]) -> bool {
        let mut mac = self.0.clone();
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.verify_slice(signature).is_ok()
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
    let mut signatures = decoded(sent);
    if !signatures.any(|signature| signers.iter().any(|key| key.fits(id, timestamp, body, &signature))) {
        return Err(Refusal::InvalidSignature);
    }
    match timestamp.parse::<i64>() {
        Ok(seconds) if seconds.abs_diff(now.as_second()) <= TOLERANCE_S.unsigned_abs() => Ok(()),
        _ => Err(Refusal::TimestampOutOfTolerance),
    }
}

/// The `v1` signatures of a space-separated list; those of other versions are passed over.
fn decoded(sent: &str) -> impl Iterator<Item = Vec<u8>> {
    let v1 = sent.split(' ').take(MAX_SIGNATURES).filter_map(|part| part.strip_prefix("v1,"));
    v1.filter_map(|base64| BASE64_STANDARD.decode(base64).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn headers(key: &[u8], timestamp: i64, body: &[u8]) -> SignatureHeaders {
        let mut mac = Signer::new(key).0;
        mac.update(format!("msg_1.{timestamp}.").as_bytes());
        mac.update(body);
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        SignatureHeaders {
            id: Some("msg_1".into()),
            timestamp: Some(timestamp.to_string()),
            signatures: Some(format!("v1a,AAAA v1,AAAA v1,{signature}")),
        }
    }

    fn result(keys: &[&[u8]], headers: &SignatureHeaders, body: &[u8]) -> Result<(), &'static str> {
        let signers: Vec<Signer> = keys.iter().map(|k| Signer::new(k)).collect();
        let now = Timestamp::from_second(NOW).unwrap();
        check(&signers, headers, body, now).map_err(|refusal| match refusal {
            Refusal::InvalidSignature => "invalid",
            Refusal::TimestampOutOfTolerance => "old",
            _ => "other",
        })
    }

    #[test]
    fn any_signature_by_any_key_will_do() {
        let sent = headers(b"new", NOW, b"{}");
        assert_eq!(result(&[b"old", b"new"], &sent, b"{}"), Ok(()));
        assert_eq!(result(&[b"old"], &sent, b"{}"), Err("invalid"));
    }

    #[test]
    fn five_minutes_either_way_are_tolerated_and_not_a_second_more() {
        for (offset, expected) in [(300, Ok(())), (-300, Ok(())), (301, Err("old")), (-301, Err("old"))] {
            assert_eq!(result(&[b"k"], &headers(b"k", NOW + offset, b"{}"), b"{}"), expected, "{offset}");
        }
    }

    #[test]
    fn a_wrong_signature_is_called_wrong_even_when_it_is_old_too() {
        assert_eq!(result(&[b"k"], &headers(b"x", NOW - 4000, b"{}"), b"{}"), Err("invalid"));
    }

    #[test]
    fn the_specifications_own_example_verifies() {
        // https://github.com/standard-webhooks/standard-webhooks, libraries' shared test vector.
        let key = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let sent = SignatureHeaders {
            id: Some("msg_p5jXN8AQM9LWM0D4loKWxJek".into()),
            timestamp: Some("1614265330".into()),
            signatures: Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".into()),
        };
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        assert!(check(&[Signer::new(&key)], &sent, body, now).is_ok());
    }

    proptest! {
        #[test]
        fn any_flipped_bit_breaks_the_signature(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<usize>()) {
            let sent = headers(b"key", NOW, &body);
            let mut forged = body.clone();
            let bit = at % (body.len() * 8);
            forged[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(result(&[b"key"], &sent, &body), Ok(()));
            prop_assert_eq!(result(&[b"key"], &sent, &forged), Err("invalid"));
        }
    }
}
