//! Mapping files, and events that are mapped.

use std::{path::Path, sync::LazyLock};

use serde_json::{Value, json};

use crate::{
    event::EventType,
    intake::Schemas,
    json,
    mapping::{Answers, Library, Mapping, Parameters, told},
};

/// The shipped mappings, and for each an event that is mapped by whatever is made of it.
const SHIPPED: [(&str, &str); 4] = [
    (
        "udesk-bangwo8",
        r#"{"id":1,"subject":"打印机离线","status":"open","custom_fields":{"TextField_1":"备注"}}"#,
    ),
    ("generic-bangwo8", r#"{"external_id":"1","subject":"打印机离线","status":"new","tags":["三楼"]}"#),
    ("zendesk-bangwo8", r#"{"id":1,"subject":"打印机离线","status":"open","tags":["三楼"]}"#),
    ("freshdesk-bangwo8", r#"{"id":1,"subject":"打印机离线","status":2,"priority":1}"#),
];

struct Desk {
    schemas: Schemas,
    library: Library,
    mappings: Vec<Mapping>,
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let Ok(schemas) = Schemas::load(Path::new("")) else { panic!("the shipped schemas are right") };
    let library = Library::beside(Path::new(""), schemas.whole().clone());
    let mappings =
        SHIPPED.map(|(name, _)| library.compile(name).expect("the shipped mappings are right")).into();
    Desk { schemas, library, mappings }
});

/// A mapping file in the place of a shipped one (by the first byte). What compiles is the same mapping when it is compiled
/// of what is kept of it, and maps an event without a panic.
pub fn mapping_compile(data: &[u8]) {
    let Some((which, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let which = usize::from(*which) % SHIPPED.len();
    let mut kept: Value = json::from_str(DESK.mappings[which].content()).expect("a kept mapping");
    kept["files"] = json!([{ "path": kept["files"][0]["path"], "text": text }]);
    match DESK.library.compile_kept(&kept.to_string()) {
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            // Either ends a line (YAML 1.2, section 5.4).
            let lines = text.split(['\n', '\r']).count();
            assert!(problems.iter().all(|problem| problem.place.line <= lines as u64 + 1), "{problems:?}");
        }
        Ok(mapping) => {
            let Ok(again) = DESK.library.compile_kept(mapping.content()) else {
                panic!("it compiled before")
            };
            assert_eq!(mapping.digest(), again.digest());
            for event_type in EventType::ALL {
                same_twice(&mapping, event_type, SHIPPED[which].1.as_bytes());
            }
        }
    }
}

/// Any JSON through a shipped mapping (by the first byte), as an event of a type (by the second): it is mapped or refused,
/// and what is said to be ignored is in it.
pub fn mapping_apply(data: &[u8]) {
    let [which, event_type, data @ ..] = data else { return };
    let mapping = &DESK.mappings[usize::from(*which) % SHIPPED.len()];
    let event_type = EventType::ALL[usize::from(*event_type) % EventType::ALL.len()];
    let Ok(read) = json::from_slice::<Value>(data) else { return };
    let told = same_twice(mapping, event_type, data);
    for ignored in told["ignored"].as_array().into_iter().flatten() {
        let pointer = ignored["pointer"].as_str().expect("a pointer");
        assert!(read.pointer(pointer).is_some(), "{pointer} is not there");
    }
    // Nothing comes of it but that it ends: the schema is asked before.
    drop(DESK.schemas.check(mapping.source(), event_type, &read));
}

fn same_twice(mapping: &Mapping, event_type: EventType, data: &[u8]) -> Value {
    let result = || told(&mapping.apply(event_type, data, &Parameters::new(), &Answers::none()));
    let first = result();
    assert_eq!(first, result());
    first
}
