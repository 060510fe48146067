//! Where the database is and how to get there: the setting's URL as the driver wants it. The URL holds a password, so
//! nothing here can be printed but the place.

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::StoreError;

/// How long the server may take to answer a new connection: longer than a busy one needs, and short enough for a
/// sender who waits for its answer.
const CONNECT: Duration = Duration::from_secs(5);
/// A way that is silent for so long is asked for a sign of life; firewalls forget idle ones after minutes.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// Between two such questions, and how many may stay without answer.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;
/// What was sent and is not confirmed for so long shows that the way is gone.
const UNCONFIRMED: Duration = Duration::from_secs(20);

/// A database of PostgreSQL.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: MakeRustlsConnect,
    place: String,
}

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…&sslrootcert=FILE`, with whatever else libpq knows
    /// and the driver has (`options`, `host=/run/postgresql`, several hosts).
    ///
    /// `sslmode=prefer`, the default, encrypts where the server can and verifies nobody: whoever could forge a
    /// certificate could as well deny that there is TLS. `require` verifies the certificate and its name.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        // What follows the first of two would be taken for the host, and shown.
        let authority =
            url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        if authority.matches('@').count() > 1 {
            return Err(StoreError::Address("write an @ of the user or the password as %40".to_owned()));
        }
        let (url, tls) = Tls::split(url);
        let mut config: Config = url.parse().map_err(unusable)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(StoreError::Address("it names no host".to_owned()));
        }
        config
            .application_name("deskbridge")
            .connect_timeout(CONNECT)
            .keepalives_idle(KEEPALIVE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_RETRIES)
            .tcp_user_timeout(UNCONFIRMED);
        let verified = config.get_ssl_mode() == SslMode::Require;
        let tls = MakeRustlsConnect::new(tls.config(verified)?);
        Ok(Self { place: place(&config), config, tls })
    }

    /// The driver's settings, with more server settings (`-c name=value`) after those of the URL.
    pub(super) fn config(&self, settings: &str) -> Config {
        let mut config = self.config.clone();
        let own = config.get_options().unwrap_or_default();
        config.options(format!("{own} {settings}").trim().to_owned());
        config
    }

    pub(super) fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }
}

/// Database and host, e.g. `desk on db.example:5432`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let host = |(n, host): (usize, &Host)| match host {
        Host::Tcp(name) => format!("{name}:{}", ports.get(n).or(ports.first()).unwrap_or(&5432)),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    };
    let hosts: Vec<String> = config.get_hosts().iter().enumerate().map(host).collect();
    format!("{} on {}", config.get_dbname().or(config.get_user()).unwrap_or("postgres"), hosts.join(", "))
}

/// The driver's word for what is wrong with the URL; it quotes names of parameters, never values.
fn unusable(error: tokio_postgres::Error) -> StoreError {
    let why = std::error::Error::source(&error).map(ToString::to_string);
    StoreError::Address(why.unwrap_or_else(|| error.to_string()))
}

/// What the URL says of TLS that the driver doesn't read.
#[derive(Default)]
struct Tls {
    /// A file of authorities to trust instead of the machine's.
    authorities: Option<String>,
}

impl Tls {
    /// Takes `sslrootcert` out of the URL, and reads `sslmode=verify-full` as `require`, which is as strict here.
    fn split(url: &str) -> (String, Self) {
        let Some((base, query)) = url.split_once('?') else {
            return (url.to_owned(), Self::default());
        };
        let mut tls = Self::default();
        let mut rest = Vec::new();
        for parameter in query.split('&') {
            match parameter.split_once('=') {
                Some(("sslrootcert", file)) => {
                    let file = percent_encoding::percent_decode_str(file).decode_utf8_lossy();
                    tls.authorities = Some(file.into_owned());
                }
                Some(("sslmode", "verify-full" | "verify-ca")) => rest.push("sslmode=require"),
                _ => rest.push(parameter),
            }
        }
        (format!("{base}?{}", rest.join("&")), tls)
    }

    fn config(&self, verified: bool) -> Result<ClientConfig, StoreError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::Address(error.to_string()))?;
        Ok(if verified {
            builder.with_root_certificates(self.roots()?).with_no_client_auth()
        } else {
            let verifier = Arc::new(Unverified(provider));
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        })
    }

    fn roots(&self) -> Result<RootCertStore, StoreError> {
        let mut roots = RootCertStore::empty();
        let Some(file) = &self.authorities else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            return Ok(roots);
        };
        let unreadable = |why: &dyn fmt::Display| StoreError::Address(format!("sslrootcert {file}: {why}"));
        let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            roots.add(certificate).map_err(|error| unreadable(&error))?;
        }
        if roots.is_empty() { Err(unreadable(&"there is no certificate in it")) } else { Ok(roots) }
    }
}

/// Takes any certificate, but has the server prove that it holds its key.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
