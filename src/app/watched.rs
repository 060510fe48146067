//! The calls of every client, counted and traced. The clients know neither who counts nor who collects spans.

use std::sync::Arc;

use tracing::Span;
use url::Url;

use crate::{
    call::{Ended, Watch},
    telemetry::{self, Called, Metrics},
};

/// The calls of one vendor or subscriber.
#[derive(Clone)]
pub(super) struct Watched {
    metrics: Arc<Metrics>,
    server: String,
    port: u16,
}

impl Watched {
    /// Those to this address.
    pub(super) fn new(address: &Url, metrics: &Arc<Metrics>) -> Self {
        let server = address.host_str().unwrap_or_default().to_owned();
        Self { metrics: metrics.clone(), server, port: address.port_or_known_default().unwrap_or_default() }
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watched({}:{})", self.server, self.port)
    }
}

impl Watch for Watched {
    fn traceparent(&self, span: &Span) -> Option<String> {
        telemetry::traceparent_of(span, None)
    }

    fn ended(&self, call: &Ended<'_>) {
        let Ended { method, template, status, code, duration } = *call;
        let (server, port) = (self.server.as_str(), self.port);
        self.metrics.called(Called { method, server, port, template, status, code, duration });
    }
}
