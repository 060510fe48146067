//! The Udesk client, both families.

mod arbitrary;
mod documents;
mod faults;
mod lists;
mod raw;
mod v2;
mod writes;

use std::num::NonZeroU32;

use deskbridge::udesk::{Client, Error, FieldDefinition, FieldDefinitions, Options};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use url::Url;

/// The sample secret of the vendor's own documents.
const SECRET: &str = "99d80d18b0b9a994a8d0283e830e5099";
const EMAIL: &str = "ops+udesk@example.com";
const TOKEN: &str = "11111111-2222-3333-4444-555555555555";

/// Options for both families with limits that no test reaches by accident.
fn options(url: &Url) -> Options {
    let mut options = Options::new(url.clone()).v1(SECRET.into()).v2(EMAIL.into(), TOKEN.into());
    (options.v1_requests_per_minute, options.v2_requests_per_minute) = (NonZeroU32::MAX, NonZeroU32::MAX);
    options
}

fn client(url: &Url) -> Client {
    Client::new(options(url)).unwrap()
}

async fn all<T>(stream: impl Stream<Item = Result<T, Error>>) -> (Vec<T>, Option<Error>) {
    let results: Vec<Result<T, Error>> = stream.collect().await;
    let mut items = Vec::new();
    for result in results {
        match result {
            Ok(item) => items.push(item),
            Err(error) => return (items, Some(error)),
        }
    }
    (items, None)
}

/// Definitions from their JSON, of either family.
fn definitions(fields: &[Value]) -> FieldDefinitions {
    let read =
        |field: &Value| FieldDefinition::read(&serde_json::value::to_raw_value(field).unwrap()).unwrap();
    FieldDefinitions::new(fields.iter().map(read))
}

/// One drop-down, one set of boxes, one cascade.
fn some_definitions() -> FieldDefinitions {
    definitions(&[
        json!({"field_name": "SelectField_1", "content_type": "droplist", "options": [{"0": "网络"}, {"1": "打印机"}]}),
        json!({"field_name": "SelectField_3", "content_type": "checkbox",
            "options": [{"0": "上午"}, {"1": "下午,晚上"}, {"2": "周末"}, {"3": "周末"}]}),
        json!({"field_name": "SelectField_4", "content_type": "chained_droplist", "options": [{"title": "北京",
            "value": "0", "subs": [{"title": "海淀", "value": "1", "subs": []}]}]}),
    ])
}
