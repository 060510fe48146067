//! Whatever the vendor answers, the client reads it or says why not.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use deskbridge::udesk::{Client, FieldDefinition, Search, Ticket};
use proptest::prelude::*;
use serde_json::{Value, value::to_raw_value};
use tokio::runtime::Runtime;

use crate::vendor::Vendor;

use super::options;

const DOCUMENTS: [&str; 3] = [
    include_str!("../documents/udesk-ticket.json"),
    include_str!("../documents/udesk-v2-tickets.json"),
    include_str!("../documents/udesk-ticket-fields.json"),
];

/// Scalars in every spelling that has been seen.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::from("")),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{1,4}".prop_map(Value::from),
        "[\\PC]{0,8}".prop_map(Value::from),
        Just(Value::from("2016-07-28 20:44:08 +0800")),
    ]
}

/// Puts the scalars in place of those of the document, except ids and the identifiers of fields.
fn respelled(value: &mut Value, scalars: &mut impl Iterator<Item = Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| respelled(item, scalars)),
        Value::Object(object) => {
            for (key, value) in object {
                if !["id", "field_name", "status", "code"].contains(&key.as_str()) {
                    respelled(value, scalars);
                }
            }
        }
        scalar => *scalar = scalars.next().unwrap_or_default(),
    }
}

/// A vendor that answers with what it is sent, so that each case is an HTTP answer.
fn echo() -> &'static (Runtime, Client) {
    static ECHO: OnceLock<(Runtime, Client)> = OnceLock::new();
    ECHO.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let url = {
            let _guard = runtime.enter();
            Vendor::start(|seen, _| {
                let query: Vec<(String, String)> =
                    url::form_urlencoded::parse(seen.query.as_bytes()).into_owned().collect();
                let (_, body) = query.iter().find(|(name, _)| name == "query").unwrap();
                HttpResponse::Ok().body(hex::decode(body).unwrap())
            })
            .url
        };
        let client = Client::new(options(&url)).unwrap();
        (runtime, client)
    })
}

proptest! {
    #[test]
    fn a_documented_shape_is_read_however_its_scalars_are_spelled(
        scalars in proptest::collection::vec(scalar(), 64),
    ) {
        let mut scalars = scalars.into_iter();
        for document in DOCUMENTS {
            let mut document: Value = serde_json::from_str(document).unwrap();
            respelled(&mut document, &mut scalars);
            for field in document["ticket_fields"].as_array().into_iter().flatten() {
                let read = FieldDefinition::read(&to_raw_value(field).unwrap()).unwrap();
                prop_assert_eq!(Some(read.name.as_str()), field["field_name"].as_str());
            }
            let tickets = match &document["contents"] {
                Value::Array(items) => items.clone(),
                Value::Null => vec![],
                one => vec![one.clone()],
            };
            for ticket in tickets {
                let read = Ticket::read(&to_raw_value(&ticket).unwrap());
                prop_assert_eq!(read.map(|read| read.id), Some(1));
            }
        }
    }

    #[test]
    fn any_bytes_end_in_a_value_or_an_error(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "\\{\"code\":1000,\"organizations\":[\\PC]{0,60}\\}".prop_map(String::into_bytes),
            scalar().prop_map(|value| serde_json::json!({"code": 1000, "organizations": value}).to_string().into()),
        ],
    ) {
        let (runtime, client) = echo();
        let hex = hex::encode(&bytes);
        let result = runtime.block_on(client.v2().organizations_page(Search::query(&hex), 1, 100));
        let code = result.map_or_else(|error| error.code(), |_| "ok");
        prop_assert!(["ok", "not_json", "bad_answer", "rejected", "unauthorized"].contains(&code), "{}", code);
    }
}
