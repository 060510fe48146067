//! Bindings of contacts to users of other systems: the vendor's only map of foreign ids (§9.5).
//!
//! A contact has one binding, as the error for a second one suggests. There is no way to remove it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::{Desk, TENANT_ID};
use super::sent::{filled, text};
use super::{Admitted, Answer, Rejection, Reply, sent};

const SOURCES: [&str; 4] = ["dingding", "wechat", "workWechat", "open"];

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Binding {
    c_id: u64,
    account: String,
    remark: String,
    open_id: String,
    app_id: String,
    #[serde(rename = "account_source")]
    account_source: String,
}

/// `POST /user/relationship/cid.json`.
pub(crate) fn bind(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let members = members(admitted)?;
    let (c_id, account_source) = (contact(&members, desk)?, source(&members)?);
    let open_id = filled("openId", member(&members, "openId"))?;
    if desk.bindings.iter().any(|binding| binding.c_id == c_id) {
        return Err(Rejection::Business("Bind Already exists".to_owned()));
    }
    let app_id = members.get("appId").map_or(Ok(String::new()), |sent| text("appId", sent))?;
    let account = format!("u2_{TENANT_ID}_{c_id:016x}");
    desk.bindings.push(Binding { c_id, account, remark: String::new(), open_id, app_id, account_source });
    Ok(done().with_effect(json!({"kind": "contact_bound", "cId": c_id})))
}

/// `PUT /user/relationship/cid.json`: gives a contact's binding another `openId`.
pub(crate) fn change(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let members = members(admitted)?;
    let (c_id, account_source) = (contact(&members, desk)?, source(&members)?);
    let of_contact =
        |binding: &&mut Binding| binding.c_id == c_id && binding.account_source == account_source;
    let binding = desk.bindings.iter_mut().find(of_contact).ok_or_else(no_user)?;
    if let Some(open_id) = members.get("openId") {
        binding.open_id = filled("openId", open_id)?;
    }
    Ok(done().with_effect(json!({"kind": "binding_changed", "cId": c_id})))
}

/// `GET /user/relationship/cid.json`: with both ids, only what belongs to both.
pub(crate) fn find(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let (c_id, open_id) = (call.param("cId"), call.param("openId"));
    let source = call.param("account_source").ok_or_else(|| Rejection::empty("account_source"))?;
    if c_id.is_none() && open_id.is_none() {
        return Err(Rejection::empty("cId or openId"));
    }
    let id: Option<u64> = c_id.map(|id| id.parse().map_err(|_| no_user())).transpose()?;
    if id.is_some_and(|id| !desk.has_contact(id)) {
        return Err(no_user());
    }
    let matching = desk.bindings.iter().filter(|binding| {
        binding.account_source == source
            && id.is_none_or(|id| binding.c_id == id)
            && open_id.as_ref().is_none_or(|open_id| binding.open_id == *open_id)
    });
    Ok(Reply::ok(json!({"data": matching.map(wire).collect::<Vec<_>>(), "msg": "success"})))
}

fn wire(binding: &Binding) -> Value {
    json!({
        "aId": TENANT_ID.to_string(),
        "cId": binding.c_id.to_string(),
        "account": binding.account,
        "remark": binding.remark,
        "templateId": "0",
        "openId": binding.open_id,
        "appId": binding.app_id,
        "account_source": binding.account_source,
    })
}

fn members(admitted: &Admitted<'_>) -> Result<Map<String, Value>, Rejection> {
    match sent::json(admitted)? {
        Value::Object(members) => Ok(members),
        _ => Err(Rejection::empty("cId")),
    }
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> &'a Value {
    members.get(name).unwrap_or(&Value::Null)
}

fn contact(members: &Map<String, Value>, desk: &Desk) -> Result<u64, Rejection> {
    let id = filled("cId", member(members, "cId"))?;
    id.parse().ok().filter(|id| desk.has_contact(*id)).ok_or_else(no_user)
}

fn source(members: &Map<String, Value>) -> Result<String, Rejection> {
    let source = filled("account_source", member(members, "account_source"))?;
    if SOURCES.contains(&source.as_str()) { Ok(source) } else { Err(Rejection::invalid("account_source")) }
}

fn no_user() -> Rejection {
    Rejection::Business("user error".to_owned())
}

fn done() -> Reply {
    Reply::ok(json!({"data": true, "msg": "success"}))
}
