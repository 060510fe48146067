//! A collector that is not there, does not answer, or answers with failures: the service doesn't notice.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::net::TcpStream;

use super::{Exporting, collector::Collector};
use crate::harness::*;

/// Events and other requests of each test: a multiple of what may wait.
const EVENTS: u64 = 100;
const REQUESTS: usize = 600;
/// Spans that may wait, and those of one export.
const QUEUE: usize = 256;
const BATCH: usize = 64;
/// The same for the service, which gives up soon on a collector that doesn't answer.
const SMALL: [(&str, &str); 4] = [
    ("OTEL_BSP_MAX_QUEUE_SIZE", "256"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "64"),
    ("OTEL_BLRP_MAX_QUEUE_SIZE", "256"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "200"),
];
/// What each of the signals warns of once.
const WARNING: &str = "telemetry can't be sent";
const SIGNALS: usize = 3;
/// Memory that the requests may add, in KiB: nothing grows out of all proportion. That a queue is bounded is shown by
/// what of it arrives, below.
const MORE_KIB: u64 = 60 * 1024;
/// Longest that the end of the process waits for collectors beside its work: metrics first, then traces and logs at once.
const FAREWELL: Duration = Duration::from_secs(8);

/// What the process has in memory, in KiB.
fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a figure");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn warnings(service: &Exporting) -> usize {
    service.serving.log().lines().filter(|line| line.contains(WARNING)).count()
}

/// Delivers and answers as ever, warns once of each signal and says why, keeps its memory and stops in time.
async fn does_not_notice(collector: &str, why: &str) {
    let to = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector)];
    let mut service = Exporting::start(&[&to[..], &SMALL].concat()).await;
    assert_eq!(service.deliver(&created(1, "工单").to_string()).await.str("/status"), "delivered");
    let before = resident(service.serving.id());
    for id in 2..EVENTS {
        assert_eq!(send(service.event(&created(id, "工单").to_string())).await.status, 202);
    }
    ask(&service, REQUESTS).await;
    let last = service.deliver(&created(EVENTS, "工单").to_string()).await;
    assert_eq!(last.str("/status"), "delivered", "{}", last.text);
    let more = resident(service.serving.id()).saturating_sub(before);
    assert!(more < MORE_KIB, "{more} KiB more");
    eventually(async || (warnings(&service) == SIGNALS).then_some(())).await;
    stops_in_time(&mut service).await;
    let log = service.serving.log();
    assert_eq!(warnings(&service), SIGNALS, "{log}");
    assert!(log.lines().any(|line| line.contains(WARNING) && line.contains(why)), "{why} in {log}");
}

async fn stops_in_time(service: &mut Exporting) {
    let stopping = Instant::now();
    service.stop().await;
    assert!(stopping.elapsed() < FAREWELL, "{:?}", stopping.elapsed());
}

/// Connections are made by the kernel, and nobody takes them.
fn silent() -> (TcpListener, String) {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", silent.local_addr().expect("an address"));
    (silent, address)
}

async fn ask(service: &Exporting, requests: usize) {
    for _ in 0..requests {
        assert_eq!(send(service.app.client.get(service.url("/livez"))).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_is_not_noticed() {
    does_not_notice(&format!("http://{}", free_address()), "Connection refused").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_is_not_noticed() {
    let (_silent, address) = silent();
    does_not_notice(&address, "doesn't answer: operation timed out").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_a_collector_less_long_than_an_export_does() {
    let (_silent, address) = silent();
    let mut service = Exporting::to(&address).await;
    assert_eq!(service.deliver(&created(1, "工单").to_string()).await.str("/status"), "delivered");
    stops_in_time(&mut service).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_waits_for_a_collector_than_the_queue_holds() {
    let collector = Collector::start();
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}/v1/traces", door.local_addr().expect("an address"));
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", address.as_str()),
        SMALL[0],
        SMALL[1],
        // The first export waits until the door is opened.
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "120000"),
    ];
    let mut service = Exporting::start(&variables).await;
    // Twice what the queue holds, so that some is dropped.
    join_all((0..4).map(|_| ask(&service, QUEUE / 2))).await;
    assert_eq!(collector.spans().len(), 0, "the door is shut");

    let behind = collector.url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = door.accept().await {
            let mut inside = TcpStream::connect(&behind).await.expect("it listens");
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut caller, &mut inside).await });
        }
    });
    eventually(async || (collector.spans().len() >= QUEUE).then_some(())).await;
    service.stop().await;
    let arrived = collector.spans().len();
    assert!(arrived <= QUEUE + 2 * BATCH, "{arrived} spans");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_fails_is_told_once_a_signal() {
    let failing = Collector::answering(500);
    does_not_notice(&failing.url, "the collector answers 500").await;
    assert!(failing.heads().len() > 3, "it was tried again and again");
}
