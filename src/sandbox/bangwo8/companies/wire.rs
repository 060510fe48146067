//! A company in its wire forms. `status` is in none of them (§8.1).

use serde_json::{Map, Value, json};

use super::{ATTRIBUTES, Company};
use crate::sandbox::bangwo8::desk::Desk;
use crate::sandbox::bangwo8::fields::{self, Field};
use crate::sandbox::bangwo8::{Admitted, Switches, custom_fields};
use crate::sandbox::switches::CountForm;

/// Shown for a single company only.
const SINGLE_ONLY: &[&str] = &["service_groupid", "userURL", "serveNote"];

/// Leftovers in the sample of the list, always empty.
const LEFTOVERS: &[&str] = &["solveDT", "waitDT", "openDT", "closeDT"];

/// How `uId` is written: the samples differ by endpoint.
#[derive(Debug, Clone, Copy)]
pub(super) enum IdForm {
    Text,
    Number,
}

impl IdForm {
    /// For search results and written companies, where the page shows numbers, for counts too, and production
    /// has texts for both.
    pub(super) fn of_counts(switches: &Switches) -> Self {
        match switches.counts {
            CountForm::Text => Self::Text,
            CountForm::Number => Self::Number,
        }
    }
}

/// In lists.
pub(super) fn row(company: &Company, desk: &Desk, admitted: &Admitted<'_>, id_form: IdForm) -> Value {
    let mut row = head(company, desk, admitted, id_form);
    row.extend(attributes(company).filter(|(name, _)| !SINGLE_ONLY.contains(&name.as_str())));
    row.extend(LEFTOVERS.iter().map(|name| ((*name).to_owned(), json!(""))));
    Value::Object(row)
}

pub(super) fn single(company: &Company, desk: &Desk, admitted: &Admitted<'_>, id_form: IdForm) -> Value {
    let mut single = head(company, desk, admitted, id_form);
    single.insert("url".to_owned(), url(company, admitted));
    single.extend(attributes(company));
    Value::Object(single)
}

/// In search results, which have a few members only.
pub(super) fn hit(company: &Company, desk: &Desk, admitted: &Admitted<'_>) -> Value {
    let mut hit = head(company, desk, admitted, IdForm::of_counts(&admitted.switches));
    hit.insert("url".to_owned(), url(company, admitted));
    Value::Object(hit)
}

/// A field of companies.
pub(super) fn field(field: &Field) -> Value {
    let id = field.id.parse::<u64>().unwrap_or_default();
    let mut wire = Map::from_iter([
        ("id".to_owned(), json!(id)),
        ("name".to_owned(), json!(field.name)),
        ("key".to_owned(), json!(field.key)),
        ("type".to_owned(), json!(field.kind)),
        ("system".to_owned(), json!("0")),
    ]);
    if !field.custom_field_options.is_empty() {
        wire.insert("custom_field_options".to_owned(), fields::options(&field.custom_field_options));
    }
    Value::Object(wire)
}

/// The custom fields of a company with their values, set or not.
pub(super) fn values(company: &Company, desk: &Desk, switches: &Switches) -> Vec<(String, Value)> {
    let form = switches.dropdown_on_v1_read;
    let value = |field: &Field| {
        custom_fields::shown(&field.key, &company.custom_fields, std::iter::once(field), form)
    };
    desk.company_fields.iter().map(|field| (field.key.clone(), value(field))).collect()
}

fn head(company: &Company, desk: &Desk, admitted: &Admitted<'_>, id_form: IdForm) -> Map<String, Value> {
    let id = match id_form {
        IdForm::Text => json!(company.id.to_string()),
        IdForm::Number => json!(company.id),
    };
    let values = values(company, desk, &admitted.switches);
    let values: Vec<Value> =
        values.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    Map::from_iter([
        ("uId".to_owned(), id),
        ("companyName".to_owned(), json!(company.name)),
        ("createDT".to_owned(), json!(company.create_dt)),
        ("updateDT".to_owned(), json!(company.update_dt)),
        ("custom_fields".to_owned(), Value::Array(values)),
    ])
}

fn attributes(company: &Company) -> impl Iterator<Item = (String, Value)> {
    ATTRIBUTES.iter().map(|(name, unset)| ((*name).to_owned(), json!(company.attribute(name, unset))))
}

fn url(company: &Company, admitted: &Admitted<'_>) -> Value {
    json!(format!("{}/api/v1/companies/{}.json", admitted.call.base_url, company.id))
}
