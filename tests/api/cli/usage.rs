//! Help, wrong usage, and the health check.

use crate::harness::*;

const COMMANDS: [&str; 8] = ["serve", "demo", "sandbox", "check", "read", "mapping", "events", "healthcheck"];

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
        let mut command = deskbridge(&["check"]);
        command.env(name, value);
        let output = run_to_end(command).await;
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{name}: {err}");
        assert!(err.contains("DESKBRIDGE_"), "{err}");
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
