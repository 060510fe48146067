//! A mapping is total: any JSON gives calls that the client can send, or a refusal that says where.

use std::sync::LazyLock;

use deskbridge::{
    bangwo8::{CompanyWrite, TicketWrite},
    event::EventType,
    mapping::{Answers, Change, Mapping, Parameters, Write},
};
use proptest::{collection, prelude::*, sample};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, json};

use crate::support::*;

/// Members that a rule of some mapping reads, at any depth.
const MEMBERS: &[&str] = &[
    "id",
    "subject",
    "content",
    "content_type",
    "description",
    "description_type",
    "status",
    "status_en",
    "priority",
    "platform",
    "channel",
    "type",
    "tags",
    "user",
    "user_email",
    "user_cellphone",
    "user_group_id",
    "assignee",
    "assignee_id",
    "requester",
    "email",
    "name",
    "group",
    "custom_fields",
    "TextField_1",
    "TextField_3",
    "SelectField_1",
    "SelectField_3",
    "field_14",
    "reply",
    "text",
    "updated_at",
    "value",
    "a/b~c",
    "description_text",
    "via",
    "source",
    "requester_id",
    "responder",
    "attachments",
    "file_name",
    "content_url",
    "attachment_url",
    "organization",
    "organization_fields",
    "company",
    "domains",
    "domain_names",
    "renewal_date",
    "comment",
    "html_body",
    "body",
    "public",
    "conversation",
    "private",
    "incoming",
    "author",
    "cf_sample_date",
    "cf_sample_multi_select",
];
/// Texts that some rule understands, and some that none does.
const TEXTS: &[&str] = &[
    "",
    " ",
    "open",
    "已解决",
    "high",
    "紧急",
    "email",
    "html",
    "<p>一<b>二",
    "0",
    "0,3",
    "多选框选项1",
    "1",
    "2017-05-03",
    "2017-05-04 14:26:18 +0800",
    "test@sample.com",
    "，",
    "\u{0}",
    "二〇一七年五月三日早上十点",
    "360000000101",
    "360000000104",
    "region_east",
    "whatsapp",
    "End user",
];

static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| SHIPPED.map(shipped).into());

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|n| json!(n)),
        (0u64..4).prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| Number::from_f64(n).map_or(Value::Null, Value::Number)),
        sample::select(TEXTS).prop_map(|text| json!(text)),
        any::<String>().prop_map(Value::String),
    ]
}

fn json_like_a_ticket() -> impl Strategy<Value = Value> {
    let name = prop_oneof![9 => sample::select(MEMBERS).prop_map(str::to_owned), 1 => any::<String>()];
    scalar().prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            1 => collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            4 => collection::vec((name.clone(), inner), 0..12)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn parameters() -> Parameters {
    let tables = json!({
        "ticket_template_id": 4, "agents": { "1": 565123 }, "groups": { "1": 344124 },
        "contacts": { "test@sample.com": 21130282 }, "default_contact_id": 21101341
    });
    serde_json::from_value(tables).expect("parameters")
}

fn check(mapping: &Mapping, event_type: EventType, data: &Value) {
    match apply_as(mapping, event_type, data, &parameters()) {
        Ok(mapped) => {
            match mapped.change {
                Change::Ticket(change) => check_write::<TicketWrite>(&change.write),
                Change::Company(write) => check_write::<CompanyWrite>(&write),
                Change::Options(change) => assert!(!change.levels.is_empty()),
            }
            for ignored in &mapped.ignored {
                assert!(data.pointer(&ignored.pointer).is_some(), "{} points at nothing", ignored.pointer);
            }
        }
        Err(refusal) => {
            let is_there = data.pointer(&refusal.pointer).is_some();
            assert!(is_there || refusal.code == "missing_value", "{} points at nothing", refusal.pointer);
            assert!(!refusal.message.is_empty());
        }
    }
}

fn check_write<T: DeserializeOwned>(write: &Write) {
    write.fields.or(&write.defaults).to::<T>().expect("the client can send it");
    write.fields.to::<T>().expect("the client can send it");
}

proptest! {
    #[test]
    fn any_json_is_mapped_or_refused(data in json_like_a_ticket()) {
        for (mapping, event_type) in MAPPINGS.iter().flat_map(|m| EventType::ALL.map(|t| (m, t))) {
            check(mapping, event_type, &data);
        }
    }
}

#[test]
fn bytes_that_are_no_json_are_refused_too() {
    let mapping = shipped("udesk-bangwo8");
    let refusal = mapping
        .apply(EventType::TicketCreated, b"{", &Parameters::new(), &Answers::none())
        .expect_err("a refusal");
    assert_eq!((refusal.code, refusal.pointer.as_str()), ("unreadable_value", ""));
}
