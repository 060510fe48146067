//! Triggers (contract §7.2), delivered to a server of the test.

use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Udesk;

/// Far more than a push on one machine takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A push: its content type and its body.
type Push = (String, Value);

struct Receiver {
    url: String,
    pushes: mpsc::UnboundedReceiver<Push>,
}

impl Receiver {
    fn start() -> Self {
        let (sender, pushes) = mpsc::unbounded_channel();
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::new(sender.clone())).default_service(web::to(take))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/hooks/udesk", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { url, pushes }
    }

    async fn next(&mut self) -> Push {
        tokio::time::timeout(PATIENCE, self.pushes.recv()).await.unwrap().unwrap()
    }

    async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut bodies = Vec::new();
        for _ in 0..count {
            bodies.push(self.next().await.1);
        }
        bodies
    }
}

async fn take(
    request: HttpRequest,
    body: web::Bytes,
    sender: web::Data<mpsc::UnboundedSender<Push>>,
) -> HttpResponse {
    let kind = request.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    sender.send((kind, serde_json::from_slice(&body).unwrap())).unwrap();
    HttpResponse::Ok().finish()
}

async fn register(desk: &Udesk, url: &str, events: &[&str], template: Value) {
    let trigger = json!({"url": url, "events": events, "template": template});
    let (status, body) = desk.control(Method::POST, "triggers", trigger).await;
    assert_eq!(status, 201, "{body}");
}

async fn rename(desk: &Udesk, id: u64, subject: &str) {
    desk.put(&format!("/api/v1/tickets/{id}"), json!({"ticket": {"subject": subject}})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_flat_and_all_its_values_are_texts() {
    let (desk, mut receiver) = (Udesk::start().await, Receiver::start());
    let template = json!({
        "type": "ticket_updated", "工单id": "{{ticket.id}}", "ticket_no": "{{ticket.field_num}}",
        "状态": "{{ticket.status}}", "优先级": "{{ ticket.priority }}", "ticket.assignee.id": "{{ticket.assignee.id}}",
        "客户": "{{ticket.user}}({{ticket.user.cellphone}})", "产品": "{{ticket.custom_fields.SelectField_1}}", "空": ""
    });
    register(&desk, &receiver.url, &["ticket_updated"], template).await;
    desk.put("/api/v1/tickets/7", json!({"ticket": {"priority": "low"}})).await;
    let (kind, body) = receiver.next().await;
    assert_eq!(kind, "application/json");
    let expected = json!({
        "type": "ticket_updated", "工单id": "7", "ticket_no": "#20007", "状态": "开启", "优先级": "低",
        "ticket.assignee.id": "", "客户": "马超(13900000007)", "产品": "下拉选项1", "空": ""
    });
    assert_eq!(body, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_by_the_api_or_on_a_screen_is_the_event_it_is() {
    let (desk, mut receiver) = (Udesk::start().await, Receiver::start());
    for event in ["ticket_created", "ticket_updated", "agent_replied", "customer_replied"] {
        let template = json!({"type": event, "id": "{{ticket.id}}", "reply": "{{ticket.reply.content}}"});
        register(&desk, &receiver.url, &[event], template).await;
    }
    let comment = |function: &str| json!({"ticket": {"comment": {"function": function, "author_email": "agent@sample.com", "body": "好的"}}});
    desk.post("/api/v1/tickets", json!({"ticket": {"subject": "新", "content": "工单"}})).await;
    desk.put("/api/v1/tickets/13", comment("external")).await;
    desk.put("/api/v1/tickets/13", comment("internal")).await;
    let reply = json!({"id": 2, "reply_content": "在吗", "email": "zhoufang@example.com"});
    desk.post("/api/v1/tickets/reply", reply).await;
    desk.post("/open_api_v1/tickets", json!({"ticket": {"subject": "新", "content": "工单"}})).await;
    desk.control(Method::POST, "tickets", json!({"subject": "来电", "platform": "call", "user_id": 11}))
        .await;
    desk.control(Method::POST, "tickets/15", json!({"status": "solving", "assignee_id": 1})).await;
    desk.control(Method::POST, "tickets/15/replies", json!({"content": "请稍等", "agent_id": 2})).await;
    desk.control(Method::POST, "tickets/15/replies", json!({"content": "好"})).await;
    let pushed = receiver.take(9).await;
    let pushed: Vec<(&str, &str, &str)> = pushed
        .iter()
        .map(|body| {
            let text = |name: &str| body[name].as_str().unwrap();
            (text("type"), text("id"), text("reply"))
        })
        .collect();
    let expected = [
        ("ticket_created", "13", ""),
        ("agent_replied", "13", "好的"),
        ("ticket_updated", "13", "好的"),
        ("customer_replied", "2", "在吗"),
        ("ticket_created", "14", ""),
        ("ticket_created", "15", ""),
        ("ticket_updated", "15", ""),
        ("agent_replied", "15", "请稍等"),
        ("customer_replied", "15", "好"),
    ];
    assert_eq!(pushed, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_empty_is_a_text_null_or_left_out() {
    let (desk, mut receiver) = (Udesk::start().await, Receiver::start());
    for empty in ["text", "null", "absent"] {
        let trigger = json!({
            "url": receiver.url, "events": ["ticket_updated"], "empty": empty, "content_type": "text/plain",
            "template": {"id": "{{ticket.id}}", "assignee": "{{ticket.assignee}}"}
        });
        assert_eq!(desk.control(Method::POST, "triggers", trigger).await.0, 201);
    }
    rename(&desk, 2, "新标题").await;
    assert_eq!(receiver.next().await, ("text/plain".to_owned(), json!({"id": "2", "assignee": ""})));
    let others = receiver.take(2).await;
    assert_eq!(others, [json!({"id": "2", "assignee": null}), json!({"id": "2"})]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_may_come_twice() {
    let (desk, mut receiver) = (Udesk::start().await, Receiver::start());
    desk.switch("udesk_delivery", json!("duplicate")).await;
    register(&desk, &receiver.url, &["ticket_updated"], json!({"subject": "{{ticket.subject}}"})).await;
    rename(&desk, 2, "甲").await;
    rename(&desk, 2, "乙").await;
    let pushed = receiver.take(4).await;
    let subjects: Vec<&Value> = pushed.iter().map(|body| &body["subject"]).collect();
    assert_eq!(subjects, ["甲", "甲", "乙", "乙"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_may_overtake_each_other_and_none_is_lost() {
    let (desk, mut receiver) = (Udesk::start().await, Receiver::start());
    desk.switch("udesk_delivery", json!("wrong-order")).await;
    register(&desk, &receiver.url, &["ticket_updated"], json!({"n": "{{ticket.subject}}"})).await;
    for n in 0..20 {
        rename(&desk, 2, &n.to_string()).await;
    }
    desk.control(Method::POST, "triggers/release", json!({})).await;
    let pushed: Vec<u64> =
        receiver.take(20).await.iter().map(|body| body["n"].as_str().unwrap().parse().unwrap()).collect();
    let mut sorted = pushed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    assert_ne!(pushed, sorted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_push_is_on_record() {
    let (desk, mut receiver) = (Udesk::start().await, Receiver::start());
    // Nobody listens where a server was that is gone.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    register(&desk, &format!("http://{closed}/"), &["ticket_updated"], json!({"id": "{{ticket.id}}"})).await;
    register(&desk, &receiver.url, &["ticket_updated"], json!({"id": "{{ticket.id}}"})).await;
    rename(&desk, 2, "甲").await;
    rename(&desk, 3, "乙").await;
    receiver.take(2).await;
    let record = desk.get("/_sandbox/deliveries").await;
    let failed =
        json!({"trigger": 1, "event": "ticket_updated", "ticketId": 2, "status": null, "error": "no answer"});
    let arrived =
        json!({"trigger": 2, "event": "ticket_updated", "ticketId": 2, "status": 200, "error": null});
    assert_eq!((&record[0], &record[1]), (&failed, &arrived));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_with_a_mistake_is_refused_with_the_reason() {
    let desk = Udesk::start().await;
    let good = json!({"url": "http://127.0.0.1:9/", "events": ["ticket_created"], "template": {"id": "{{ticket.id}}"}});
    for (member, value, told) in [
        ("url", json!("http://example.com/"), "127.0.0.1"),
        ("url", json!("http://127.0.0.1.example.com/"), "127.0.0.1"),
        ("url", json!("https://127.0.0.1/"), "http://127.0.0.1"),
        ("url", json!("nowhere"), "url"),
        ("events", json!(["ticket_deleted"]), "ticket_created"),
        ("template", json!({"id": "{{ticket.nr}}"}), "ticket.field_num"),
        ("template", json!({"id": 1}), "template.id"),
    ] {
        let mut trigger = good.clone();
        trigger[member] = value;
        let (status, body) = desk.control(Method::POST, "triggers", trigger).await;
        assert_eq!(status, 422);
        assert!(body["error"].as_str().unwrap().contains(told), "{body}");
    }
    assert_eq!(desk.control(Method::POST, "triggers", good).await.0, 201);
    assert_eq!(desk.count("triggers").await, 1);
    let (_, body) = desk.control(Method::DELETE, "triggers", json!({})).await;
    assert_eq!((body, desk.count("triggers").await), (json!({"cleared": 1}), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_knows_only_what_there_is() {
    let desk = Udesk::start().await;
    for (path, body, status) in [
        ("tickets", json!({"content": "无标题"}), 422),
        ("tickets", json!({"subject": "x", "user_id": 99}), 422),
        ("tickets", json!({"subject": "x", "platform": "fax"}), 422),
        ("tickets/99", json!({"subject": "x"}), 404),
        ("tickets/1", json!({"custom_fields": {"SelectField_1": "9"}}), 422),
        ("tickets/99/replies", json!({"content": "x"}), 404),
        ("tickets/1/replies", json!({"content": "x", "agent_id": 99}), 422),
        ("tickets/1/replies", json!({"content": "x", "internal": true}), 422),
    ] {
        assert_eq!(desk.control(Method::POST, path, body.clone()).await.0, status, "{path} {body}");
    }
}
