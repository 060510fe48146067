//! Changes of ticket views, posted to subscribers.

mod official;
mod receiver;

use std::{collections::BTreeSet, net::TcpListener};

use deskbridge::store::Store;
use reqwest::Method;
use serde_json::{Value, json};

use self::receiver::{Message, Receiver};
use crate::harness::*;

/// A ticket of the seed data, which view 2 has.
const TICKET: u64 = 5_237_431;

/// Options with one subscriber, `wallboard`, to view 2.
fn subscribed(url: &str) -> Options {
    let more = "views: [2], retry: { first_wait_ms: 10, longest_wait_ms: 50, max_attempts: 1000000 }";
    Options {
        ticketviews: format!(
            "{{ refresh_s: 1, subscribers: [{{ name: wallboard, url: \"{url}\", secret: file:signing, {more} }}] }}"
        ),
        webhook_allow: "127.0.0.0/8".into(),
        ..Options::default()
    }
}

/// A service whose subscriber is this receiver.
async fn told(receiver: &Receiver) -> TestApp {
    let app =
        TestApp::with(subscribed(&format!("http://127.0.0.1:{}/hook/t0ken?key=t0ken", receiver.port))).await;
    until_read(&app).await;
    app
}

async fn until_read(app: &TestApp) {
    eventually(async || (app.get("/ticketviews/2/tickets").await.status == 200).then_some(())).await;
}

impl TestApp {
    /// Changes the subject of a ticket at the vendor.
    async fn rename(&self, ticket: u64, subject: &str) {
        let answer =
            self.control(Method::POST, &format!("tickets/{ticket}"), &json!({ "subject": subject })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// GET below the subscriber's name in the journal.
    async fn of_subscriber(&self, path: &str) -> Answer {
        let url = format!("{}/v1/connections/acme.wallboard{path}", self.url);
        send(self.client.get(url).bearer_auth(OPS_KEY)).await
    }

    /// The first event of the subscriber with a status and a reason's code, once there is one.
    async fn event_with(&self, status: &str, code: &str) -> Value {
        eventually(async || {
            let list = self.of_subscriber(&format!("/events?status={status}&code={code}")).await;
            list.json["events"].as_array()?.last().cloned()
        })
        .await
    }

    /// The ids of all events of the subscriber, newest first, once they have come to rest.
    async fn settled_events(&self) -> Vec<i64> {
        eventually(async || {
            let list = self.of_subscriber("/events?limit=500").await;
            let events = list.json["events"].as_array()?;
            let id =
                |event: &Value| event["id"].as_str()?.parse().ok().filter(|_| event["status"] == "delivered");
            events.iter().map(id).collect()
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_posted_signed_and_recorded_as_any_event_is() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    app.rename(TICKET, "改了标题").await;
    let message = receiver.until(|message| message.tells_of(TICKET)).await;
    assert!(message.is_signed_by(SIGNING_KEY) && !message.is_signed_by(SIGNING_KEY_BEFORE));
    assert_eq!(
        (message.path.as_str(), &message.headers["content-type"]),
        ("/hook/t0ken?key=t0ken", &"application/json".parse().unwrap())
    );
    assert!(!message.id().contains('.'), "the signature separates by full stops");
    let body = &message.body;
    assert_eq!((&body["type"], &body["connection"]), (&json!("ticketview.changed"), &json!("acme")));
    assert_eq!(body["data"]["changed"], json!([{ "id": TICKET, "fields": ["subject", "updated_at"] }]));
    assert_eq!(body["data"]["ticketview_id"], 2);
    assert_eq!(body["id"], message.cursor().to_string());

    let id = message.cursor();
    let record = eventually(async || {
        let record = app.of_subscriber(&format!("/events/{id}")).await;
        (record.str("/status") == "delivered").then_some(record)
    })
    .await;
    assert_eq!((record.str("/lane"), record.str("/verified_by")), ("ticketview:2", "ticketviews"));
    assert_eq!(record.json["target"], json!({ "kind": "message", "id": message.id() }));
    let call = &record.json["attempts"][0]["calls"][0];
    let origin = format!("http://127.0.0.1:{}", receiver.port);
    assert_eq!(
        (&call["method"], &call["path"], &call["status"]),
        (&json!("POST"), &json!(origin), &json!(200))
    );
    let explained = app.of_subscriber(&format!("/events/{id}/explain")).await;
    assert_eq!((explained.status, &explained.json["mapping"]), (200, &Value::Null), "{}", explained.text);
    assert_eq!(explained.str("/received/body"), String::from_utf8(message.bytes).unwrap());
    assert!(!record.text.contains("t0ken") && !explained.text.contains("t0ken"));

    let listed = app.get("/ticketviews/subscribers").await;
    let wallboard = &listed.json["subscribers"][0];
    assert_eq!((&wallboard["name"], &wallboard["origin"]), (&json!("wallboard"), &json!(origin)));
    assert_eq!((&wallboard["views"], &wallboard["dead"]), (&json!([2]), &json!(0)));
    assert!(wallboard["last_delivered_at"].is_string() && !listed.text.contains("t0ken"), "{}", listed.text);
    let metrics = app.metrics().await;
    assert!(
        metrics.contains("deskbridge_deliveries_total{connection=\"acme.wallboard\",result=\"delivered\"}")
    );
    assert!(!metrics.contains("t0ken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_down_hears_of_every_change_later_in_its_order_and_once() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    receiver.answers(503);
    for subject in ["一", "二", "三"] {
        let cursor = app.get("/ticketviews/2/tickets").await.json["cursor"].as_i64().expect("a cursor");
        app.rename(TICKET, subject).await;
        eventually(async || {
            let tickets = app.get("/ticketviews/2/tickets").await;
            (tickets.json["cursor"].as_i64() > Some(cursor)).then_some(())
        })
        .await;
    }
    let waiting = eventually(async || {
        let listed = app.get("/ticketviews/subscribers").await;
        listed.json["subscribers"][0]["waiting"].as_u64().filter(|waiting| *waiting >= 3)
    })
    .await;
    receiver.answers(200);
    let ids = app.settled_events().await;
    assert!(ids.len() as u64 >= waiting);
    let cursors: Vec<i64> = receiver.taken().iter().map(|message| message.cursor()).collect();
    assert_eq!(cursors, ids.iter().rev().copied().collect::<Vec<_>>(), "each once, the oldest first");
    assert!(receiver.messages().iter().all(|message| message.is_signed_by(SIGNING_KEY)));
    let refused =
        receiver.messages().into_iter().find(|message| message.status == 503).expect("a refused one");
    let again = receiver.taken().into_iter().find(|message| message.cursor() == refused.cursor()).unwrap();
    assert_eq!((again.id(), &again.bytes), (refused.id(), &refused.bytes), "a receiver can know it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_keys_sign_while_a_receiver_changes_over() {
    let receiver = Receiver::start();
    let url = format!("http://127.0.0.1:{}/", receiver.port);
    let mut options = subscribed(&url);
    options.ticketviews =
        options.ticketviews.replace("file:signing,", "file:signing, secret_before: file:signing-before,");
    let app = TestApp::with(options).await;
    until_read(&app).await;
    app.rename(TICKET, "换钥匙").await;
    let message = receiver.until(|message| message.tells_of(TICKET)).await;
    assert!(message.is_signed_by(SIGNING_KEY) && message.is_signed_by(SIGNING_KEY_BEFORE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_nothing_and_doubles_nothing_even_if_it_forgot_how_far_it_was() {
    let receiver = Receiver::start();
    let options = subscribed(&format!("http://127.0.0.1:{}/", receiver.port));
    let app = TestApp::with(Options { workers: 0, ..options.clone() }).await;
    until_read(&app).await;
    app.rename(TICKET, "没人投递").await;
    // Made, and delivered by nobody.
    eventually(async || {
        let list = app.of_subscriber("/events?status=accepted").await;
        list.text.contains("ticketview.changed").then_some(())
    })
    .await;
    let mut app = app.restart_with(options.clone()).await;
    receiver.until(|message| message.tells_of(TICKET)).await;
    let before = app.settled_events().await;

    // As if it had died after the events were written, and before it was written how far it had come.
    app.stop().await;
    let file = app.folder.path().join("deskbridge.db");
    let store = Store::open(&format!("sqlite:{}", file.display()), jiff::Timestamp::now()).await.unwrap();
    store.put_cursor("acme", "webhooks/wallboard", "0", jiff::Timestamp::now()).await.unwrap();
    store.close();
    let app = app.restart_with(options).await;
    app.rename(TICKET, "之后").await;
    let newest = before.iter().max().copied().unwrap_or_default();
    receiver.until(|message| message.tells_of(TICKET) && message.cursor() > newest).await;
    let after = app.settled_events().await;
    assert!(after.ends_with(&before), "{after:?} goes on from {before:?}");
    let cursors: Vec<i64> = receiver.taken().iter().map(|message| message.cursor()).collect();
    assert_eq!(cursors.iter().collect::<BTreeSet<_>>().len(), cursors.len(), "none twice: {cursors:?}");
    let mut told: Vec<i64> = after;
    told.sort_unstable();
    assert_eq!(cursors, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_wants_no_more_leaves_dead_letters_that_can_be_replayed() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    receiver.answers(410);
    app.rename(TICKET, "不要了").await;
    let dead = app.event_with("dead", "gone").await;
    assert!(dead["reason"]["message"].as_str().unwrap().contains("take the subscriber out"), "{dead}");
    assert_eq!(app.get("/ticketviews/subscribers").await.json["subscribers"][0]["dead"], 1);
    assert_eq!(app.of_subscriber("/lanes").await.json["lanes"], json!([]), "later changes don't wait for it");
    receiver.answers(200);
    let url = format!("{}/v1/connections/acme.wallboard/dead-letters/replay", app.url);
    let replayed = send(app.client.post(url).bearer_auth(OPS_KEY).json(&json!({ "filter": {} }))).await;
    assert_eq!(replayed.json, json!({ "replayed": 1 }), "{}", replayed.text);
    receiver.until(|message| message.status == 200 && message.body["id"] == dead["id"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_subscriber_that_was_taken_out_can_be_seen_and_cleared_away() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    receiver.answers(410);
    app.rename(TICKET, "不再订阅").await;
    let id = app.event_with("dead", "gone").await["id"].as_str().expect("an id").to_owned();
    let without = Options { ticketviews: "{ refresh_s: 1 }".into(), ..Options::default() };
    let app = app.restart_with(without).await;
    assert_eq!(app.event_with("dead", "gone").await["id"], id.as_str());
    let url = format!("{}/v1/connections/acme.wallboard/events/{id}", app.url);
    send(app.client.post(format!("{url}/discard"))).await.assert_problem(401, "unauthorized");
    let discarded = send(app.client.post(format!("{url}/discard")).bearer_auth(OPS_KEY)).await;
    assert_eq!((discarded.status, discarded.str("/status")), (200, "discarded"), "{}", discarded.text);
    let url = url.replace("wallboard", "nobody");
    send(app.client.get(url).bearer_auth(OPS_KEY)).await.assert_problem(404, "unknown_connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_taken_out_and_is_put_back_hears_of_what_comes_after() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    let with = subscribed(&format!("http://127.0.0.1:{}/", receiver.port));
    let app = app.restart_with(Options { ticketviews: "{ refresh_s: 1 }".into(), ..with.clone() }).await;
    until_read(&app).await;
    let cursor =
        async |app: &TestApp| app.get("/ticketviews/2/tickets").await.json["cursor"].as_i64().unwrap();
    let before = cursor(&app).await;
    app.rename(TICKET, "没有人订阅").await;
    eventually(async || (cursor(&app).await > before).then_some(())).await;
    let unheard = cursor(&app).await;
    let app = app.restart_with(with).await;
    until_read(&app).await;
    app.rename(TICKET, "又有人订阅").await;
    receiver.until(|message| message.tells_of(TICKET) && message.cursor() > unheard).await;
    let told: Vec<i64> = receiver.taken().iter().map(Message::cursor).collect();
    assert!(told.iter().all(|cursor| *cursor <= before || *cursor > unheard), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    receiver.redirects_to(format!("http://127.0.0.1:{}/", elsewhere.port));
    let app = told(&receiver).await;
    app.rename(TICKET, "转走").await;
    let event = app.event_with("retrying", "redirected").await;
    assert!(event["reason"]["message"].as_str().unwrap().contains("302, a redirect"), "{event}");
    assert!(elsewhere.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_waited_for() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    receiver.stop().await;
    app.rename(TICKET, "没人接").await;
    app.event_with("retrying", "unreachable").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_only_this_machine_can_reach_is_called() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let inside = [
        format!("http://localhost:{port}/"),
        format!("https://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://0.0.0.0:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[64:ff9b::a9fe:a9fe]/".to_owned(),
    ];
    let each = inside.iter().enumerate();
    let each =
        each.map(|(i, url)| format!("{{ name: s{i}, url: \"{url}\", secret: file:signing, views: [2] }}"));
    let subscribers = each.collect::<Vec<_>>().join(", ");
    let app = TestApp::with(Options {
        ticketviews: format!("{{ refresh_s: 1, subscribers: [{subscribers}] }}"),
        webhook_allow: "10.0.0.0/8".into(),
        ..Options::default()
    })
    .await;
    until_read(&app).await;
    app.rename(TICKET, "内部地址").await;
    for (i, url) in inside.iter().enumerate() {
        let events = format!("{}/v1/connections/acme.s{i}/events?status=retrying", app.url);
        let event = eventually(async || {
            let list = send(app.client.get(&events).bearer_auth(OPS_KEY)).await;
            list.json["events"].as_array()?.first().cloned()
        })
        .await;
        let reason = &event["reason"];
        assert_eq!(reason["code"], "address_refused", "{url}: {reason}");
        assert!(reason["message"].as_str().unwrap().contains("DESKBRIDGE_WEBHOOK_ALLOW"), "{url}: {reason}");
    }
    assert!(listener.accept().is_err(), "one of them was called");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_net_that_the_operator_names_is_called_by_name_too() {
    let receiver = Receiver::start();
    let options = subscribed(&format!("http://localhost:{}/", receiver.port));
    let app = TestApp::with(options).await;
    until_read(&app).await;
    app.rename(TICKET, "内网").await;
    receiver.until(|message| message.tells_of(TICKET)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sender_can_say_that_a_view_changed_and_no_one_can_send_to_a_subscriber() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    let forged = event("1", "ticketview.changed", json!({ "ticketview_id": 2 }));
    let answer = app.post(&forged).await;
    assert_eq!((answer.status, answer.str("/violations/0/pointer")), (422, "/type"), "{}", answer.text);
    assert!(!answer.text.contains("ticketview.changed"), "it is no type to send: {}", answer.text);
    let url = format!("{}/v1/connections/acme.wallboard/events", app.url);
    let answer = send(app.client.post(url).bearer_auth(OPS_KEY).json(&forged)).await;
    assert_eq!((answer.status, answer.str("/code")), (404, "unknown_connection"), "{}", answer.text);
    let url = format!("{}/v1/connections/acme.nobody/events", app.url);
    let answer = send(app.client.get(&url).bearer_auth(OPS_KEY)).await;
    assert_eq!(answer.str("/code"), "unknown_connection");
    assert!(answer.str("/detail").ends_with("only acme.wallboard"), "{}", answer.text);
    assert_eq!(
        send(app.client.get(url.replace("nobody", "wallboard")).bearer_auth(FLOW_KEY)).await.status,
        403
    );
    assert_eq!(send(app.client.get(url)).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_the_events_of_a_subscriber() {
    let receiver = Receiver::start();
    let app = told(&receiver).await;
    app.rename(TICKET, "命令行").await;
    receiver.until(|message| message.tells_of(TICKET)).await;
    let mut command =
        deskbridge(&["events", "list", "--type", "ticketview.changed", "--connection", "acme.wallboard"]);
    command.args(["--url", &app.url]).env("DESKBRIDGE_KEY", OPS_KEY);
    let output = run_to_end(command).await;
    let told = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert!(output.status.success() && told.contains("ticketview:2"), "{told}");
}
