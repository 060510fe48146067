//! Certificates of a test's own authority.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{PATIENCE, TestApp};

/// Files of the certificate and its key, in a test's folder.
pub(crate) const TLS_CERT: &str = "tls.crt";
pub(crate) const TLS_KEY: &str = "tls.key";

/// How many there were.
static AUTHORITIES: AtomicU32 = AtomicU32::new(1);

/// An authority that no machine trusts.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate for `localhost` with its key, and who signed it.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) cert: String,
    pub(crate) key: String,
    pub(crate) authority: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        // Certificates tell who signed them by name: no two have one name.
        let name = AUTHORITIES.fetch_add(1, Ordering::Relaxed).to_string();
        params.distinguished_name.push(DnType::CommonName, format!("authority {name}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate that ends in the year 2999.
    pub(crate) fn pair(&self) -> Pair {
        self.ending(2999, 1, 1)
    }

    /// A certificate with an end.
    pub(crate) fn ending(&self, year: i32, month: u8, day: u8) -> Pair {
        self.good((1975, 1, 1), (year, month, day))
    }

    /// A certificate with a beginning.
    pub(crate) fn beginning(&self, year: i32, month: u8, day: u8) -> Pair {
        self.good((year, month, day), (2999, 1, 1))
    }

    /// As `pair`, with its authority's name in another encoding, case and width than in the authority's own certificate.
    pub(crate) fn pair_of_name_written_otherwise() -> Pair {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let name = "Example Authority".try_into().expect("printable");
        params.distinguished_name.push(DnType::CommonName, DnValue::PrintableString(name));
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let name = DnValue::Utf8String("EXAMPLE  authority".into());
        params.distinguished_name.push(DnType::CommonName, name);
        Self { pem, issuer: Issuer::new(params, key) }.pair()
    }

    fn good(&self, from: (i32, u8, u8), to: (i32, u8, u8)) -> Pair {
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let day = |(year, month, day)| rcgen::date_time_ymd(year, month, day);
        (params.not_before, params.not_after) = (day(from), day(to));
        let key = KeyPair::generate().expect("a key");
        let cert = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Pair { cert, key: key.serialize_pem(), authority: self.pem.clone() }
    }
}

impl Pair {
    /// Writes both files; the certificate's path.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        fs::write(folder.join(TLS_CERT), &self.cert).expect("the certificate");
        fs::write(folder.join(TLS_KEY), &self.key).expect("the key");
        folder.join(TLS_CERT)
    }

    /// A client that trusts its authority alone.
    pub(crate) fn client(&self) -> reqwest::Client {
        self.builder().build().expect("a client")
    }

    /// As `client`, to be set otherwise by the test.
    pub(crate) fn builder(&self) -> reqwest::ClientBuilder {
        // An error means that another test has installed it.
        rustls::crypto::ring::default_provider().install_default().ok();
        let authority = reqwest::Certificate::from_pem(self.authority.as_bytes()).expect("a certificate");
        reqwest::Client::builder().no_proxy().timeout(PATIENCE).tls_certs_only([authority])
    }

    /// A connection to the service that offers one protocol.
    pub(crate) async fn connect(&self, app: &TestApp, protocol: &[u8]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(self.authority.as_bytes()).expect("a certificate");
        roots.add(authority).expect("an authority");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = config.expect("versions").with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let address = app.url.trim_start_matches("https://");
        let stream = TcpStream::connect(address).await.expect("a connection");
        let name = "localhost".try_into().expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("a handshake")
    }
}
