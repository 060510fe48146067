//! Nothing is lost in silence: what reaches no target is told, and what a schema leaves open has to be read or refused in
//! so many words.

use std::collections::BTreeMap;

use deskbridge::{
    event::EventType,
    mapping::{Answers, Input, Library, Mapped, Mapping, Parameters},
};
use serde_json::{Value, json};

use crate::{sources, support};

fn ignored(mapped: &Mapped) -> Vec<(&str, &str)> {
    mapped.ignored.iter().map(|ignored| (ignored.pointer.as_str(), ignored.reason.as_str())).collect()
}

fn mapped(mapping: &Mapping, data: &Value) -> Mapped {
    let (parameters, answers) = (Parameters::new(), Answers::none());
    let input =
        Input { event_type: EventType::TicketUpdated, data, parameters: &parameters, answers: &answers };
    mapping.map(&input, &mut ()).unwrap_or_else(|refusal| panic!("{data}: {refusal}"))
}

fn compiled(text: &str) -> Mapping {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("mine.yaml"), text).expect("a mapping");
    let compiled = support::library(folder.path()).compile("mine.yaml");
    compiled.unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// What is said of a field that is read as text, of a source whose only event has this schema.
fn said_of(schema: Value) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let vocabularies = folder.path().join("mappings/vocabularies");
    std::fs::create_dir_all(&vocabularies).expect("a folder");
    std::fs::write(vocabularies.join("shop.yaml"), "{}").expect("a vocabulary");
    let text = "source: shop\ntarget: bangwo8\nticket:\n  events: [ticket.created]\n  lane: /id\n  fields:\n    \
                subject: { from: /title, required: true }\n    ticketStatus: { value: 1 }\n";
    std::fs::write(folder.path().join("mine.yaml"), text).expect("a mapping");
    let schemas = BTreeMap::from([("shop".to_owned(), BTreeMap::from([(EventType::TicketCreated, schema)]))]);
    let compiled = Library::beside(folder.path(), schemas).compile("mine.yaml");
    compiled.err().unwrap_or_default().into_iter().map(|problem| problem.message).collect()
}

#[test]
fn what_a_schema_leaves_open_can_be_anything() {
    let open = json!({ "required": ["id"] });
    let closed = json!({ "required": ["id"], "properties": { "id": true }, "additionalProperties": false });
    let titled = json!({ "properties": { "title": { "type": "string" } } });
    let either =
        |other: &Value| json!({ "type": "object", "anyOf": [titled, other], "x-entity": { "id": "/id" } });
    assert_eq!(
        said_of(either(&open)),
        ["the schema lets /title have values that can't be read as text: say unreadable: park or report"]
    );
    assert_eq!(said_of(either(&closed)), [""; 0], "nothing but text can be there");
}

#[test]
fn a_second_rule_waits_for_what_the_first_one_asks() {
    let mapping = compiled(
        "extends: udesk-bangwo8\nticket:\n  fields:\n    servicerUserId:\n      first_of:\n        \
         - { from: /assignee, lookup: { vendor: { name: /assignee }, on_missing: omit } }\n        \
         - { from: /assignee_id, lookup: { table: agents, on_missing: park } }\n      lossy: 一人多名\n",
    );
    let waiting =
        mapped(&mapping, &json!({ "id": 1, "subject": "甲", "assignee": "李娜", "assignee_id": 7 }));
    assert_eq!(waiting.questions.len(), 1, "{waiting:?}");
}

#[test]
fn a_line_that_has_no_room_in_the_description_is_told() {
    let mapping = compiled(
        "extends: udesk-bangwo8\nunmapped: append\nticket:\n  fields:\n    descript:\n      from: /content\n      \
         max_length: { chars: 40, over: truncate }\n      lossy: 太长的会截断\n",
    );
    let short =
        json!({ "id": 1, "subject": "甲", "content": "短", "floor": "三楼", "room": "三".repeat(60) });
    let found = mapped(&mapping, &short);
    let told = support::told(Ok(found.clone()));
    assert_eq!(told["fields"]["descript"], "短\n\n—— 未映射字段 ——\n/floor: 三楼");
    assert_eq!(ignored(&found), [("/room", "no_row")]);
}

#[test]
fn a_list_of_fields_loses_nothing() {
    let mapping = sources::compiled("acme-bangwo8");
    let fields = json!([
        { "key": "金额", "value": "1" },
        { "key": "金额", "value": "2" },
        { "value": "没有名称" },
        { "key": "城市", "value": null },
        { "key": "地区", "value": "0", "note": "旁注" }
    ]);
    let found = mapped(&mapping, &json!({ "id": 1, "title": "甲", "state": "todo", "fields": fields }));
    let told = support::told(Ok(found.clone()));
    let sent = json!([{ "key": "field_1", "value": "1" }, { "key": "field_3", "value": ["北京市"] }]);
    assert_eq!(told["fields"]["custom_fields"], sent);
    let expected = [
        ("/fields/1/value", "given_twice"),
        ("/fields/2/value", "no_row"),
        ("/fields/3/value", "not_clearable"),
        ("/fields/4/note", "no_row"),
    ];
    assert_eq!(ignored(&found), expected);
}
