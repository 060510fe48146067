//! What is sent: tickets and companies in the normalized form, each text with a mark by which its event is known again
//! at the target.

use rand::{RngExt, rngs::StdRng};
use serde_json::{Value, json};

use crate::torture::Asks;

/// Of so many lanes, one is a company's.
const COMPANY_EVERY: u32 = 5;
/// The share of a ticket's later events that are replies.
const REPLIES: f64 = 0.4;
/// What a mark stands between: no text has these otherwise.
const MARK: [char; 2] = ['⟨', '⟩'];

/// An event to be sent.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) event: String,
    pub(super) lane: String,
    pub(super) asks: Asks,
    pub(super) body: String,
}

/// One ticket or company and how far its events have come.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    number: u32,
    sent: u32,
}

impl Lane {
    /// A lane of this number, unique in the run.
    pub(super) fn new(number: u32) -> Self {
        Self { number, sent: 0 }
    }

    /// True if nothing was sent yet: what makes the entity must be there before what changes it.
    pub(super) fn is_new(&self) -> bool {
        self.sent == 0
    }

    pub(super) fn next(&mut self, dice: &mut StdRng) -> Draft {
        let (number, n) = (self.number, self.sent);
        self.sent += 1;
        let event = format!("{number}-{n}");
        let company = number.is_multiple_of(COMPANY_EVERY);
        let (kind, asks, data) = match (company, n) {
            (true, 0) => ("company.created", Asks::Fields, company_data(number, &event)),
            (true, _) => ("company.updated", Asks::Fields, company_data(number, &event)),
            (false, 0) => ("ticket.created", Asks::Fields, ticket_data(number, &event)),
            (false, _) if dice.random_bool(REPLIES) => {
                ("ticket.replied", Asks::Reply, reply_data(number, &event, dice.random()))
            }
            (false, _) => ("ticket.updated", Asks::Fields, ticket_data(number, &event)),
        };
        let body = json!({ "id": event, "type": kind, "data": data }).to_string();
        let lane = format!("{}:{number}", if company { "company" } else { "ticket" });
        Draft { event, lane, asks, body }
    }
}

fn marked(text: &str, event: &str) -> String {
    let [open, close] = MARK;
    format!("{text} {open}{event}{close}")
}

/// The event whose mark a text bears.
pub(super) fn mark_in(text: &str) -> Option<&str> {
    let [open, close] = MARK;
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(event, _)| event)
}

fn ticket_data(number: u32, event: &str) -> Value {
    json!({
        "external_id": number, "subject": marked("打印机离线", event), "status": "open", "priority": "normal",
        "description": format!("三楼的打印机，第 {number} 台"),
    })
}

/// Some sources number their replies, others don't.
fn reply_data(number: u32, event: &str, numbered: bool) -> Value {
    let mut reply = json!({ "text": marked("已更换网卡", event) });
    if numbered {
        reply["id"] = json!(event);
    }
    json!({ "external_id": number, "reply": reply })
}

/// The name stays: companies are found by it.
fn company_data(number: u32, event: &str) -> Value {
    json!({ "external_id": number, "name": format!("第 {number} 有限公司"), "description": marked("客户", event) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again() {
        assert_eq!(mark_in(&marked("打印机离线", "17-3")), Some("17-3"));
        assert_eq!(mark_in("打印机离线"), None);
    }
}
