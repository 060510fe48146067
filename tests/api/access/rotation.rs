//! A key's secret is replaced while both are in use.

use crate::harness::*;

const NEW: &str = "wallboard-key-that-comes-after";

fn rotating(key: &str) -> Options {
    Options {
        ticketviews: "{ refresh_s: 60 }".into(),
        keys: format!("  - {{ name: screen, scopes: [read], {key} }}\n"),
        files: vec![("screen-new".into(), NEW.into())],
        ..Options::default()
    }
}

fn before() -> Options {
    rotating("secret: file:guest-key")
}

fn during() -> Options {
    rotating("secret: file:screen-new, secret_before: file:guest-key")
}

fn after() -> Options {
    rotating("secret: file:screen-new")
}

async fn reconfigure(app: &TestApp, options: &Options, times: u32) {
    write_config(app.folder.path(), &app.sandbox, options);
    app.applied(times).await;
}

async fn status(app: &TestApp, key: &str) -> u16 {
    send(app.client.get(app.path("/events")).bearer_auth(key)).await.status
}

/// What `/metrics` says of the key `screen`.
async fn used(app: &TestApp, secret: &str) -> Option<i64> {
    let name =
        format!("deskbridge_api_key_last_used_timestamp_seconds{{key=\"screen\",secret=\"{secret}\"}} ");
    app.metrics().await.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_open_the_key_until_the_old_one_is_taken_out() {
    let app = TestApp::with(before()).await;
    assert_eq!((status(&app, GUEST_KEY).await, status(&app, NEW).await), (200, 401));
    reconfigure(&app, &during(), 1).await;
    assert_eq!((status(&app, GUEST_KEY).await, status(&app, NEW).await), (200, 200));
    reconfigure(&app, &after(), 2).await;
    assert_eq!((status(&app, GUEST_KEY).await, status(&app, NEW).await), (401, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_tell_when_each_secret_was_last_used_and_forget_none_by_a_rotation() {
    let app = TestApp::with(before()).await;
    assert_eq!((used(&app, "current").await, used(&app, "before").await), (Some(0), None));
    let asked = now();
    status(&app, GUEST_KEY).await;
    let first = used(&app, "current").await.expect("the secret");
    assert!((asked..=now()).contains(&first), "{first}");
    reconfigure(&app, &during(), 1).await;
    // The secret that was the current one is the one before, and was used when it was.
    assert_eq!((used(&app, "current").await, used(&app, "before").await), (Some(0), Some(first)));
    status(&app, NEW).await;
    assert!(used(&app, "current").await >= Some(first));
    assert_eq!(used(&app, "before").await, Some(first));
    reconfigure(&app, &after(), 2).await;
    assert_eq!(used(&app, "before").await, None);
    assert!(used(&app, "current").await >= Some(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_keys_requests_is_counted_under_its_name() {
    let app = TestApp::with(before()).await;
    for _ in 0..3 {
        status(&app, GUEST_KEY).await;
    }
    let order = app.client.post(app.path("/events/1/replay")).bearer_auth(GUEST_KEY);
    send(order).await.assert_problem(403, "forbidden");
    status(&app, "screen-key-that-nobody-has").await;
    let metrics = app.metrics().await;
    for (result, count) in [("allowed", 3), ("forbidden", 1), ("rate_limited", 0)] {
        let line =
            format!("deskbridge_api_key_requests_total{{key=\"screen\",result=\"{result}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert!(!metrics.contains("screen-key-that"), "{metrics}");
    reconfigure(&app, &during(), 1).await;
    let line = "deskbridge_api_key_requests_total{key=\"screen\",result=\"allowed\"} 3\n";
    assert!(app.metrics().await.contains(line), "it goes on from where it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_and_a_token_live_as_long_as_the_secret_that_they_were_opened_by() {
    let app = TestApp::with(during()).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    let open = async |key: &str| {
        let stream = app.client.get(app.path("/ticketviews/stream")).bearer_auth(key);
        Events::open(stream.timeout(std::time::Duration::MAX)).await
    };
    let token = async |key: &str| {
        let made = send(app.client.post(app.path("/ticketviews/stream/tokens")).bearer_auth(key)).await;
        made.str("/token").to_owned()
    };
    let by_token = async |token: &str| {
        let url = app.path(&format!("/ticketviews/stream?token={token}"));
        app.client.get(url).send().await.expect("an answer").status().as_u16()
    };
    let (by_old, by_new) = (open(GUEST_KEY).await, open(NEW).await);
    let (old, new) = (token(GUEST_KEY).await, token(NEW).await);
    assert_eq!((by_token(&old).await, by_token(&new).await), (200, 200));
    reconfigure(&app, &after(), 1).await;
    assert_eq!(by_old.ended().await, vec![]);
    assert_eq!((by_token(&old).await, by_token(&new).await), (401, 200));
    drop(by_new);
}
