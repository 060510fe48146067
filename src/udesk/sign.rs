//! The signatures of both API families, as pure functions (§1).

use md5::Md5;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// What RFC 3986 calls reserved, or not a character of a URL at all.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The v1 query with its signature: parameters sorted by key and percent-encoded, then `sign` (§1.1).
///
/// The documents disagree on whether the server sorts before hashing; sent sorted, both readings agree. What is
/// signed is the encoded text, which is how the one public client does it that had to choose; the documented
/// parameters are digits, for which it makes no difference. Without parameters the signature is the same for
/// ever, so the result is as secret as the secret itself.
pub fn v1_query(parameters: &[(&str, String)], secret: &SecretString) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let query = encoded(&sorted);
    let sign = v1(&query, secret);
    if query.is_empty() { format!("sign={sign}") } else { format!("{query}&sign={sign}") }
}

/// The v2 query with its signature: the parameters of the call, then the five of §1.2. The signature covers
/// neither path nor parameters, so it serves for any call until its nonce is spent.
pub fn v2_query(
    parameters: &[(&str, String)],
    email: &str,
    token: &SecretString,
    timestamp: i64,
    nonce: &str,
) -> String {
    let sign = v2(email, token, timestamp, nonce);
    let mut all = parameters.to_vec();
    all.extend([
        ("email", email.to_owned()),
        ("timestamp", timestamp.to_string()),
        ("sign", sign),
        ("nonce", nonce.to_owned()),
        ("sign_version", "v2".to_owned()),
    ]);
    encoded(&all)
}

/// The v1 signature of a query string as it is sent, without `sign`: lower-case hex of
/// `MD5(query & "&" & secret)`, or of `MD5(secret)` for an empty query (§1.1).
pub fn v1(query: &str, secret: &SecretString) -> String {
    let mut hash = Md5::new();
    if !query.is_empty() {
        hash.update(query);
        hash.update("&");
    }
    hash.update(secret.expose_secret());
    hex::encode(hash.finalize())
}

/// The v2 signature: lower-case hex of SHA-256 over e-mail, token, Unix seconds, nonce and the constant `v2`,
/// joined by `&` (§1.2). The e-mail is the plain one; only the URL has it encoded. A nonce serves once in 15
/// minutes.
pub fn v2(email: &str, token: &SecretString, timestamp: i64, nonce: &str) -> String {
    let timestamp = timestamp.to_string();
    let values = [email, token.expose_secret(), &timestamp, nonce, "v2"];
    hex::encode(Sha256::digest(values.join("&")))
}

/// Everything but unreserved characters is encoded, a space as `%20`: what `+` means is another disagreement.
fn encoded(parameters: &[(&str, String)]) -> String {
    let pair = |(key, value): &(&str, String)| format!("{key}={}", utf8_percent_encode(value, VALUE));
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretString {
        "99d80d18b0b9a994a8d0283e830e5099".into()
    }

    #[test]
    fn the_v1_vectors_verify() {
        let vectors = [
            ("page=1&per_page=10", "b48d4134e7d13839b09b5423e300c352"),
            ("", "e9fb0570fe9265fd55ea8b84f8fbcbbb"),
            ("per_page=10&page=1", "03f67933ec5c7669fd63b35c9c161301"),
            ("page=1&per_page=100", "aeef943db3a889ed76eb882b4f90ea71"),
            ("agent_id=1&page=1&per_page=100", "80c34e3a793b862bc769b03926ead06c"),
            ("agent_id=7", "8fc2811447d996a8a87ff8b07c4da1d8"),
            ("flag=flag", "d2626b1c4ac7a5e0a4bbf0d63e10fda8"),
            ("q=%E5%B7%A5%E5%8D%95", "5f2cdd23de5c39bdb72547ed2c22b48f"),
            ("q=工单", "626e71e28bbf65e6db8106f22483b2c0"),
        ];
        for (query, sign) in vectors {
            assert_eq!(v1(query, &secret()), sign, "{query}");
        }
    }

    #[test]
    fn the_v2_vectors_verify() {
        let token = "11111111-2222-3333-4444-555555555555".into();
        let vectors = [
            (
                "admin@example.com",
                1_700_000_000,
                "n-0001",
                "898a6c794e70c253fb049ab1e88a93c541d176e8d268ee440248ae02b55a12e5",
            ),
            (
                "admin@example.com",
                1_700_000_000,
                "n-0002",
                "9151568524820ea428511885fc44cf3a039216410aa72c2b709bc06fbe2f5c7d",
            ),
            (
                "admin@example.com",
                1_700_000_060,
                "0f8fad5b-d9cb-469f-a165-70867728950e",
                "42b28f4b555765d1456aceed006eaf22bd8a8864eab37fc62fd7a5d8aaeda6aa",
            ),
            (
                "ops+udesk@example.com",
                1_700_000_000,
                "n-0003",
                "203003758df550cd2321170b156ee78f41a5719ef3ceb181ee4b025f7f853b3c",
            ),
        ];
        for (email, timestamp, nonce, sign) in vectors {
            assert_eq!(v2(email, &token, timestamp, nonce), sign, "{nonce}");
        }
    }

    #[test]
    fn a_v1_query_is_sorted_and_ends_with_its_signature() {
        let query = v1_query(&[("per_page", "10".to_owned()), ("page", "1".to_owned())], &secret());
        assert_eq!(query, "page=1&per_page=10&sign=b48d4134e7d13839b09b5423e300c352");
        assert_eq!(v1_query(&[], &secret()), "sign=e9fb0570fe9265fd55ea8b84f8fbcbbb");
    }

    #[test]
    fn a_v1_value_is_signed_as_it_is_sent() {
        let query = v1_query(&[("q", "工单".to_owned())], &secret());
        assert_eq!(query, "q=%E5%B7%A5%E5%8D%95&sign=5f2cdd23de5c39bdb72547ed2c22b48f");
    }

    #[test]
    fn a_v2_email_is_hashed_plain_and_sent_encoded() {
        let token = "11111111-2222-3333-4444-555555555555".into();
        let page = [("page", "1".to_owned())];
        let query = v2_query(&page, "ops+udesk@example.com", &token, 1_700_000_000, "n-0003");
        assert_eq!(
            query,
            "page=1&email=ops%2Budesk%40example.com&timestamp=1700000000\
             &sign=203003758df550cd2321170b156ee78f41a5719ef3ceb181ee4b025f7f853b3c&nonce=n-0003&sign_version=v2"
        );
    }
}
