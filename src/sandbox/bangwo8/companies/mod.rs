//! Companies (§8): as they are stored, and reading them.

mod search;
mod wire;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::Desk;
use super::page::{Page, window};
use super::selection::{Timed, by_times};
use super::ticket::CustomValue;
use super::{Admitted, Answer, Call, Rejection, Reply, generated, sent};
use crate::sandbox::clock::vendor_text;
use crate::sandbox::generate::{CompanyRow, FIRST_ID};
use crate::sandbox::switches::TimeZoneName;
use wire::IdForm;

pub(crate) use search::search;
pub(crate) use write::{create, update};

/// Default page size of company lists (§8.2); the search's own is not documented.
const PER_PAGE: usize = 100;

const KEPT: u8 = 1;
const DELETED: u8 = 2;

/// The attributes that are plain text on the wire, and what stands for "none" in each.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("province", ""),
    ("city", ""),
    ("supportId", "0"),
    ("servicestarttime", "0000-00-00"),
    ("serviceendtime", "0000-00-00"),
    ("serviceCharge", "0.00"),
    ("serviceaccount", ""),
    ("servicepassword", ""),
    ("address", ""),
    ("multiServiceList", ""),
    ("tableName", ""),
    ("userGroup", ""),
    ("userURL", ""),
    ("serveNote", ""),
    ("service_groupid", ""),
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Company {
    #[serde(rename = "uId")]
    pub(crate) id: u64,
    #[serde(rename = "companyName")]
    pub(crate) name: String,
    #[serde(rename = "createDT")]
    pub(crate) create_dt: String,
    #[serde(rename = "updateDT")]
    pub(crate) update_dt: String,
    /// 1 kept, 2 deleted.
    #[serde(default = "kept")]
    status: u8,
    #[serde(default, rename = "custom_fields")]
    custom_fields: Vec<CustomValue>,
    /// Those of [`ATTRIBUTES`] that are set.
    #[serde(flatten)]
    attributes: BTreeMap<String, String>,
}

fn kept() -> u8 {
    KEPT
}

impl Company {
    /// A generated one.
    pub(crate) fn of(row: CompanyRow, zone: TimeZoneName) -> Self {
        let texts =
            [("province", row.province.to_owned()), ("city", row.city.to_owned()), ("address", row.address)];
        Self {
            id: FIRST_ID + row.index,
            name: row.name,
            create_dt: vendor_text(row.created, zone),
            update_dt: vendor_text(row.updated, zone),
            status: KEPT,
            custom_fields: Vec::new(),
            attributes: texts.map(|(name, text)| (name.to_owned(), text)).into(),
        }
    }

    fn is_deleted(&self) -> bool {
        self.status == DELETED
    }

    fn attribute<'a>(&'a self, name: &str, unset: &'a str) -> &'a str {
        self.attributes.get(name).map_or(unset, String::as_str)
    }
}

impl Timed for Company {
    fn id(&self) -> u64 {
        self.id
    }

    fn created(&self) -> &str {
        &self.create_dt
    }

    fn updated(&self) -> &str {
        &self.update_dt
    }
}

/// `GET /companies.json`: by ascending id unless an order is asked for, without count or links. The windows are
/// days, both included (§8.2).
pub(crate) fn list(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let stored = visible(desk, call)
        .filter(|company| window(call, "created", &company.create_dt))
        .filter(|company| window(call, "updated", &company.update_dt))
        .collect();
    let make = |index| desk.generated_company(index, &admitted.switches);
    let count = desk.generator.counts.companies;
    let all = by_times(admitted, stored, count, &generated::changed(&desk.companies), make);
    let rows = all.page(&Page::of(call, PER_PAGE));
    let rows: Vec<Value> =
        rows.iter().map(|company| wire::row(company, desk, admitted, IdForm::Text)).collect();
    Ok(Reply::ok(json!({"companies": rows})))
}

/// `GET /companies/{id}.json`. A deleted one is still read by its id: `deStat` belongs to lists alone.
pub(crate) fn read(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let company = desk.company(admitted.id, &admitted.switches).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"company": wire::single(&company, desk, admitted, IdForm::Text)})))
}

/// `GET /companies/show_many.json?ids=`, whose sample has `uId` as a number; unknown ids are left out.
pub(crate) fn show_many(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let ids = sent::ids(admitted);
    let known = ids.iter().filter_map(|id| desk.company(id, &admitted.switches));
    let rows: Vec<Value> = known.map(|company| wire::row(&company, desk, admitted, IdForm::Number)).collect();
    Ok(Reply::ok(json!({"companies": rows})))
}

/// `GET /companies/company_fields.json`: in an envelope and with ids as numbers, unlike ticket fields.
pub(crate) fn fields(desk: &Desk, _: &Admitted<'_>) -> Answer {
    let fields: Vec<Value> = desk.company_fields.iter().map(wire::field).collect();
    Ok(Reply::ok(json!({"company_fields": fields})))
}

/// The companies a list may show: those not deleted, or all with `deStat=1`.
fn visible<'a>(desk: &'a Desk, call: &Call) -> impl Iterator<Item = &'a Company> {
    let with_deleted = call.param("deStat").as_deref() == Some("1");
    desk.companies.values().filter(move |company| with_deleted || !company.is_deleted())
}
