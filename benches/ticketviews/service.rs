//! The service as a process of its own, and what it answers.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use deskbridge::sandbox::credentials;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::Value;

use crate::{
    Result,
    load::Request,
    process::{Process, client, free_address, until_it_answers},
};

/// May read.
pub(crate) const KEY: &str = "a-key-that-only-reads";
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A million tickets take a while to be read.
const PATIENCE: Duration = Duration::from_secs(1800);

pub(crate) struct Service {
    process: Process,
    address: String,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) etag: String,
}

impl Service {
    /// With an SQLite store in `folder`, reading the views of a desk; ready.
    pub(crate) async fn start(folder: &Path, name: &str, desk: &str, ticketviews: &str) -> Result<Self> {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("deskbridge.yaml"), configuration(desk, ticketviews))?;
        let address = free_address()?;
        let child = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .args(["serve", "--log", "error", "--listen", &address, "--store"])
            .arg(format!("sqlite:{}", folder.join("deskbridge.db").display()))
            .arg("--config")
            .arg(folder.join("deskbridge.yaml"))
            .env("BENCH_KEY", KEY)
            .env("BENCH_ACCOUNT", credentials::BANGWO8_ADMIN_ACCOUNT)
            .env("BENCH_PASSWORD", credentials::BANGWO8_ADMIN_PASSWORD)
            .stdout(Stdio::null())
            .spawn()?;
        let service = Self { process: Process(child), address };
        until_it_answers(&format!("http://{}/readyz", service.address)).await?;
        Ok(service)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{}", self.address, full(path))
    }

    /// The answer, once it is what is waited for.
    pub(crate) async fn get_until(&self, path: &str, done: impl Fn(&Value) -> bool) -> Result<Answer> {
        let client = client()?;
        let looking = async {
            loop {
                let answer = client.get(self.url(path)).bearer_auth(KEY).send().await?;
                let etag = answer.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
                let body = answer.bytes().await?.to_vec();
                if let (Some(etag), true) = (etag, done(&serde_json::from_slice(&body)?)) {
                    return Ok(Answer { body, etag });
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await?
    }

    /// A line of `/metrics`: the sum of all that begin so.
    pub(crate) async fn metric(&self, name: &str) -> Result<f64> {
        let text = client()?.get(format!("http://{}/metrics", self.address)).send().await?.text().await?;
        let lines = text.lines().filter(|line| line.starts_with(name));
        Ok(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    pub(crate) fn request(&self, path: &str, etag: Option<&str>) -> Request {
        let condition = etag.map(|etag| format!("{IF_NONE_MATCH}: {etag}\r\n")).unwrap_or_default();
        let path = full(path);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n{condition}\r\n"
        );
        let server = self.address.parse().expect("it is an address");
        Request { server, bytes: request.into_bytes().into() }
    }
}

fn full(path: &str) -> String {
    format!("/v1/connections/bench{path}")
}

fn configuration(desk: &str, ticketviews: &str) -> String {
    format!(
        "api_keys:
  - {{ name: bench, scopes: [read], secret: env:BENCH_KEY }}
connections:
  bench:
    source: {{ vendor: udesk, verify: [{{ push_token: {{ in: query, name: token, secret: env:BENCH_KEY }} }}], api: {{ base_url: http://127.0.0.1:9, v1: {{ secret: env:BENCH_KEY }} }} }}
    target:
      vendor: bangwo8
      base_url: {desk}
      auth: {{ basic: {{ account: env:BENCH_ACCOUNT, password: env:BENCH_PASSWORD }} }}
      limits: {{ requests_per_second: 100000, concurrency: 8, timeout_ms: 15000 }}
    mapping: udesk-bangwo8
    parameters: {{ ticket_template_id: 4, default_contact_id: 21101341 }}
    ticketviews: {ticketviews}
    drift: {{ check_s: 0 }}
"
    )
}
