//! How often a key, and the senders of a connection, may call.

use reqwest::RequestBuilder;

use crate::harness::*;

const BURST: usize = 5;
/// Requests of a test: more than a second's worth of a slow machine may let through beside the burst.
const MANY: usize = 60;

fn limited(scopes: &str, limit: &str) -> Options {
    Options {
        workers: 0,
        ticketviews: "{ refresh_s: 60 }".into(),
        keys: format!("  - {{ name: guest, scopes: [{scopes}], secret: file:guest-key, limit: {limit} }}\n"),
        ..Options::default()
    }
}

const SLOW: &str = "{ requests_per_second: 1, burst: 5 }";

fn read(app: &TestApp, path: &str, key: &str) -> RequestBuilder {
    app.client.get(app.path(path)).bearer_auth(key)
}

/// Asks again and again; the answers that let it in, and those that didn't.
async fn many(make: impl Fn() -> RequestBuilder) -> (Vec<Answer>, Vec<Answer>) {
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        let answer = send(make()).await;
        if answer.status == 429 { refused.push(answer) } else { taken.push(answer) }
    }
    (taken, refused)
}

fn assert_come_again(answer: &Answer) {
    let seconds: u64 = answer.header("retry-after").parse().expect("whole seconds");
    assert!((1..=10).contains(&seconds), "{seconds}");
}

async fn counted(app: &TestApp, result: &str) -> usize {
    let name = format!("deskbridge_api_key_requests_total{{key=\"guest\",result=\"{result}\"}} ");
    let metrics = app.metrics().await;
    metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok()).expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_beyond_its_limit_is_told_when_to_come_again_and_nobody_else_is() {
    let app = TestApp::with(limited("read", SLOW)).await;
    let (taken, refused) = many(|| read(&app, "/events", GUEST_KEY)).await;
    assert!((BURST..MANY).contains(&taken.len()), "{}", taken.len());
    for answer in &refused {
        answer.assert_problem(429, "rate_limited");
        assert_come_again(answer);
    }
    assert_eq!(send(read(&app, "/events", WALL_KEY)).await.status, 200);
    eventually(async || (send(read(&app, "/events", GUEST_KEY)).await.status == 200).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_counts_once_whether_its_answer_lies_prepared_or_not() {
    let app = TestApp::with(limited("read", SLOW)).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    let (mut taken, mut refused) = (0, 0);
    for path in ["/ticketviews/15", "/ticketviews/15?as_of=2020-01-01T00:00:00Z", "/ticketviews/none"] {
        let (some, others) = many(|| read(&app, path, GUEST_KEY)).await;
        (taken, refused) = (taken + some.len(), refused + others.len());
        others.iter().for_each(|answer| answer.assert_problem(429, "rate_limited"));
        assert_eq!((counted(&app, "allowed").await, counted(&app, "rate_limited").await), (taken, refused));
    }
    assert!(refused > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_bangwo8s_shape_is_refused_in_it() {
    let app = TestApp::with(limited("read", SLOW)).await;
    let url = app.path("/bangwo8/api/v1/ticketviews.json");
    let (_, refused) = many(|| app.client.get(&url).basic_auth("li.na@acme.example", Some(GUEST_KEY))).await;
    let answer = refused.first().expect("a refusal");
    assert_eq!((answer.str("/errcode"), answer.header("content-type")), ("429", "application/json"));
    assert!(answer.str("/errmsg").contains("Retry-After"), "{}", answer.text);
    assert_come_again(answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_beyond_a_keys_limit_are_not_stored_and_the_same_are_taken_later() {
    let app = TestApp::with(limited("ingest", SLOW)).await;
    let post =
        |id: u64| app.client.post(app.path("/events")).bearer_auth(GUEST_KEY).json(&created(id, "限速"));
    let mut stored = Vec::new();
    let mut refused = Vec::new();
    for id in 1..=MANY as u64 {
        let answer = send(post(id)).await;
        if answer.status == 429 { refused.push((id, answer)) } else { stored.push(format!("created-{id}")) }
    }
    assert!(!stored.is_empty());
    stored.reverse();
    assert_eq!(app.stored().await, stored);
    let (id, answer) = refused.first().expect("a refusal");
    answer.assert_problem(429, "rate_limited");
    assert_come_again(answer);
    assert!(app.metrics().await.contains("deskbridge_events_refused_total{code=\"rate_limited\"}"));
    eventually(async || (send(post(*id)).await.str("/status") == "accepted").then_some(())).await;
    // A signature is no use of the key.
    assert_eq!(app.post(&created(1000, "签名")).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_stays_the_same_is_not_renewed_by_another_configuration() {
    // So slow that nothing comes back while the test runs: of the burst is gone what is gone.
    let slow = |more: &str| {
        let mut options = limited("read", "{ requests_per_second: 1, burst: 300 }");
        options.keys += more;
        options
    };
    let app = TestApp::with(slow("")).await;
    let used_up = async || {
        let mut taken = 0;
        while send(read(&app, "/lanes", GUEST_KEY)).await.status == 200 {
            taken += 1;
        }
        taken
    };
    assert!(used_up().await >= 300);
    let other = "  - { name: other, scopes: [read], secret: file:other }\n";
    std::fs::write(app.folder.path().join("other"), "another-key-for-another-one").expect("a file");
    write_config(app.folder.path(), &app.sandbox, &slow(other));
    app.applied(1).await;
    let again = used_up().await;
    assert!(again < 200, "{again} of 300 were there again");
    let wider = limited("read", "{ requests_per_second: 2, burst: 300 }");
    write_config(app.folder.path(), &app.sandbox, &wider);
    app.applied(2).await;
    assert!(used_up().await >= 300, "another limit begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_of_a_connection_have_a_limit_that_only_a_proof_uses_up() {
    let app = TestApp::with(Options { workers: 0, limit: SLOW.into(), ..Options::default() }).await;
    for _ in 0..MANY {
        let forged = created(1, "伪造").to_string();
        let request = app.client.post(app.path("/events")).header("content-type", "application/json");
        let answer =
            send(signed(request, b"a key that nobody gave this connection", now(), forged.as_bytes())).await;
        answer.assert_problem(401, "invalid_signature");
    }
    let body = created(1, "限速").to_string();
    let (taken, refused) = many(|| app.signed(body.as_bytes())).await;
    assert!((BURST..MANY).contains(&taken.len()), "none was used up before: {}", taken.len());
    let answer = refused.first().expect("a refusal");
    answer.assert_problem(429, "rate_limited");
    assert_come_again(answer);
    assert_eq!(app.stored().await, ["created-1"]);
    // A batch is one request.
    let batch = serde_json::json!([]).to_string();
    let posted = async || {
        let request = app.client.post(app.path("/events"));
        let request = request.header("content-type", "application/cloudevents-batch+json");
        send(request.bearer_auth(FLOW_KEY).body(batch.clone())).await.status
    };
    eventually(async || (posted().await == 202).then_some(())).await;
}
