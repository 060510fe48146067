//! Contacts: the customers' people, of whom tickets are (§9.1, §9.2). No document tells how they are created.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::page::{Page, window};
use super::selection::{Selection, Timed, by_times};
use super::{Admitted, Answer, Rejection, Reply, generated};

/// Default page size, as of the other lists of people.
const PER_PAGE: usize = 100;
/// The state of a contact that has been deleted.
const DELETED: u8 = 3;

/// `0` in an id stands for "none".
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Contact {
    pub(crate) c_id: u64,
    pub(crate) name: String,
    /// A contact has this or `fixnumber`.
    pub(crate) mobile: String,
    pub(crate) fixnumber: String,
    pub(crate) email: String,
    pub(crate) position: String,
    /// 1 employed, 2 left, 3 deleted.
    pub(crate) state: u8,
    #[serde(rename = "QQ")]
    pub(crate) qq: String,
    pub(crate) note: String,
    pub(crate) company_id: u64,
    /// Ids of remote-assistance clients: the old endpoints show the first.
    pub(crate) unique_ids: Vec<UniqueId>,
    pub(crate) support_id: u64,
    pub(crate) creater_id: u64,
    pub(crate) default: u8,
    #[serde(rename = "createDT")]
    pub(crate) create_dt: String,
    #[serde(rename = "updateDT")]
    pub(crate) update_dt: String,
    #[serde(rename = "custom_fields")]
    pub(crate) custom_fields: Vec<Value>,
    pub(crate) user_group: String,
    pub(crate) table_name: String,
}

/// What the elements contain is not documented, only that they carry a remark.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UniqueId {
    unique_id: String,
    remark: String,
}

/// `GET /users.json`.
pub(crate) fn list(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let (call, switches) = (admitted.call, &admitted.switches);
    let page = Page::of(call, PER_PAGE);
    let all = select(desk, admitted);
    let rows = all.page(&page);
    let shown = rows.iter().map(|contact| wire(contact, &call.base_url, Form::Old)).collect();
    Ok(Reply::ok(page.envelope("users", shown, all.len(), call, switches)))
}

/// `GET /users_v2/{id}.json`.
pub(crate) fn read(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let id = admitted.id.parse().map_err(|_| Rejection::NotFound)?;
    let contact = desk.contact(id, &admitted.switches).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"user": wire(&contact, &admitted.call.base_url, Form::V2)})))
}

/// `deStat` 1 shows the deleted ones too. Generated contacts never change, so none of them is stored.
fn select<'a>(desk: &'a Desk, admitted: &'a Admitted<'_>) -> Selection<'a, Contact> {
    let call = admitted.call;
    let with_deleted = call.param("deStat").as_deref() == Some("1");
    let matches = |contact: &&Contact| {
        (with_deleted || contact.state != DELETED)
            && window(call, "created", &contact.create_dt)
            && window(call, "updated", &contact.update_dt)
    };
    let make = |index| generated::contact(&desk.generator, index, admitted.switches.time_zone);
    let stored = desk.contacts.iter().filter(matches).collect();
    by_times(admitted, stored, desk.generator.counts.contacts, &BTreeSet::new(), make)
}

impl Timed for Contact {
    fn id(&self) -> u64 {
        self.c_id
    }

    fn created(&self) -> &str {
        &self.create_dt
    }

    fn updated(&self) -> &str {
        &self.update_dt
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Old,
    V2,
}

fn wire(contact: &Contact, base: &str, form: Form) -> Value {
    let id = contact.c_id.to_string();
    let members = json!({
        "cId": id,
        "url": format!("{base}/api/v1/users_v2/{id}.json"),
        "name": contact.name,
        "mobile": contact.mobile,
        "fixnumber": contact.fixnumber,
        "email": contact.email,
        "position": contact.position,
        "state": contact.state.to_string(),
        "QQ": contact.qq,
        "note": contact.note,
        "companyId": contact.company_id.to_string(),
        "supportId": contact.support_id.to_string(),
        "createrId": contact.creater_id.to_string(),
        "default": contact.default.to_string(),
        "createDT": contact.create_dt,
        "updateDT": contact.update_dt,
        "custom_fields": contact.custom_fields,
        "userGroup": contact.user_group,
        "tableName": contact.table_name,
    });
    let mut wire: Map<String, Value> = members.as_object().cloned().unwrap_or_default();
    match form {
        Form::V2 => wire.insert("uniqueIds".to_owned(), json!(contact.unique_ids)),
        Form::Old => {
            let first = contact.unique_ids.first().map_or("", |id| id.unique_id.as_str());
            wire.insert("uniqueId".to_owned(), json!(first))
        }
    };
    Value::Object(wire)
}
