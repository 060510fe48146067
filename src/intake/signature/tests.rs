use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::*;

const NOW: i64 = 1_700_000_000;

fn headers(key: &[u8], timestamp: i64, body: &[u8]) -> SignatureHeaders {
    let seconds = timestamp.to_string();
    let signed = Message { id: "msg_1", timestamp: &seconds, body };
    let signature = BASE64_STANDARD.encode(Shared::new(key).sign(&signed));
    SignatureHeaders {
        id: Some("msg_1".into()),
        timestamp: Some(seconds),
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

/// The key pair of RFC 8032, 7.1, TEST 1.
fn pair() -> Ed25519KeyPair {
    let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    Ed25519KeyPair::from_seed_unchecked(&seed).unwrap()
}

fn public(pair: &Ed25519KeyPair) -> [u8; 32] {
    pair.public_key().as_ref().try_into().unwrap()
}

fn v1a(pair: &Ed25519KeyPair, body: &[u8]) -> String {
    let signed = [format!("msg_1.{NOW}.").as_bytes(), body].concat();
    format!("v1a,{}", BASE64_STANDARD.encode(pair.sign(&signed)))
}

fn sent(signatures: String) -> SignatureHeaders {
    let (id, timestamp) = (Some("msg_1".into()), Some(NOW.to_string()));
    SignatureHeaders { id, timestamp, signatures: Some(signatures) }
}

fn fits(signer: Signer, signatures: String, body: &[u8]) -> bool {
    check(&[signer], &sent(signatures), body, Timestamp::from_second(NOW).unwrap()).is_ok()
}

#[test]
fn the_public_key_is_the_standards_own() {
    // RFC 8032, 7.1, TEST 1 and TEST 2.
    let known = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    assert_eq!(hex::encode(public(&pair())), known);
    let key = hex::decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").unwrap();
    let signature = hex::decode(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    )
    .unwrap();
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key);
    assert!(key.verify(&[0x72], &signature).is_ok());
}

#[test]
fn a_signature_of_one_version_is_none_of_the_other() {
    let (pair, body) = (pair(), b"{}");
    let good = v1a(&pair, body);
    assert!(fits(Signer::public(public(&pair)), good.clone(), body));
    assert!(!fits(Signer::public(public(&pair)), good.replace("v1a,", "v1,"), body));
    // Who knows a public key must not be able to use it as a shared secret.
    let forged =
        Shared::new(&public(&pair)).sign(&Message { id: "msg_1", timestamp: &NOW.to_string(), body });
    for version in ["v1", "v1a"] {
        let forged = format!("{version},{}", BASE64_STANDARD.encode(forged));
        assert!(!fits(Signer::public(public(&pair)), forged, body), "{version}");
    }
}

#[test]
fn of_public_signatures_the_first_four_are_looked_at() {
    let (pair, body) = (pair(), b"{}");
    let other = v1a(&pair, b"another body");
    let after = |others: usize| {
        let mut signatures = vec![other.clone(); others];
        signatures.push(v1a(&pair, body));
        fits(Signer::public(public(&pair)), signatures.join(" "), body)
    };
    assert!(after(MAX_PUBLIC_SIGNATURES - 1));
    assert!(!after(MAX_PUBLIC_SIGNATURES));
}

proptest! {
    #[test]
    fn any_flipped_bit_breaks_a_public_signature(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<usize>()) {
        let pair = pair();
        let mut forged = body.clone();
        let bit = at % (body.len() * 8);
        forged[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(fits(Signer::public(public(&pair)), v1a(&pair, &body), &body));
        prop_assert!(!fits(Signer::public(public(&pair)), v1a(&pair, &body), &forged));
    }

    #[test]
    fn no_header_is_a_proof_or_a_panic(header in "[v1a, =A-Za-z0-9+/]{0,300}") {
        prop_assert!(!fits(Signer::public(public(&pair())), header.clone(), b"[]"));
        prop_assert!(!fits(Signer::new(b"key"), header, b"[]"));
    }

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
