//! `GET /companies/search.json`.

use serde_json::Value;

use super::wire::{self, hit};
use super::{Company, PER_PAGE, visible};
use crate::sandbox::bangwo8::desk::Desk;
use crate::sandbox::bangwo8::page::Page;
use crate::sandbox::bangwo8::query::Query;
use crate::sandbox::bangwo8::{Admitted, Answer, Call, Rejection, Reply};

/// The matches, by ascending id unless `sort_by` names a time.
pub(crate) fn search(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let text = call.param("query").ok_or_else(|| Rejection::empty("query"))?;
    let mut matching = match Query::parse(&text) {
        Some(query) => {
            visible(desk, call).filter(|company| matches(&query, company, desk, admitted)).collect()
        }
        None => Vec::new(),
    };
    sort(&mut matching, call);
    let page = Page::of(call, PER_PAGE);
    let results: Vec<Value> =
        page.cut(&matching).iter().map(|company| hit(company, desk, admitted)).collect();
    Ok(Reply::ok(page.envelope("results", results, matching.len(), call, &admitted.switches)))
}

/// A bare text is in the page's sample only; a closing remark says that names and accounts are searched.
fn matches(query: &Query, company: &Company, desk: &Desk, admitted: &Admitted<'_>) -> bool {
    let text = query.text.as_str();
    let has_name = || company.name.contains(text);
    let has_account = || company.attribute("serviceaccount", "") == text;
    let has_term = match query.key.as_deref() {
        None => has_name() || has_account(),
        Some("companyName") => has_name(),
        Some("serviceaccount") => has_account(),
        Some(key) => wire::values(company, desk, &admitted.switches)
            .iter()
            .any(|(own, value)| own == key && contains(value, text)),
    };
    has_term && query.allows(&company.create_dt, &company.update_dt)
}

fn contains(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own.contains(text),
        Value::Array(levels) => levels.iter().any(|level| contains(level, text)),
        _ => false,
    }
}

/// Descending unless told otherwise.
fn sort(companies: &mut [&Company], call: &Call) {
    match call.param("sort_by").as_deref() {
        Some("createDT") => companies.sort_by(|one, other| other.create_dt.cmp(&one.create_dt)),
        Some("updateDT") => companies.sort_by(|one, other| other.update_dt.cmp(&one.update_dt)),
        _ => return,
    }
    if call.param("sort_order").as_deref() == Some("asc") {
        companies.reverse();
    }
}
