//! The certificate that callers are shown, and how another takes its place while connections go on. Each handshake is
//! made with the one in force; what is open keeps its own.

mod files;
mod reading;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use rustls::{
    ServerConfig,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{task::spawn_blocking, time::Instant};

pub use self::files::TlsError;
use self::{
    files::{Files, provider},
    reading::{Validity, disorder, validity},
};
use super::watch::Looks;
use crate::{config::Settings, telemetry::Metrics};

/// From when on an end that comes near is told, and how often: whoever renews by hand has time for it, and whatever
/// renews by itself has done so a while before (cert-manager: after two thirds of the time).
const WARN_BEFORE: SignedDuration = SignedDuration::from_hours(14 * 24);
const WARN_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is told of a certificate that can be shown.
#[derive(Debug)]
pub struct CertificateFound {
    /// When it ends, if that can be read.
    pub ends: Option<Timestamp>,
    /// What some callers could stumble over.
    pub warning: Option<String>,
    /// Why a service that runs would not take it in the place of another: it has ended, or has not begun.
    pub refused: Option<TlsError>,
}

/// Reads the certificate that the settings name; none if they name none, or one that even a [start](super::refused) refuses.
pub fn check_certificate(settings: &Settings) -> Option<CertificateFound> {
    let files = Files::named(settings).ok().flatten()?;
    let shown = Shown(ArcSwap::from_pointee(files.read().ok()?));
    let (ends, warning) = (shown.validity().map(|good| good.ends), disorder(&shown.0.load().cert));
    Some(CertificateFound { ends, warning, refused: files.read_good(Timestamp::now()).err() })
}

/// What a start would refuse of the certificate that the settings name.
pub(super) fn refused(settings: &Settings) -> Option<TlsError> {
    Files::named(settings).and_then(|files| files.map(|files| files.read()).transpose()).err()
}

/// The certificate in force and the files that it comes from.
pub(super) struct Certificate {
    files: Files,
    shown: Arc<Shown>,
    metrics: Arc<Metrics>,
    looks: Looks,
    warned: Option<Instant>,
}

impl Certificate {
    /// Reads the certificate that the settings name; none if they name none. One that has ended is shown all the same: there
    /// is no other, and callers say best what they make of it.
    pub(super) fn load(settings: &Settings, metrics: &Arc<Metrics>) -> Result<Option<Self>, TlsError> {
        let Some(files) = Files::named(settings)? else { return Ok(None) };
        let seen = files.fingerprint();
        let shown = Arc::new(Shown(ArcSwap::from_pointee(files.read()?)));
        let (metrics, looks) = (metrics.clone(), Looks::new(seen));
        let mut certificate = Self { files, shown, metrics, looks, warned: None };
        certificate.tell();
        certificate.warn();
        Ok(Some(certificate))
    }

    /// TLS 1.2 and 1.3 with the certificate that is in force at each handshake.
    pub(super) fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?;
        Ok(config.with_no_client_auth().with_cert_resolver(self.shown.clone()))
    }

    /// Looks whether the files hold another, and shows it once they have come to rest, or at once if `asked`.
    pub(super) async fn look(&mut self, asked: bool) {
        let files = self.files.clone();
        let found = spawn_blocking(move || files.fingerprint()).await.ok();
        if self.looks.at_rest_and_new(found) || asked {
            self.looks.tried = found;
            let (files, shown) = (self.files.clone(), self.shown.clone());
            // Whoever panics has said so.
            match spawn_blocking(move || shown.another_in(&files)).await.ok() {
                Some(Some(read)) => self.show(read),
                // A refusal, if there was one, is over.
                Some(None) => drop(self.tell()),
                None => {}
            }
        }
        if self.warned.is_none_or(|at| at.elapsed() > WARN_EVERY) {
            self.warn();
        }
    }

    fn show(&mut self, read: Result<CertifiedKey, TlsError>) {
        match read {
            Ok(pair) => {
                self.shown.0.store(Arc::new(pair));
                self.warned = None;
                self.metrics.certificate_applied();
                let ends = self.tell();
                tracing::info!(
                    ends = ends.map(tracing::field::display),
                    "another certificate is shown to callers"
                );
            }
            Err(error) => {
                self.metrics.certificate_refused(error.to_string());
                tracing::error!(
                    %error,
                    "the changed certificate is refused: the one before is shown until this is mended"
                );
            }
        }
    }

    /// Has the certificate in force told, with what some callers could stumble over; when it ends.
    fn tell(&self) -> Option<Timestamp> {
        let ends = self.shown.validity().map(|good| good.ends);
        let warning = disorder(&self.shown.0.load().cert);
        if let Some(warning) = &warning {
            tracing::warn!(file = %self.files.cert.display(), "{warning}");
        }
        self.metrics.certificate_shown(ends, warning);
        ends
    }

    fn warn(&mut self) {
        let Some(Validity { begins, ends }) = self.shown.validity() else { return };
        let (now, file) = (Timestamp::now(), self.files.cert.display());
        if ends.duration_since(now) > WARN_BEFORE && begins <= now {
            return;
        }
        self.warned = Some(Instant::now());
        if begins > now {
            tracing::error!(%begins, %file, "the certificate is not good yet: callers refuse it; look at the clocks, or show another");
        } else if ends < now {
            tracing::error!(%ends, %file, "the certificate has ended: callers refuse it; renew it, it is read without a restart");
        } else {
            tracing::warn!(%ends, %file, "the certificate ends soon: renew it, it is read without a restart");
        }
    }
}

/// What a handshake takes its certificate from.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl Shown {
    /// What the files hold now, to be shown from now on; none if that is shown already: it isn't asked whether that is still
    /// good, as there is nothing better.
    fn another_in(&self, files: &Files) -> Option<Result<CertifiedKey, TlsError>> {
        let is_shown = files.read().is_ok_and(|pair| pair.cert == self.0.load().cert);
        (!is_shown).then(|| files.read_good(Timestamp::now()))
    }

    fn validity(&self) -> Option<Validity> {
        self.0.load().cert.first().and_then(|certificate| validity(certificate))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}
