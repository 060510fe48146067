//! A simulated tenant with the real client at its door, once for each kind of caller.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use deskbridge::{
    bangwo8::{Auth, Client, Options, RequestId},
    sandbox::{self, Counts, Sandbox, Switches, TimeZoneName, credentials as known},
};
use jiff::tz::{self, TimeZone};
use serde_json::{Value, json};
use url::Url;

/// Generated rows of each kind, so that every walk over pages of a hundred has a second page.
pub(crate) const GENERATED: u64 = 120;

/// A sandbox of its own under the switches given, and clients of it.
pub(crate) struct Desk {
    /// The administrator, by OAuth2.
    pub(crate) admin: Client,
    /// The administrator, by login.
    pub(crate) basic: Client,
    /// A support agent who is no administrator, by login.
    pub(crate) agent: Client,
    pub(crate) switches: Switches,
    sandbox: Sandbox,
    control: reqwest::Client,
    request_ids: AtomicU32,
}

impl Desk {
    pub(crate) async fn start(switches: Switches) -> Desk {
        let generate = Counts { tickets: GENERATED, companies: 0, contacts: GENERATED, replies: 0 };
        let options = sandbox::Options { switches, generate, ..sandbox::Options::default() };
        let sandbox = sandbox::start(options).await.unwrap();
        let url: Url = sandbox.bangwo8_url().parse().unwrap();
        Desk {
            admin: client(&url, oauth(known::BANGWO8_CLIENT_SECRET), zone(switches)),
            basic: client(
                &url,
                login(known::BANGWO8_ADMIN_ACCOUNT, known::BANGWO8_ADMIN_PASSWORD),
                zone(switches),
            ),
            agent: client(
                &url,
                login(known::BANGWO8_AGENT_ACCOUNT, known::BANGWO8_AGENT_PASSWORD),
                zone(switches),
            ),
            switches,
            sandbox,
            control: reqwest::Client::new(),
            request_ids: AtomicU32::new(1),
        }
    }

    /// An id that no other request of this desk has.
    pub(crate) fn request_id(&self) -> RequestId {
        let number = self.request_ids.fetch_add(1, Ordering::Relaxed);
        RequestId::new(format!("conformance-{number}")).unwrap()
    }

    /// A control request, which must succeed.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.bangwo8_url());
        let request = self.control.request(method.parse().unwrap(), url).body(body.to_string());
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The next request whose path begins so gets this answer instead of the vendor's.
    pub(crate) async fn plan_answer(&self, path: &str, status: u16, body: Value) {
        self.control("POST", "faults", json!({"path": path, "fault": {"status": status, "body": body}}))
            .await;
    }
}

pub(crate) fn login(account: &str, password: &str) -> Auth {
    Auth::Basic { account: account.into(), password: password.into() }
}

pub(crate) fn oauth(secret: &str) -> Auth {
    Auth::OAuth2 { id: known::BANGWO8_CLIENT_ID.into(), secret: secret.into() }
}

/// A client without limits that a check could reach by accident.
pub(crate) fn client(url: &Url, auth: Auth, time_zone: TimeZone) -> Client {
    let mut options = Options::new(url.clone(), auth);
    options.requests_per_second = NonZeroU32::MAX;
    options.time_zone = time_zone;
    Client::new(options).unwrap()
}

/// What a tenant's settings say of the vendor's zone.
pub(crate) fn zone(switches: Switches) -> TimeZone {
    match switches.time_zone {
        TimeZoneName::Shanghai => tz::offset(8).to_time_zone(),
        TimeZoneName::Utc => TimeZone::UTC,
    }
}
