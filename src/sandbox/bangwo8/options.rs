//! Writing the options of dropdowns and cascades (§7.3, §7.4). A write that is refused changes nothing.
//!
//! System fields have options too, but these are the vendor's own: to the writes they do not exist.

use serde_json::{Value, json};

use super::desk::Desk;
use super::fields::{Field, FieldOption, kind};
use super::option_tree::{self, Parent, SentOption};
use super::sent::{self, filled, text};
use super::{Admitted, Answer, Rejection, Reply};

/// `PUT /tickets/ticket_fields/{columnId}/allOptions.json`: what is not sent is gone.
pub(crate) fn replace(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let field = writable(desk, admitted.id, &[kind::DROPDOWN])?;
    let sent = options_of(admitted, &field)?;
    let mut old = field.custom_field_options.clone();
    let all = put(&mut old, &sent, desk)?;
    store(desk, &field, all.clone(), &all, "options_replaced")
}

/// `PUT /tickets/ticket_fields/{columnId}/options.json`: what is not sent stays. The answer has what was sent.
pub(crate) fn upsert(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let field = writable(desk, admitted.id, &[kind::DROPDOWN, kind::CASCADE])?;
    let sent = options_of(admitted, &field)?;
    let mut tree = field.custom_field_options.clone();
    let changed = put(&mut tree, &sent, desk)?;
    store(desk, &field, tree, &changed, "options_upserted")
}

/// `DELETE /tickets/ticket_fields/{columnId}/options.json`. Of two ids that disagree `extendId` decides, which
/// the text of the failure denies (§13, 24).
pub(crate) fn delete(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let field = desk.custom_field_mut(admitted.id).ok_or_else(no_column)?;
    let parameter = |name| admitted.call.param(name).unwrap_or_default();
    let (id, extend_id) = (parameter("optionId"), parameter("extendId"));
    if id.is_empty() && extend_id.is_empty() {
        let reason = "Fill in at least one of optionId and extendId, but not both";
        return Err(Rejection::Business(reason.to_owned()));
    }
    let found = option_tree::find(&field.custom_field_options, &id, &extend_id).map(|it| it.key.clone());
    let deleted = found.and_then(|id| option_tree::take(&mut field.custom_field_options, &id));
    let deleted = deleted.ok_or_else(|| Rejection::Business("optionId or extendId not exist".to_owned()))?;
    let effect = json!({"kind": "option_deleted", "columnId": field.id, "optionId": deleted.key});
    Ok(Reply::ok(wire(&deleted)).with_effect(effect))
}

fn writable(desk: &Desk, column_id: &str, kinds: &[&str]) -> Result<Field, Rejection> {
    let field = desk.custom_field(column_id).ok_or_else(no_column)?;
    if kinds.contains(&field.kind.as_str()) { Ok(field.clone()) } else { Err(Rejection::NotADropdown) }
}

fn no_column() -> Rejection {
    Rejection::unknown("columnId")
}

/// The body is a bare array. An empty one names no option, so it is refused like an option without a name
/// instead of removing them all.
fn options_of(admitted: &Admitted<'_>, field: &Field) -> Result<Vec<SentOption>, Rejection> {
    let body = sent::json(admitted)?;
    let options = body.as_array().filter(|options| !options.is_empty());
    let options = options.ok_or_else(|| Rejection::empty("optionName"))?;
    options.iter().map(|option| option_of(option, field)).collect()
}

fn option_of(sent: &Value, field: &Field) -> Result<SentOption, Rejection> {
    let member = |name: &str| match sent.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(value) => text(name, value),
    };
    let parent = if field.kind == kind::CASCADE {
        Parent { id: member("parentId")?, extend_id: member("extendParentId")? }
    } else {
        Parent::default()
    };
    let name = filled("optionName", sent.get("optionName").unwrap_or(&Value::Null))?;
    Ok(SentOption { name, extend_id: member("extendId")?, parent })
}

/// Puts one option after the other, so that an option may stand under one sent before it.
fn put(
    tree: &mut Vec<FieldOption>,
    all: &[SentOption],
    desk: &mut Desk,
) -> Result<Vec<FieldOption>, Rejection> {
    let mut done: Vec<FieldOption> = Vec::new();
    for sent in all {
        let option = option_tree::put(tree, sent, || desk.new_option_id()).ok_or_else(|| no_parent(sent))?;
        if done.iter().any(|earlier| earlier.key == option.key) {
            return Err(repeated());
        }
        done.push(option);
    }
    Ok(done)
}

fn no_parent(sent: &SentOption) -> Rejection {
    Rejection::unknown(if sent.parent.extend_id.is_empty() { "parentId" } else { "extendParentId" })
}

fn repeated() -> Rejection {
    Rejection::Business("optionName cannot repeat".to_owned())
}

fn store(desk: &mut Desk, field: &Field, all: Vec<FieldOption>, shown: &[FieldOption], kind: &str) -> Answer {
    if option_tree::has_twins(&all) {
        return Err(repeated());
    }
    desk.custom_field_mut(&field.id).ok_or_else(no_column)?.custom_field_options = all;
    let ids: Vec<&str> = shown.iter().map(|option| option.key.as_str()).collect();
    let effect = json!({"kind": kind, "columnId": field.id, "optionIds": ids});
    let options: Vec<Value> = shown.iter().map(wire).collect();
    let body = json!({
        "columnId": field.id, "name": field.name, "key": field.key, "type": field.kind,
        "custom_field_options": options,
    });
    Ok(Reply::ok(body).with_effect(effect))
}

/// The names that writes give an option; reads have others.
fn wire(option: &FieldOption) -> Value {
    json!({"optionId": option.key, "optionName": option.value, "extendId": option.extend_id})
}
