//! What is sent, and what should become of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::Failure,
    judge::{Case, became, in_bangwo8, refused, settled},
    sender::{Answer, Sender},
    stage::Stage,
    tenant,
};

use crate::json;

/// Events that wait when the service is killed.
const WAITING: u64 = 100;
/// First id of the tickets that the edge cases make; the samples have small ones.
const EDGE_TICKET: u64 = 9000;

type Cases = Result<Vec<Case>, Failure>;

/// Every ticket of the Udesk simulator as a created event.
pub(super) async fn samples(stage: &Stage, sender: &Sender) -> Cases {
    let udesk = tenant::udesk(stage)?;
    let page = udesk.v1().tickets_page(1, 100).await.map_err(Failure::work)?;
    let mut cases = Vec::new();
    for ticket in page.items {
        let ticket: Value = json::from_str(ticket.raw.get()).map_err(Failure::work)?;
        let name = format!("Udesk {} {}", ticket["id"], ticket["subject"].as_str().unwrap_or_default());
        let event = event(&format!("created-{}", ticket["id"]), "ticket.created", ticket);
        cases.push(settled(sender, name, &event, "delivered", "").await?);
    }
    Ok(cases)
}

/// Every edge case but the kill.
pub(super) async fn edges(sender: &Sender) -> Cases {
    let mut cases = senders(sender).await?;
    cases.extend(orders(sender).await?);
    cases.extend(contents(sender).await?);
    cases.extend(troubles(sender).await?);
    Ok(cases)
}

/// What a sender can do wrong, and the rotation of its key, which it may.
async fn senders(sender: &Sender) -> Cases {
    let work = Failure::work;
    let now = Timestamp::now().as_second();
    let first = created(1);
    let other = event("edge-1", "ticket.created", ticket(1, "open", "另一个内容"));
    let rotated = sender.post(created(2).to_string(), &sender.key_before, now, true).await.map_err(work)?;
    Ok(vec![
        settled(sender, "a first event".into(), &first, "delivered", "").await?,
        refused("the same event again", sender.hand_in(&first).await.map_err(work)?, 202, "duplicate"),
        refused(
            "the same id, other content",
            sender.hand_in(&other).await.map_err(work)?,
            409,
            "idempotency_conflict",
        ),
        refused("a wrong signature", posted(sender, &[0; 32], now).await?, 401, "invalid_signature"),
        refused(
            "a signature of an hour ago",
            posted(sender, &sender.key, now - 3600).await?,
            401,
            "timestamp_out_of_tolerance",
        ),
        became(sender, "signed by the key before (rotation)".into(), rotated, "delivered", "").await?,
    ])
}

async fn posted(sender: &Sender, key: &[u8], second: i64) -> Result<Answer, Failure> {
    sender.post(created(3).to_string(), key, second, false).await.map_err(Failure::work)
}

/// Order within a ticket.
async fn orders(sender: &Sender) -> Cases {
    let mut newer = ticket(10, "resolved", "先到的更新");
    newer["updated_at"] = json!("2026-05-02 10:00:00 +0800");
    let update = event("edge-10-updated", "ticket.updated", newer);
    let mut cases = vec![
        settled(sender, "an update before its create".into(), &update, "delivered", "").await?,
        settled(sender, "… and the create, which is older".into(), &created(10), "skipped", "stale").await?,
    ];
    let of = |n: u32, text: &str| {
        event(&format!("edge-1-update-{n}"), "ticket.updated", ticket(1, "solving", text))
    };
    let (first, second) = (of(1, "第一次更新"), of(2, "第二次更新"));
    let (a, b) = tokio::try_join!(sender.send(&first), sender.send(&second)).map_err(Failure::work)?;
    let last = if a.body["sequence"].as_i64() > b.body["sequence"].as_i64() {
        "第一次更新"
    } else {
        "第二次更新"
    };
    let mut case = became(sender, "two updates of one ticket at once".into(), b, "delivered", "").await?;
    let subject = in_bangwo8(sender, a.text("/target/id")).await?["subject"].clone();
    case.as_expected &= subject == last && !a.text("/target/id").is_empty();
    case.became = format!("{}; the later one stands: {last}", case.became);
    cases.push(case);
    Ok(cases)
}

/// What events can hold.
async fn contents(sender: &Sender) -> Cases {
    let mut unknown_field = ticket(20, "open", "未知的自定义字段");
    unknown_field["custom_fields"] = json!({ "TextField_99": "谁也不认识", "SelectField_3": "0,3" });
    let mut html = ticket(21, "open", "富文本内容");
    html["content_type"] = json!("html");
    html["content"] = json!("<p>打印机<b>离线</b></p><p>请尽快处理</p>");
    let cases = [
        ("a custom field without a row", event("edge-20", "ticket.created", unknown_field), "delivered", ""),
        ("HTML content", event("edge-21", "ticket.created", html), "delivered", ""),
        (
            "a status that nobody knows",
            event("edge-22", "ticket.created", ticket(22, "待审核", "未知状态")),
            "parked",
            "unknown_value",
        ),
    ];
    let mut ended = Vec::new();
    for (name, event, status, code) in cases {
        ended.push(settled(sender, name.into(), &event, status, code).await?);
    }
    let shape = event("edge-23", "ticket.created", json!({ "id": "x", "status": 7 }));
    let large = event("edge-24", "ticket.created", ticket(24, "open", &"大".repeat(400_000)));
    let broken =
        r#"{"id":"edge-25","type":"ticket.created","data":{"custom_fields":{"a":"1",}"created_at":""}}"#;
    let now = Timestamp::now().as_second();
    let broken = sender.post(broken.into(), &sender.key, now, false).await.map_err(Failure::work)?;
    let work = Failure::work;
    ended.push(refused(
        "data of another shape",
        sender.hand_in(&shape).await.map_err(work)?,
        422,
        "schema_violation",
    ));
    ended.push(refused(
        "more than a MiB",
        sender.hand_in(&large).await.map_err(work)?,
        413,
        "payload_too_large",
    ));
    ended.push(refused("JSON as the vendor's page prints it", broken, 400, "malformed_json"));
    Ok(ended)
}

/// What Bangwo8 can do to us.
async fn troubles(sender: &Sender) -> Cases {
    let work = Failure::work;
    let refusal = json!({ "status": 200, "body": { "state": "403", "message": "columnId does not exist" } });
    sender.fault(2, json!({ "status": 500 })).await.map_err(work)?;
    sender.fault(1, json!({ "status": 429, "headers": { "Retry-After": "1" } })).await.map_err(work)?;
    sender.fault(1, refusal).await.map_err(work)?;
    let name = "Bangwo8: 500, 500, 429 (Retry-After), 200 with an error".into();
    let mut cases = vec![settled(sender, name, &created(30), "parked", "uncertain").await?];
    sender.fault(4, json!({ "reset": "before" })).await.map_err(work)?;
    cases
        .push(settled(sender, "Bangwo8 down for four attempts".into(), &created(31), "delivered", "").await?);
    sender.fault(1, json!({ "reset": "after" })).await.map_err(work)?;
    let mut case =
        settled(sender, "Bangwo8 creates, but its answer is lost".into(), &created(32), "delivered", "")
            .await?;
    let made = sender.tickets().await.map_err(work)?;
    case.as_expected &= made.iter().filter(|ticket| ticket["subject"] == subject(32)).count() == 1;
    cases.push(case);
    Ok(cases)
}

/// kill -9 while accepted events wait; after the restart all of them arrive, each once.
pub(super) async fn killed(stage: &mut Stage, sender: &Sender) -> Result<Case, Failure> {
    let work = Failure::work;
    sender.fault(0, json!({ "reset": "before" })).await.map_err(work)?;
    let ids: Vec<u64> = (100..100 + WAITING).collect();
    let mut accepted = 0;
    for n in &ids {
        accepted += u64::from(sender.hand_in(&created(*n)).await.map_err(work)?.http == 202);
    }
    stage.kill_service().await?;
    stage.restart_service().await?;
    sender.mend().await.map_err(work)?;
    let mut delivered = 0;
    for n in &ids {
        // The same event again is a duplicate, and waits for the first one's outcome.
        delivered += u64::from(sender.send(&created(*n)).await.map_err(work)?.text("/status") == "delivered");
    }
    let made = sender.tickets().await.map_err(work)?;
    let times = |n: &u64| made.iter().filter(|ticket| ticket["subject"] == subject(*n)).count();
    let once = ids.iter().filter(|n| times(n) == 1).count() as u64;
    Ok(Case {
        name: format!("kill -9 while {WAITING} accepted events wait"),
        answer: format!("{accepted} × 202 accepted"),
        became: format!("after the restart {delivered} delivered, {once} of them there once"),
        as_expected: (accepted, delivered, once) == (WAITING, WAITING, WAITING),
    })
}

pub(super) fn event(id: &str, kind: &str, data: Value) -> Value {
    json!({ "id": id, "type": kind, "time": Timestamp::now().to_string(), "data": data })
}

fn subject(n: u64) -> String {
    format!("演示工单 {n}")
}

/// The same bytes for the same `n`.
fn created(n: u64) -> Value {
    let data = ticket(n, "open", &subject(n));
    json!({ "id": format!("edge-{n}"), "type": "ticket.created", "data": data })
}

fn ticket(n: u64, status: &str, subject: &str) -> Value {
    json!({
        "id": EDGE_TICKET + n, "subject": subject, "content": "来自演示", "content_type": "text", "platform": "邮件",
        "priority": "标准", "status": status, "user": "测试客户", "user_email": "test@sample.com",
        "user_cellphone": null, "assignee": "测试客服", "assignee_id": 1, "user_group_id": 1,
        "user_group_name": "售后1组", "solving_at": "", "replied_by": "", "custom_fields": {},
        "created_at": "2026-05-01 10:00:00 +0800", "updated_at": "2026-05-01 10:00:00 +0800"
    })
}
