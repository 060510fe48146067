//! What can be wrong with a certificate's files: told by `check`, by a start that is refused, and by a service that keeps the
//! certificate before, in the same words.

use base64::{Engine, prelude::BASE64_STANDARD};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tempfile::TempDir;
use x509_cert::{
    Certificate, Version,
    der::{Decode, Encode},
};

use crate::harness::*;

/// What `openssl` prints of a key that it was asked to write otherwise.
async fn openssl(key: &str, args: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    std::fs::write(&file, key).expect("a file");
    let mut command = tokio::process::Command::new("openssl");
    command.args(args).arg("-in").arg(&file).kill_on_drop(true);
    let output = run_to_end(command).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("PEM")
}

/// The certificate as `openssl x509 -req` made it before version 3.4. Its signature is that of another, which nobody looks at.
fn of_version_1(cert: &str) -> String {
    let whole = CertificateDer::from_pem_slice(cert.as_bytes()).expect("a certificate");
    let mut certificate = Certificate::from_der(&whole).expect("a certificate");
    certificate.tbs_certificate.version = Version::V1;
    certificate.tbs_certificate.extensions = None;
    let base64 = BASE64_STANDARD.encode(certificate.to_der().expect("a certificate"));
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

/// A key on a curve that the TLS library doesn't know (`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521`).
const P_521: &str = "\
-----BEGIN PRIVATE KEY-----
MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIBlaUoAg6yTeZyJMMj
Q+ipNQQsxgiZtSEvqh7m+dykzo/EdbxQlQLJE0eyUDIK5gpMrMQnLDKFepUkFdTl
bkOPDnKhgYkDgYYABAA/Xhj4HnRlh0KcjIUXKAZ70qy1030IPJa9NsPtHulzuLlh
lvawaTZ0/9XoaXezH8OwCZSzK37x0MEirc/b2AJc8wDgdKiNvNGiFgQ8369J0XYq
ZzcfteCZBxVCriKjxpcHSehkvia3hQ9b5Rn5pJCL8se4t4iY7ZQRr5zdkyX9O6wd
xA==
-----END PRIVATE KEY-----
";

/// Files that are no good, and what has to be said of them.
async fn broken() -> Vec<(Pair, &'static [&'static str])> {
    let (authority, stranger) = (Authority::new(), Authority::new().pair());
    let good = authority.pair();
    let cert = |cert: String| Pair { cert, ..good.clone() };
    let key = |key: String| Pair { key, ..good.clone() };
    let encrypted = ["pkey", "-aes256", "-passout", "pass:geheim"];
    let old = ["ec", "-aes256", "-passout", "pass:geheim"];
    vec![
        (cert(String::new()), &[TLS_CERT, "no certificate", "BEGIN CERTIFICATE"]),
        (cert("不是证书".into()), &[TLS_CERT, "no certificate"]),
        (cert(good.key.clone()), &[TLS_CERT, "swapped"]),
        (cert(good.cert.replace("-----END", "----END")), &[TLS_CERT, "PEM"]),
        (cert(good.cert.replace("MII", "AII")), &[TLS_CERT, "holds is no certificate"]),
        (cert(of_version_1(&good.cert)), &[TLS_CERT, "X.509 version 1", "subjectAltName"]),
        (key(P_521.to_owned()), &[TLS_KEY, "of a kind that isn't used here", "P-256"]),
        (key(String::new()), &[TLS_KEY, "no private key"]),
        (key(good.cert.clone()), &[TLS_KEY, "no private key"]),
        (key(openssl(&good.key, &encrypted).await), &[TLS_KEY, "encrypted", "openssl pkey"]),
        (key(openssl(&good.key, &old).await), &[TLS_KEY, "encrypted"]),
        (key(stranger.key), &[TLS_KEY, "is not the key of the certificate in", TLS_CERT]),
        (
            cert(format!("{}{}", good.authority, good.cert)),
            &[TLS_CERT, TLS_KEY, "at place 2", "put it first"],
        ),
        (authority.ending(2001, 2, 3), &[TLS_CERT, "has ended on 2001-02-03T00:00:00Z", "renew"]),
        (authority.beginning(2200, 1, 1), &[TLS_CERT, "good from 2200-01-01T00:00:00Z only"]),
    ]
}

fn assert_told(said: &str, words: &[&str], of: &Pair) {
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
    let secret = of.key.lines().nth(1).filter(|line| !line.is_empty());
    assert!(secret.is_none_or(|line| !said.contains(line)), "nothing of the key is told: {said}");
}

/// `check` of a configuration that is good, with these files.
async fn check(folder: &TempDir, pair: &Pair) -> (Option<i32>, String) {
    let (cert, key) = (pair.write(folder.path()), folder.path().join(TLS_KEY));
    let mut command = deskbridge(&["check", "--config"]);
    command.arg(folder.path().join("deskbridge.yaml")).arg("--tls-cert").arg(cert).arg("--tls-key").arg(key);
    let output = run_to_end(command).await;
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_of_each_broken_certificate_what_is_wrong_and_of_a_good_one_when_it_ends() {
    let app = TestApp::start().await;
    for (pair, words) in broken().await {
        let (code, said) = check(&app.folder, &pair).await;
        assert_eq!(code, Some(1), "{said}");
        assert_told(&said, words, &pair);
    }
    let good = Authority::new().pair();
    let whole = Pair { cert: format!("{}{}", good.cert, good.authority), ..good };
    let (code, said) = check(&app.folder, &whole).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("tls.crt: good until 2999-01-01T00:00:00Z"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_certificate_is_refused_at_the_start_and_one_that_has_ended_is_shown() {
    let app = TestApp::start().await;
    let folder = &app.folder;
    for (pair, words) in broken().await {
        // It is better than none, and the log says so.
        if words.iter().any(|word| word.contains("has ended") || word.contains("good from")) {
            continue;
        }
        let (cert, key) = (pair.write(folder.path()), folder.path().join(TLS_KEY));
        let store = format!("sqlite:{}", folder.path().join("another.db").display());
        let mut command = deskbridge(&["serve", "--listen", "127.0.0.1:0", "--store", &store, "--config"]);
        command.arg(folder.path().join("deskbridge.yaml"));
        command.arg("--tls-cert").arg(cert).arg("--tls-key").arg(key);
        let output = run_to_end(command).await;
        let said = String::from_utf8(output.stderr).expect("text");
        assert!(!output.status.success(), "{said}");
        assert_told(&said, words, &pair);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_certificate_leaves_the_one_before_and_readyz_says_why_until_it_is_mended() {
    let authority = Authority::new();
    let app = TestApp::with(Options { tls: Some(authority.pair()), ..Options::default() }).await;
    assert_eq!(standing(&app).await, (true, "shown until 2999-01-01T00:00:00Z".to_owned()));
    for (pair, words) in broken().await {
        pair.write(app.folder.path());
        app.reload.notify_one();
        let told = eventually(async || {
            let (ok, detail) = standing(&app).await;
            (!ok && words.iter().all(|word| detail.contains(word))).then_some(detail)
        })
        .await;
        assert!(told.starts_with("shown until 2999-01-01T00:00:00Z; its files have changed"), "{told}");
        assert_told(&told, words, &pair);
    }
    authority.ending(2998, 1, 1).write(app.folder.path());
    app.reload.notify_one();
    eventually(async || {
        (standing(&app).await == (true, "shown until 2998-01-01T00:00:00Z".into())).then_some(())
    })
    .await;
}

/// What `/readyz` says of the certificate. It is ready whatever that is.
async fn standing(app: &TestApp) -> (bool, String) {
    let ready = send(app.client.get(format!("{}/readyz?verbose", app.url))).await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    let checks = ready.json["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["name"] == "certificate").expect("one of the certificate");
    (check["ok"].as_bool().expect("a word"), check["detail"].as_str().expect("a text").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_nothing_is_said_of_a_certificate() {
    let app = TestApp::start().await;
    let ready = send(app.client.get(format!("{}/readyz?verbose", app.url))).await;
    assert!(ready.text.contains("\"store\"") && !ready.text.contains("certificate"), "{}", ready.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_two_weeks_before_its_end_a_certificate_is_warned_of_and_not_earlier() {
    for (days, warned) in [(13, true), (16, false)] {
        let end = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let end = end.checked_add(jiff::Span::new().days(days)).expect("a day");
        let [month, day] = [end.month(), end.day()].map(i8::unsigned_abs);
        let pair = Authority::new().ending(end.year().into(), month, day);
        let process = Process::start(Options { tls: Some(pair), ..Options::default() }).await;
        let log = process.log();
        assert_eq!(log.contains("the certificate ends soon"), warned, "{log}");
        assert_eq!(log.contains(&format!("{end}T00:00:00Z")), warned, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_out_of_order_is_shown_and_told_at_the_start_at_a_change_and_by_check() {
    const TOLD: &str = "certificate 2 did not sign the one before it";
    let (good, stranger) = (Authority::new().pair(), Authority::new().pair());
    let cert = format!("{}{}{}", good.cert, stranger.authority, good.authority);
    let disordered = Pair { cert, ..good.clone() };
    let options = Options { tls: Some(disordered.clone()), ..Options::default() };
    let process = Process::start(options).await;
    assert!(process.log().contains(TOLD), "{}", process.log());
    let app = &process.app;
    let (ok, detail) = standing(app).await;
    assert!(ok && detail.contains(TOLD), "{detail}");
    let (code, said) = check(&app.folder, &disordered).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("tls.crt: warning: ") && said.contains(TOLD), "{said}");
    good.write(app.folder.path());
    process.hang_up().await;
    eventually(async || (!standing(app).await.1.contains(TOLD)).then_some(())).await;
    disordered.write(app.folder.path());
    process.hang_up().await;
    eventually(async || {
        let (ok, detail) = standing(app).await;
        (ok && detail.contains(TOLD)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_written_otherwise_in_two_certificates_of_a_chain_is_the_same() {
    let app = TestApp::start().await;
    let good = Authority::pair_of_name_written_otherwise();
    let (code, said) =
        check(&app.folder, &Pair { cert: format!("{}{}", good.cert, good.authority), ..good }).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("did not sign"), "{said}");
}
