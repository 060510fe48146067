//! Agents and their groups (§5.4, §5.5).

use serde_json::{Value, json};

use super::page::Page;
use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Agent, Desk};

/// Leavers only with `with_disabled=true`, and nothing says who is one.
pub(crate) fn agents(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::of(request.call)?;
    let all = request.call.param("with_disabled").as_deref() == Some("true");
    let agents: Vec<&Agent> = desk.agents.iter().filter(|agent| all || !agent.disabled).collect();
    let shown = agents.iter().skip(page.skip()).map(|agent| render::agent(agent));
    page.answer("agents", agents.len(), shown)
}

pub(crate) fn groups(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::of(request.call)?;
    let member = |agent: &Agent| json!({"id": agent.id, "nick_name": agent.nick_name});
    let shown = desk.groups.iter().skip(page.skip()).map(|group| render::group(desk, group, member));
    page.answer("user_groups", desk.groups.len(), shown)
}

/// `GET /user_groups/:id/agents`.
pub(crate) fn group(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let group = request.id().and_then(|id| desk.group(id)).ok_or_else(|| Rejection::invalid("客服组错误"))?;
    Ok(Reply::ok(json!({"code": 1000, "user_group": render::group(desk, group, in_full)})))
}

fn in_full(agent: &Agent) -> Value {
    json!({
        "id": agent.id,
        "nick_name": agent.nick_name,
        "email": agent.email,
        "cellphone": agent.cellphone,
    })
}
