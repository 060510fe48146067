//! Satisfaction (§5.1).

use serde_json::{Value, json};

use super::{Answer, Rejection, Request};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Desk, Vote};
use crate::sandbox::udesk::endpoints::{number, text};

const OPTIONS: [(u64, &str); 3] = [(1, "满意"), (2, "一般"), (3, "不满意")];

pub(crate) fn read(_: &mut Desk, _: &Request<'_>) -> Answer {
    let options = OPTIONS.map(|(number, name)| json!({"vote_number": number, "name": name}));
    let survey =
        json!({"title": "请评价本次服务", "enable": true, "note": "感谢您的反馈", "options": options});
    Ok(Reply::ok(json!({"code": 1000, "ticket_survey": survey})))
}

pub(crate) fn take(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let body = &request.body;
    let required = |name: &str| body.get(name).map(Value::is_null).ok_or_else(|| Rejection::missing(name));
    required("ticket_id")?;
    required("vote_number")?;
    let id = number(body, "ticket_id").filter(|id| desk.tickets.get(*id).is_some());
    let id = id.ok_or_else(Rejection::no_ticket)?;
    let known = |vote: &u64| OPTIONS.iter().any(|(number, _)| number == vote);
    let vote = number(body, "vote_number").filter(known);
    let vote_number = vote.ok_or_else(|| Rejection::invalid("vote_number 错误"))?;
    desk.take_survey(id, Vote { vote_number, vote_desc: text(body, "vote_desc") });
    Ok(Reply::ok(json!({"code": 1000})))
}
