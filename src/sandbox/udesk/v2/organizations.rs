//! Organizations (§5.3).

use serde_json::json;

use super::page::Page;
use super::{Answer, Rejection, Request, customers, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Desk, Organization};

const DEFAULT_SIZE: usize = 100;
const MAX_PAGE: usize = 100;

pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::sized_by(request.call, "per_page", DEFAULT_SIZE)?;
    if page.number > MAX_PAGE {
        return Err(Rejection::invalid("page should be between 1 and 100"));
    }
    let all = &desk.organizations;
    match request.call.param("query") {
        None => page.answer(
            "organizations",
            all.len(),
            all.from(page.skip()).map(|one| render::organization(&one)),
        ),
        Some(query) => {
            let found: Vec<_> =
                all.from(0).filter(|organization| organization.name.contains(&query)).collect();
            let shown = found.iter().skip(page.skip()).map(|organization| render::organization(organization));
            page.answer("organizations", found.len(), shown)
        }
    }
}

/// `GET /organizations/show_org`: by `id`, `name` or `token`.
pub(crate) fn one(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let (kind, content) = customers::sought(request)?;
    let mut all = desk.organizations.from(0);
    let found = match kind.as_str() {
        "id" => content.parse().ok().and_then(|id| desk.organizations.get(id)),
        "name" => all.find(|organization: &std::borrow::Cow<'_, Organization>| organization.name == content),
        "token" => all.find(|organization| organization.token.as_ref() == Some(&content)),
        _ => return Err(Rejection::invalid("type 错误")),
    };
    let organization = found.ok_or_else(|| Rejection::invalid("未找到相应公司"))?;
    Ok(Reply::ok(json!({"code": 1000, "organization": render::organization(&organization)})))
}
