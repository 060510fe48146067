//! Signatures of Standard Webhooks 1.0 (<https://www.standardwebhooks.com>, specification, "Signature scheme"), version
//! `v1`: HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key that messages are signed with, its schedule computed once. Not printed.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// Of the bytes that `whsec_` is the base64 of.
    pub fn new(bytes: &[u8]) -> Self {
        Self(Hmac::new_from_slice(bytes).expect("HMAC takes keys of every length (RFC 2104, section 3)"))
    }

    fn signature(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The value of `webhook-signature`: one signature for each key, so that a receiver may change over at its leisure.
pub(super) fn signatures(keys: &[Key], id: &str, timestamp: i64, body: &[u8]) -> String {
    let each: Vec<String> = keys.iter().map(|key| key.signature(id, timestamp, body)).collect();
    each.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn it_signs_as_the_published_example() {
        let key = Key::new(&BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
        assert_eq!(
            signatures(&[key], id, 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn each_key_signs() {
        let (new, old) = (Key::new(b"the new key of 24 bytes.."), Key::new(b"the old key of 24 bytes.."));
        let both = signatures(&[new.clone(), old.clone()], "id", 1, b"{}");
        let alone = |key: Key| signatures(&[key], "id", 1, b"{}");
        assert_eq!(both, format!("{} {}", alone(new), alone(old)));
    }
}
