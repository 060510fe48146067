//! Bodies that are made once and sent to all who ask for them: the bytes in each encoding, with their entity tags.
//!
//! Knows JSON only by its end: a body ends with `"stale":null}` while nothing is wrong, and what marks it is written
//! over that end.

use std::{
    io::{self, Write},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

/// Bytes of a content's hash that make its entity tag.
const TAG_BYTES: usize = 16;
/// Fewer bytes than this go out in one packet anyway, so that nothing is won by compressing them.
const MIN_COMPRESSED: usize = 1024;
/// Bytes from which on compressing takes milliseconds.
const LARGE: usize = 128 * 1024;
/// Of 1 to 9: what more takes off is a few percent, and costs twice the time and more.
const GZIP_LEVEL: u32 = 6;
/// Of 1 to 22: likewise.
const ZSTD_LEVEL: i32 = 6;
/// How every body ends that is not marked.
const FRESH: &[u8] = b"null}";

/// How a body's bytes are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Zstd];

    /// What the entity tag of the identity encoding becomes in this one.
    pub(super) fn tagged(self, tag: &str) -> Bytes {
        Bytes::from(match self {
            Self::Identity => format!("\"{tag}\""),
            Self::Gzip => format!("\"{tag}-gzip\""),
            Self::Zstd => format!("\"{tag}-zstd\""),
        })
    }
}

/// A body's bytes in one encoding.
#[derive(Debug)]
pub struct Representation {
    /// What the bytes are coded by.
    pub encoding: Encoding,
    /// The bytes.
    pub bytes: Bytes,
    /// Strong entity tag of the bytes, in its quotes.
    pub etag: Bytes,
}

/// A body in every encoding. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Body(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    tag: String,
    identity: Representation,
    /// `None` if it would be no smaller.
    gzip: OnceLock<Option<Representation>>,
    zstd: OnceLock<Option<Representation>>,
}

impl Body {
    /// A body of these bytes.
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::named(tag(&bytes), bytes)
    }

    /// A body that had its name before it had its bytes.
    pub(super) fn named(tag: String, bytes: Bytes) -> Self {
        let etag = Encoding::Identity.tagged(&tag);
        let identity = Representation { encoding: Encoding::Identity, bytes, etag };
        Self(Arc::new(Encoded { tag, identity, gzip: OnceLock::new(), zstd: OnceLock::new() }))
    }

    /// A body of this value as JSON.
    pub(super) fn json(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::to_vec(value).map(Self::new)
    }

    /// Makes every encoding now and not when it is first asked for: some milliseconds for 100 tickets.
    pub(super) fn compress(&self) {
        for encoding in Encoding::ALL {
            self.in_encoding(encoding);
        }
    }

    /// Makes one encoding without keeping the thread from other work.
    pub async fn make(&self, encoding: Encoding) {
        if self.plain().len() < LARGE {
            return;
        }
        let body = self.clone();
        // One that could not be made is made when it is asked for.
        let made = spawn_blocking(move || drop(body.in_encoding(encoding).bytes.clone())).await;
        made.unwrap_or_else(|error| tracing::error!(%error, "a body could not be compressed"));
    }

    /// The body in this encoding, or as it is if that would be no smaller.
    pub fn in_encoding(&self, encoding: Encoding) -> &Representation {
        let coded = match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => self.0.gzip.get_or_init(|| self.coded(encoding, gzip)).as_ref(),
            Encoding::Zstd => self.0.zstd.get_or_init(|| self.coded(encoding, zstd)).as_ref(),
        };
        coded.unwrap_or(&self.0.identity)
    }

    /// The representation that the tag is of, in its quotes. Tags are alike in all encodings, so that no bytes have to
    /// be made to tell one.
    pub fn tagged(&self, etag: &str) -> Option<&Representation> {
        let rest = etag.strip_prefix('"')?.strip_prefix(self.0.tag.as_str())?;
        match rest {
            "\"" => Some(&self.0.identity),
            "-gzip\"" => Some(self.in_encoding(Encoding::Gzip)),
            "-zstd\"" => Some(self.in_encoding(Encoding::Zstd)),
            _ => None,
        }
    }

    /// The same with a mark of why it is not fresh.
    pub(super) fn marked(&self, mark: &impl Serialize) -> serde_json::Result<Self> {
        let fresh = &self.0.identity.bytes;
        let kept = fresh.strip_suffix(FRESH).unwrap_or(fresh);
        let mut bytes = Vec::with_capacity(fresh.len() + 64);
        bytes.extend_from_slice(kept);
        serde_json::to_writer(&mut bytes, mark)?;
        bytes.push(b'}');
        Ok(Self::new(bytes))
    }

    /// The bytes as they are.
    pub(super) fn plain(&self) -> &Bytes {
        &self.0.identity.bytes
    }

    /// What names the bytes.
    pub(super) fn tag(&self) -> &str {
        &self.0.tag
    }

    fn coded(&self, encoding: Encoding, code: fn(&[u8]) -> io::Result<Vec<u8>>) -> Option<Representation> {
        let plain = &self.0.identity.bytes;
        if plain.len() < MIN_COMPRESSED {
            return None;
        }
        let bytes = code(plain).ok().filter(|coded| coded.len() < plain.len())?;
        Some(Representation { encoding, bytes: bytes.into(), etag: encoding.tagged(&self.0.tag) })
    }
}

/// What names some content.
pub(super) fn tag(content: &[u8]) -> String {
    hex::encode(&Sha256::digest(content)[..TAG_BYTES])
}

/// A time as HTTP writes it (RFC 9110, 5.6.7).
pub(super) fn http_date(at: Timestamp) -> Bytes {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    Bytes::from(printer.timestamp_to_rfc9110_string(&at).unwrap_or_default())
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder =
        GzEncoder::new(Vec::with_capacity(plain.len() / 4), flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(plain)?;
    encoder.finish()
}

fn zstd(plain: &[u8]) -> io::Result<Vec<u8>> {
    ::zstd::bulk::compress(plain, ZSTD_LEVEL)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::json;

    use super::*;

    fn long() -> Vec<u8> {
        format!("{{\"text\":\"{}\",\"stale\":null}}", "打印机离线".repeat(200)).into_bytes()
    }

    #[test]
    fn every_encoding_decodes_to_the_same_bytes_and_has_a_tag_of_its_own() {
        let plain = long();
        let body = Body::new(plain.clone());
        let (gzip, zstd) = (body.in_encoding(Encoding::Gzip), body.in_encoding(Encoding::Zstd));
        let mut unzipped = Vec::new();
        flate2::read::GzDecoder::new(&gzip.bytes[..]).read_to_end(&mut unzipped).unwrap();
        assert_eq!(unzipped, plain);
        assert_eq!(::zstd::decode_all(&zstd.bytes[..]).unwrap(), plain);
        let etags = Encoding::ALL.map(|encoding| body.in_encoding(encoding).etag.clone());
        for (encoding, etag) in Encoding::ALL.into_iter().zip(&etags) {
            let tagged = body.tagged(std::str::from_utf8(etag).unwrap()).unwrap();
            assert_eq!((tagged.encoding, &tagged.etag), (encoding, etag));
        }
        assert_eq!(etags.iter().collect::<std::collections::HashSet<_>>().len(), 3);
        assert!(body.tagged("\"other\"").is_none() && body.tagged("").is_none());
    }

    #[test]
    fn what_would_not_get_smaller_is_sent_as_it_is() {
        let body = Body::new(&b"{\"count\":7,\"stale\":null}"[..]);
        for encoding in Encoding::ALL {
            assert_eq!(body.in_encoding(encoding).encoding, Encoding::Identity);
        }
    }

    #[test]
    fn a_mark_is_written_over_the_end_and_makes_another_tag() {
        let body = Body::new(long());
        let marked = body.marked(&json!({ "reason": "unavailable" })).unwrap();
        let read: serde_json::Value =
            serde_json::from_slice(&marked.in_encoding(Encoding::Identity).bytes).unwrap();
        assert_eq!(read["stale"], json!({ "reason": "unavailable" }));
        assert_eq!(read["text"].as_str().unwrap().chars().count(), 1000);
        assert_ne!(body.in_encoding(Encoding::Gzip).etag, marked.in_encoding(Encoding::Gzip).etag);
    }
}
