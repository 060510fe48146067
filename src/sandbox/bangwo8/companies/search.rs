//! `GET /companies/search.json`.

use std::cmp::Ordering;

use serde_json::Value;

use super::wire::{self, hit};
use super::{Company, PER_PAGE, visible};
use crate::sandbox::bangwo8::desk::Desk;
use crate::sandbox::bangwo8::order::directed;
use crate::sandbox::bangwo8::page::Page;
use crate::sandbox::bangwo8::query::Query;
use crate::sandbox::bangwo8::selection::Selection;
use crate::sandbox::bangwo8::{Admitted, Answer, Call, Rejection, Reply, generated};
use crate::sandbox::generate::indices::{Indices, Sequence};

type Time = fn(&Company) -> &str;

/// The matches, by ascending id unless `sort_by` names a time.
pub(crate) fn search(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let text = call.param("query").ok_or_else(|| Rejection::empty("query"))?;
    let all = select(desk, admitted, Query::parse(&text).as_ref());
    let page = Page::of(call, PER_PAGE);
    let rows = all.page(&page);
    let results: Vec<Value> = rows.iter().map(|company| hit(company, desk, admitted)).collect();
    Ok(Reply::ok(page.envelope("results", results, all.len(), call, &admitted.switches)))
}

/// A text is looked for in every company, the generated ones too.
fn select<'a>(desk: &'a Desk, admitted: &'a Admitted<'_>, query: Option<&Query>) -> Selection<'a, Company> {
    let found = |company: &Company| query.is_some_and(|query| matches(query, company, desk, admitted));
    let stored = visible(desk, admitted.call).filter(|company| found(company)).collect();
    let make = |index| desk.generated_company(index, &admitted.switches);
    let generated = Indices::all(0..desk.generator.counts.companies).only(|index| found(&make(index)));
    let sequence = Sequence::of(vec![generated], &generated::changed(&desk.companies));
    let order = order(admitted.call);
    let sequence = if order.is_some_and(|(_, descends)| descends) { sequence.backwards() } else { sequence };
    let compare = move |one: &Company, other: &Company| {
        let times = order.map(|(time, descends)| directed(time(one).cmp(time(other)), descends));
        times.unwrap_or(Ordering::Equal).then_with(|| one.id.cmp(&other.id))
    };
    Selection::new(stored, sequence, Box::new(compare), make)
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

/// The time to sort by, if one is named, and whether it descends, which it does unless told otherwise.
fn order(call: &Call) -> Option<(Time, bool)> {
    let time: Time = match call.param("sort_by")?.as_str() {
        "createDT" => |company| &company.create_dt,
        "updateDT" => |company| &company.update_dt,
        _ => return None,
    };
    Some((time, call.param("sort_order").as_deref() != Some("asc")))
}
