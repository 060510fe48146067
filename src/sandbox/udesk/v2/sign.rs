//! The v2 signature: the SHA-256 of five values, in this order, joined by `&` (§1.2). Neither path nor other
//! parameters nor body are signed. The form it superseded, SHA-1 over three values, is taken by the lenient
//! check alone (§1.3).

use jiff::Timestamp;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::nonces::{Nonces, WINDOW};
use crate::sandbox::call::Call;
use crate::sandbox::credentials::{UDESK_ADMIN_EMAIL, UDESK_API_TOKEN};
use crate::sandbox::switches::SignCheck;

const VERSION: &str = "v2";

pub(crate) fn is_right(call: &Call, check: SignCheck, nonces: &mut Nonces, now: Timestamp) -> bool {
    let signed = |name| call.param(name).unwrap_or_default();
    let (email, at, nonce, given) = (signed("email"), signed("timestamp"), signed("nonce"), signed("sign"));
    let known = email == UDESK_ADMIN_EMAIL;
    let current = || {
        let version = call.param("sign_version").as_deref() == Some(VERSION);
        let right = given == five_values(&email, UDESK_API_TOKEN, &at, &nonce);
        known && version && right && !nonce.is_empty() && is_fresh(&at, now)
    };
    let superseded = || known && given.eq_ignore_ascii_case(&three_values(&email, UDESK_API_TOKEN, &at));
    match check {
        SignCheck::Off => true,
        SignCheck::Strict => current() && nonces.spend(&nonce, now),
        SignCheck::Lenient => superseded() || (current() && nonces.spend(&nonce, now)),
    }
}

fn is_fresh(timestamp: &str, now: Timestamp) -> bool {
    let at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    at.is_some_and(|at| now.duration_since(at).abs() <= WINDOW)
}

fn five_values(email: &str, token: &str, timestamp: &str, nonce: &str) -> String {
    let text = [email, token, timestamp, nonce, VERSION].join("&");
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn three_values(email: &str, token: &str, timestamp: &str) -> String {
    hex::encode(Sha1::digest([email, token, timestamp].join("&").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn the_vectors_of_the_contract_hold() {
        for (email, timestamp, nonce, expected) in [
            (
                "admin@example.com",
                "1700000000",
                "n-0001",
                "898a6c794e70c253fb049ab1e88a93c541d176e8d268ee440248ae02b55a12e5",
            ),
            (
                "admin@example.com",
                "1700000000",
                "n-0002",
                "9151568524820ea428511885fc44cf3a039216410aa72c2b709bc06fbe2f5c7d",
            ),
            (
                "ops+udesk@example.com",
                "1700000000",
                "n-0003",
                "203003758df550cd2321170b156ee78f41a5719ef3ceb181ee4b025f7f853b3c",
            ),
        ] {
            assert_eq!(five_values(email, TOKEN, timestamp, nonce), expected);
        }
    }

    #[test]
    fn the_published_vector_of_the_superseded_form_holds() {
        let token = "ff6c83a2-78ce-4944-b0a8-c064d89af1e6";
        let sign = three_values("udeskdemo@udesk.cn", token, "1488337316");
        assert_eq!(sign, "6b18e26ae0176a1b281b62d0a4fc568913d6f059");
    }

    #[test]
    fn a_timestamp_may_be_off_by_a_quarter_of_an_hour() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        for (timestamp, fresh) in [
            ("1700000000", true),
            ("1699999100", true),
            ("1700000900", true),
            ("1699999099", false),
            ("1700000901", false),
            ("1700000000000", false),
            ("", false),
        ] {
            assert_eq!(is_fresh(timestamp, now), fresh, "{timestamp}");
        }
    }

    #[test]
    fn a_nonce_may_be_used_again_after_a_quarter_of_an_hour() {
        let mut nonces = Nonces::default();
        let at = |seconds| Timestamp::from_second(1_700_000_000_i64 + seconds).unwrap();
        let spent = [0, 900, 901, 902].map(|seconds| nonces.spend("n-0001", at(seconds)));
        assert_eq!(spent, [true, false, true, false]);
    }
}
