//! Stored filters (§3.7, §3.8).

use serde_json::{Value, json};

use super::page::Page;
use super::{Answer, Rejection, Request, read};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{ADMINISTRATOR, Desk, Filter};
use crate::sandbox::udesk::moment;

/// `GET /ticket_filters`: all of the company's, or those that one agent may use.
pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let agent = agent(desk, request.call)?;
    let shown = desk.filters.iter().filter(|filter| agent.is_none_or(|agent| filter.may_be_used_by(agent)));
    let contents: Vec<Value> = shown.map(|filter| rendered(filter, &request.call.base_url)).collect();
    Ok(Reply::ok(json!({"status": 0, "message": "成功", "count": contents.len(), "contents": contents})))
}

/// `GET /ticket_filters/:id/tickets`: as an agent sees them, by default the administrator.
pub(crate) fn tickets(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let viewer = agent(desk, request.call)?.unwrap_or(ADMINISTRATOR);
    let usable =
        |filter: &&Filter| filter.active && (viewer == ADMINISTRATOR || filter.may_be_used_by(viewer));
    let filter = desk.filters.iter().find(|filter| Some(filter.id) == request.id()).filter(usable);
    let refused = || Rejection::business(1001, "未找到指定过滤器, 或指定客服无权限使用该过滤器");
    let filter = filter.ok_or_else(refused)?;
    let page = Page::of(request.call)?;
    read::found(desk, &desk.filtered(filter, viewer, request.now, page.positions()), &page)
}

fn agent(desk: &Desk, call: &Call) -> Result<Option<u64>, Rejection> {
    let found = |id: String| id.parse().ok().and_then(|id| desk.agent(id)).map(|agent| agent.id);
    call.param("agent_id").map(|id| found(id).ok_or_else(Rejection::no_agent)).transpose()
}

fn rendered(filter: &Filter, base_url: &str) -> Value {
    json!({
        "id": filter.id,
        "name": filter.name,
        "description": filter.description,
        "active": filter.active,
        "permission": filter.permission,
        "created_at": moment::v1(filter.created_at),
        "updated_at": moment::v1(filter.updated_at),
        "tickets_url": format!("{base_url}/api/v1/ticket_filters/{}/tickets", filter.id),
    })
}
