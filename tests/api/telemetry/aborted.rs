//! Requests whose callers went away before they were answered.

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    Exporting,
    collector::{Collector, points},
};
use crate::harness::*;

const ACCEPT: &str = "POST /v1/connections/{connection}/events";

/// Asks to be told what becomes of an event that nothing becomes of, and is gone once the event is on disk.
async fn ask_and_go(service: &Exporting) {
    let mut stream = TcpStream::connect(&service.serving.address).await.expect("a connection");
    let body = created(1, "工单").to_string();
    let head = event_head(&format!("prefer: wait=30\r\ncontent-length: {}", body.len()));
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("it is sent");
    let record = service.url(&format!("/v1/connections/{CONNECTION}/events/created-1"));
    let there = async || {
        let answer = send(service.app.client.get(&record).bearer_auth(OPS_KEY)).await;
        (answer.status == 200).then_some(())
    };
    eventually(there).await;
    // A reset: after a mere end of what is sent, the answer may still be read.
    stream.set_zero_linger().expect("an option of the socket");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_caller_goes_away_is_counted_and_its_span_ends() {
    let collector = Collector::start();
    let only_accepts = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()), ("DESKBRIDGE_WORKERS", "0")];
    let mut service = Exporting::start(&only_accepts).await;
    ask_and_go(&service).await;

    let span = collector.span(ACCEPT).await;
    let of = |name: &str| span.attributes.get(name).map(String::as_str);
    assert_eq!((of("error.type"), of("http.response.status_code")), (Some("aborted"), None), "{span:?}");
    assert_eq!(of("url.path"), Some("/v1/connections/acme/events"));
    assert!(span.failed, "{span:?}");
    let counted = "http_server_request_duration_seconds_count{http_request_method=\"POST\",\
        http_route=\"/v1/connections/{connection}/events\",http_response_status_code=\"\",url_scheme=\"http\",\
        error_type=\"aborted\"} 1";
    let page = send(service.app.client.get(service.url("/metrics"))).await.text;
    assert!(page.contains(counted), "{page}");

    service.stop().await;
    let metrics = collector.metrics();
    let served = metrics.iter().find(|it| it.name == "http.server.request.duration").expect("it is sent");
    let points = points(served);
    let aborted: Vec<_> =
        points.iter().filter(|(of, _)| !of.contains_key("http.response.status_code")).collect();
    let [(of, count)] = aborted[..] else { panic!("{points:?}") };
    assert_eq!((of["error.type"].as_str(), count.as_str()), ("aborted", "1"));
}
