//! What became of an event, and whether it is what should have.

use serde_json::Value;

use super::{
    super::Failure,
    sender::{Answer, Sender},
};

/// Characters of a ticket's text in the table.
const SHOWN: usize = 16;

/// One case as it ended.
pub(super) struct Case {
    pub(super) name: String,
    /// The answer to the sender.
    pub(super) answer: String,
    /// What became of it.
    pub(super) became: String,
    pub(super) as_expected: bool,
}

/// Sends an event, waits until it is settled, and judges.
pub(super) async fn settled(
    sender: &Sender,
    name: String,
    event: &Value,
    status: &str,
    code: &str,
) -> Result<Case, Failure> {
    let answer = sender.send(event).await.map_err(Failure::work)?;
    became(sender, name, answer, status, code).await
}

pub(super) async fn became(
    sender: &Sender,
    name: String,
    answer: Answer,
    status: &str,
    code: &str,
) -> Result<Case, Failure> {
    let record = sender.record(answer.text("/id")).await.map_err(Failure::work)?;
    let as_expected = record.text("/status") == status && record.text("/reason/code") == code;
    let attempts = record.body["attempts"].as_array().map_or(0, Vec::len);
    let kind = record.text("/target/kind");
    let mut became = match (record.text("/target/id"), record.text("/reason/message")) {
        (id, "") if kind == "ticket" => described(&in_bangwo8(sender, id).await?),
        (id, "") => format!("{kind} {id}"),
        (_, message) => message.to_owned(),
    };
    let ignored = record.body["ignored"].as_array().cloned().unwrap_or_default();
    let ignored: Vec<&str> = ignored.iter().filter_map(|part| part["pointer"].as_str()).collect();
    if !ignored.is_empty() {
        became = format!("{became}; not mapped: {}", ignored.join(", "));
    }
    if attempts > 1 {
        became = format!("{became}; {attempts} attempts");
    }
    Ok(Case { name, answer: format!("{} {}", answer.http, record.text("/status")), became, as_expected })
}

/// An answer that ends the matter.
pub(super) fn refused(name: &str, answer: Answer, http: u16, code: &str) -> Case {
    let found = if answer.http < 400 { answer.text("/status") } else { answer.text("/code") };
    let violations = answer.body["violations"].as_array().cloned().unwrap_or_default();
    let places: Vec<&str> = violations.iter().filter_map(|violation| violation["pointer"].as_str()).collect();
    let detail = answer.text("/detail");
    Case {
        name: name.to_owned(),
        as_expected: answer.http == http && found == code,
        became: if places.is_empty() {
            detail.to_owned()
        } else {
            format!("{detail}: {}", places.join(", "))
        },
        answer: format!("{} {found}", answer.http),
    }
}

pub(super) async fn in_bangwo8(sender: &Sender, id: &str) -> Result<Value, Failure> {
    let tickets = sender.tickets().await.map_err(Failure::work)?;
    let found = tickets.into_iter().find(|ticket| ticket["ticketId"].as_u64() == id.parse().ok());
    Ok(found.unwrap_or_default())
}

/// A ticket of the simulator in a few words.
fn described(ticket: &Value) -> String {
    let shown = |name: &str, codes: &[(u64, &str)]| {
        let code = ticket[name].as_u64();
        codes.iter().find(|(known, _)| Some(*known) == code).map_or("–", |(_, label)| label).to_owned()
    };
    let status = shown(
        "ticketStatus",
        &[(1, "新建"), (2, "已开启"), (3, "待回应"), (4, "已解决"), (5, "自动关闭"), (6, "手动关闭")],
    );
    let priority = shown("priorityLevel", &[(1, "低"), (2, "正常"), (3, "高"), (4, "紧急")]);
    let source = shown(
        "ticketSource",
        &[(2, "聊天"), (3, "呼叫中心"), (4, "留言"), (7, "API"), (8, "工单模板发布"), (9, "邮件接入")],
    );
    let text: String = ticket["descript"].as_str().unwrap_or_default().chars().take(SHOWN).collect();
    format!(
        "ticket {}: {status}, {priority}, {source}: {}",
        ticket["ticketId"],
        text.replace(['\r', '\n'], " ")
    )
}
