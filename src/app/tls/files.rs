//! The two files that a certificate comes from, and each thing that can be wrong with them in words of its own. Nothing of a
//! key is told.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use rustls::{
    InconsistentKeys,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};

use super::reading::{validity, version};
use crate::{app::files::Fingerprint, config::Settings, disk};

/// Why a certificate can't be shown.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TlsError {
    #[error("TLS needs a certificate and its key: set both, or neither")]
    Half,
    #[error("{} can't be read: {source}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{} is no good PEM: {source}", file.display())]
    Pem { file: PathBuf, source: pem::Error },
    #[error("{}: there is no certificate in it (a block BEGIN CERTIFICATE)", file.display())]
    NoCertificate { file: PathBuf },
    #[error("{}: there is a private key in it and no certificate: are the two files swapped?", file.display())]
    Swapped { file: PathBuf },
    #[error("{}: there is no private key in it (a block BEGIN PRIVATE KEY, of PKCS#8, PKCS#1 or SEC1)", file.display())]
    NoKey { file: PathBuf },
    #[error(
        "{}: the private key is encrypted, and nobody is there to type its password: write it decrypted (openssl pkey \
         -in FILE -out NEWFILE), readable by deskbridge alone", file.display()
    )]
    EncryptedKey { file: PathBuf },
    #[error("{} is not the key of the certificate in {}", key.display(), cert.display())]
    OtherKey { cert: PathBuf, key: PathBuf },
    #[error(
        "{}: the certificate that {} is the key of stands at place {place}: put it first, and after each the one that \
         signed it", cert.display(), key.display()
    )]
    NotFirst { cert: PathBuf, key: PathBuf, place: usize },
    #[error(
        "{}: the private key is of a kind that isn't used here: make one of ECDSA on P-256 or P-384, of Ed25519, or of RSA \
         with 2048 to 4096 bits, and have a certificate issued for it", key.display()
    )]
    KeyKind { key: PathBuf },
    #[error(
        "{}: the first certificate is of X.509 version 1, which callers refuse: have one of version 3 issued, with the \
         service's names in it (openssl req -x509 -addext subjectAltName=DNS:NAME makes one that signs itself)", cert.display()
    )]
    Version1 { cert: PathBuf },
    #[error("{}: what the first block BEGIN CERTIFICATE holds is no certificate: copy the file anew from whoever issued it", cert.display())]
    NotACertificate { cert: PathBuf },
    #[error("{} and {} can't be used: {source}", cert.display(), key.display())]
    Unusable { cert: PathBuf, key: PathBuf, source: rustls::Error },
    #[error("{}: the certificate has ended on {ends}: renew it", cert.display())]
    Ended { cert: PathBuf, ends: Timestamp },
    #[error("{}: the certificate is good from {begins} only: look at the clocks, or wait", cert.display())]
    NotYet { cert: PathBuf, begins: Timestamp },
    #[error("TLS can't be set up: {0}")]
    Setup(rustls::Error),
}

/// The files of the certificate and of its key.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) cert: PathBuf,
    key: PathBuf,
}

impl Files {
    /// Those that the settings name; none if they name none.
    pub(super) fn named(settings: &Settings) -> Result<Option<Self>, TlsError> {
        let files = Self { cert: settings.tls_cert.clone(), key: settings.tls_key.clone() };
        match [&files.cert, &files.key].map(|file| file.as_os_str().is_empty()) {
            [true, true] => Ok(None),
            [false, false] => Ok(Some(files)),
            _ => Err(TlsError::Half),
        }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_each([self.cert.clone(), self.key.clone()])
    }

    /// A pair that fits, whether it is good now or not.
    pub(super) fn read(&self) -> Result<CertifiedKey, TlsError> {
        let (chain, key) = (chain(&self.cert)?, key(&self.key)?);
        if provider().key_provider.load_private_key(key.clone_key()).is_err() {
            return Err(TlsError::KeyKind { key: self.key.clone() });
        }
        let pair = CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider());
        pair.map_err(|source| self.misfit(&chain, &key, source))
    }

    /// As `read`, and good at this time.
    pub(super) fn read_good(&self, now: Timestamp) -> Result<CertifiedKey, TlsError> {
        let pair = self.read()?;
        let cert = || self.cert.clone();
        match pair.cert.first().and_then(|certificate| validity(certificate)) {
            Some(good) if good.ends < now => Err(TlsError::Ended { cert: cert(), ends: good.ends }),
            Some(good) if good.begins > now => Err(TlsError::NotYet { cert: cert(), begins: good.begins }),
            _ => Ok(pair),
        }
    }

    fn misfit(
        &self,
        chain: &[CertificateDer<'static>],
        key: &PrivateKeyDer<'static>,
        source: rustls::Error,
    ) -> TlsError {
        let (cert, key_file) = (self.cert.clone(), self.key.clone());
        if source != rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
            return match chain.first().map(|certificate| version(certificate)) {
                Some(None) => TlsError::NotACertificate { cert },
                Some(Some(1)) => TlsError::Version1 { cert },
                _ => TlsError::Unusable { cert, key: key_file, source },
            };
        }
        let fits = |certificate: &CertificateDer<'static>| {
            CertifiedKey::from_der(vec![certificate.clone()], key.clone_key(), &provider()).is_ok()
        };
        match chain.iter().position(fits) {
            Some(before) => TlsError::NotFirst { cert, key: key_file, place: before + 1 },
            None => TlsError::OtherKey { cert, key: key_file },
        }
    }
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = content(file)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|source| TlsError::Pem { file: file.to_owned(), source })?;
    let file = || file.to_owned();
    match chain.is_empty() {
        true if PrivateKeyDer::from_pem_slice(&text).is_ok() => Err(TlsError::Swapped { file: file() }),
        true => Err(TlsError::NoCertificate { file: file() }),
        false => Ok(chain),
    }
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = content(file)?;
    let file = file.to_owned();
    // PKCS#8 says so in the block's name (RFC 7468, section 11), older forms in a header (RFC 1421, section 4.6.1.1).
    if [&b"BEGIN ENCRYPTED"[..], b"4,ENCRYPTED"].iter().any(|sign| contains(&text, sign)) {
        return Err(TlsError::EncryptedKey { file });
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound => TlsError::NoKey { file },
        source => TlsError::Pem { file, source },
    })
}

fn contains(text: &[u8], sign: &[u8]) -> bool {
    text.windows(sign.len()).any(|window| window == sign)
}

fn content(file: &Path) -> Result<Vec<u8>, TlsError> {
    disk::read(file, disk::MAX_BYTES).map_err(|source| TlsError::Unreadable { file: file.to_owned(), source })
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
