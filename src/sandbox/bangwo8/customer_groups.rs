//! Customer groups (§9.4), whose numbers are not quoted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::{Desk, next_id};
use super::sent::{self, filled};
use super::{Admitted, Answer, Rejection, Reply, written};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CustomerGroup {
    pub(crate) group_id: u64,
    group_name: String,
    /// 1 of companies, 2 of contacts.
    #[serde(rename = "type")]
    kind: u8,
}

/// `GET /customergroups.json`: all of them, without count or links.
pub(crate) fn list(desk: &Desk, _: &Admitted<'_>) -> Answer {
    let groups: Vec<&CustomerGroup> = desk.customer_groups.values().collect();
    Ok(Reply::ok(json!({"customergroups": groups})))
}

/// `GET /customergroups/{id}.json`.
pub(crate) fn read(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let group = find(desk, admitted.id).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"customergroup": wire(group, admitted)})))
}

/// `GET /customergroups/show_many.json?ids=`; unknown ids are left out.
pub(crate) fn show_many(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let ids = sent::ids(admitted);
    let groups: Vec<&CustomerGroup> = ids.iter().filter_map(|id| find(desk, id)).collect();
    Ok(Reply::ok(json!({"customergroups": groups})))
}

/// `POST /customergroups.json`: the answer has one object under the plural name. Two groups may have one name,
/// for all that is documented.
pub(crate) fn create(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let members = sent::envelope(admitted, "customergroup")?;
    let sent = |name: &str| filled(name, members.get(name).unwrap_or(&Value::Null));
    let group = CustomerGroup {
        group_id: next_id(&desk.customer_groups),
        group_name: sent("groupName")?,
        kind: kind(&sent("type")?)?,
    };
    let (id, resource) = (group.group_id, json!({"customergroups": wire(&group, admitted)}));
    desk.customer_groups.insert(id, group);
    let effect = json!({"kind": "customer_group_created", "groupId": id});
    Ok(written::created(admitted, "customergroups", id, resource).with_effect(effect))
}

/// `PUT /customergroups/{id}.json`, of which the path alone is documented: members not sent stay as they are,
/// as for companies.
pub(crate) fn update(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let mut group = find(desk, admitted.id).cloned().ok_or(Rejection::NotFound)?;
    assign(&mut group, &sent::envelope(admitted, "customergroup")?)?;
    let (id, resource) = (group.group_id, json!({"customergroup": wire(&group, admitted)}));
    desk.customer_groups.insert(id, group);
    let effect = json!({"kind": "customer_group_updated", "groupId": id});
    Ok(written::updated(admitted, resource).with_effect(effect))
}

fn find<'a>(desk: &'a Desk, id: &str) -> Option<&'a CustomerGroup> {
    desk.customer_groups.get(&id.parse().ok()?)
}

fn assign(group: &mut CustomerGroup, members: &Map<String, Value>) -> Result<(), Rejection> {
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "groupName" => group.group_name = filled(name, value)?,
            "type" => group.kind = kind(&filled(name, value)?)?,
            _ => {}
        }
    }
    Ok(())
}

fn kind(text: &str) -> Result<u8, Rejection> {
    match text {
        "1" => Ok(1),
        "2" => Ok(2),
        _ => Err(Rejection::invalid("type")),
    }
}

/// A single one has its address as well, which the sample of the list has not.
fn wire(group: &CustomerGroup, admitted: &Admitted<'_>) -> Value {
    let url = format!("{}/api/v1/customergroups/{}.json", admitted.call.base_url, group.group_id);
    json!({"groupId": group.group_id, "url": url, "groupName": group.group_name, "type": group.kind})
}
