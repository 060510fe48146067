//! Each shipped mapping has a folder of events with what becomes of them, compared member by member.

use std::{fs, path::PathBuf};

use deskbridge::{event::EventType, mapping::Parameters};
use serde::Deserialize;
use serde_json::Value;

use crate::support::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    r#type: EventType,
    parameters: Parameters,
    data: Value,
    expected: Value,
}

#[test]
fn every_event_of_the_golden_files_becomes_what_they_say() {
    for name in SHIPPED {
        let (mapping, cases) = (shipped(name), cases(name));
        assert!(cases.len() > 5, "{name} has its folder of cases");
        for (path, case) in cases {
            let found = told(apply_as(&mapping, case.r#type, &case.data, &case.parameters));
            assert_eq!(pretty(&found), pretty(&case.expected), "{}", path.display());
        }
    }
}

fn cases(name: &str) -> Vec<(PathBuf, Case)> {
    let beside = repository(&format!("mappings/{name}.cases"));
    let folder = if beside.is_dir() { beside } else { repository("tests/mapping").join(name) };
    let files = fs::read_dir(folder).expect("a folder of cases");
    let paths = files.map(|file| file.expect("a file").path());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a case");
        let case = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, case)
    };
    paths.map(read).collect()
}

/// One member a line, in one order, so that a difference can be seen.
fn pretty(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    serde_json::to_string_pretty(&value).expect("JSON")
}
