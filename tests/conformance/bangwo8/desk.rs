//! A simulated tenant with the real client at its door, once for each kind of caller.

use std::{
    num::NonZeroU32,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use bytes::Bytes;
use deskbridge::{
    bangwo8::{Auth, Client, Error, Options, RequestId},
    sandbox::{self, Counts, Sandbox, Switches, TimeZoneName, credentials as known},
};
use jiff::{
    SignedDuration, Timestamp, civil,
    tz::{self, TimeZone},
};
use serde_json::{Value, json};
use url::Url;

/// Generated rows of each kind, so that every walk over pages of a hundred has a second page. All are of 2023, and
/// what is stored from the start is older but for one company.
pub(crate) const GENERATED: u64 = 120;

/// A sandbox of its own under the switches given, and clients of it, each made when it is first asked for.
pub(crate) struct Desk {
    pub(crate) switches: Switches,
    pub(crate) url: Url,
    sandbox: Sandbox,
    admin: OnceLock<Client>,
    basic: OnceLock<Client>,
    agent: OnceLock<Client>,
    control: OnceLock<reqwest::Client>,
    request_ids: AtomicU32,
}

impl Desk {
    pub(crate) async fn start(switches: Switches) -> Desk {
        let generate =
            Counts { tickets: GENERATED, companies: GENERATED, contacts: GENERATED, ..Counts::default() };
        let options = sandbox::Options { switches, generate, ..sandbox::Options::default() };
        let sandbox = sandbox::start(options).await.unwrap();
        let url = sandbox.bangwo8_url().parse().unwrap();
        let (admin, basic, agent, control) = Default::default();
        Desk { switches, url, sandbox, admin, basic, agent, control, request_ids: AtomicU32::new(1) }
    }

    /// The administrator, by OAuth2.
    pub(crate) fn admin(&self) -> &Client {
        self.admin.get_or_init(|| self.client(oauth(known::BANGWO8_CLIENT_SECRET)))
    }

    /// The administrator, by login.
    pub(crate) fn basic(&self) -> &Client {
        let auth = || login(known::BANGWO8_ADMIN_ACCOUNT, known::BANGWO8_ADMIN_PASSWORD);
        self.basic.get_or_init(|| self.client(auth()))
    }

    /// A support agent who is no administrator, by login.
    pub(crate) fn agent(&self) -> &Client {
        let auth = || login(known::BANGWO8_AGENT_ACCOUNT, known::BANGWO8_AGENT_PASSWORD);
        self.agent.get_or_init(|| self.client(auth()))
    }

    /// A client of its own.
    pub(crate) fn client(&self, auth: Auth) -> Client {
        self.client_at(&self.url, auth)
    }

    /// A client of another address, without limits that a check could reach by accident.
    pub(crate) fn client_at(&self, url: &Url, auth: Auth) -> Client {
        let mut options = Options::new(url.clone(), auth);
        options.requests_per_second = NonZeroU32::MAX;
        options.time_zone = self.zone();
        Client::new(options).unwrap()
    }

    /// What a tenant's settings say of the vendor's zone.
    pub(crate) fn zone(&self) -> TimeZone {
        match self.switches.time_zone {
            TimeZoneName::Shanghai => tz::offset(8).to_time_zone(),
            TimeZoneName::Utc => TimeZone::UTC,
        }
    }

    /// A time as the vendor writes it.
    pub(crate) fn at(&self, local: &str) -> Timestamp {
        let local: civil::DateTime = local.parse().unwrap();
        local.to_zoned(self.zone()).unwrap().timestamp()
    }

    /// Whether a time is the present one by the vendor's clock, give or take a minute.
    pub(crate) fn is_now(&self, time: Option<Timestamp>) -> bool {
        let now = Timestamp::now() + SignedDuration::from_secs(self.switches.clock_skew_s.get());
        time.is_some_and(|time| time.duration_since(now).abs() < SignedDuration::from_mins(1))
    }

    /// An id that no other request of this desk has.
    pub(crate) fn request_id(&self) -> RequestId {
        let number = self.request_ids.fetch_add(1, Ordering::Relaxed);
        RequestId::new(format!("conformance-{number}")).unwrap()
    }

    /// A control request, which must succeed.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = self.url.join(&format!("/_sandbox/{path}")).unwrap();
        let request = self.http().request(method.parse().unwrap(), url).body(body.to_string());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// What befalls the next request.
    pub(crate) async fn plan(&self, fault: Value) {
        self.control("POST", "faults", json!({"fault": fault})).await;
    }

    /// The requests so far, control requests aside, as `GET /tickets.json`.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let requests = self.control("GET", "requests", Value::Null).await;
        let told = |request: &Value| {
            let path = request["path"].as_str().unwrap();
            let path = path.strip_prefix("/api/v1").unwrap_or(path);
            format!("{} {path}", request["method"].as_str().unwrap())
        };
        requests.as_array().unwrap().iter().map(told).collect()
    }

    /// A ticket as the vendor stores it: the replies of one can be seen nowhere else.
    pub(crate) fn stored_ticket(&self, id: u64) -> Value {
        let state = self.sandbox.state();
        let tickets = state["bangwo8"]["tickets"].as_array().unwrap();
        tickets.iter().find(|ticket| ticket["ticketId"] == id).unwrap().clone()
    }

    /// How many tickets the vendor stores with this subject.
    pub(crate) fn stored_with_subject(&self, subject: &str) -> usize {
        let state = self.sandbox.state();
        let tickets = state["bangwo8"]["tickets"].as_array().unwrap();
        tickets.iter().filter(|ticket| ticket["subject"] == subject).count()
    }

    /// A file of the vendor's object store, which asks for no credentials.
    pub(crate) async fn download(&self, address: &str) -> Bytes {
        let answer = self.http().get(address).send().await.unwrap();
        answer.error_for_status().unwrap().bytes().await.unwrap()
    }

    /// What the vendor answers an agent, as it is.
    pub(crate) async fn answered(&self, path: &str) -> Value {
        let request = self.http().get(self.url.join(path).unwrap());
        let request = request.basic_auth(known::BANGWO8_AGENT_ACCOUNT, Some(known::BANGWO8_AGENT_PASSWORD));
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    fn http(&self) -> &reqwest::Client {
        // The vendors' client has installed the TLS provider, or this one does; either serves.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        // No certificates, as the simulator's address needs none.
        self.control.get_or_init(|| reqwest::Client::builder().tls_certs_only([]).build().unwrap())
    }
}

pub(crate) fn login(account: &str, password: &str) -> Auth {
    Auth::Basic { account: account.into(), password: password.into() }
}

pub(crate) fn oauth(secret: &str) -> Auth {
    Auth::OAuth2 { id: known::BANGWO8_CLIENT_ID.into(), secret: secret.into() }
}

/// The name of the error that a call ended in.
pub(crate) fn code<T>(result: Result<T, Error>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "ok")
}

/// The vendor's code and words for declining.
pub(crate) fn rejection<T>(result: Result<T, Error>) -> (String, String) {
    match result.map(drop) {
        Err(Error::Rejected { code, message, .. }) => (code, message),
        other => panic!("no rejection but {other:?}"),
    }
}

/// What `rejection` says of a content that the vendor declines.
pub(crate) fn declined(message: &str) -> (String, String) {
    ("403".to_owned(), message.to_owned())
}
