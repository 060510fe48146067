//! Help, wrong usage, and the health check.

use std::fs;

use crate::harness::*;

const COMMANDS: [&str; 10] =
    ["serve", "demo", "sandbox", "check", "read", "mapping", "events", "openapi", "asyncapi", "healthcheck"];

async fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run_to_end(deskbridge(arguments)).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_help_of_each_command_has_an_example() {
    let (code, help, _) = run(&["--help"]).await;
    assert_eq!(code, Some(0));
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
        let (code, help, _) = run(&[command, "--help"]).await;
        assert_eq!(code, Some(0));
        assert!(help.contains(&format!("Example: deskbridge {command}")), "{help}");
    }
}

#[tokio::test]
async fn wrong_usage_exits_with_2_and_says_so_on_standard_error() {
    let wrong: [&[&str]; 6] = [
        &[],
        &["sevre"],
        &["serve", "--lisen", "127.0.0.1:0"],
        &["serve", "--listen", "nowhere"],
        &["serve", "--workers", "many"],
        &["check", "--config"],
    ];
    for arguments in wrong {
        let (code, out, err) = run(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {err}");
        assert!(out.is_empty() && !err.is_empty(), "{arguments:?}: {out}");
    }
}

#[tokio::test]
async fn a_setting_of_the_environment_that_can_not_be_read_exits_with_2() {
    for (name, value) in
        [("DESKBRIDGE_WORKERS", "many"), ("DESKBRIDGE_LISTEN", "8080"), ("DESKBRIDGE_LOG_FORMAT", "xml")]
    {
        let mut command = deskbridge(&["serve"]);
        command.env(name, value);
        let output = run_to_end(command).await;
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(&format!("environment: error: {name} must be")), "{said}");
    }
}

#[tokio::test]
async fn a_range_that_nothing_can_be_in_is_wrong_usage() {
    let range = ["--since", "2026-11-02T00:00:00+08:00", "--until", "2026-11-01T16:00:00Z"];
    let same = "--since (2026-11-01T16:00:00Z) must be before --until (2026-11-01T16:00:00Z)";
    for command in [
        &["audit"][..],
        &["events", "list", "--connection", "acme"],
        &["events", "lanes", "--connection", "acme"],
        &["events", "replay", "--connection", "acme"],
        &["events", "discard", "--connection", "acme"],
    ] {
        let mut run = deskbridge(&[command, &range].concat());
        run.env("DESKBRIDGE_KEY", "a-key-of-more-than-16-characters");
        let output = run_to_end(run).await;
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), err), (Some(2), format!("deskbridge: {same}\n")), "{command:?}");
    }
}

#[tokio::test]
async fn an_address_without_its_scheme_is_told_what_it_begins_with() {
    for command in [&["healthcheck"][..], &["events", "list", "--connection", "acme"], &["audit"]] {
        for address in ["127.0.0.1:8080", "localhost:8080", "ftp://127.0.0.1"] {
            let (code, _, err) = run(&[command, &["--url", address]].concat()).await;
            assert_eq!(code, Some(2), "{command:?}: {err}");
            assert!(err.contains("an address begins with http:// or https://"), "{command:?}: {err}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn healthcheck_tells_a_ready_service_from_none() {
    let app = TestApp::start().await;
    let address = app.url.trim_start_matches("http://");
    let (code, _, err) = run(&["healthcheck", "--listen", address]).await;
    assert_eq!(code, Some(0), "{err}");
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    assert_eq!(run(&["healthcheck", "--listen", &everywhere]).await.0, Some(0));
    assert_eq!(run(&["healthcheck", "--url", &format!("{}/", app.url)]).await.0, Some(0));
    let nowhere = free_address();
    for asked in [["--listen", &nowhere], ["--url", &format!("http://{nowhere}")]] {
        let (code, _, err) = run(&["healthcheck", asked[0], asked[1]]).await;
        assert_eq!((code, err), (Some(1), format!("deskbridge: nothing answers on http://{nowhere}\n")));
    }
    // Something answers, but it isn't ready: the simulator knows no such path.
    let other = app.sandbox.bangwo8_url();
    let (code, _, err) = run(&["healthcheck", "--listen", other.trim_start_matches("http://")]).await;
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("is not ready: "), "{err}");
}

#[tokio::test]
async fn a_list_of_subjects_is_refused_before_any_of_them_is_erased() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("名单.txt");
    fs::write(&list, "张三\n\nzhang.san@example.com\n").expect("a file");
    let mut erase = deskbridge(&["events", "erase", "--connection", "acme", "--subject", "-", "--yes"]);
    erase.env("DESKBRIDGE_KEY", "a-key-of-more-than-16-characters");
    erase.stdin(fs::File::open(&list).expect("the file"));
    let output = run_to_end(erase).await;
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("standard input has 2 lines: give one subject"), "{said}");
}
