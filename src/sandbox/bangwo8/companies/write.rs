//! Creating and updating a company. A write that is refused changes nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::wire::{self, IdForm};
use super::{Company, DELETED, KEPT};
use crate::sandbox::bangwo8::desk::{Desk, next_id};
use crate::sandbox::bangwo8::query::is_day;
use crate::sandbox::bangwo8::sent::{self, filled, reference, text};
use crate::sandbox::bangwo8::{Admitted, Answer, Rejection, custom_fields, written};
use crate::sandbox::clock;
use crate::sandbox::generate::FIRST_ID;

/// What the samples write for a day that is not set.
const ZERO_DAY: &str = "0000-00-00";

/// `POST /companies.json`. The name is the one attribute that must be sent.
pub(crate) fn create(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let members = sent::envelope(admitted, "company")?;
    let name = filled("companyName", members.get("companyName").unwrap_or(&Value::Null))?;
    let now = clock::vendor_now(&admitted.switches);
    let mut company = Company {
        id: next_id(&desk.companies),
        name,
        create_dt: now.clone(),
        update_dt: now,
        status: KEPT,
        custom_fields: Vec::new(),
        attributes: BTreeMap::new(),
    };
    assign(&mut company, &members, desk)?;
    let (id, resource) = (company.id, wire(&company, desk, admitted));
    desk.companies.insert(id, company);
    let effect = json!({"kind": "company_created", "uId": id});
    Ok(written::created(admitted, "companies", id, resource).with_effect(effect))
}

/// `PUT /companies/{id}.json`: members not sent stay as they are.
pub(crate) fn update(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let mut company = desk.company(admitted.id, &admitted.switches).ok_or(Rejection::NotFound)?.into_owned();
    let members = sent::envelope(admitted, "company")?;
    assign(&mut company, &members, desk)?;
    company.update_dt = clock::vendor_now(&admitted.switches);
    let (id, resource) = (company.id, wire(&company, desk, admitted));
    desk.companies.insert(id, company);
    let effect = json!({"kind": "company_updated", "uId": id});
    Ok(written::updated(admitted, resource).with_effect(effect))
}

fn wire(company: &Company, desk: &Desk, admitted: &Admitted<'_>) -> Value {
    let id_form = IdForm::of_counts(&admitted.switches);
    json!({"company": wire::single(company, desk, admitted, id_form)})
}

/// Sets what was sent. `null` counts as not sent; members that are read-only or unknown are ignored.
fn assign(company: &mut Company, members: &Map<String, Value>, desk: &Desk) -> Result<(), Rejection> {
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "companyName" => company.name = filled(name, value)?,
            "status" => company.status = status(value)?,
            "custom_fields" => set_custom(company, value, desk)?,
            _ => company.attributes.extend(attribute(name, value, desk)?.map(|text| (name.clone(), text))),
        }
    }
    refuse_taken_name(company, desk)
}

/// The text to store; `None` for an attribute that a write does not set.
fn attribute(name: &str, value: &Value, desk: &Desk) -> Result<Option<String>, Rejection> {
    Ok(Some(match name {
        "servicestarttime" | "serviceendtime" => day(name, value)?,
        "userGroup" => group(value, desk)?,
        "service_groupid" => service_groups(value, desk)?,
        "userURL" | "serveNote" | "serviceCharge" | "serviceaccount" | "servicepassword" | "address"
        | "tableName" | "province" | "city" => text(name, value)?,
        _ => return Ok(None),
    }))
}

/// Whether a deleted company keeps its name is not documented; here it does not.
fn refuse_taken_name(company: &Company, desk: &Desk) -> Result<(), Rejection> {
    let mut others = desk.companies.values().filter(|other| other.id != company.id && !other.is_deleted());
    let stored = others.find(|other| other.name == company.name).map(|other| other.id);
    let unchanged = |id: &u64| *id != company.id && !desk.companies.contains_key(id);
    let generated = desk.generator.company_named(&company.name).map(|index| FIRST_ID + index);
    match stored.or(generated.filter(unchanged)) {
        Some(company_id) if !company.is_deleted() => Err(Rejection::NameTaken { company_id }),
        _ => Ok(()),
    }
}

fn set_custom(company: &mut Company, sent: &Value, desk: &Desk) -> Result<(), Rejection> {
    for (key, value) in custom_fields::entries(sent)? {
        let fields = desk.company_fields.iter().filter(|field| field.key == key);
        let value = custom_fields::accepted(key, value, fields)?;
        custom_fields::set(&mut company.custom_fields, key, value);
    }
    Ok(())
}

/// The only trace of deleting a company (§8.6): a status that the table does not mark as read-only.
fn status(value: &Value) -> Result<u8, Rejection> {
    match text("status", value)?.as_str() {
        "1" => Ok(KEPT),
        "2" => Ok(DELETED),
        _ => Err(Rejection::invalid("status")),
    }
}

fn day(name: &str, value: &Value) -> Result<String, Rejection> {
    let day = text(name, value)?;
    match day.as_str() {
        "" => Ok(ZERO_DAY.to_owned()),
        day if day == ZERO_DAY || is_day(day) => Ok(day.to_owned()),
        _ => Err(Rejection::invalid(name)),
    }
}

fn group(value: &Value, desk: &Desk) -> Result<String, Rejection> {
    let id = reference("userGroup", value, |id| desk.customer_groups.contains_key(&id))?;
    Ok(if id == 0 { String::new() } else { id.to_string() })
}

/// Comma-joined ids of agent groups.
fn service_groups(value: &Value, desk: &Desk) -> Result<String, Rejection> {
    let joined = text("service_groupid", value)?;
    for id in joined.split(',').filter(|_| !joined.is_empty()) {
        let id = id.trim().parse().map_err(|_| Rejection::invalid("service_groupid"))?;
        if !desk.has_group(id) {
            return Err(Rejection::unknown("service_groupid"));
        }
    }
    Ok(joined)
}
