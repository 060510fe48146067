//! Every setting that holds a secret, with what is planted there. Both lists are held against the code: a new setting is
//! planted, or said to hold nothing, before these tests pass again.

use std::{collections::BTreeSet, fs};

use syn::{Fields, Ident, Item, visit::Visit};

use super::planted::secrets_of;
use crate::harness::*;

/// Settings of the connections file that name a secret, each with a file of its own.
const IN_THE_FILE: [(&str, &str); 14] = [
    ("KeyEntry.secret", "guest-key"),
    ("KeyEntry.secret_before", "guest-key-before"),
    ("SubscriberEntry.secret", "subscriber"),
    ("SubscriberEntry.secret_before", "subscriber-before"),
    ("V1Entry.secret", "udesk-secret"),
    ("V2Entry.email", "udesk-email"),
    ("V2Entry.token", "udesk-token"),
    ("VerifyEntry.secrets", "signing"),
    ("PushTokenEntry.secret", "push-token-in-query"),
    ("TargetEntry.headers", "b8-cookie"),
    ("AuthEntry.account", "b8-account"),
    ("AuthEntry.password", "b8-password"),
    ("AuthEntry.id", "b8-id"),
    ("AuthEntry.secret", "b8-secret"),
];
/// Settings of the process that hold a secret or lead to one: `tls_key` and `encryption_keys` are planted in
/// [`secrets`](super::secrets), the password in `store` in [`database`](super::database).
const OF_THE_PROCESS: [&str; 3] = ["store", "tls_key", "encryption_keys"];
/// Those that hold none.
const HARMLESS: [&str; 16] = [
    "listen",
    "config",
    "log",
    "log_format",
    "workers",
    "max_body_bytes",
    "lease_s",
    "shutdown_grace_s",
    "disk_budget_bytes",
    "retention_days",
    "audit_days",
    "webhook_allow",
    "tls_cert",
    "patience",
    "metrics",
    "given",
];

/// A part of a receiver's address that lets one in.
pub(super) const RECEIVER_TOKEN: &str = "zxq-receiver-token-in-the-address";
/// What a push carries in its query.
pub(super) const PUSH_TOKEN_IN_QUERY: &str = "push-token-of-the-trigger-in-its-query";

/// A configuration with every kind of secret there is. Nobody listens where its subscriber is.
pub(super) fn every_secret() -> Options {
    let receiver = format!(
        "{{ name: wallboard, url: \"http://127.0.0.1:9/hooks?token={RECEIVER_TOKEN}\", \
         secret: file:subscriber, secret_before: file:subscriber-before }}"
    );
    let files = [
        ("guest-key-before", "guest-key-before-it-was-rotated".to_owned()),
        ("subscriber", whsec(b"the key that a subscriber knows us by")),
        ("subscriber-before", whsec(b"the key that a subscriber knew us by")),
        ("push-token-in-query", PUSH_TOKEN_IN_QUERY.to_owned()),
        ("b8-cookie", "session=cookie-that-every-call-carries".to_owned()),
    ];
    Options {
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret }, v2: { email: file:udesk-email, token: file:udesk-token } }"
            .into(),
        verify: "[{ standard_webhooks: { secrets: [file:signing, file:signing-before] } }, { api_key: {} }, \
                 { push_token: { in: body, field: token, secret: file:push-token } }, \
                 { push_token: { in: query, name: key, secret: file:push-token-in-query } }]"
            .into(),
        // Both families of the source's API, each with credentials of its own.
        poll: "{ every_s: 1 }".into(),
        ticketviews: format!("{{ refresh_s: 1, subscribers: [{receiver}] }}"),
        more: "  globex:
    source: { vendor: generic, verify: [{ api_key: {} }] }
    target:
      vendor: bangwo8
      base_url: http://127.0.0.1:9
      auth: { basic: { account: file:b8-account, password: file:b8-password } }
      headers: { Cookie: file:b8-cookie }
    mapping: generic-bangwo8
    ticketviews: { refresh_s: 1 }
"
        .into(),
        keys: "  - { name: guest, scopes: [read], connections: [acme], secret: file:guest-key, \
               secret_before: file:guest-key-before }\n"
            .into(),
        files: files.map(|(name, text)| (name.to_owned(), text)).into(),
        ..Options::default()
    }
}

/// Every name in a type.
#[derive(Default)]
struct Names(Vec<String>);

impl Visit<'_> for Names {
    fn visit_ident(&mut self, name: &Ident) {
        self.0.push(name.to_string());
    }
}

/// The named fields of every structure and every variant of a file, as `Type.field`, whose type's name is among these; of
/// no names, all.
fn fields(path: &str, types: &[&str]) -> BTreeSet<String> {
    let code = fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("a file");
    let items = syn::parse_file(&code).expect("Rust").items;
    let groups = items.into_iter().flat_map(|item| match item {
        Item::Struct(it) => vec![(it.ident.to_string(), it.fields)],
        Item::Enum(it) => {
            it.variants.into_iter().map(|variant| (it.ident.to_string(), variant.fields)).collect()
        }
        _ => Vec::new(),
    });
    let named = groups.filter_map(|(name, fields)| match fields {
        Fields::Named(fields) => Some((name, fields.named)),
        _ => None,
    });
    let wanted = |field: &syn::Field| {
        let mut names = Names::default();
        names.visit_type(&field.ty);
        types.is_empty() || names.0.iter().any(|name| types.contains(&name.as_str()))
    };
    let all = named.flat_map(|(name, fields)| fields.into_iter().map(move |field| (name.clone(), field)));
    let found = all.filter(|(_, field)| wanted(field));
    found.map(|(name, field)| format!("{name}.{}", field.ident.expect("a name"))).collect()
}

#[tokio::test]
async fn every_setting_that_names_a_secret_is_planted() {
    let secret = fields("src/config/file.rs", &["SecretRef", "SecretList"]);
    assert_eq!(secret, IN_THE_FILE.iter().map(|(setting, _)| (*setting).to_owned()).collect());

    let app = TestApp::with(Options { workers: 0, ..every_secret() }).await;
    let planted = secrets_of(&app.folder.path().join("deskbridge.yaml"));
    for (setting, file) in IN_THE_FILE {
        assert!(planted.iter().any(|planted| planted.is(file)), "{setting} is in no configuration");
    }
}

#[test]
fn every_setting_of_the_process_is_said_to_hold_a_secret_or_none() {
    let settings = fields("src/config/settings.rs", &[]);
    let settings: BTreeSet<&str> =
        settings.iter().filter_map(|name| name.strip_prefix("Settings.")).collect();
    assert_eq!(settings, OF_THE_PROCESS.into_iter().chain(HARMLESS).collect());
}
