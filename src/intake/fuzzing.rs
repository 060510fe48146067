//! The two doors of intake: bodies and signatures. See `crate::fuzzing`.

use std::{collections::HashMap, fmt, path::Path, sync::LazyLock};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use sha2::Sha256;

use super::{
    API_KEY, Event, EventType, Intake, MAX_VIOLATIONS, Media, Refusal, SignatureHeaders, Signer, Source,
    Store, TOLERANCE_S, Unverified, Verified, schema::Schemas, sound, verify,
};

use crate::json;

/// The vendors whose events an input can be, by its first byte.
const VENDORS: [&str; 4] = ["udesk", "generic", "zendesk", "freshdesk"];
const CONNECTION: &str = "acme";
const KEY: &[u8] = b"the signing key of the acme tenant";
/// What time it is while signatures are checked.
const NOW_S: i64 = 1_700_000_000;

static INTAKES: LazyLock<Vec<Intake>> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("deskbridge-intake-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let url = format!("sqlite:{}", folder.join("fuzz.db").display());
    let store = runtime.block_on(Store::open(&url, Timestamp::UNIX_EPOCH)).expect("a store");
    // It is open, and nothing will be written to it.
    std::fs::remove_dir_all(folder).expect("the folder was made");
    VENDORS.map(|vendor| intake(vendor, store.clone())).into()
});

fn intake(vendor: &str, store: Store) -> Intake {
    let Ok(schemas) = Schemas::load(Path::new("")) else { panic!("the shipped schemas are right") };
    Intake::new(HashMap::from([(CONNECTION.to_owned(), source(vendor))]), schemas, store)
}

fn source(vendor: &str) -> Source {
    Source {
        vendor: vendor.to_owned(),
        signers: vec![Signer::new(b"the signing key before"), Signer::new(KEY), Signer::public(public())],
        api_key: false,
        push_tokens: Vec::new(),
        rereads: true,
        limit: None,
        redaction: crate::event::Redaction::default(),
    }
}

fn private() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key")
}

fn public() -> [u8; 32] {
    private().public_key().as_ref().try_into().expect("32 bytes")
}

/// A body: the first byte names the vendor, the second the medium; of binary mode, headers stand in front of an empty line.
/// What is read of an event is in its bytes, is the same in every other medium that says it, and the same once more.
pub fn envelope(data: &[u8]) {
    let [vendor, medium, data @ ..] = data else { return };
    agrees_with_a_slow_reader(data);
    let intake = &INTAKES[usize::from(*vendor) % VENDORS.len()];
    match medium % 5 {
        0 => one(intake, Media::Plain, data),
        1 => one(intake, Media::CloudEvent, data),
        2 => batch(intake, data),
        3 => binary(intake, data),
        _ => one(intake, Media::Push(EventType::ALL[usize::from(*medium) % EventType::ALL.len()]), data),
    }
}

fn unverified(media: Media, body: &[u8]) -> Unverified {
    Unverified {
        connection: CONNECTION.to_owned(),
        media,
        query: Vec::new(),
        signature: SignatureHeaders::default(),
        key_shown: false,
        traceparent: None,
        body: Bytes::copy_from_slice(body),
    }
}

fn read(intake: &Intake, media: Media, body: &[u8]) -> Result<Event, Refusal> {
    intake.read(&intake.sources[CONNECTION], Verified(unverified(media, body), API_KEY))
}

fn one(intake: &Intake, media: Media, body: &[u8]) {
    let is_push = matches!(media, Media::Push(_));
    let examined = intake.examine(CONNECTION, media.clone(), body);
    match (read(intake, media.clone(), body), examined) {
        (Ok(event), examined) => {
            let data: serde_json::Value = json::from_slice(event.data()).expect("its data is JSON");
            if is_push {
                return;
            }
            let Ok(examined) = examined else { panic!("read, but not when it was looked at") };
            assert_eq!((&examined.lane, examined.event_type), (&event.lane, event.event_type));
            assert_eq!(examined.data, data);
            let stored = if media == Media::Plain { Media::Plain } else { Media::CloudEvent };
            let Ok(again) = read(intake, stored, &event.body) else {
                panic!("what was read can't be read again")
            };
            assert_eq!((&again.id, &again.lane, again.time), (&event.id, &event.lane, event.time));
            assert_eq!((again.data(), again.version), (event.data(), event.version));
        }
        (Err(Refusal::SchemaViolation(found)), _) => {
            assert!(!found.is_empty() && found.len() <= MAX_VIOLATIONS + super::envelope::MAX_MEMBERS + 8);
        }
        (Err(_), examined) => assert!(examined.is_err(), "refused, but not when it was looked at"),
    }
}

/// All of it as its elements alone, or nothing.
fn batch(intake: &Intake, body: &[u8]) {
    let verified = Verified(unverified(Media::Batch, body), API_KEY);
    let Ok(events) = intake.read_batch(&intake.sources[CONNECTION], &verified) else { return };
    for event in events {
        let Ok(alone) = read(intake, Media::CloudEvent, &event.body) else { panic!("read in a batch only") };
        assert_eq!((alone.id, alone.lane), (event.id, event.lane));
    }
}

fn binary(intake: &Intake, data: &[u8]) {
    let at = data.windows(2).position(|pair| pair == b"\n\n").unwrap_or(data.len());
    let (head, body) = data.split_at(at);
    let attribute = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = std::str::from_utf8(&line[..colon]).ok()?.to_ascii_lowercase();
        Some((name, line[colon + 1..].to_vec()))
    };
    let attributes = head.split(|byte| *byte == b'\n').filter_map(attribute).collect();
    one(intake, Media::Binary(attributes), body);
}

/// What is sound is JSON to whoever reads all of it, and only what has a name twice is called so.
fn agrees_with_a_slow_reader(body: &[u8]) {
    let Ok(Unique(unique)) = json::from_slice(body) else {
        assert!(sound::check(body).is_err(), "sound, but no JSON");
        return;
    };
    match sound::check(body) {
        Ok(()) => assert!(unique, "sound, with a name twice"),
        Err(Refusal::SchemaViolation(found)) => {
            assert!(found[0].keyword != "uniqueItems" || !unique, "{} stands once", found[0].pointer);
        }
        Err(_) => {}
    }
}

/// Whether no object in it has a name twice, by looking at all pairs.
struct Unique(bool);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let (mut names, mut unique): (Vec<String>, bool) = (Vec::new(), true);
                while let Some((name, Unique(below))) = map.next_entry()? {
                    unique &= below && !names.contains(&name);
                    names.push(name);
                }
                Ok(Unique(unique))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
                let mut unique = true;
                while let Some(Unique(below)) = items.next_element()? {
                    unique &= below;
                }
                Ok(Unique(unique))
            }

            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique(true))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
                Ok(Unique(true))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
                Ok(Unique(true))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
                Ok(Unique(true))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
                Ok(Unique(true))
            }

            fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
                Ok(Unique(true))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Three lines of headers (id, time, signatures) and a body. As they are they prove nothing, for the input knows no key;
/// with a right signature among the first they prove everything, if the time is right; and not a byte can be changed.
pub fn signature(data: &[u8]) {
    let mut parts = data.splitn(4, |byte| *byte == b'\n');
    let mut text = || parts.next().and_then(|part| std::str::from_utf8(part).ok().map(str::to_owned));
    let (Some(id), Some(timestamp), Some(signatures)) = (text(), text(), text()) else { return };
    let body = parts.next().unwrap_or_default();
    let in_time =
        timestamp.parse::<i64>().is_ok_and(|second| second.abs_diff(NOW_S) <= TOLERANCE_S.unsigned_abs());
    assert!(told(&id, &timestamp, &signatures, body).is_err(), "forged");
    let right = format!("v1,{}", signed(&id, &timestamp, body));
    let message = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let public = format!("v1a,{}", BASE64_STANDARD.encode(private().sign(&message)));
    for signatures in [
        right.clone(),
        public.clone(),
        format!("{right} {signatures}"),
        format!("{public} {signatures}"),
        format!("v1,AAAA v2, v1a,AAAA {public}"),
    ] {
        match told(&id, &timestamp, &signatures, body) {
            Ok(()) => assert!(in_time, "too late"),
            Err(Refusal::TimestampOutOfTolerance) => assert!(!in_time, "in time"),
            Err(other) => panic!("{other}"),
        }
    }
    let other = [body, b" "].concat();
    for right in [right, public] {
        assert!(told(&id, &timestamp, &right, &other).is_err(), "another body");
        assert!(told(&format!("{id} "), &timestamp, &right, body).is_err(), "another id");
    }
}

fn signed(id: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("any length");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn told(id: &str, timestamp: &str, signatures: &str, body: &[u8]) -> Result<(), Refusal> {
    let signature = SignatureHeaders {
        id: Some(id.to_owned()),
        timestamp: Some(timestamp.to_owned()),
        signatures: Some(signatures.to_owned()),
    };
    let request = Unverified { signature, ..unverified(Media::Plain, body) };
    let now = Timestamp::from_second(NOW_S).expect("a moment");
    verify(&source(VENDORS[0]), request, now).map(drop)
}
