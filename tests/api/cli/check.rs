//! `check`: what it finds in a connections file, and where.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::harness::*;

const EXAMPLE: &str = include_str!("../../../examples/deskbridge.yaml");
/// What stands where somebody wrote a secret into the file.
const LITERAL: &str = "sk-live-4f9d2c";

/// What a command said and how it ended.
struct Said {
    code: Option<i32>,
    text: String,
}

/// Runs a command on a configuration with all of the example's variables set but `unset`.
async fn run(command: &str, config: &Path, unset: &str) -> Said {
    run_with(command, config, unset, &[]).await
}

/// The same with settings of the environment.
async fn run_with(command: &str, config: &Path, unset: &str, settings: &[(&str, &str)]) -> Said {
    let (new, old) = (whsec(SIGNING_KEY), whsec(SIGNING_KEY_BEFORE));
    let variables = [
        ("FLOW_KEY", "a-flow-key-of-more-than-16-characters"),
        ("WALLBOARD_KEY", "a-wallboard-key-of-more-than-16-characters"),
        ("OPS_KEY", "an-ops-key-of-more-than-16-characters"),
        ("ACME_SIGNING_NEW", &new),
        ("ACME_SIGNING_OLD", &old),
        ("BANGWO8_ID", "id"),
        ("BANGWO8_SECRET", "secret"),
        ("SHORT", "short"),
        ("PRIVATE", "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="),
        ("PUBLIC_SHORT", "whpk_c2hvcnQ="),
        ("PUBLIC_ZERO", "whpk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("PUBLIC", "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
        ("SHORT_WHSEC", "whsec_c2hvcnQ="),
    ];
    let mut command = deskbridge(&[command, "--config", config.to_str().expect("a path")]);
    command.envs(variables.into_iter().filter(|(name, _)| *name != unset));
    let store = config.with_file_name("check.db");
    command.env("DESKBRIDGE_STORE", format!("sqlite:{}", store.display()));
    command.env("DESKBRIDGE_LISTEN", "127.0.0.1:0").envs(settings.iter().copied());
    let output = run_to_end(command).await;
    assert!(!store.exists(), "a broken configuration opens no store");
    let text = [output.stdout, output.stderr].concat();
    Said { code: output.status.code(), text: String::from_utf8(text).expect("UTF-8") }
}

/// The example with replacements, as a file.
fn changed(changes: &[(&str, &str)]) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let text = changes.iter().fold(EXAMPLE.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from:?} stands once in the example");
        text.replace(from, to)
    });
    fs::write(folder.path().join("deskbridge.yaml"), &text).expect("a file");
    (folder, text)
}

/// `line:column` of the first occurrence, from 1.
fn place(text: &str, needle: &str) -> String {
    let at = text.find(needle).unwrap_or_else(|| panic!("no {needle:?}"));
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    format!("{}:{}", text[..at].matches('\n').count() + 1, text[line_start..at].chars().count() + 1)
}

#[tokio::test]
async fn the_shipped_example_is_good() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/deskbridge.yaml");
    let said = run("check", &path, "").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert_eq!(said.text, format!("{}: good: 1 connection (acme), 3 API keys\n", path.display()));
}

#[tokio::test]
async fn a_file_without_a_connection_is_good_and_says_what_it_comes_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deskbridge.yaml");
    fs::write(&file, "connections: {}").expect("a file");
    let said = run("check", &file, "").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    let warning = format!("{}: warning: no connection is configured: every event is refused", file.display());
    assert!(said.text.contains(&warning), "{}", said.text);
    assert!(said.text.ends_with("good: no connection, 0 API keys\n"), "{}", said.text);
    let mut read = deskbridge(&["read", "acme", "bangwo8/tickets", "--config"]);
    read.arg(&file);
    let output = run_to_end(read).await;
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.ends_with("deskbridge.yaml has no connection acme: it has none at all\n"), "{told}");
}

#[tokio::test]
async fn each_parameter_that_is_not_set_is_a_warning() {
    let (folder, _) = changed(&[]);
    let file = folder.path().join("deskbridge.yaml");
    let start = EXAMPLE.find("    parameters:").expect("parameters");
    let end = EXAMPLE.find("    ticketviews:").expect("ticketviews");
    fs::write(&file, format!("{}{}", &EXAMPLE[..start], &EXAMPLE[end..])).expect("a file");
    let said = run("check", &file, "").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    let at = format!("{}:{}: warning: ", file.display(), place(EXAMPLE, "acme:"));
    for name in ["agents", "contacts", "default_contact_id", "groups", "ticket_template_id"] {
        let expected = format!("{at}the connection acme sets no parameter {name}: ");
        assert!(said.text.contains(&expected), "{expected:?} in {}", said.text);
    }
    assert_eq!(said.text.matches("warning").count(), 5, "{}", said.text);
}

/// One mistake: what is replaced, by what, where the problem is reported, and what is said of it.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    ("on_dead:", "on_deed:", "on_deed", "did you mean on_dead?"),
    ("ticketviews: { refresh_s", "ticketviews: { refresh", "refresh: 60", "refresh_s"),
    ("refresh_s: 60", "refresh_s: 864000", "864000", "at most 86400 seconds"),
    ("refresh_s: 60", "refresh_s: 18446744073709551615", "18446744073709551615", "at most 86400 seconds"),
    ("# poll: { every_s: 300 }", "poll: { since: 昨天 }", "昨天", "write a date and time with its offset"),
    ("# poll: { every_s: 300 }", "poll: {}\n    drift: { check_s: 86401 }", "86401", "at most 86400 seconds"),
    ("park # default", "wait # default", "wait # default", "park"),
    ("mapping: udesk-bangwo8", "mapping: udesk-bangwo", "udesk-bangwo ", "did you mean udesk-bangwo8?"),
    ("mapping: udesk-bangwo8", "mapping: generic-bangwo8", "generic-bangwo8", "events of generic"),
    ("vendor: udesk ", "vendor: udesc ", "udesc", "did you mean udesk?"),
    ("vendor: bangwo8", "vendor: bangwo", "bangwo\n", "did you mean bangwo8?"),
    ("env:OPS_KEY", "sk-live-4f9d2c", "sk-live", "env:NAME or file:PATH"),
    ("env:OPS_KEY", "env:NO_SUCH_KEY", "env:NO_SUCH_KEY", "NO_SUCH_KEY is not set"),
    ("env:OPS_KEY", "file:no-such-key", "file:no-such-key", "no-such-key can't be read"),
    ("env:OPS_KEY", "env:SHORT", "env:SHORT", "at least 16 characters"),
    ("env:OPS_KEY }", "env:OPS_KEY, secret_before: env:SHORT }", "env:SHORT", "at least 16 characters"),
    ("env:OPS_KEY }", "env:OPS_KEY, secret_before: sk-live-4f9d2c }", "sk-live", "env:NAME or file:PATH"),
    (
        "env:OPS_KEY }",
        "env:OPS_KEY, secret_before: env:OPS_KEY }",
        "env:OPS_KEY }",
        "has the same secret before",
    ),
    (
        "env:OPS_KEY }",
        "env:OPS_KEY, secret_before: env:FLOW_KEY }",
        "env:FLOW_KEY } #",
        "the API keys flow and ops have the same secret",
    ),
    ("env:OPS_KEY }", "env:OPS_KEY, limit: { burst: 5 } }", "burst: 5", "requests_per_second"),
    (
        "env:OPS_KEY }",
        "env:OPS_KEY, limit: { requests_per_second: 0 } }",
        "requests_per_second: 0",
        "at least 1",
    ),
    (
        "env:OPS_KEY }",
        "env:OPS_KEY, limit: { requests_per_second: 2000000 } }",
        "{ requests_per_second: 2000000",
        "leave limit out for none",
    ),
    (
        "      # The ways in which",
        "      limit: { requests_per_second: 1, burst: 3000000 }\n      # The ways in which",
        "{ requests_per_second: 1,",
        "leave limit out for none",
    ),
    ("name: ops", "name: flow", "flow, scopes: [ingest, read", "a second API key is named flow"),
    ("[read]", "[injest]", "injest]", "did you mean ingest?"),
    (
        "[read],",
        "[read], connections: [acmee],",
        "acmee]",
        "there is no connection acmee; did you mean acme?",
    ),
    ("[read],", "[read], connections: [],", "[], secret", "leave connections out for all"),
    ("[read],", "[],", "[], secret", "a key without scopes opens nothing"),
    (
        "ticketviews: { refresh_s: 60",
        "ticketviews: { cors_origins: [https://wall.example/], refresh_s: 60",
        "https://wall.example/]",
        "write https://wall.example",
    ),
    (
        "ticketviews: { refresh_s: 60",
        "ticketviews: { cors_origins: [wall.example], refresh_s: 60",
        "wall.example]",
        "is written like https://wall.example",
    ),
    ("env:ACME_SIGNING_OLD", "env:ACME_SIGNING_NEW", "env:ACME_SIGNING_NEW] }", "stands there twice"),
    ("env:ACME_SIGNING_OLD", "env:SHORT_WHSEC", "env:SHORT_WHSEC", "at least 24 bytes"),
    ("env:ACME_SIGNING_OLD", "env:OPS_KEY", "env:OPS_KEY] }", "whsec_ followed by base64"),
    ("env:ACME_SIGNING_OLD", "env:PRIVATE", "env:PRIVATE", "give its public one, whpk_"),
    ("env:ACME_SIGNING_OLD", "env:PUBLIC_SHORT", "env:PUBLIC_SHORT", "base64 of its 32 bytes"),
    ("env:ACME_SIGNING_OLD", "env:PUBLIC_ZERO", "env:PUBLIC_ZERO", "anybody could sign"),
    ("env:ACME_SIGNING_NEW, env:ACME_SIGNING_OLD", "", "standard_webhooks: {", "at least one secret"),
    (
        "- api_key: {}",
        "- push_token: { in: body, field: token, secret: env:OPS_KEY }",
        "push_token: { in: body, field: token, secret: env:OPS_KEY",
        "give the source an api with v1",
    ),
    (
        "- api_key: {}",
        "- push_token: { in: query, field: token, secret: env:OPS_KEY }",
        "push_token: { in: query",
        "{ in: query, name: NAME, secret }",
    ),
    (
        "- api_key: {}",
        "- push_token: { in: body, field: token, secret: env:SHORT }",
        "env:SHORT",
        "a push's token needs at least 16 characters",
    ),
    (
        "- api_key: {}",
        "- api_key: {}\n      api: { base_url: https://acme.udesk.example }",
        "https://acme.udesk.example",
        "an api needs credentials",
    ),
    (
        "- api_key: {}",
        "- api_key: {}\n      api: { base_url: acme.udesk.example, v1: { secret: env:OPS_KEY } }",
        "acme.udesk.example",
        "such as https://acme.udesk.cn",
    ),
    ("https://www.bangwo8.com", "www.bangwo8.com", "www.bangwo8", "such as https://www.bangwo8.com"),
    ("https://www.bangwo8.com", "ftp://bangwo8.com", "ftp://", "such as https://www.bangwo8.com"),
    ("Asia/Shanghai", "Asia/Shanghay", "Asia/Shanghay", "no time zone Asia/Shanghay"),
    ("concurrency: 8", "concurrency: 0", "concurrency: 0", "at least 1"),
    ("ticket_template_id: 4", "ticket_template_id: four", "four", "must be an id"),
    ("contacts: { test@sample.com: 21130282 }", "contacts: 21130282", "21130282", "must be a table"),
    ("default_contact_id:", "default_contact:", "21101341", "did you mean default_contact_id?"),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://ops:hunter2@wall.example/hook, secret: env:ACME_SIGNING_NEW }] }",
        "https://ops",
        "must not have a user or a password",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/#hook, secret: env:ACME_SIGNING_NEW }] }",
        "https://wall.example/#",
        "must not have a fragment",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: ftp://wall.example/, secret: env:ACME_SIGNING_NEW }] }",
        "ftp://",
        "such as https://wall.example/hooks",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: wall.example, secret: env:ACME_SIGNING_NEW }] }",
        "wall.example,",
        "such as https://wall.example/hooks",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/, secret: env:ACME_SIGNING_NEW, views: [] }] }",
        "[] }",
        "leave it out for all",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/, secret: env:ACME_SIGNING_NEW, view: [2] }] }",
        "view: [2]",
        "secret_before",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/, secret: env:SHORT_WHSEC }] }",
        "env:SHORT_WHSEC",
        "at least 24 bytes",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/, secret: env:OPS_KEY }] }",
        "env:OPS_KEY }] }",
        "whsec_ followed by base64",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/, secret: env:PUBLIC }] }",
        "env:PUBLIC }] }",
        "whsec_ followed by base64",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: acme.wall, url: https://wall.example/, secret: env:ACME_SIGNING_NEW }] }",
        "acme.wall,",
        "the subscriber's name",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { subscribers: [{ name: wall, url: https://wall.example/, secret: env:ACME_SIGNING_NEW }, { name: wall, url: https://b.example/, secret: env:ACME_SIGNING_NEW }] }",
        "wall, url: https://b",
        "a second subscriber is named wall",
    ),
    (
        "ticketviews: { refresh_s: 60 }",
        "ticketviews: { refresh_s: 0, subscribers: [{ name: wall, url: https://wall.example/, secret: env:ACME_SIGNING_NEW }] }",
        "{ name: wall, url: https://wall",
        "the connection reads no ticket views",
    ),
    ("  acme:\n", "  Acme:\n", "Acme:", "is 1 to 63 of a-z"),
];

#[tokio::test]
async fn each_mistake_is_told_with_its_place_and_stops_check_and_serve() {
    for (from, to, at, reason) in MISTAKES {
        let (folder, text) = changed(&[(from, to)]);
        let file = folder.path().join("deskbridge.yaml");
        for (command, code) in [("check", 1), ("serve", 2)] {
            let said = run(command, &file, "").await;
            assert_eq!(said.code, Some(code), "{command}, {to}: {}", said.text);
            let expected = format!("{}:{}: error: ", file.display(), place(&text, at));
            assert!(said.text.contains(&expected), "{to}: {expected} in {}", said.text);
            assert!(said.text.contains(reason), "{to}: {}", said.text);
            assert!(!said.text.contains(LITERAL), "{}", said.text);
        }
    }
}

#[tokio::test]
async fn a_subscriber_that_needs_the_operators_leave_is_a_warning() {
    let subscriber = |name: &str, url: &str| {
        format!(
            "{{ name: {name}, url: \"{url}\", secret: env:ACME_SIGNING_NEW, secret_before: env:ACME_SIGNING_OLD, views: [15, \"2\"], retry: {{ max_age_h: 1 }} }}"
        )
    };
    let special = [
        ("plain", "http://wall.example/hook"),
        ("inside", "https://10.1.2.3/hook"),
        ("odd", "https://0x7f.1/hook"),
    ];
    let all: Vec<String> = [("good", "https://wall.example/hook/t0ken")]
        .iter()
        .chain(&special)
        .map(|(name, url)| subscriber(name, url))
        .collect();
    let views = format!("ticketviews: {{ subscribers: [{}] }}", all.join(", "));
    let (folder, text) = changed(&[("ticketviews: { refresh_s: 60 }", &views)]);
    let file = folder.path().join("deskbridge.yaml");
    let said = run("check", &file, "").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    for (name, url) in special {
        let place = place(&text, &format!("\"{url}"));
        let expected =
            format!("{}:{place}: warning: the subscriber {name} is not at a public address", file.display());
        assert!(said.text.contains(&expected), "{expected} in {}", said.text);
    }
    assert_eq!(said.text.matches("warning").count(), special.len(), "{}", said.text);
    assert!(!said.text.contains("t0ken"), "{}", said.text);
}

#[tokio::test]
async fn a_subscriber_in_a_net_that_the_operator_has_named_is_no_warning() {
    let wall = |url: &str| {
        let wall = format!("{{ name: wall, url: \"{url}\", secret: env:ACME_SIGNING_NEW }}");
        changed(&[("ticketviews: { refresh_s: 60 }", &format!("ticketviews: {{ subscribers: [{wall}] }}"))])
    };
    for (url, nets, warnings) in [
        ("https://10.1.2.3/hook", "10.1.0.0/16", 0),
        ("http://10.1.2.3/hook", "127.0.0.1,10.1.0.0/16", 0),
        ("http://[::ffff:10.1.2.3]/hook", "10.1.0.0/16", 0),
        ("https://10.2.2.3/hook", "10.1.0.0/16", 1),
        ("http://8.8.8.8/hook", "10.1.0.0/16", 1),
        // What it resolves to is not known here.
        ("http://wall.example/hook", "10.1.0.0/16", 1),
        ("https://wall.example/hook", "10.1.0.0/16", 0),
    ] {
        let (folder, _) = wall(url);
        let file = folder.path().join("deskbridge.yaml");
        let said = run_with("check", &file, "", &[("DESKBRIDGE_WEBHOOK_ALLOW", nets)]).await;
        assert_eq!(said.code, Some(0), "{url}: {}", said.text);
        assert_eq!(said.text.matches("warning").count(), warnings, "{url} in {nets}: {}", said.text);
    }
}

#[tokio::test]
async fn an_address_of_a_vendor_that_is_hardly_meant_is_a_warning() {
    const CLEAR: &str = " is http: passwords, tokens and what tickets say cross the network unencrypted";
    let target = ("base_url: https://www.bangwo8.com", "the target's base_url");
    let api = "# api: { base_url: https://acme.udesk.cn, v1: { secret: env:ACME_V1 } }";
    let api = (api, "the base_url of the source's api");
    for (url, told) in [
        ("http://www.bangwo8.com", CLEAR),
        ("http://10.1.2.3:8080", CLEAR),
        ("http://127.0.0.1:9", ""),
        ("http://[::1]:9", ""),
        ("http://localhost:9", ""),
        ("https://www.bangwo8.com/api/v1", " ends in /api/v1, which each call adds by itself"),
        ("https://www.bangwo8.com/api/v1/", " ends in /api/v1, which each call adds by itself"),
        ("https://proxy.example/bangwo8/api", " ends in /api, which each call adds by itself"),
        ("https://proxy.example/bangwo8", ""),
    ] {
        let api_there = format!("api: {{ base_url: \"{url}\", v1: {{ secret: env:OPS_KEY }} }}");
        for ((from, name), to) in [(target, format!("base_url: \"{url}\"")), (api, api_there)] {
            let (folder, text) = changed(&[(from, &to)]);
            let file = folder.path().join("deskbridge.yaml");
            let said = run("check", &file, "").await;
            assert_eq!(said.code, Some(0), "{to}: {}", said.text);
            let warned = format!("{}:{}: warning: {name}", file.display(), place(&text, &format!("\"{url}")));
            let expected = usize::from(!told.is_empty());
            assert_eq!(said.text.matches("warning").count(), expected, "{to}: {}", said.text);
            let told = said.text.matches(&format!("{warned}{told}")).count();
            assert_eq!(told, expected, "{to}: {}", said.text);
        }
    }
}

#[tokio::test]
async fn a_file_that_nothing_reads_is_a_warning_with_what_was_probably_meant() {
    const TICKET: &str = r#"{
        "x-entity": { "kind": "ticket", "id": "/id" },
        "$ref": "../../udesk/ticket.json",
        "properties": { "subject": { "$ref": "parts.json" } }
    }"#;
    const ALONE: &str = r#"{ "x-entity": { "kind": "ticket", "id": "/id" } }"#;
    const MAPPING: &str = "source: udesk\ntarget: bangwo8\nextends: udesk-bangwo8\n";
    let (folder, _) = changed(&[("mapping: udesk-bangwo8", "mapping: acme")]);
    for (file, text) in [
        ("schemas/events/udesk/ticket.created.json", TICKET),
        ("schemas/events/udesk/parts.json", r#"{ "minLength": 1 }"#),
        ("schemas/events/udesk/ticket.create.json", TICKET),
        ("schemas/events/udsk/ticket.updated.json", ALONE),
        ("schemas/event/udesk/ticket.replied.json", "{}"),
        ("schemas/pushes/udeks.json", ALONE),
        ("mappings/acme.yaml", MAPPING),
        ("mappings/amce.yaml", MAPPING),
        ("mappings/acme.yml", MAPPING),
        ("mappings/acme.cases/one.yaml", "{}"),
        ("mappings/vocabularies/udsk.yaml", "{}"),
        ("mappings/vocabularies/udesk.yml", "{}"),
    ] {
        let file = folder.path().join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }
    let said = run("check", &folder.path().join("deskbridge.yaml"), "").await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    let expected = [
        ("schemas/events/udesk/ticket.create.json", "the type ticket.create; did you mean ticket.created?"),
        ("schemas/events/udsk/ticket.updated.json", "no connection has the source udsk; did you mean udesk?"),
        ("schemas/event/udesk/ticket.replied.json", "those of events are events/{source}/{type}.json"),
        ("schemas/pushes/udeks.json", "no connection has the source udeks; did you mean udesk?"),
        ("mappings/amce.yaml", "no connection's mapping is it or builds on it; did you mean acme?"),
        ("mappings/acme.yml", "no connection's mapping is it or builds on it; call it acme.yaml"),
        ("mappings/vocabularies/udsk.yaml", "no connection's mapping has this source; did you mean udesk?"),
        ("mappings/vocabularies/udesk.yml", "no connection's mapping has this source; call it udesk.yaml"),
    ];
    for (file, told) in expected {
        let start = format!("{}: warning: nothing reads this file: ", folder.path().join(file).display());
        let line = said.text.lines().find(|line| line.starts_with(&start));
        assert!(line.is_some_and(|line| line.contains(told)), "{file}: {told} in {}", said.text);
    }
    assert_eq!(said.text.matches("warning: ").count(), expected.len(), "{}", said.text);
}

#[tokio::test]
async fn a_custom_field_that_the_mapping_reads_and_privacy_takes_away_is_a_warning() {
    for (redacted, warned) in [
        ("/custom_fields/TextField_1", true),
        ("/custom_fields/*", true),
        ("/custom_fields", true),
        ("/custom_fields/TextField_99", false),
        ("/custom_fields/TextField_10", false),
    ] {
        let privacy = format!("privacy: {{ redact: [{redacted}] }}\n    on_dead:");
        let (folder, _) = changed(&[("on_dead:", &privacy)]);
        let said = run("check", &folder.path().join("deskbridge.yaml"), "").await;
        assert_eq!(said.code, Some(0), "{redacted}: {}", said.text);
        let told = format!("the mapping udesk-bangwo8 reads {redacted}, which will never be there");
        assert_eq!(said.text.contains(&told), warned, "{redacted}: {}", said.text);
    }
}

#[tokio::test]
async fn every_mistake_is_told_at_once() {
    let (folder, text) = changed(&[
        ("env:FLOW_KEY", "env:SHORT"),
        ("env:OPS_KEY", LITERAL),
        ("https://www.bangwo8.com", "www.bangwo8.com"),
        ("Asia/Shanghai", "Asia/Shanghay"),
        ("vendor: bangwo8", "vendor: bangwo"),
    ]);
    let file = folder.path().join("deskbridge.yaml");
    let said = run("check", &file, "BANGWO8_ID").await;
    assert_eq!(said.code, Some(1), "{}", said.text);
    for at in ["env:SHORT", LITERAL, "www.", "Asia/Shanghay", "bangwo\n", "env:BANGWO8_ID"] {
        let expected = format!("{}:{}: error: ", file.display(), place(&text, at));
        assert!(said.text.contains(&expected), "{expected} in {}", said.text);
    }
    assert!(said.text.ends_with(": 6 errors\n") && !said.text.contains(LITERAL), "{}", said.text);
}

#[tokio::test]
async fn a_secret_written_into_the_file_is_never_printed() {
    let places = [
        ("env:OPS_KEY", "sk-live-4f9d2c"),
        ("env:OPS_KEY", "[sk-live-4f9d2c]"),
        ("env:OPS_KEY", "{ literal: sk-live-4f9d2c }"),
        ("{ secrets: [env:ACME_SIGNING_NEW, env:ACME_SIGNING_OLD] }", "sk-live-4f9d2c"),
        ("[env:ACME_SIGNING_NEW, env:ACME_SIGNING_OLD]", "sk-live-4f9d2c"),
        ("[env:ACME_SIGNING_NEW, env:ACME_SIGNING_OLD]", "[[sk-live-4f9d2c]]"),
        ("api_key: {}", "api_key: sk-live-4f9d2c"),
        ("api_key: {}", "push_token: { in: body, field: token, secret: sk-live-4f9d2c }"),
        ("api_key: {}", "push_token: sk-live-4f9d2c"),
        (
            "- api_key: {}",
            "- api_key: {}\n      api: { base_url: https://a.example, v1: { secret: sk-live-4f9d2c } }",
        ),
        (
            "- api_key: {}",
            "- api_key: {}\n      api: { base_url: https://a.example, v2: { email: sk-live-4f9d2c, token: env:OPS_KEY } }",
        ),
        ("- api_key: {}", "- api_key: {}\n      api: { base_url: https://a.example, v1: sk-live-4f9d2c }"),
        ("{ oauth2: { id: env:BANGWO8_ID, secret: env:BANGWO8_SECRET } }", "sk-live-4f9d2c"),
        ("{ id: env:BANGWO8_ID, secret: env:BANGWO8_SECRET }", "sk-live-4f9d2c"),
        ("[ingest, read, operate, admin]", "sk-live-4f9d2c"),
        ("[ingest, read, operate, admin]", "[sk-live-4f9d2c]"),
    ];
    for (from, to) in places {
        let (folder, _) = changed(&[(from, to)]);
        let said = run("check", &folder.path().join("deskbridge.yaml"), "").await;
        assert_eq!(said.code, Some(1), "{to}: {}", said.text);
        assert!(!said.text.contains(LITERAL), "{to} for {from}: {}", said.text);
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_or_is_no_yaml_is_told_with_advice() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("deskbridge.yaml");
    let said = run("check", &file, "").await;
    assert_eq!(said.code, Some(1), "{}", said.text);
    assert!(said.text.contains(&format!("{}: error: can't be read", file.display())), "{}", said.text);
    assert!(said.text.contains("--config"), "{}", said.text);
    fs::write(&file, "api_keys: [\n").expect("a file");
    let said = run("check", &file, "").await;
    assert_eq!(said.code, Some(1), "{}", said.text);
    assert!(said.text.contains(&format!("{}:", file.display())), "{}", said.text);
}

/// Makes a folder's entry something else than the file that is looked for.
type Odd = fn(&Path);

#[tokio::test]
async fn what_is_no_file_in_a_files_place_is_told_and_not_passed_over() {
    let link: Odd = |path| std::os::unix::fs::symlink("nowhere", path).expect("a link");
    let folder: Odd = |path| fs::create_dir(path).expect("a folder");
    let file: Odd = |path| fs::write(path, "").expect("a file");
    let pipe: Odd = |path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    };
    let mapping = "mappings/udesk-bangwo8.yaml";
    let schema = "schemas/events/udesk/ticket.created.json";
    for (at, odd, told, reason) in [
        (mapping, link, mapping, "it is a link, which leads to no file"),
        (mapping, folder, mapping, "it is no regular file"),
        (mapping, pipe, mapping, "it is no regular file"),
        ("mappings", link, mapping, "No such file"),
        ("mappings", file, mapping, "Not a directory"),
        ("mappings/vocabularies/udesk.yaml", link, "mappings/vocabularies/udesk.yaml", "leads to no file"),
        (schema, link, schema, "No such file"),
        (schema, pipe, schema, "it is no regular file"),
        ("schemas", link, "schemas", "No such file"),
        ("schemas", file, "schemas", "Not a directory"),
        ("key", pipe, "deskbridge.yaml", "the secret's file key can't be read: it is no regular file"),
    ] {
        let (tenant, _) = match at {
            "key" => changed(&[("env:OPS_KEY", "file:key")]),
            _ => changed(&[]),
        };
        let path = tenant.path().join(at);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        odd(&path);
        let said = run("check", &tenant.path().join("deskbridge.yaml"), "").await;
        assert_eq!(said.code, Some(1), "{at}, {reason}: {}", said.text);
        let told = tenant.path().join(told).display().to_string();
        let mut lines = said.text.lines();
        assert!(lines.any(|line| line.contains(&told) && line.contains(reason)), "{reason}: {}", said.text);
    }
    let (tenant, _) = changed(&[]);
    let config = tenant.path().join("other.yaml");
    pipe(&config);
    let said = run("check", &config, "").await;
    assert!(said.text.contains("other.yaml: error: can't be read: it is no regular file"), "{}", said.text);
    assert_eq!(said.code, Some(1));
}

#[tokio::test]
async fn a_file_that_is_not_utf8_is_to_be_saved_as_such_and_not_written_anew() {
    let (folder, text) = changed(&[("  acme:\n", "  acme: # 客户\n")]);
    let file = folder.path().join("deskbridge.yaml");
    let advice = |at: &str| format!("{}:{at}: error: is not UTF-8: save the file as UTF-8", file.display());
    let (before, after) = text.split_once("客户").expect("it is there");
    let gbk = [before.as_bytes(), &b"\xbf\xcd\xbb\xa7"[..], after.as_bytes()].concat();
    let utf16: Vec<u8> = "\u{feff}".chars().chain(text.chars()).flat_map(utf16).collect();
    for (bytes, at) in [(gbk, place(&text, "客户")), (utf16, "1:1".to_owned())] {
        fs::write(&file, bytes).expect("a file");
        for command in ["check", "serve"] {
            let said = run(command, &file, "").await;
            assert!(said.text.contains(&advice(&at)), "{command}: {}", said.text);
            assert!(!said.text.contains("examples/deskbridge.yaml"), "{}", said.text);
        }
    }
    let (folder, _) = changed(&[]);
    let schema = folder.path().join("schemas/events/mine/ticket.created.json");
    fs::create_dir_all(schema.parent().expect("a folder")).expect("a folder");
    fs::write(&schema, b"{ \"title\":\n\"\xbf\xcd\" }").expect("a file");
    let said = run("check", &folder.path().join("deskbridge.yaml"), "").await;
    let advice = format!("{}:2:2: error: is not UTF-8: save the file as UTF-8", schema.display());
    assert!(said.text.contains(&advice), "{}", said.text);
}

/// As Windows writes it.
fn utf16(character: char) -> Vec<u8> {
    character.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_le_bytes()).collect()
}

#[tokio::test]
async fn two_keys_of_one_secret_are_refused_since_each_would_have_the_scopes_of_both() {
    let (folder, _) = changed(&[("env:WALLBOARD_KEY", "env:FLOW_KEY")]);
    let said = run("check", &folder.path().join("deskbridge.yaml"), "").await;
    assert_eq!(said.code, Some(1));
    assert!(said.text.contains("the API keys flow and wallboard have the same secret"), "{}", said.text);
}

#[tokio::test]
async fn two_keys_of_one_name_are_not_said_to_have_one_secret() {
    let (folder, _) = changed(&[("name: ops", "name: flow")]);
    let said = run("check", &folder.path().join("deskbridge.yaml"), "").await;
    assert_eq!(said.code, Some(1));
    assert!(said.text.contains("error: a second API key is named flow"), "{}", said.text);
    assert!(!said.text.contains("secret"), "{}", said.text);
}
