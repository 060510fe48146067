//! Telemetry as whoever collects it sees it: a receiver of OTLP in this process, a real Prometheus, and the log.

mod aborted;
mod collector;
mod context;
mod documented;
mod down;
mod labels;
mod logs;
mod metrics;
mod polled;
mod prometheus;
mod settings;
mod traces;

use std::fs::File;

use tokio::process::Command;

use crate::harness::*;

/// The trace that the tests' callers are in.
const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// The caller's span in it.
const CALLER: &str = "00f067aa0ba902b7";
/// Export without delay: milliseconds between two exports of spans, of lines and of metrics.
const AT_ONCE: &[(&str, &str)] = &[
    ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
];

/// The service as a process of its own, on a sandbox whose service of the test's own delivers nothing.
struct Exporting {
    app: TestApp,
    serving: Serving,
}

impl Exporting {
    /// With these variables in its environment, and what exports at once.
    async fn start(variables: &[(&str, &str)]) -> Self {
        let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
        let serving = serve(&app, variables).await;
        Self { app, serving }
    }

    /// As `start`, with everything sent to this collector.
    async fn to(collector: &str) -> Self {
        Self::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", collector)]).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.serving.address)
    }

    /// A signed event in the caller's trace, to be changed by the test.
    fn event(&self, body: &str) -> reqwest::RequestBuilder {
        self.event_in(&format!("00-{TRACE_ID}-{CALLER}-01"), "application/json", body)
    }

    /// As `event`, in another trace or of another media type.
    fn event_in(&self, traceparent: &str, media: &str, body: &str) -> reqwest::RequestBuilder {
        let request = self.app.client.post(self.url(&format!("/v1/connections/{CONNECTION}/events")));
        signed(request, SIGNING_KEY, now(), body.as_bytes())
            .header("content-type", media)
            .header("traceparent", traceparent)
    }

    /// Posts the event and waits until it is settled.
    async fn deliver(&self, body: &str) -> Answer {
        send(self.event(body).header("prefer", "wait=20")).await
    }

    /// Ends it as a supervisor would.
    async fn stop(&mut self) {
        self.serving.terminate().await;
        assert!(self.serving.ended().await.success(), "{}", self.serving.log());
    }
}

async fn serve(app: &TestApp, variables: &[(&str, &str)]) -> Serving {
    let mut command = serve_command(app.folder.path());
    let log = app.folder.path().join(format!("exporting-{}.log", rand::random::<u32>()));
    command.envs(AT_ONCE.iter().copied()).envs(variables.iter().copied());
    quiet(&mut command, &log);
    Serving::of(command, log).await
}

fn quiet(command: &mut Command, log: &std::path::Path) {
    command.stdout(std::process::Stdio::null()).stderr(File::create(log).expect("a log"));
}
