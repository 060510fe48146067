//! A stream's bytes in an encoding, piece by piece: what was put in comes out as soon as there is some of it.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};
use zstd::stream::write::Encoder;

use crate::ticketview::Encoding;

/// Of 1 to 9 for gzip, of 1 to 22 for zstd: who waits for an export waits for this, too.
const LEVEL: u8 = 3;

/// An encoder of one stream.
pub(super) enum Pack {
    Identity(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(Encoder<'static, Vec<u8>>),
}

impl Pack {
    pub(super) fn new(encoding: Encoding) -> io::Result<Self> {
        Ok(match encoding {
            Encoding::Identity => Self::Identity(Vec::new()),
            Encoding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), Compression::new(LEVEL.into()))),
            Encoding::Zstd => Self::Zstd(Encoder::new(Vec::new(), LEVEL.into())?),
        })
    }

    /// Puts bytes in; gives those that are ready, which may be none yet.
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let ready = match self {
            Self::Identity(ready) => {
                ready.extend_from_slice(bytes);
                ready
            }
            Self::Gzip(encoder) => {
                encoder.write_all(bytes)?;
                encoder.get_mut()
            }
            Self::Zstd(encoder) => {
                encoder.write_all(bytes)?;
                encoder.get_mut()
            }
        };
        Ok(std::mem::take(ready))
    }

    /// What is left.
    pub(super) fn end(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity(ready) => Ok(ready),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}
