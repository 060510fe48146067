//! Sending pushes, one after the other in the order given, each once. Only to this machine: whoever can reach
//! the control endpoints must not be able to make the sandbox call others.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Event;
use crate::sandbox::guard::lock;

/// The only written rule of any of the vendor's pushes: who doesn't answer in this time has failed (§7.4).
const PATIENCE: Duration = Duration::from_secs(10);
/// Pushes that may wait; more are lost, and the record says so.
const MAX_WAITING: usize = 10_000;
/// Deliveries recorded; the oldest are dropped.
const MAX_RECORDED: usize = 10_000;

#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) trigger: u64,
    pub(super) event: Event,
    pub(super) ticket: u64,
    pub(super) url: String,
    pub(super) content_type: String,
    pub(super) body: String,
}

#[derive(Debug)]
pub(super) struct Courier {
    queue: mpsc::Sender<Delivery>,
    record: Arc<Mutex<VecDeque<Entry>>>,
}

/// How a delivery ended.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    trigger: u64,
    event: Event,
    ticket_id: u64,
    /// `None` if there was no answer.
    status: Option<u16>,
    error: Option<&'static str>,
}

impl Courier {
    pub(super) fn start() -> Self {
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        let record = Arc::default();
        tokio::spawn(deliver(waiting, Arc::clone(&record)));
        Self { queue, record }
    }

    pub(super) fn send(&self, delivery: Delivery) {
        if let Err(refused) = self.queue.try_send(delivery) {
            let delivery = refused.into_inner();
            note(&self.record, &delivery, Err("lost: too many are waiting"));
        }
    }

    pub(super) fn record(&self) -> Value {
        json!(*lock(&self.record))
    }
}

/// Ends when the courier is dropped and all is delivered.
async fn deliver(mut waiting: mpsc::Receiver<Delivery>, record: Arc<Mutex<VecDeque<Entry>>>) {
    let client = client();
    while let Some(delivery) = waiting.recv().await {
        let outcome = match &client {
            Ok(client) => post(client, &delivery).await,
            Err(_) => Err("no HTTP client"),
        };
        note(&record, &delivery, outcome);
    }
}

fn client() -> reqwest::Result<Client> {
    // reqwest is built without a TLS provider; an error means that one is installed already, and it serves.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    // Plain addresses only, so reading the machine's certificates, which takes longer than all the rest, is spared.
    Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy().tls_certs_only([]).build()
}

async fn post(client: &Client, delivery: &Delivery) -> Result<u16, &'static str> {
    let request = client.post(&delivery.url).header(CONTENT_TYPE, &delivery.content_type);
    match request.body(delivery.body.clone()).send().await {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) if error.is_timeout() => Err("no answer in time"),
        Err(_) => Err("no answer"),
    }
}

fn note(record: &Mutex<VecDeque<Entry>>, delivery: &Delivery, outcome: Result<u16, &'static str>) {
    let mut record = lock(record);
    if record.len() >= MAX_RECORDED {
        record.pop_front();
    }
    record.push_back(Entry {
        trigger: delivery.trigger,
        event: delivery.event,
        ticket_id: delivery.ticket,
        status: outcome.ok(),
        error: outcome.err(),
    });
}

pub(super) fn refuse_distant(url: &str) -> Result<(), String> {
    let url = Url::parse(url).map_err(|error| format!("url: {error}"))?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let near = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    if near && url.scheme() == "http" {
        return Ok(());
    }
    Err("url: must be http://127.0.0.1, http://[::1] or http://localhost, with a port".to_owned())
}
