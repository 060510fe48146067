//! A simulated tenant and the real client of it.

use std::{num::NonZeroU32, sync::OnceLock};

use deskbridge::{
    sandbox::{self, Counts, Sandbox, SignCheck, Switches, UdeskRateLimit, credentials as known},
    udesk::{Cause, Client, Error, FieldDefinitions, FieldValue, Options, TicketDraft, V1, V2, sign},
};
use futures_util::{Stream, StreamExt};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

/// How far apart "now" may be here and there.
const LATENESS: SignedDuration = SignedDuration::from_secs(60);

/// A sandbox of its own under the switches given, and a client of it with the credentials of both families.
pub(crate) struct Desk {
    sandbox: Sandbox,
    pub(super) client: Client,
    /// As they are to be tested; [`usable`] are in force.
    pub(super) switches: Switches,
}

impl Desk {
    pub(super) async fn start(switches: Switches) -> Desk {
        Desk::open(switches, Counts::default()).await
    }

    /// Another tenant under the same switches, with generated rows.
    pub(super) async fn generated(&self, counts: Counts) -> Desk {
        Desk::open(self.switches, counts).await
    }

    async fn open(switches: Switches, generate: Counts) -> Desk {
        let options =
            sandbox::Options { switches: usable(switches), generate, ..sandbox::Options::default() };
        let sandbox = sandbox::start(options).await.unwrap();
        let client = Client::new(client_options(&sandbox)).unwrap();
        Desk { sandbox, client, switches }
    }

    pub(super) fn v1(&self) -> V1 {
        self.client.v1()
    }

    pub(super) fn v2(&self) -> V2 {
        self.client.v2()
    }

    /// Options of a client of this tenant, to be changed.
    pub(super) fn options(&self) -> Options {
        client_options(&self.sandbox)
    }

    /// What the tenant stores under a key.
    pub(super) fn stored(&self, key: &str) -> Vec<Value> {
        self.sandbox.state()["udesk"][key].as_array().unwrap().clone()
    }

    /// The stored record of an id.
    pub(super) fn stored_one(&self, key: &str, id: u64) -> Value {
        self.stored(key).into_iter().find(|record| record["id"] == id).unwrap()
    }

    /// Whether a time is now by the tenant's clock.
    pub(super) fn is_now(&self, at: Option<Timestamp>) -> bool {
        let skew = SignedDuration::from_secs(self.switches.clock_skew_s.get());
        at.is_some_and(|at| (at.duration_since(Timestamp::now()) - skew).abs() < LATENESS)
    }

    pub(super) async fn v1_fields(&self) -> FieldDefinitions {
        self.v1().ticket_fields().await.unwrap()
    }

    pub(super) async fn v2_fields(&self) -> FieldDefinitions {
        self.v2().custom_fields(deskbridge::udesk::Category::Ticket).await.unwrap()
    }

    /// Creates a ticket by v1 without custom fields.
    pub(super) async fn create_v1(&self, draft: &TicketDraft) -> Result<u64, Error> {
        self.v1().create_ticket(draft, &FieldDefinitions::default()).await
    }

    /// Changes a ticket by v1 without custom fields.
    pub(super) async fn update_v1(&self, id: u64, draft: &TicketDraft) -> Result<(), Error> {
        let current = self.v1().ticket(id).await.map(|ticket| ticket.current()).unwrap_or_default();
        self.v1().update_ticket(id, draft, &current, &FieldDefinitions::default()).await
    }

    pub(super) async fn switch(&self, name: &str, value: Value) {
        self.control(Method::PUT, "switches", json!({ name: value })).await;
    }

    /// Plans what befalls the next request, or more of them if the rule says so.
    pub(super) async fn fault(&self, fault: Value) {
        self.control(Method::POST, "faults", json!({ "fault": fault })).await;
    }

    /// The recorded requests of a path prefix, oldest first.
    pub(super) async fn requests(&self, path: &str) -> Vec<Value> {
        let url = format!("requests?path={path}");
        self.control(Method::GET, &url, Value::Null).await.as_array().unwrap().clone()
    }

    pub(super) async fn register_trigger(&self, trigger: Value) {
        self.control(Method::POST, "triggers", trigger).await;
    }

    /// Lets the push go that waits to be overtaken.
    pub(super) async fn release_triggers(&self) {
        self.control(Method::POST, "triggers/release", Value::Null).await;
    }

    /// The whole address of a path.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.udesk_url())
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = http()
            .request(method, self.address(&format!("/_sandbox/{path}")))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// A request as it stands, for what the client never sends.
    pub(super) async fn raw(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = http().request(method, self.address(path));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// A v1 write with a right signature.
    pub(super) async fn raw_v1(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let query = sign::v1_query(&[], &known::UDESK_SHARED_SECRET.into());
        self.raw(method, &format!("{path}?{query}"), Some(body)).await
    }
}

/// Under some values hardly a call gets through: no client can sign for a vendor whose clock is an hour off, nor
/// make two calls where one a minute is allowed. `v2_wrong_clock_is_told` and `rate_limit_by_family` show what
/// becomes of such calls; the other checks look at what has nothing to do with it.
fn usable(mut switches: Switches) -> Switches {
    if switches.clock_skew_s.get() != 0 {
        switches.udesk_v2_sign = SignCheck::Off;
    }
    if switches.udesk_rate_limit != UdeskRateLimit::Off {
        switches.set("udesk_rate_limit_per_minute", "100000").unwrap();
    }
    switches
}

/// A connection for each request, so that a reset cannot be repeated behind a check's back. One client for all
/// checks: it reads the machine's certificates, which takes longer than most of them.
pub(super) fn http() -> &'static reqwest::Client {
    static HTTP: OnceLock<reqwest::Client> = OnceLock::new();
    HTTP.get_or_init(|| {
        // An error means that the client under test has installed it.
        rustls::crypto::ring::default_provider().install_default().ok();
        reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
    })
}

fn client_options(sandbox: &Sandbox) -> Options {
    let url = sandbox.udesk_url().parse().unwrap();
    let (email, token) = (known::UDESK_ADMIN_EMAIL.into(), known::UDESK_API_TOKEN.into());
    let mut options = Options::new(url).v1(known::UDESK_SHARED_SECRET.into()).v2(email, token);
    (options.v1_requests_per_minute, options.v2_requests_per_minute) = (NonZeroU32::MAX, NonZeroU32::MAX);
    options
}

/// All elements of a stream, none of which may be an error.
pub(super) async fn all<T>(stream: impl Stream<Item = Result<T, Error>>) -> Vec<T> {
    stream.map(Result::unwrap).collect().await
}

/// The error of a call that must not succeed.
pub(super) fn refused<T>(outcome: Result<T, Error>) -> Error {
    outcome.err().unwrap_or_else(|| panic!("it was not refused"))
}

/// A refusal by code: number, cause and the vendor's words.
pub(super) fn rejection<T>(outcome: Result<T, Error>) -> (i64, Cause, String) {
    match refused(outcome) {
        Error::Rejected { number, cause, message, .. } => (number, cause, message),
        other => panic!("not a rejection: {other}"),
    }
}

/// A refusal by an `error` text.
pub(super) fn invalid<T>(outcome: Result<T, Error>) -> String {
    match refused(outcome) {
        Error::Invalid { message, .. } => message,
        other => panic!("not a failed validation: {other}"),
    }
}

/// A draft with the two texts that every creation needs.
pub(super) fn draft() -> TicketDraft {
    TicketDraft {
        subject: Some("打印机离线".into()),
        content: Some("三楼打印机无法连接".into()),
        ..TicketDraft::default()
    }
}

pub(super) fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

pub(super) fn chosen(indexes: &[&str]) -> FieldValue {
    FieldValue::Chosen(indexes.iter().map(|index| (*index).to_owned()).collect())
}
