//! The configuration that tests run with.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use deskbridge::{
    config::{MetricsAccess, Patience, Settings},
    sandbox::{Sandbox, credentials},
};

use super::{Pair, SIGNING_KEY, SIGNING_KEY_BEFORE, whsec};

pub(crate) const CONNECTION: &str = "acme";
/// May do everything.
pub(crate) const OPS_KEY: &str = "ops-key-with-every-scope";
/// May only send events.
pub(crate) const FLOW_KEY: &str = "flow-key-that-only-ingests";
/// May only read.
pub(crate) const WALL_KEY: &str = "wallboard-key-that-only-reads";

/// May do what a test says.
pub(crate) const GUEST_KEY: &str = "guest-key-that-a-test-hands-out";

/// What a push carries to prove its sender.
pub(crate) const PUSH_TOKEN: &str = "push-token-of-the-trigger";

/// What differs between tests.
#[derive(Clone)]
pub(crate) struct Options {
    /// Where the service listens: on a free port unless it matters.
    pub(crate) listen: String,
    /// Deliveries at once; 0 only accepts.
    pub(crate) workers: usize,
    /// Seconds that an event's lease lasts.
    pub(crate) lease_s: u64,
    /// Address of the store; none for a file in the test's folder.
    pub(crate) store: Option<String>,
    /// Bytes that the store may take.
    pub(crate) disk_budget: Option<u64>,
    /// The certificate of the service; without one, it speaks no TLS.
    pub(crate) tls: Option<Pair>,
    /// Seconds that a stop waits for work under way.
    pub(crate) shutdown_grace_s: u64,
    /// How long callers are waited for.
    pub(crate) patience: Patience,
    /// Nets that subscribers may be in.
    pub(crate) webhook_allow: String,
    /// YAML of `retry`.
    pub(crate) retry: String,
    /// YAML of `breaker`.
    pub(crate) breaker: String,
    /// YAML of `limits`.
    pub(crate) limits: String,
    /// YAML of `ticketviews`.
    pub(crate) ticketviews: String,
    /// YAML of `drift`.
    pub(crate) drift: String,
    /// YAML of `auth`.
    pub(crate) auth: String,
    /// The source's vendor.
    pub(crate) vendor: String,
    /// The mapping's name.
    pub(crate) mapping: String,
    /// YAML of `parameters`.
    pub(crate) parameters: String,
    /// `park` or `skip`.
    pub(crate) on_dead: String,
    /// `repeat` or `park`.
    pub(crate) on_uncertain: String,
    /// YAML of `link_marker`.
    pub(crate) link_marker: String,
    /// YAML of `verify`.
    pub(crate) verify: String,
    /// YAML of the source's `poll`; empty for none.
    pub(crate) poll: String,
    /// YAML of `skip`.
    pub(crate) skip: String,
    /// Whether waiting updates are sent as one.
    pub(crate) coalesce: bool,
    /// YAML of the source's `api`; `UDESK` stands for the simulator's address. Empty for none.
    pub(crate) api: String,
    /// YAML of `privacy`.
    pub(crate) privacy: String,
    /// The keys that the store is encrypted under; empty for none.
    pub(crate) encryption_keys: String,
    /// Lines of YAML of further API keys; the secret `file:guest-key` is [`GUEST_KEY`].
    pub(crate) keys: String,
    /// Further connections that differ from the first in name only.
    pub(crate) neighbours: Vec<&'static str>,
    /// YAML of further connections.
    pub(crate) more: String,
    /// YAML of the source's `limit`; empty for none.
    pub(crate) limit: String,
    /// Further files beside the configuration, such as secrets.
    pub(crate) files: Vec<(String, String)>,
    /// Who may read `/metrics`.
    pub(crate) metrics: MetricsAccess,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".into(),
            workers: 32,
            lease_s: 30,
            store: None,
            disk_budget: None,
            tls: None,
            shutdown_grace_s: Settings::default().shutdown_grace_s,
            patience: Patience::default(),
            webhook_allow: String::new(),
            retry: "{ first_wait_ms: 20, longest_wait_ms: 200 }".into(),
            breaker: "{ failures: 5, pause_ms: 20, longest_pause_ms: 200 }".into(),
            limits: "{ requests_per_second: 1000, concurrency: 8, timeout_ms: 2000 }".into(),
            ticketviews: "{ refresh_s: 0 }".into(),
            // Tests plan faults for calls and count them: none comes by itself.
            drift: "{ check_s: 0 }".into(),
            auth: "{ oauth2: { id: file:b8-id, secret: file:b8-secret } }".into(),
            vendor: "udesk".into(),
            mapping: "udesk-bangwo8".into(),
            parameters: "{ ticket_template_id: 4, agents: { 1: 565123, 2: 565124 }, groups: { 1: 344124 }, \
                         contacts: { test@sample.com: 21130282 }, default_contact_id: 21101341 }"
                .into(),
            on_dead: "park".into(),
            on_uncertain: "repeat".into(),
            link_marker: "~".into(),
            verify:
                "[{ standard_webhooks: { secrets: [file:signing, file:signing-before] } }, { api_key: {} }]"
                    .into(),
            poll: String::new(),
            skip: "{}".into(),
            coalesce: false,
            api: String::new(),
            privacy: "{}".into(),
            encryption_keys: String::new(),
            keys: String::new(),
            neighbours: Vec::new(),
            more: String::new(),
            limit: String::new(),
            files: Vec::new(),
            metrics: MetricsAccess::Open,
        }
    }
}

/// Writes `deskbridge.yaml` and the secrets it names.
pub(crate) fn write_config(folder: &Path, sandbox: &Sandbox, options: &Options) {
    let names = [CONNECTION].into_iter().chain(options.neighbours.iter().copied());
    let connections: String = names.map(|name| connection(name, sandbox, options)).collect();
    let (keys, more) = (&options.keys, &options.more);
    let yaml = format!(
        "api_keys:
  - {{ name: ops, scopes: [ingest, read, operate, admin], secret: file:ops-key }}
  - {{ name: flow, scopes: [ingest], secret: file:flow-key }}
  - {{ name: wall, scopes: [read], secret: file:wall-key }}
{keys}connections:
{connections}{more}"
    );
    let files = [
        ("deskbridge.yaml", yaml),
        ("ops-key", OPS_KEY.into()),
        ("flow-key", FLOW_KEY.into()),
        ("wall-key", WALL_KEY.into()),
        ("guest-key", GUEST_KEY.into()),
        ("encryption-keys", options.encryption_keys.clone()),
        ("signing", whsec(SIGNING_KEY)),
        ("signing-before", whsec(SIGNING_KEY_BEFORE)),
        ("push-token", PUSH_TOKEN.into()),
        ("udesk-secret", credentials::UDESK_SHARED_SECRET.into()),
        ("udesk-email", credentials::UDESK_ADMIN_EMAIL.into()),
        ("udesk-token", credentials::UDESK_API_TOKEN.into()),
        ("b8-id", credentials::BANGWO8_CLIENT_ID.into()),
        ("b8-secret", credentials::BANGWO8_CLIENT_SECRET.into()),
        ("b8-agent", credentials::BANGWO8_AGENT_ACCOUNT.into()),
        ("b8-agent-password", credentials::BANGWO8_AGENT_PASSWORD.into()),
        ("b8-account", credentials::BANGWO8_ADMIN_ACCOUNT.into()),
        ("b8-password", credentials::BANGWO8_ADMIN_PASSWORD.into()),
    ];
    let own = options.files.iter().map(|(name, text)| (name.as_str(), text.clone()));
    // As an operator keeps secrets: nobody else gets into the folder.
    fs::set_permissions(folder, Permissions::from_mode(0o700)).expect("its mode is set");
    for (name, text) in files.into_iter().chain(own) {
        fs::write(folder.join(name), text).expect("a file of the test's folder");
    }
}

fn connection(name: &str, sandbox: &Sandbox, options: &Options) -> String {
    let bangwo8 = sandbox.bangwo8_url();
    let api = match options.api.replace("UDESK", &sandbox.udesk_url()) {
        api if api.is_empty() => String::new(),
        api => format!("\n      api: {api}"),
    };
    let poll = match options.poll.as_str() {
        "" => String::new(),
        poll => format!("\n      poll: {poll}"),
    };
    let limit = match options.limit.as_str() {
        "" => String::new(),
        limit => format!("\n      limit: {limit}"),
    };
    let Options {
        retry,
        breaker,
        limits,
        ticketviews,
        drift,
        auth,
        vendor,
        mapping,
        parameters,
        on_dead,
        on_uncertain,
        link_marker,
        verify,
        skip,
        coalesce,
        privacy,
        ..
    } = options;
    format!(
        "  {name}:
    source:
      vendor: {vendor}
      verify: {verify}{api}{poll}{limit}
    target:
      vendor: bangwo8
      base_url: {bangwo8}
      auth: {auth}
      limits: {limits}
      link_marker: {link_marker}
    mapping: {mapping}
    parameters: {parameters}
    ticketviews: {ticketviews}
    drift: {drift}
    skip: {skip}
    coalesce: {coalesce}
    retry: {retry}
    breaker: {breaker}
    on_dead: {on_dead}
    on_uncertain: {on_uncertain}
    privacy: {privacy}
"
    )
}
