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
    /// The same in its quotes, in the order of [`Encoding::ALL`].
    etags: [Bytes; 3],
    /// Bytes of the identity encoding.
    len: usize,
    /// What the bytes are made of, unless they are there from the beginning.
    mark: Option<(Body, Vec<u8>)>,
    identity: OnceLock<Representation>,
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
        let body = Encoded::new(tag, bytes.len(), None);
        body.identity.get_or_init(|| body.represented(Encoding::Identity, bytes));
        Self(Arc::new(body))
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
        if self.is_at_hand(encoding) {
            return;
        }
        let body = self.clone();
        // One that could not be made is made when it is asked for.
        let made = spawn_blocking(move || drop(body.in_encoding(encoding).bytes.clone())).await;
        made.unwrap_or_else(|error| tracing::error!(%error, "a body could not be compressed"));
    }

    /// True if one encoding is made, or made in no time.
    pub fn is_at_hand(&self, encoding: Encoding) -> bool {
        let made = match encoding {
            Encoding::Identity => self.0.identity.get().is_some(),
            Encoding::Gzip => self.0.gzip.get().is_some(),
            Encoding::Zstd => self.0.zstd.get().is_some(),
        };
        made || self.0.len < LARGE
    }

    /// The body in this encoding, or as it is if that would be no smaller.
    pub fn in_encoding(&self, encoding: Encoding) -> &Representation {
        let coded = match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => self.0.gzip.get_or_init(|| self.coded(encoding, gzip)).as_ref(),
            Encoding::Zstd => self.0.zstd.get_or_init(|| self.coded(encoding, zstd)).as_ref(),
        };
        coded.unwrap_or_else(|| self.identity())
    }

    /// The entity tags in their quotes, in the order of [`Encoding::ALL`]. No bytes have to be made to tell one.
    pub fn etags(&self) -> &[Bytes; 3] {
        &self.0.etags
    }

    /// The same with a mark of why it is not fresh. Its name is made of both, its bytes when they are asked for.
    pub(super) fn marked(&self, mark: &impl Serialize) -> serde_json::Result<Self> {
        let mark = serde_json::to_vec(mark)?;
        let name = tag(&[self.0.tag.as_bytes(), b" ", &mark].concat());
        let len = self.len() + mark.len();
        Ok(Self(Arc::new(Encoded::new(name, len, Some((self.clone(), mark))))))
    }

    /// About how many bytes it has as it is.
    pub(super) fn len(&self) -> usize {
        self.0.len
    }

    fn identity(&self) -> &Representation {
        self.0.identity.get_or_init(|| {
            let marked =
                self.0.mark.as_ref().map(|(fresh, mark)| written_over(&fresh.identity().bytes, mark));
            self.0.represented(Encoding::Identity, marked.unwrap_or_default().into())
        })
    }

    /// What names the bytes.
    pub(super) fn tag(&self) -> &str {
        &self.0.tag
    }

    fn coded(&self, encoding: Encoding, code: fn(&[u8]) -> io::Result<Vec<u8>>) -> Option<Representation> {
        let plain = &self.identity().bytes;
        if plain.len() < MIN_COMPRESSED {
            return None;
        }
        let bytes = code(plain).ok().filter(|coded| coded.len() < plain.len())?;
        Some(self.0.represented(encoding, bytes.into()))
    }
}

impl Encoded {
    fn new(tag: String, len: usize, mark: Option<(Body, Vec<u8>)>) -> Self {
        let etags = Encoding::ALL.map(|encoding| encoding.tagged(&tag));
        let (identity, gzip, zstd) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { tag, etags, len, mark, identity, gzip, zstd }
    }

    fn represented(&self, encoding: Encoding, bytes: Bytes) -> Representation {
        Representation { encoding, bytes, etag: encoding.tagged(&self.tag) }
    }
}

/// A body's bytes with a mark in place of their end.
fn written_over(fresh: &[u8], mark: &[u8]) -> Vec<u8> {
    let kept = fresh.strip_suffix(FRESH).unwrap_or(fresh);
    [kept, mark, b"}"].concat()
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
        assert_eq!(&etags, body.etags());
        assert_eq!(etags.iter().collect::<std::collections::HashSet<_>>().len(), 3);
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

    #[test]
    fn no_bytes_are_made_to_tell_the_tags_of_what_is_marked() {
        let text = "打印机离线".repeat(LARGE);
        let body = Body::json(&json!({ "text": text, "stale": null })).unwrap();
        let mark = json!({ "reason": "unavailable" });
        let (marked, other) = (body.marked(&mark).unwrap(), body.marked(&json!("store")).unwrap());
        assert_eq!(marked.etags(), body.marked(&mark).unwrap().etags());
        assert_ne!(marked.etags(), other.etags());
        assert!(Encoding::ALL.into_iter().all(|encoding| !marked.is_at_hand(encoding)));
        marked.in_encoding(Encoding::Zstd);
        assert!(marked.is_at_hand(Encoding::Zstd) && !marked.is_at_hand(Encoding::Gzip));
    }
}
