//! A Udesk tenant at work: an agent and a customer change tickets through Udesk's API, its triggers push hints, and
//! the service reads the tickets again. Companies and the choices of a field come by a flow, as events.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    super::Failure,
    cases::event,
    judge::{Case, in_bangwo8, settled},
    sender::Sender,
    stage::{CONNECTION, Stage},
};
use crate::{
    sandbox::credentials,
    udesk::{
        Assignee, Client, Comment, CustomerKey, FieldDefinitions, Options, Status, TicketDraft, V1,
        Visibility,
    },
};

/// Longest that a push may take to be settled.
const PUSHED: Duration = Duration::from_secs(20);
/// Between two looks whether it is.
const LOOK: Duration = Duration::from_millis(50);
/// The customer and the agent of the simulator's own tickets.
const CUSTOMER: &str = "test@sample.com";
const AGENT: &str = "agent@sample.com";

type Cases = Result<Vec<Case>, Failure>;

/// The client of the simulated tenant.
pub(super) fn udesk(stage: &Stage) -> Result<Client, Failure> {
    let base_url = stage.udesk.parse().map_err(Failure::work)?;
    let options = Options::new(base_url).v1(SecretString::from(credentials::UDESK_SHARED_SECRET));
    Client::new(options).map_err(Failure::work)
}

/// What the tenant's people do, and what becomes of it by way of pushes.
pub(super) async fn pushes(stage: &Stage, sender: &Sender) -> Cases {
    for (kind, events) in [
        ("ticket.created", json!(["ticket_created"])),
        ("ticket.updated", json!(["ticket_updated", "customer_replied"])),
    ] {
        register_trigger(stage, sender, kind, events).await?;
    }
    let udesk = udesk(stage)?.v1();
    let definitions = udesk.ticket_fields().await.map_err(Failure::work)?;
    let (id, made) = create(&udesk, &definitions, sender).await?;
    let changed = change(&udesk, &definitions, sender, id).await?;
    let answered = answer(&udesk, sender, id).await?;
    Ok(vec![made, changed, answered])
}

async fn create(udesk: &V1, definitions: &FieldDefinitions, sender: &Sender) -> Result<(u64, Case), Failure> {
    let draft = TicketDraft {
        subject: Some("会议室投影仪不亮".into()),
        content: Some("三楼会议室，下午两点要用".into()),
        status: Some(Status::Open),
        customer: CustomerKey { email: Some(CUSTOMER.into()), ..CustomerKey::default() },
        assignee: Assignee { email: Some(AGENT.into()), ..Assignee::default() },
        ..TicketDraft::default()
    };
    let id = udesk.create_ticket(&draft, definitions).await.map_err(Failure::work)?;
    let record = last_push(sender, id, 1).await?;
    let ticket = in_bangwo8(sender, record["target"]["id"].as_str().unwrap_or_default()).await?;
    let case = judged("a ticket is made in Udesk: its trigger pushes", &record, "delivered", "");
    Ok((id, Case { as_expected: case.as_expected && ticket["subject"] == "会议室投影仪不亮", ..case }))
}

async fn change(
    udesk: &V1,
    definitions: &FieldDefinitions,
    sender: &Sender,
    id: u64,
) -> Result<Case, Failure> {
    let current = udesk.ticket(id).await.map_err(Failure::work)?.current();
    let comment =
        Comment {
            visibility: Visibility::Internal, author_email: AGENT.into(), body: "已带备用灯泡".into()
        };
    let draft =
        TicketDraft { status: Some(Status::Resolved), comment: Some(comment), ..TicketDraft::default() };
    udesk.update_ticket(id, &draft, &current, definitions).await.map_err(Failure::work)?;
    // The status is one change and the note another: two pushes, and nothing new for the second.
    let second = last_push(sender, id, 3).await?;
    let first =
        sender.events_of(&lane(id)).await.map_err(Failure::work)?.into_iter().nth(1).unwrap_or_default();
    let ticket = in_bangwo8(sender, first["target"]["id"].as_str().unwrap_or_default()).await?;
    let echo = judged("", &second, "skipped", "unchanged").as_expected;
    let case = judged("… and resolved with a note: pushed twice, written once", &first, "delivered", "");
    Ok(Case { as_expected: case.as_expected && echo && ticket["ticketStatus"] == 4, ..case })
}

async fn answer(udesk: &V1, sender: &Sender, id: u64) -> Result<Case, Failure> {
    udesk.reply_as_customer(id, CUSTOMER, "好的，谢谢").await.map_err(Failure::work)?;
    let record = last_push(sender, id, 4).await?;
    Ok(judged("… and a push about what v1 doesn't show", &record, "skipped", "unchanged"))
}

/// A company and the choices of a field, sent by a flow.
pub(super) async fn flows(sender: &Sender) -> Cases {
    let company = |n: u64, name: &str| {
        event(
            &format!("company-{n}"),
            "company.created",
            json!({ "id": n, "name": name, "description": "演示" }),
        )
    };
    let options =
        json!({ "field_name": "SelectField_1", "options": [{ "0": "下拉选项1" }, { "1": "改名的选项" }] });
    let options = event("options-1", "field_options.changed", options);
    Ok(vec![
        settled(sender, "a company".into(), &company(1, "演示 有限公司"), "delivered", "").await?,
        settled(sender, "another of the same name".into(), &company(2, "演示 有限公司"), "delivered", "")
            .await?,
        settled(sender, "choices of a field".into(), &options, "delivered", "").await?,
    ])
}

/// By the template of the documentation.
async fn register_trigger(stage: &Stage, sender: &Sender, kind: &str, events: Value) -> Result<(), Failure> {
    let trigger = json!({
        "url": format!("{}/v1/connections/{CONNECTION}/events?type={kind}", stage.url),
        "events": events,
        "template": {
            "type": kind.replace('.', "_"), "ticket_id": "{{ticket.id}}", "ticket_no": "{{ticket.field_num}}",
            "status": "{{ticket.status}}", "updated_at": "{{ticket.updated_at}}", "token": stage.secrets.push
        },
    });
    let answer = sender.control(&stage.udesk, "triggers", &trigger).await.map_err(Failure::work)?;
    match answer.http {
        201 => Ok(()),
        other => Err(Failure::Work(format!("the simulator takes no trigger: {other} {}", answer.body))),
    }
}

/// The record of the ticket's `count`th event, once all of them are settled.
async fn last_push(sender: &Sender, id: u64, count: usize) -> Result<Value, Failure> {
    let settled = async {
        loop {
            let events = sender.events_of(&lane(id)).await.map_err(Failure::work)?;
            let waiting = |event: &Value| {
                matches!(event["status"].as_str(), Some("accepted" | "delivering" | "retrying"))
            };
            if events.len() >= count && !events.iter().any(waiting) {
                return Ok(events.into_iter().next().unwrap_or_default());
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let late = |_| Failure::Work(format!("the push about the Udesk ticket {id} was not settled in time"));
    tokio::time::timeout(PUSHED, settled).await.map_err(late)?
}

fn lane(id: u64) -> String {
    format!("ticket:{id}")
}

fn judged(name: &str, record: &Value, status: &str, code: &str) -> Case {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let became = match text("/target/id") {
        "" => text("/reason/message").to_owned(),
        id => format!("read again, ticket {id}"),
    };
    Case {
        name: name.to_owned(),
        answer: format!("push {}", text("/status")),
        became,
        as_expected: text("/status") == status && text("/reason/code") == code,
    }
}
