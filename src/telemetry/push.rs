//! Metrics sent to a collector by OTLP over HTTP, again and again. Nothing waits in a queue: sums go on counting, so an
//! export that fails is made up for by the next one.

use std::{
    error::Error,
    iter,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use opentelemetry_proto::{
    tonic::{
        collector::metrics::v1::ExportMetricsServiceRequest,
        common::v1::InstrumentationScope,
        metrics::v1::{ResourceMetrics, ScopeMetrics},
        resource::v1::Resource,
    },
    transform::common::tonic::ResourceAttributesWithSchema,
};
use prost::Message;
use reqwest::{StatusCode, header::CONTENT_TYPE};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    SERVICE,
    complaint::Complaint,
    export::FLUSH,
    exposition::{self, Span},
    variables::{Signal, Variables},
};

/// Why an export came to nothing.
#[derive(Debug, thiserror::Error)]
enum Unsent {
    #[error("the collector can't be reached or doesn't answer: {}", innermost(.0))]
    Network(#[source] reqwest::Error),
    #[error("the collector answers {0}")]
    Status(StatusCode),
    #[error("the metrics can't be gathered: {0}")]
    Ungathered(String),
}

/// Sends the metrics at intervals.
pub struct MetricsPush {
    http: reqwest::Client,
    endpoint: Url,
    interval: Duration,
    resource: Resource,
    started: u64,
    complaint: Complaint,
}

impl MetricsPush {
    pub(super) fn new(
        variables: &Variables<'_>,
        resource: &opentelemetry_sdk::Resource,
    ) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(variables.timeout(Signal::Metrics)?)
            .default_headers(variables.headers(Signal::Metrics)?)
            .build()
            .map_err(|error| format!("the exporter of metrics can't start: {error}"))?;
        let attributes = ResourceAttributesWithSchema::from(resource).attributes.0;
        Ok(Self {
            http,
            endpoint: variables.endpoint(Signal::Metrics)?,
            interval: variables.interval()?,
            resource: Resource { attributes, ..Resource::default() },
            started: now(),
            complaint: Complaint::new("metrics"),
        })
    }

    /// Sends what `gather` tells (the text of `/metrics`) at every interval until `stop`, and once more then.
    pub async fn run<Gathered>(self, gather: impl Fn() -> Gathered, stop: CancellationToken)
    where
        Gathered: Future<Output = Result<String, String>>,
    {
        let mut turns = tokio::time::interval(self.interval);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first one is at once, when there is nothing to tell.
        turns.tick().await;
        while stop.run_until_cancelled(turns.tick()).await.is_some() {
            if stop.run_until_cancelled(self.told(gather())).await.is_none() {
                break;
            }
        }
        // A collector that doesn't answer must not hold up a stop.
        tokio::time::timeout(FLUSH, self.told(gather())).await.ok();
    }

    async fn told(&self, gathered: impl Future<Output = Result<String, String>>) {
        // A failure has been told; the next turn sends all the same.
        self.complaint.about(self.send(gathered).await).ok();
    }

    async fn send(&self, gathered: impl Future<Output = Result<String, String>>) -> Result<(), Unsent> {
        let text = gathered.await.map_err(Unsent::Ungathered)?;
        let body = self.request(&text).encode_to_vec();
        let request =
            self.http.post(self.endpoint.clone()).header(CONTENT_TYPE, "application/x-protobuf").body(body);
        let answer = request.send().await.map_err(|error| Unsent::Network(error.without_url()))?;
        if answer.status().is_success() { Ok(()) } else { Err(Unsent::Status(answer.status())) }
    }

    fn request(&self, text: &str) -> ExportMetricsServiceRequest {
        let scope = InstrumentationScope {
            name: SERVICE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let metrics = exposition::metrics(text, Span { start: self.started, now: now() });
        let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() }];
        let resource = Some(self.resource.clone());
        let resource_metrics =
            vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
        ExportMetricsServiceRequest { resource_metrics }
    }
}

/// What the system or the other side said: a library's own words are "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let causes = iter::successors(error.source(), |cause| (*cause).source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Nanoseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
