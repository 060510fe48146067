//! Several processes on one store: one of them reads a source's list at a time.

use std::{collections::HashMap, num::NonZeroU32, sync::Arc, time::Duration};

use deskbridge::{
    intake::{self, Intake, Schemas},
    poll::{Poller, Source, Sources},
    sandbox::{self, Sandbox, credentials},
    store::Store,
    telemetry::Metrics,
    udesk,
};
use jiff::Timestamp;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::harness::*;

/// Readings that one list takes in the time of the test: only the first of all processes.
const EVERY: Duration = Duration::from_secs(3600);

/// What one process would read, with figures of its own.
fn source(sandbox: &Sandbox, store: &Store, folder: &std::path::Path) -> Source {
    let mut options = udesk::Options::new(sandbox.udesk_url().parse().expect("an address"))
        .v1(credentials::UDESK_SHARED_SECRET.into());
    options.v1_requests_per_minute = NonZeroU32::MAX;
    let way_in = intake::Source {
        vendor: "udesk".into(),
        signers: Vec::new(),
        api_key: false,
        push_tokens: Vec::new(),
        rereads: true,
        redaction: deskbridge::event::Redaction::default(),
        limit: None,
    };
    let schemas = Schemas::load(&folder.join("schemas")).unwrap_or_else(|_| panic!("the shipped schemas"));
    Source {
        connection: CONNECTION.into(),
        client: udesk::Client::new(options).expect("a client"),
        every: EVERY,
        overlap: Duration::ZERO,
        since: Some(Timestamp::UNIX_EPOCH),
        filter: None,
        intake: Arc::new(Intake::new(HashMap::from([(CONNECTION.into(), way_in)]), schemas, store.clone())),
        store: store.clone(),
        metrics: Arc::new(Metrics::new()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_processes_one_reads_and_the_others_know() {
    let sandbox = sandbox::start(sandbox::Options::default()).await.expect("the sandbox starts");
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("deskbridge.db").display());
    let store = Store::open(&url, Timestamp::now()).await.expect("a store");
    let (stop, mut processes, mut figures) = (CancellationToken::new(), JoinSet::new(), Vec::new());
    let mut senders = Vec::new();
    for _ in 0..3 {
        let source = source(&sandbox, &store, folder.path());
        figures.push(source.metrics.clone());
        let (sender, sources) = watch::channel(Sources::from([(CONNECTION.to_owned(), Arc::new(source))]));
        senders.push(sender);
        processes.spawn(Poller::new(sources).run(stop.clone()));
    }
    let knows =
        |metrics: &Arc<Metrics>| metrics.polls().get(CONNECTION).is_some_and(|it| it.read_at.is_some());
    eventually(async || figures.iter().all(knows).then_some(())).await;
    stop.cancel();
    processes.join_all().await;
    let url = format!("{}/_sandbox/requests?path=/api/v1/tickets", sandbox.udesk_url());
    let calls = send(http_client().get(url)).await.json;
    assert_eq!(calls.as_array().map(Vec::len), Some(1), "{calls}");
}
