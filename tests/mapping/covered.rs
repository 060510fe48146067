//! The cases of a mapping that nobody else sends anything to hit every part of it.

use std::{collections::BTreeSet, fs};

use deskbridge::mapping::{Answers, Arm, Input, Observer, Parameters};
use serde_json::Value;

use crate::support::*;

/// Arms as table and value.
#[derive(Default)]
struct Hit(BTreeSet<(String, String)>);

impl Observer for Hit {
    fn arm(&mut self, table: &str, value: &str) {
        self.0.insert((table.to_owned(), value.to_owned()));
    }
}

#[test]
fn every_arm_and_every_option_is_hit_by_some_case() {
    for name in SHIPPED {
        let (mapping, mut hit) = (shipped(name), Hit::default());
        for case in cases(name) {
            let parameters: Parameters =
                serde_json::from_value(case["parameters"].clone()).expect("parameters");
            let event_type = case["type"].as_str().and_then(|t| t.parse().ok()).expect("a type");
            let input =
                Input { event_type, data: &case["data"], parameters: &parameters, answers: &Answers::none() };
            // What becomes of it is the golden test's concern.
            drop(mapping.map(&input, &mut hit));
        }
        let is_missed = |arm: &(String, String)| !hit.0.contains(arm);
        let told = |arm: &Arm| (arm.table.clone(), arm.value.clone());
        let missed: Vec<(String, String)> = mapping.arms().iter().map(told).filter(is_missed).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }
}

fn cases(name: &str) -> Vec<Value> {
    let files = fs::read_dir(repository(&format!("mappings/{name}.cases"))).expect("a folder of cases");
    let read = |path| serde_json::from_str(&fs::read_to_string(path).expect("a case")).expect("JSON");
    files.map(|file| read(file.expect("a file").path())).collect()
}
