//! Udesk's triggers by the documented template, from a change in Udesk to the ticket in Bangwo8: however often and in
//! whatever order they push.

use deskbridge::{
    sandbox::credentials,
    udesk::{self, Client, Comment, CustomerKey, FieldDefinitions, Status, TicketDraft, V1, Visibility},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

/// A service that takes pushes, and a Udesk whose triggers push to it.
async fn pushing() -> TestApp {
    let app = TestApp::with(Options {
        verify: "[{ push_token: { in: body, field: token, secret: file:push-token } }]".into(),
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(),
        ..Options::default()
    })
    .await;
    register(&app, "ticket.created", &["ticket_created"]).await;
    register(&app, "ticket.updated", &["ticket_updated", "agent_replied", "customer_replied"]).await;
    app
}

/// A call of the Udesk simulator's control endpoints.
async fn udesk_control(app: &TestApp, method: Method, path: &str, body: &Value) -> Answer {
    let url = format!("{}/_sandbox/{path}", app.sandbox.udesk_url());
    send(app.client.request(method, url).json(body)).await
}

async fn register(app: &TestApp, kind: &str, events: &[&str]) {
    let trigger = json!({
        "url": app.path(&format!("/events?type={kind}")),
        "events": events,
        "template": {
            "type": kind.replace('.', "_"), "ticket_id": "{{ticket.id}}", "ticket_no": "{{ticket.field_num}}",
            "status": "{{ticket.status}}", "updated_at": "{{ticket.updated_at}}", "token": PUSH_TOKEN
        },
    });
    let answer = udesk_control(app, Method::POST, "triggers", &trigger).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

/// The Udesk of the customer: whoever works there changes tickets through its API.
fn udesk_of(app: &TestApp) -> V1 {
    let url = app.sandbox.udesk_url().parse().expect("an address");
    let mut options = udesk::Options::new(url).v1(credentials::UDESK_SHARED_SECRET.into());
    options.v1_requests_per_minute = std::num::NonZeroU32::MAX;
    Client::new(options).expect("a client").v1()
}

async fn create(app: &TestApp) -> u64 {
    let draft = TicketDraft {
        subject: Some("会议室投影仪不亮".into()),
        content: Some("三楼会议室,下午两点要用".into()),
        customer: CustomerKey { email: Some("test@sample.com".into()), ..CustomerKey::default() },
        ..TicketDraft::default()
    };
    udesk_of(app).create_ticket(&draft, &FieldDefinitions::default()).await.expect("it is created")
}

async fn update(app: &TestApp, id: u64, draft: &TicketDraft) {
    let udesk = udesk_of(app);
    let current = udesk.ticket(id).await.expect("it is there").current();
    udesk.update_ticket(id, draft, &current, &FieldDefinitions::default()).await.expect("it is changed");
}

fn renamed(subject: &str) -> TicketDraft {
    TicketDraft { subject: Some(subject.into()), ..TicketDraft::default() }
}

/// The records of a ticket's pushes, oldest first, once there are so many and all of them are settled.
async fn settled(app: &TestApp, id: u64, count: usize) -> Vec<Value> {
    let path = format!("/events?lane=ticket:{id}");
    eventually(async || {
        let mut events = app.get(&path).await.json["events"].as_array().expect("a list").clone();
        let waits = |event: &Value| {
            ["accepted", "delivering", "retrying"].contains(&event["status"].as_str().expect("a status"))
        };
        events.reverse();
        (events.len() >= count && !events.iter().any(waits)).then_some(events)
    })
    .await
}

fn statuses(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["status"].as_str().expect("a status")).collect()
}

/// The one Bangwo8 ticket of these pushes.
async fn target(app: &TestApp, events: &[Value]) -> Value {
    let id = events[0]["target"]["id"].as_str().expect("a target");
    assert!(events.iter().all(|event| event["target"]["id"].as_str().is_none_or(|other| other == id)));
    app.ticket(id).await
}

#[tokio::test]
async fn a_change_in_udesk_arrives_in_bangwo8() {
    let app = pushing().await;
    let id = create(&app).await;
    let events = settled(&app, id, 1).await;
    assert_eq!(target(&app, &events).await["subject"], "会议室投影仪不亮");
    let solved = TicketDraft { status: Some(Status::Resolved), ..renamed("投影仪已修好") };
    update(&app, id, &solved).await;
    let events = settled(&app, id, 2).await;
    let ticket = target(&app, &events).await;
    assert_eq!((&ticket["subject"], &ticket["ticketStatus"]), (&json!("投影仪已修好"), &json!(4)));
    assert_eq!(statuses(&events), ["delivered", "delivered"]);
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    assert_eq!(types, ["ticket.created", "ticket.updated"]);
    let pushed = udesk_control(&app, Method::GET, "deliveries", &Value::Null).await.json;
    let answers: Vec<_> = pushed.as_array().expect("a list").iter().map(|push| &push["status"]).collect();
    assert_eq!(answers, [202, 202], "told at once that it is taken");
}

#[tokio::test]
async fn a_change_that_is_pushed_twice_is_written_once() {
    let app = pushing().await;
    app.switch("udesk_delivery", json!("duplicate")).await;
    let id = create(&app).await;
    settled(&app, id, 2).await;
    update(&app, id, &renamed("投影仪已修好")).await;
    let events = settled(&app, id, 4).await;
    assert_eq!(statuses(&events), ["delivered", "skipped", "delivered", "skipped"]);
    assert_eq!(events[1]["reason"]["code"], "unchanged");
    assert_eq!(target(&app, &events).await["subject"], "投影仪已修好");
    assert_eq!((app.written("POST").await.len(), app.written("PUT").await.len()), (1, 1));
}

#[tokio::test]
async fn pushes_that_overtake_each_other_leave_what_the_source_has() {
    let app = pushing().await;
    app.switch("udesk_delivery", json!("wrong-order")).await;
    let id = create(&app).await;
    for subject in ["第一次改名", "第二次改名", "投影仪已修好"] {
        update(&app, id, &renamed(subject)).await;
    }
    udesk_control(&app, Method::POST, "triggers/release", &Value::Null).await;
    let events = settled(&app, id, 4).await;
    let pushed = udesk_control(&app, Method::GET, "deliveries", &Value::Null).await.json;
    let kinds: Vec<_> = pushed.as_array().expect("a list").iter().map(|push| &push["event"]).collect();
    assert_ne!(kinds[0], "ticket_created", "it was overtaken: {kinds:?}");
    assert_eq!(target(&app, &events).await["subject"], "投影仪已修好");
    assert_eq!(app.written("POST").await.len(), 1, "the change that came first made the ticket");
    assert_eq!(app.tickets_named("会议室投影仪不亮").await.len(), 0);
}

#[tokio::test]
async fn a_note_that_v1_does_not_show_changes_nothing() {
    let app = pushing().await;
    let id = create(&app).await;
    settled(&app, id, 1).await;
    let comment = Comment {
        visibility: Visibility::Internal,
        author_email: "agent@sample.com".into(),
        body: "已带备用灯泡".into(),
    };
    update(&app, id, &TicketDraft { comment: Some(comment), ..TicketDraft::default() }).await;
    udesk_of(&app).reply_as_customer(id, "test@sample.com", "好的,谢谢").await.expect("it is added");
    let events = settled(&app, id, 4).await;
    assert_eq!(statuses(&events), ["delivered", "skipped", "skipped", "skipped"]);
    assert_eq!((app.written("POST").await.len(), app.written("PUT").await.len()), (1, 0));
}
