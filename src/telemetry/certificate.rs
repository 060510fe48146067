//! Of the certificate that callers are shown. Nothing is told where there is none.

use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::Metrics;

/// No label at all.
type Plain = [(&'static str, &'static str); 0];

/// Labels of the metric that counts how often a certificate was read again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithResult {
    result: &'static str,
}

#[derive(Default)]
pub(super) struct CertificateMetrics {
    expiry: Family<Plain, Gauge>,
    reloads: Family<WithResult, Counter>,
    standing: Mutex<Option<CertificateShown>>,
}

impl CertificateMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let expiry = "When the certificate that callers are shown ends, in Unix seconds";
        registry.register("tls_certificate_expiry_timestamp_seconds", expiry, self.expiry.clone());
        let reloads = "Changed certificates, applied or refused";
        registry.register("tls_certificate_reloads", reloads, self.reloads.clone());
    }
}

/// The certificate that callers are shown.
#[derive(Debug, Clone, Default)]
pub struct CertificateShown {
    /// When it ends, if that can be read.
    pub ends: Option<jiff::Timestamp>,
    /// What some callers could stumble over.
    pub warning: Option<String>,
    /// Why the one that its files hold now isn't shown in its place, if they hold another.
    pub refused: Option<String>,
}

impl Metrics {
    /// A certificate is shown that ends then, and what some callers could stumble over in it.
    pub fn certificate_shown(&self, ends: Option<jiff::Timestamp>, warning: Option<String>) {
        if let Some(ends) = ends {
            self.certificate.expiry.get_or_create(&[]).set(ends.as_second());
        }
        *self.standing() = Some(CertificateShown { ends, warning, refused: None });
    }

    /// A changed certificate has taken the place of the one before.
    pub fn certificate_applied(&self) {
        self.certificate.reloads.get_or_create(&WithResult { result: "applied" }).inc();
    }

    /// A changed certificate was refused, and why.
    pub fn certificate_refused(&self, why: String) {
        self.certificate.reloads.get_or_create(&WithResult { result: "refused" }).inc();
        self.standing().get_or_insert_default().refused = Some(why);
    }

    /// The certificate that is shown; none without TLS.
    pub fn certificate(&self) -> Option<CertificateShown> {
        self.standing().clone()
    }

    fn standing(&self) -> MutexGuard<'_, Option<CertificateShown>> {
        self.certificate.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
