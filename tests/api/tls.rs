//! TLS: who is let in, by what certificate, and how another takes its place.

mod files;

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use reqwest::Version;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};

use crate::harness::*;

const EXPIRY: &str = "deskbridge_tls_certificate_expiry_timestamp_seconds";

async fn with(pair: &Pair) -> TestApp {
    TestApp::with(Options { tls: Some(pair.clone()), ..Options::default() }).await
}

fn address(app: &TestApp) -> String {
    app.url.trim_start_matches("https://").replace("localhost", "127.0.0.1")
}

/// Waits until the service has read so many changed certificates with this result.
async fn read(app: &TestApp, result: &str, times: u32) {
    let line = format!("deskbridge_tls_certificate_reloads_total{{result=\"{result}\"}} {times}\n");
    eventually(async || app.metrics().await.contains(&line).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_over_http_2_and_http_1_1() {
    let pair = Authority::new().pair();
    let app = with(&pair).await;
    app.accept(&created(1, "打印机离线")).await;
    let versions = async |client: reqwest::Client| {
        client.get(format!("{}/livez", app.url)).send().await.expect("an answer").version()
    };
    assert_eq!(versions(pair.client()).await, Version::HTTP_2);
    assert_eq!(versions(pair.builder().http1_only().build().expect("a client")).await, Version::HTTP_11);
    // Of 2999-01-01.
    assert!(app.metrics().await.contains(&format!("{EXPIRY}{{}} 32472144000\n")), "{}", app.metrics().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_trusts_another_authority_sends_nothing() {
    let app = with(&Authority::new().pair()).await;
    let stranger = Authority::new().pair().client();
    let refused = stranger.get(format!("{}/livez", app.url)).send().await.expect_err("no trust");
    assert!(refused.is_connect(), "{refused:?}");
}

/// What `openssl s_client` says, with a status that tells whether there was a handshake.
async fn openssl(app: &TestApp, flags: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &address(app), "-brief", "-cipher", "ALL:@SECLEVEL=0"])
        .args(flags)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("openssl runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn protocols_before_tls_1_2_are_refused() {
    let app = with(&Authority::new().pair()).await;
    for (flag, taken) in [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let (success, said) = openssl(&app, &[flag]).await;
        assert_eq!(success, taken, "{flag}: {said}");
        assert_eq!(said.contains("alert"), !taken, "{flag}: {said}");
    }
    let (_, said) = openssl(&app, &["-alpn", "http/1.1"]).await;
    assert!(said.contains("TLSv1.3"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_the_port_of_tls_is_told_off_and_costs_nobody_else_anything() {
    let app = with(&Authority::new().pair()).await;
    let mut plain = TcpStream::connect(address(&app)).await.expect("a connection");
    plain.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    // Whether the end comes as one or as a reset is the system's matter.
    plain.read_to_end(&mut answer).await.ok();
    // An alert of TLS (RFC 8446, section 6): fatal, and of a message that none of TLS begins with.
    assert_eq!(answer.first(), Some(&0x15), "{answer:?}");
    assert_eq!(answer.get(5), Some(&2), "{answer:?}");
    app.accept(&created(1, "打印机离线")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_shown_without_a_failed_request_or_a_closed_connection() {
    let authority = Authority::new();
    let app = Arc::new(with(&authority.pair()).await);
    let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    // One on a connection that lasts, one with a handshake for each request.
    let senders: Vec<_> = [usize::MAX, 0]
        .map(|idle| {
            let client = authority.pair().builder().pool_max_idle_per_host(idle).build().expect("a client");
            let (app, stop, answers) = (app.clone(), stop.clone(), answers.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let answer = send(client.get(app.path("/events")).bearer_auth(OPS_KEY)).await;
                    assert_eq!(answer.status, 200, "{}", answer.text);
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .into();
    for (times, year) in (1..=12).zip(2100..) {
        let before = answers.load(Ordering::Relaxed);
        authority.ending(year, 1, 1).write(app.folder.path());
        app.reload.notify_one();
        read(&app, "applied", times).await;
        eventually(async || (answers.load(Ordering::Relaxed) > before + 4).then_some(())).await;
    }
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.expect("every request was answered");
    }
    let (_, said) = openssl(&app, &[]).await;
    // 2111-01-01: the last of them.
    assert!(app.metrics().await.contains(&format!("{EXPIRY}{{}} 4449513600\n")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_certificate_leaves_the_pair_before_in_force_until_it_fits() {
    let (authority, other) = (Authority::new(), Authority::new());
    let app = with(&authority.pair()).await;
    let next = authority.pair();
    // The certificate comes first, and its key a good while later.
    Pair { key: other.pair().key, ..next.clone() }.write(app.folder.path());
    read(&app, "refused", 1).await;
    let fresh = authority.pair().client();
    assert_eq!(send(fresh.get(format!("{}/livez", app.url))).await.status, 200);
    next.write(app.folder.path());
    read(&app, "applied", 1).await;
    let fresh = authority.pair().client();
    assert_eq!(send(fresh.get(format!("{}/livez", app.url))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_is_told_in_the_log_and_a_refused_one_by_its_file() {
    let authority = Authority::new();
    let soon = authority.ending(2000, 1, 1);
    // Who looks after it has to get in, whatever its certificate is.
    let lenient = soon.builder().tls_danger_accept_invalid_certs(true).build().expect("a client");
    let process = Process::start(Options { tls: Some(soon), ..Options::default() }).await;
    assert!(process.log().contains("the certificate has ended"), "{}", process.log());
    let key = process.app.folder.path().join(TLS_KEY);
    let whole = std::fs::read_to_string(&key).expect("a file");
    std::fs::write(&key, "-----BEGIN").expect("a file");
    process.hang_up().await;
    let told = eventually(async || {
        process.log().lines().find(|line| line.contains("is refused")).map(str::to_owned)
    })
    .await;
    assert!(told.contains(TLS_KEY) && told.contains("no private key"), "{told}");
    // As it was: there is nothing to refuse.
    std::fs::write(&key, whole).expect("a file");
    process.hang_up().await;
    let ready = async || {
        let ready = send(lenient.get(format!("{}/readyz?verbose", process.app.url))).await;
        (!ready.text.contains("its files have changed")).then_some(())
    };
    eventually(ready).await;
    assert_eq!(process.log().matches("is refused").count(), 1, "{}", process.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_reach_a_service_over_tls() {
    let pair = Authority::new().pair();
    let app = with(&pair).await;
    app.accept(&created(1, "打印机离线")).await;
    let ca = app.folder.path().join("ca.pem");
    std::fs::write(&ca, &pair.authority).expect("a file");
    let run = async |args: &[&str], env: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbridge"));
        command.args(args).envs(env.iter().copied()).env("OPS", OPS_KEY).stdin(Stdio::null());
        let output = command.output().await.expect("it runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let list = ["events", "list", "--connection", "acme", "--key", "env:OPS", "--url", &app.url];
    let ca = ca.to_str().expect("text");
    let (code, text) = run(&[&list[..], &["--ca", ca]].concat(), &[]).await;
    assert!(code == Some(0) && text.contains("created-1"), "{text}");
    let (code, text) = run(&list, &[]).await;
    assert!(code == Some(1) && text.contains("--ca"), "{text}");
    assert_eq!(run(&["healthcheck", "--url", &app.url, "--ca", ca], &[]).await.0, Some(0));
    assert_eq!(run(&["healthcheck", "--url", &app.url], &[]).await.0, Some(1));
    assert_eq!(run(&["healthcheck", "--url", &app.url, "--insecure"], &[]).await.0, Some(0));
    // In its own container it is asked at an address that the certificate doesn't name.
    let inside = [("DESKBRIDGE_TLS_CERT", "tls.crt"), ("DESKBRIDGE_TLS_KEY", "tls.key")];
    assert_eq!(run(&["healthcheck", "--listen", &address(&app)], &inside).await, (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_without_its_key_is_refused_at_the_start() {
    let app = TestApp::start().await;
    let config = app.folder.path().join("deskbridge.yaml");
    let output = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
        .args(["serve", "--listen", "127.0.0.1:0", "--tls-cert", "tls.crt", "--config"])
        .arg(config)
        .arg("--store")
        .arg(format!("sqlite:{}", app.folder.path().join("another.db").display()))
        .output()
        .await
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("--tls-cert, DESKBRIDGE_TLS_KEY: TLS needs a certificate and its key: set both"),
        "{said}"
    );
}
