//! One encrypted value. As a text `sealed:NAME:BASE64`, as bytes a mark, the length of the name and the name; then the
//! nonce, what is encrypted and its tag. A plain value that begins like an encrypted one is kept under an empty name.

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::{
    aead::{Aad, NONCE_LEN, Nonce},
    rand::{SecureRandom, SystemRandom},
};

use super::{Keyring, keyring::Key};
use crate::store::StoreError;

const TEXT_MARK: &str = "sealed:";
const BYTES_MARK: &[u8] = b"\0sealed\0";

/// Where a value stands: what it is and of which row. Two places never have the same bytes.
pub(super) struct Place(Vec<u8>);

impl Place {
    pub(super) fn of(what: &str, of: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for part in std::iter::once(&what).chain(of) {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        Self(bytes)
    }
}

/// Under what a value stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Under<'a> {
    Nothing,
    Key(&'a str),
}

impl Keyring {
    /// As it is kept.
    pub(super) fn seal_text(&self, place: &Place, text: String) -> Result<String, StoreError> {
        match self.first() {
            Some(key) => {
                let sealed = encrypt(key, place, text.as_bytes())?;
                Ok(format!("{TEXT_MARK}{}:{}", key.name, BASE64_STANDARD.encode(sealed)))
            }
            None if text.starts_with(TEXT_MARK) => Ok(format!("{TEXT_MARK}:{text}")),
            None => Ok(text),
        }
    }

    /// What was kept.
    pub(super) fn open_text(&self, place: &Place, kept: String) -> Result<String, StoreError> {
        let Some((name, content)) = split_text(&kept) else { return Ok(kept) };
        if name.is_empty() {
            return Ok(content.to_owned());
        }
        let key = self.named(name).ok_or_else(|| StoreError::KeyMissing(name.to_owned()))?;
        let content = BASE64_STANDARD.decode(content).map_err(|_| changed(name))?;
        String::from_utf8(decrypt(key, place, content)?).map_err(|_| changed(name))
    }

    /// As it is kept.
    pub(super) fn seal_bytes(&self, place: &Place, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        match self.first() {
            Some(key) => Ok([head(&key.name), encrypt(key, place, &bytes)?].concat()),
            None if bytes.starts_with(BYTES_MARK) => Ok([head(""), bytes].concat()),
            None => Ok(bytes),
        }
    }

    /// What was kept.
    pub(super) fn open_bytes(&self, place: &Place, kept: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let Some((name, content)) = split_bytes(&kept) else { return Ok(kept) };
        if name.is_empty() {
            return Ok(content.to_vec());
        }
        let key = self.named(name).ok_or_else(|| StoreError::KeyMissing(name.to_owned()))?;
        decrypt(key, place, content.to_vec())
    }
}

/// Under what a text is kept.
pub(super) fn text_under(kept: &str) -> Under<'_> {
    under(split_text(kept).map(|(name, _)| name))
}

/// Under what bytes are kept.
pub(super) fn bytes_under(kept: &[u8]) -> Under<'_> {
    under(split_bytes(kept).map(|(name, _)| name))
}

fn under(name: Option<&str>) -> Under<'_> {
    name.filter(|name| !name.is_empty()).map_or(Under::Nothing, Under::Key)
}

fn split_text(kept: &str) -> Option<(&str, &str)> {
    kept.strip_prefix(TEXT_MARK)?.split_once(':')
}

fn split_bytes(kept: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = kept.strip_prefix(BYTES_MARK)?.split_first()?;
    let (name, content) = rest.split_at_checked((*length).into())?;
    Some((std::str::from_utf8(name).ok()?, content))
}

/// Names have 32 bytes at most.
fn head(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    [BYTES_MARK, &[length], name.as_bytes()].concat()
}

/// The nonce, and what comes of it.
fn encrypt(key: &Key, place: &Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| StoreError::Unsealable)?;
    let mut sealed = plain.to_vec();
    let done = key.key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(&place.0),
        &mut sealed,
    );
    done.map_err(|_| StoreError::Unsealable)?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(key: &Key, place: &Place, content: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let (nonce, sealed) = content.split_at_checked(NONCE_LEN).ok_or_else(|| changed(&key.name))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| changed(&key.name))?;
    let mut sealed = sealed.to_vec();
    let plain = key.key.open_in_place(nonce, Aad::from(&place.0), &mut sealed);
    Ok(plain.map_err(|_| changed(&key.name))?.to_vec())
}

fn changed(name: &str) -> StoreError {
    StoreError::Corrupt(format!(
        "a value can't be opened under the encryption key {name}: it was changed, or taken from another place"
    ))
}
