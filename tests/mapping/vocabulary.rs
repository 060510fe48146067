//! The vocabulary that mappings are checked against and the client's type that their results are sent as name the
//! same fields.

use std::collections::BTreeMap;

use deskbridge::bangwo8::{CompanyWrite, TicketWrite};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::support::*;

#[derive(Deserialize)]
struct Vocabulary {
    ticket: BTreeMap<String, Field>,
    company: BTreeMap<String, Field>,
}

#[derive(Deserialize)]
struct Field {
    r#type: String,
    #[serde(default)]
    codes: BTreeMap<u64, String>,
}

fn vocabulary() -> Vocabulary {
    let text = std::fs::read_to_string(repository("mappings/vocabularies/bangwo8.yaml")).expect("a file");
    serde_saphyr::from_str(&text).expect("a vocabulary")
}

#[test]
fn the_client_can_send_every_value_of_every_field_that_a_mapping_can_give() {
    let Vocabulary { ticket, company } = vocabulary();
    ticket.iter().for_each(|(name, field)| can_be_sent::<TicketWrite>(name, field));
    company.iter().for_each(|(name, field)| can_be_sent::<CompanyWrite>(name, field));
}

fn can_be_sent<T: Serialize + DeserializeOwned>(name: &str, field: &Field) {
    let values = match field.r#type.as_str() {
        "text" => vec![json!("文")],
        "date" => vec![json!("2019-12-20")],
        "id" => vec![json!(0), json!(u64::MAX)],
        "code" => field.codes.keys().map(|code| json!(code)).collect(),
        other => panic!("{name} has the type {other}, which this test doesn't know"),
    };
    assert!(!values.is_empty(), "{name}");
    for value in values {
        let wire = json!({ name: value });
        let read: T = serde_json::from_value(wire.clone()).expect("a field that the client knows");
        assert_eq!(serde_json::to_value(&read).expect("JSON"), wire);
    }
}

#[test]
fn a_mapping_can_give_every_field_that_the_client_can_send() {
    // Written out in full, so that a new field of the client's doesn't compile until it stands here.
    let all = TicketWrite {
        subject: Some(String::new()),
        descript: Some(String::new()),
        ticket_status: Some(1),
        ticket_type: Some(1),
        priority_level: Some(1),
        ticket_source: Some(1),
        cust_user_id: Some(1),
        servicer_user_id: Some(1),
        servicer_group_id: Some(1),
        ticket_template_id: Some(1),
        cc_user_id_list: Some(String::new()),
        cc_group_id_list: Some(String::new()),
        tag_list: Some(String::new()),
        agent_id: Some(1),
        creater_id: Some(1),
        creater_type: Some(1),
        custom_template_id: Some(1),
        // A mapping gives neither: the structure of the one is not documented, the other is by a row each.
        tables: Vec::new(),
        custom_fields: Vec::new(),
    };
    let Value::Object(sent) = serde_json::to_value(all).expect("JSON") else { panic!("an object") };
    let mut sent: Vec<String> = sent.into_iter().map(|(name, _)| name).collect();
    sent.sort();
    assert_eq!(sent, vocabulary().ticket.into_keys().collect::<Vec<_>>());
}
