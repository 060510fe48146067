//! The pushes of the tenant's triggers (§7.2): what they say, and of what.

use std::time::Duration;

use deskbridge::{
    sandbox::UdeskDelivery,
    udesk::{Comment, CustomerKey, Status, TicketDraft, Visibility},
};
use serde_json::{Value, json};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] =
    checks![trigger_tells_of_every_change, trigger_says_what_its_template_says, trigger_without_values];

/// Longest that a push is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The tenant's own door is the receiver: it keeps what it is sent.
async fn register(desk: &Desk, event: &str, more: Value) {
    let mut trigger = json!({ "url": desk.address("/received"), "events": [event] });
    trigger.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    desk.register_trigger(trigger).await;
}

/// What was received, once it is so many.
async fn received(desk: &Desk, count: usize) -> Vec<Value> {
    desk.release_triggers().await;
    let each = if desk.switches.udesk_delivery == UdeskDelivery::Duplicate { 2 } else { 1 };
    let looking = async {
        loop {
            let requests = desk.requests("/received").await;
            if requests.len() >= count * each {
                return requests.into_iter().map(|mut request| request["body"].take()).collect();
            }
        }
    };
    let bodies: Vec<Value> = tokio::time::timeout(PATIENCE, looking).await.unwrap();
    assert_eq!(bodies.len(), count * each);
    bodies
}

/// What is received of these pushes as the switch says: in order, each twice, or in another order.
fn as_delivered(desk: &Desk, mut received: Vec<Value>, expected: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    let sorted = |mut pushes: Vec<Value>| {
        pushes.sort_by_key(Value::to_string);
        pushes
    };
    match desk.switches.udesk_delivery {
        UdeskDelivery::Once => {}
        UdeskDelivery::Duplicate => received.dedup(),
        UdeskDelivery::WrongOrder => return (sorted(received), sorted(expected)),
    }
    (received, expected)
}

fn comment(visibility: Visibility) -> TicketDraft {
    let author_email = "agent@sample.com".into();
    let comment = Comment { visibility, author_email, body: "已处理".into() };
    TicketDraft { comment: Some(comment), ..TicketDraft::default() }
}

/// The administrator tells the kinds apart by a constant of each trigger. A note is no reply.
async fn trigger_tells_of_every_change(desk: &Desk) {
    for event in ["ticket_created", "ticket_updated", "agent_replied", "customer_replied"] {
        let template = json!({"template": {"type": event, "ticket_id": "{{ticket.id}}"}});
        register(desk, event, template).await;
    }
    let none = deskbridge::udesk::FieldDefinitions::default();
    let by_v1 = desk.create_v1(&draft()).await.unwrap();
    let by_v2 = desk.v2().create_ticket(&draft(), &none).await.unwrap();
    let v1 = desk.v1();
    v1.update_ticket(by_v1, &comment(Visibility::Public), &Default::default(), &none).await.unwrap();
    v1.update_ticket(by_v1, &comment(Visibility::Internal), &Default::default(), &none).await.unwrap();
    let renamed = TicketDraft { subject: Some("改过的标题".into()), ..TicketDraft::default() };
    desk.v2().update_ticket(by_v2, &renamed, &none).await.unwrap();
    v1.reply_as_customer(by_v1, "test@sample.com", "谢谢").await.unwrap();
    let push = |kind: &str, id: u64| json!({"type": kind, "ticket_id": id.to_string()});
    let expected = vec![
        push("ticket_created", by_v1),
        push("ticket_created", by_v2),
        push("agent_replied", by_v1),
        push("ticket_updated", by_v1),
        push("ticket_updated", by_v2),
        push("customer_replied", by_v1),
    ];
    let (received, expected) = as_delivered(desk, received(desk, 6).await, expected);
    assert_eq!(received, expected);
}

/// One flat object of texts, in the words of the screen.
async fn trigger_says_what_its_template_says(desk: &Desk) {
    let template = json!({
        "工单id": "{{ticket.id}}", "ticket.no": "{{ticket.field_num}}", "状态": "{{ticket.status}}",
        "优先级": "{{ticket.priority}}", "客户": "{{ticket.user}}({{ticket.user.email}})", "固定": "常量",
        "受理客服": "{{ticket.assignee}}", "位置": "{{ticket.custom_fields.TextField_1}}",
        "时段": "{{ticket.custom_fields.SelectField_3}}",
    });
    register(desk, "ticket_created", json!({ "template": template })).await;
    let draft = TicketDraft {
        status: Some(Status::Open),
        customer: CustomerKey { email: Some("lintao@example.com".into()), ..CustomerKey::default() },
        fields: [("TextField_1".to_owned(), text("三楼")), ("SelectField_3".to_owned(), chosen(&["0", "3"]))]
            .into(),
        ..draft()
    };
    let id = desk.v1().create_ticket(&draft, &desk.v1_fields().await).await.unwrap();
    let expected = json!({
        "工单id": id.to_string(), "ticket.no": format!("#{}", 20_000 + id), "状态": "开启", "优先级": "标准",
        "客户": "林涛(lintao@example.com)", "固定": "常量", "受理客服": "", "位置": "三楼",
        "时段": "多选框选项1,多选框选项4",
    });
    assert!(received(desk, 1).await.iter().all(|body| *body == expected));
}

/// Empty, null or left out: receivers have seen all three.
async fn trigger_without_values(desk: &Desk) {
    for empty in ["text", "null", "absent"] {
        let template = json!({"kind": empty, "assignee": "{{ticket.assignee}}"});
        register(desk, "ticket_created", json!({"template": template, "empty": empty})).await;
    }
    desk.create_v1(&draft()).await.unwrap();
    let expected = vec![
        json!({"kind": "text", "assignee": ""}),
        json!({"kind": "null", "assignee": null}),
        json!({"kind": "absent"}),
    ];
    let (received, expected) = as_delivered(desk, received(desk, 3).await, expected);
    assert_eq!(received, expected);
}
