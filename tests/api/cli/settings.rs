//! Settings of the process: what is told of wrong ones, and what looks like one.

use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::harness::*;

/// What must not be told of a wrong value: it may be a secret in the wrong place.
const VALUE: &str = "s3cret-value";

/// Every setting with a value that it can't have, and what is said then, beside its name.
const WRONG: &[(&str, &str, &str)] = &[
    ("LISTEN", VALUE, "must be an IP address with a port, e.g. 0.0.0.0:8080"),
    ("LISTEN", "localhost:8080", "must be an IP address with a port"),
    ("CONFIG", "/nowhere/deskbridge.yaml", "--config"),
    ("STORE", "mysql:desk", "sqlite:PATH or postgres://"),
    ("STORE", "sqlite:", "sqlite:PATH or postgres://"),
    ("STORE", "sqlite::memory:", "sqlite:PATH or postgres://"),
    ("STORE", "postgres://desk:s3cret-value@/deskbridge", "it names no host"),
    ("LOG", "deskbridge=s3cret-value", "info,deskbridge::dispatch=debug"),
    ("LOG_FORMAT", VALUE, "must be pretty or json, e.g. json"),
    ("WORKERS", VALUE, "must be a whole number from 0 to 10000, e.g. 64"),
    ("WORKERS", "99999999999999999999", "must be a whole number from 0 to 10000"),
    ("LEASE_S", "0", "must be a whole number of seconds from 1 to 86400, e.g. 30"),
    ("MAX_BODY_BYTES", "1M", "must be a whole number of bytes from 1 to 1073741824, e.g. 1048576"),
    ("SHUTDOWN_GRACE_S", "25s", "must be a whole number of seconds from 0 to 3600, e.g. 25"),
    ("DISK_BUDGET_BYTES", "10GiB", "must be a whole number of bytes, 67108864 or more, e.g. 10737418240"),
    ("DISK_BUDGET_BYTES", "1000", "is too small: give the store 67108864 bytes or more"),
    ("RETENTION_DAYS", "1.5", "must be a whole number of days from 0 (for ever) to 36500, e.g. 30"),
    ("AUDIT_DAYS", "for ever", "must be a whole number of days from 0 (for ever) to 36500, e.g. 400"),
    (
        "WEBHOOK_ALLOW",
        VALUE,
        "must be nets of addresses with commas between them, e.g. 10.20.0.0/16,127.0.0.1",
    ),
    ("TLS_CERT", "/nowhere/tls.crt", "TLS needs a certificate and its key: set both"),
    ("TLS_KEY", "/nowhere/tls.key", "TLS needs a certificate and its key: set both"),
    ("ENCRYPTION_KEYS", "/nowhere/keys", "/nowhere/keys can't be read"),
    ("METRICS", VALUE, "must be open, key or off, e.g. key"),
];

fn flag(name: &str) -> String {
    format!("--{}", name.to_lowercase().replace('_', "-"))
}

/// `serve` in a folder, without its usual flag for what is tried.
fn serve_without(name: &str, folder: &Path) -> Command {
    let mut command = deskbridge(&["serve"]);
    let store = format!("sqlite:{}", folder.join("program.db").display());
    let config = folder.join("deskbridge.yaml").display().to_string();
    for (setting, value) in [("LISTEN", "127.0.0.1:0"), ("CONFIG", &config), ("STORE", &store)] {
        if setting != name {
            command.args([flag(setting).as_str(), value]);
        }
    }
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_setting_is_told_by_its_name_with_what_it_has_to_be() {
    let help = run_to_end(deskbridge(&["serve", "--help"])).await;
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    let flags = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let flags: BTreeSet<String> = flags
        .filter_map(|line| Some(line.split([' ', ',']).next()?.replace('-', "_").to_uppercase()))
        .collect();
    assert_eq!(flags, WRONG.iter().map(|(name, ..)| (*name).to_owned()).collect(), "every setting is tried");
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for (name, value, told) in WRONG {
        let variable = format!("DESKBRIDGE_{name}");
        let mut by_variable = serve_without(name, app.folder.path());
        by_variable.env(&variable, value);
        let mut by_flag = serve_without(name, app.folder.path());
        by_flag.args([&flag(name), *value]);
        let flag = flag(name);
        for (command, given, other) in [(by_variable, &variable, &flag), (by_flag, &flag, &variable)] {
            let output = run_to_end(command).await;
            let said = String::from_utf8(output.stderr).expect("UTF-8");
            assert_eq!(output.status.code(), Some(2), "{given}={value}: {said}");
            let named = said.contains(given) && !said.contains(other);
            assert!(*name == "CONFIG" || named, "{given}={value}: {said}");
            assert!(said.contains(told) && !said.contains(VALUE), "{given}={value}: {said}");
        }
    }
}

/// Several at once: what is told of each.
const WRONG_TOGETHER: &[(&str, &str, &str)] = &[
    ("DESKBRIDGE_WORKERS", VALUE, "environment: error: DESKBRIDGE_WORKERS must be a whole number"),
    ("DESKBRIDGE_METRICS", VALUE, "environment: error: DESKBRIDGE_METRICS must be open, key or off"),
    (
        "DESKBRIDGE_DISK_BUDGET_BYTES",
        "1",
        "environment: error: DESKBRIDGE_DISK_BUDGET_BYTES: it is too small",
    ),
    ("DESKBRIDGE_STORE", "mysql:s3cret-value", "environment: error: DESKBRIDGE_STORE: unknown store"),
    ("DESKBRIDGE_LOG", "deskbridge=s3cret-value", "environment: error: DESKBRIDGE_LOG: a log filter is"),
    (
        "DESKBRIDGE_ENCRYPTION_KEYS",
        "/nowhere/keys",
        "DESKBRIDGE_ENCRYPTION_KEYS: the encryption keys in /nowhere/keys",
    ),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://ops:s3cret-value@c:4318/路径",
        "OTEL_EXPORTER_OTLP_ENDPOINT is no address",
    ),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", VALUE, "OTEL_EXPORTER_OTLP_PROTOCOL has a value that is not supported"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "a=b,Bearer s3cret-value=", "number 2 of its headers is none"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_setting_is_told_at_once_and_check_tells_those_of_the_file_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("deskbridge.yaml");
    fs::write(&config, "connections: 客服").expect("a file");
    let in_the_file = "deskbridge.yaml:1:14: error: write names with values here, NAME: VALUE";
    for (command, code, more) in
        [("serve", 2, &[][..]), ("check", 1, &["settings: 10 errors; ", in_the_file])]
    {
        let mut run = deskbridge(&[command, "--tls-cert", "tls.crt", "--config"]);
        run.arg(&config).envs(WRONG_TOGETHER.iter().map(|(name, value, _)| (name, value)));
        let output = run_to_end(run).await;
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(!said.contains(VALUE), "{said}");
        let of_both = "command line: error: --tls-cert, DESKBRIDGE_TLS_KEY: TLS needs";
        let each = WRONG_TOGETHER.iter().map(|(.., told)| *told);
        for told in each.chain([of_both]).chain(more.iter().copied()) {
            assert_eq!(said.matches(told).count(), 1, "{told}: {said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_variable_is_as_good_as_none() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let log = app.folder.path().join("serve.log");
    let mut command = serve_command(app.folder.path());
    command.stderr(fs::File::create(&log).expect("a log file"));
    for (name, ..) in WRONG {
        command.env(format!("DESKBRIDGE_{name}"), "");
    }
    let serving = Serving::of(command, log).await;
    let metrics = app.client.get(format!("http://{}/metrics", serving.address)).send().await;
    assert_eq!(metrics.expect("an answer").status(), 200, "the default is open");
}

/// The warnings of `check` and of `serve`, with these variables.
async fn warned(app: &TestApp, variables: &[(&str, &str)]) -> [String; 2] {
    let config = app.folder.path().join("deskbridge.yaml");
    let mut check = deskbridge(&["check", "--config", config.to_str().expect("a path")]);
    check.envs(variables.iter().copied());
    let checked = run_to_end(check).await;
    let told = String::from_utf8([checked.stdout, checked.stderr].concat()).expect("UTF-8");
    assert_eq!(checked.status.code(), Some(0), "{told}");
    let log = app.folder.path().join("serve.log");
    let mut serve = serve_command(app.folder.path());
    serve.envs(variables.iter().copied()).stderr(fs::File::create(&log).expect("a log file"));
    let mut serving = Serving::of(serve, log).await;
    serving.kill().await;
    [told, serving.log()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_sets_nothing_is_a_warning_that_names_what_was_meant() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let strange = [
        ("DESKBRIDGE_METRIC", VALUE, "did you mean DESKBRIDGE_METRICS?"),
        (
            "DESKBRIDGE_PORT",
            "9000",
            "DESKBRIDGE_PORT is not read by deskbridge and sets nothing; did you mean DESKBRIDGE_LISTEN?",
        ),
        ("DESKBRIDGE_DATA_DIR", VALUE, "did you mean DESKBRIDGE_STORE?"),
        ("DESKBRIGE_LISTEN", VALUE, "did you mean DESKBRIDGE_LISTEN?"),
        ("OTEL_EXPORTER_OTLP_ENDPONT", VALUE, "did you mean OTEL_EXPORTER_OTLP_ENDPOINT?"),
        ("OTEL_LOG_LEVEL", VALUE, "OTEL_LOG_LEVEL is not followed here: DESKBRIDGE_LOG filters the log"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=客服,s3cret-value", "number 2 of its attributes is none"),
    ];
    let given: Vec<(&str, &str)> = strange.iter().map(|(name, value, _)| (*name, *value)).collect();
    for told in warned(&app, &given).await {
        for (name, _, warning) in strange {
            assert!(told.contains(name) && told.contains(warning), "{name}: {told}");
        }
        assert!(!told.contains(VALUE), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_that_are_none_are_a_warning_where_telemetry_is_exported_too() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let given = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("OTEL_RESOURCE_ATTRIBUTES", "s3cret-value,team=客服,=s3cret-value"),
    ];
    for told in warned(&app, &given).await {
        for place in [1, 3] {
            let warning = format!("OTEL_RESOURCE_ATTRIBUTES: number {place} of its attributes is none");
            assert_eq!(told.matches(&warning).count(), 1, "{told}");
        }
        assert!(!told.contains("number 2") && !told.contains(VALUE), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kubernetes_plants_and_what_secrets_stand_in_is_no_strange_variable() {
    let keys = "  - { name: env, scopes: [read], secret: env:DESKBRIDGE_WALL_KEY }\n";
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let config = app.folder.path().join("deskbridge.yaml");
    let text = fs::read_to_string(&config).expect("a file");
    fs::write(&config, text.replace("connections:\n", &format!("{keys}connections:\n"))).expect("a file");
    let given = [
        ("DESKBRIDGE_WALL_KEY", "a-key-of-more-than-16-characters"),
        ("DESKBRIDGE_KEY", "a-key-of-more-than-16-characters"),
        ("DESKBRIDGE_SERVICE_HOST", "10.0.0.1"),
        ("DESKBRIDGE_SERVICE_PORT_HTTP", "8080"),
        ("DESKBRIDGE_PORT", "tcp://10.0.0.1:8080"),
        ("DESKBRIDGE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("OTEL_PYTHON_LOG_LEVEL", "info"),
    ];
    for told in warned(&app, &given).await {
        assert!(!told.contains("is not read by deskbridge") && !told.contains("is not followed"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_secrets_that_everybody_may_read_are_a_warning() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let folder = app.folder.path();
    let mode =
        |name: &str, mode| fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
    for file in fs::read_dir(folder).expect("a folder").flatten() {
        fs::set_permissions(file.path(), Permissions::from_mode(0o640)).expect("its mode is set");
    }
    mode("ops-key", 0o644);
    mode("b8-secret", 0o646);
    for told in warned(&app, &[]).await {
        assert!(!told.contains("everybody"), "nobody else gets into the folder: {told}");
    }
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder's mode is set");
    for above in folder.canonicalize().expect("a folder").ancestors() {
        let mode = fs::metadata(above).expect("a folder").permissions().mode();
        assert!(mode & 0o001 != 0, "set TMPDIR to where everybody may go: {} is closed", above.display());
    }
    for told in warned(&app, &[]).await {
        assert!(told.contains("ops-key: warning: everybody on this machine may read this file"), "{told}");
        assert!(told.contains("b8-secret: warning: everybody on this machine may read and write"), "{told}");
        assert_eq!(told.matches("everybody").count(), 2, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_before_is_closed_to_everybody_and_its_group_may_as_before() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let folder = app.folder.path();
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("the folder's mode is set");
    warned(&app, &[]).await;
    let files = || {
        let files = fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path());
        let is_store = |file: &PathBuf| {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("program.db") && !name.ends_with(".lock")
        };
        files.filter(is_store).collect::<Vec<_>>()
    };
    assert!(files().len() >= 3, "killed, it leaves the file, its log and the log's index: {:?}", files());
    for file in files() {
        fs::set_permissions(file, Permissions::from_mode(0o667)).expect("its mode is set");
    }
    let mut serve = serve_command(folder);
    let log = folder.join("serve.log");
    serve.stderr(fs::File::create(&log).expect("a log file"));
    let serving = Serving::of(serve, log).await;
    for file in files() {
        let mode = fs::metadata(&file).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o660, "{file:?}");
    }
    assert!(!serving.log().contains("what customers wrote"), "{}", serving.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn check_refuses_of_the_environment_what_serve_refuses() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let config = app.folder.path().join("deskbridge.yaml");
    for (name, value, told) in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", VALUE, "trust the collector's certificate"),
        ("OTEL_TRACES_SAMPLER", "jaeger_remote", "parentbased_traceidratio"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0", "at least 1"),
        ("DESKBRIDGE_LOG", "deskbridge=s3cret-value", "info,deskbridge::dispatch=debug"),
        ("DESKBRIDGE_LOG", "inof", "did you mean info?"),
        ("DESKBRIDGE_LOG", "warning,deskbridge::dispatch=debug", "did you mean warn?"),
        ("DESKBRIDGE_STORE", "mysql:s3cret-value", "sqlite:PATH or postgres://"),
        ("DESKBRIDGE_STORE", "postgres://desk:s3cret-value@/deskbridge", "it names no host"),
        ("DESKBRIDGE_ENCRYPTION_KEYS", "/nowhere/keys", "/nowhere/keys can't be read"),
    ] {
        let mut check = deskbridge(&["check", "--config", config.to_str().expect("a path")]);
        check.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env(name, value);
        let output = run_to_end(check).await;
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{name}={value}: {said}");
        assert!(said.contains("environment: error: ") && said.contains(name), "{name}={value}: {said}");
        assert!(said.contains(told) && !said.contains(VALUE), "{name}={value}: {said}");
        assert!(said.contains("settings: 1 error\n") && !said.contains("good"), "told once: {said}");
        let mut serve = serve_without(name.trim_start_matches("DESKBRIDGE_"), app.folder.path());
        serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env(name, value);
        assert!(!run_to_end(serve).await.status.success(), "{name}={value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_and_its_folder_are_made_for_their_owner_alone() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let (folder, log) = (app.folder.path().join("数据/内"), app.folder.path().join("serve.log"));
    let mut command = serve_without("STORE", app.folder.path());
    command.args(["--store", &format!("sqlite:{}", folder.join("desk.db").display())]);
    command.stderr(fs::File::create(&log).expect("a log file"));
    let _serving = Serving::of(command, log).await;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(folder.parent().expect("a folder"))), (0o700, 0o700));
    let files: Vec<_> = fs::read_dir(&folder).expect("a folder").flatten().collect();
    assert!(files.len() >= 4, "the file, its log, the log's index and the lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
}
