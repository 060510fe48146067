//! API keys, and the secrets that signatures are made and checked with.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};

use super::Loader;
use crate::{
    config::{
        file::{File, KeyEntry},
        keys::{ApiKey, RateLimit, SecretKey, VerifyKey},
        secret::SecretRef,
    },
    diagnostic::{Spanned, did_you_mean, place},
};

/// Fewest bytes of a signing secret (Standard Webhooks asks for 24 to 64).
const MIN_SIGNING_BYTES: usize = 24;
/// Fewest characters of an API key or a push's token.
pub(super) const MIN_KEY_CHARS: usize = 16;
/// The points of Ed25519 whose order is 8 or less, in hexadecimal (RFC 8032, 5.1.2): under such a "public key" anybody can
/// make signatures that verify. A file of zeros is one of them.
const WEAK_POINTS: [&str; 8] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

/// Whose secret it is, and where it stands. Two entries may have one name, which is a mistake of its own.
type Owned<'a> = (&'a KeyEntry, &'a Spanned<SecretRef>, SecretString);

impl Loader<'_> {
    /// Without those that have a problem.
    pub(super) fn keys(&mut self, file: &File) -> Vec<ApiKey> {
        let keys: Vec<Option<ApiKey>> = file.api_keys.iter().map(|entry| self.key(entry, file)).collect();
        self.unique_names(&file.api_keys);
        self.unique_secrets(&file.api_keys, &keys);
        keys.into_iter().flatten().collect()
    }

    fn key(&mut self, entry: &KeyEntry, file: &File) -> Option<ApiKey> {
        if entry.scopes.value.is_empty() {
            let message = "a key without scopes opens nothing: give it ingest, read, operate or admin";
            self.problem(place(&entry.scopes), message);
        }
        let connections = entry.connections.as_ref().map(|names| self.key_connections(names, file));
        let limit = entry.limit.as_ref().map(|limit| self.limit(limit));
        let secret = self.key_secret(&entry.secret);
        let before = entry.secret_before.as_ref().map(|secret| self.key_secret(secret));
        Some(ApiKey {
            name: entry.name.value.clone(),
            scopes: entry.scopes.value.clone(),
            connections,
            secret: secret?,
            secret_before: before.map_or(Some(None), |secret| secret.map(Some))?,
            limit,
        })
    }

    fn key_secret(&mut self, secret: &Spanned<SecretRef>) -> Option<SecretString> {
        let text = self.secret(secret)?;
        if text.expose_secret().chars().count() < MIN_KEY_CHARS {
            self.problem(place(secret), format!("an API key needs at least {MIN_KEY_CHARS} characters"));
        }
        Some(text)
    }

    pub(super) fn limit(&mut self, limit: &Spanned<RateLimit>) -> RateLimit {
        let most = limit.value.requests_per_second.max(limit.value.burst());
        if most.get() > RateLimit::MAX {
            let rule = format!(
                "a limit's requests_per_second and burst are {} at most: leave limit out for none",
                RateLimit::MAX
            );
            self.problem(place(limit), rule);
        }
        limit.value
    }

    fn key_connections(&mut self, names: &Spanned<Vec<Spanned<String>>>, file: &File) -> BTreeSet<String> {
        if names.value.is_empty() {
            let message =
                "a key for no connection opens nothing: name some, or leave connections out for all";
            self.problem(place(names), message);
        }
        for name in names.value.iter().filter(|name| !file.connections.contains_key(&name.value)) {
            let hint = did_you_mean(&name.value, file.connections.keys().map(String::as_str));
            self.problem(place(name), format!("there is no connection {}{hint}", name.value));
        }
        names.value.iter().map(|name| name.value.clone()).collect()
    }

    fn unique_names(&mut self, entries: &[KeyEntry]) {
        for (i, entry) in entries.iter().enumerate() {
            if entries[..i].iter().any(|earlier| earlier.name.value == entry.name.value) {
                self.problem(place(&entry.name), format!("a second API key is named {}", entry.name.value));
            }
        }
    }

    /// One secret under two names would have the scopes of both, and a rotation from a secret to itself is none.
    fn unique_secrets(&mut self, entries: &[KeyEntry], keys: &[Option<ApiKey>]) {
        let read = entries.iter().zip(keys).filter_map(|(entry, key)| Some((entry, key.as_ref()?)));
        let owned: Vec<Owned<'_>> = read.flat_map(|(entry, key)| secrets(entry, key)).collect();
        for (i, (entry, secret, text)) in owned.iter().enumerate() {
            let name = &entry.name.value;
            let same = |other: &&Owned<'_>| other.2.expose_secret() == text.expose_secret();
            let message = match owned[..i].iter().find(same) {
                Some((other, ..)) if std::ptr::eq(*other, *entry) => {
                    format!("the API key {name} has the same secret before: leave secret_before out")
                }
                Some((other, ..)) => {
                    format!("the API keys {} and {name} have the same secret", other.name.value)
                }
                None => continue,
            };
            self.problem(place(secret), message);
        }
    }

    /// What the signatures of one sender are checked with: each secret that may be in use, thus each once.
    pub(super) fn verify_keys(&mut self, secrets: &[Spanned<SecretRef>]) -> Option<Vec<VerifyKey>> {
        let keys: Vec<Option<VerifyKey>> = secrets.iter().map(|secret| self.verify_key(secret)).collect();
        for (i, key) in keys.iter().enumerate() {
            let Some(key) = key else { continue };
            if keys[..i].iter().flatten().any(|earlier| same_key(earlier, key)) {
                self.problem(place(&secrets[i]), "this secret stands there twice: leave one of them out");
            }
        }
        keys.into_iter().collect()
    }

    /// What a sender's signatures are checked with: `whsec_` and base64, as the Standard Webhooks specification writes a
    /// symmetric secret, or `whpk_` and base64, as it writes a public key.
    fn verify_key(&mut self, secret: &Spanned<SecretRef>) -> Option<VerifyKey> {
        let text = self.secret(secret)?;
        match text.expose_secret().strip_prefix("whpk_") {
            Some(base64) => self.told(secret, public(base64)).map(VerifyKey::Public),
            None => self.told(secret, shared(text.expose_secret())).map(VerifyKey::Shared),
        }
    }

    /// What we sign with ourselves.
    pub(super) fn signing_key(&mut self, secret: &Spanned<SecretRef>) -> Option<SecretKey> {
        let text = self.secret(secret)?;
        self.told(secret, shared(text.expose_secret()))
    }

    fn told<T>(&mut self, secret: &Spanned<SecretRef>, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.problem(place(secret), why)).ok()
    }
}

/// Those of an entry, as they were read.
fn secrets<'a>(entry: &'a KeyEntry, key: &ApiKey) -> Vec<Owned<'a>> {
    let before = entry.secret_before.as_ref().zip(key.secret_before.clone());
    let current = (entry, &entry.secret, key.secret.clone());
    [current].into_iter().chain(before.map(|(secret, text)| (entry, secret, text))).collect()
}

fn same_key(one: &VerifyKey, other: &VerifyKey) -> bool {
    match (one, other) {
        (VerifyKey::Shared(one), VerifyKey::Shared(other)) => one.expose() == other.expose(),
        (VerifyKey::Public(one), VerifyKey::Public(other)) => one == other,
        _ => false,
    }
}

fn shared(text: &str) -> Result<SecretKey, String> {
    if text.starts_with("whsk_") {
        return Err(
            "whsk_ is a private key, which its sender alone should have: give its public one, whpk_ \
                    followed by base64, and have the sender make another pair"
                .to_owned(),
        );
    }
    let encoded = text.strip_prefix("whsec_");
    match encoded.and_then(|base64| BASE64_STANDARD.decode(base64).ok()) {
        Some(key) if key.len() >= MIN_SIGNING_BYTES => Ok(SecretKey(key)),
        Some(_) => Err(format!("a signing secret needs at least {MIN_SIGNING_BYTES} bytes")),
        None => Err(
            "a signing secret is whsec_ followed by base64 (Standard Webhooks); what is checked may be a \
                     sender's public key, too: whpk_ followed by base64"
                .to_owned(),
        ),
    }
}

fn public(base64: &str) -> Result<[u8; 32], String> {
    let key = BASE64_STANDARD.decode(base64).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = key.ok_or("a public key is whpk_ followed by the base64 of its 32 bytes (Ed25519)")?;
    if WEAK_POINTS.contains(&hex::encode(key).as_str()) {
        return Err("under this public key anybody could sign: it is no sender's".to_owned());
    }
    Ok(key)
}
