//! The golden cases notice every change of a shipped mapping: of an arm, of a choice, of a row, of a field.

use std::path::Path;

use deskbridge::mapping::Mapping;
use serde_json::{Value, json};

use crate::{golden, sources::*, support::SHIPPED};

/// A change, in words, and the file with it.
type Mutant = (String, Value);

#[test]
fn every_change_of_a_shipped_mapping_fails_a_golden_case() {
    let folder = folder();
    for name in SHIPPED {
        let file: Value = serde_saphyr::from_str(&text_of(name)).expect("YAML");
        let mutants = mutants(&file);
        assert!(mutants.len() > 100, "{} mutants", mutants.len());
        let cases = golden::cases(name);
        let survives =
            |(_, file): &Mutant| mended(folder.path(), file).is_some_and(|m| golden::hold(&cases, &m));
        let survivors: Vec<String> = mutants.into_iter().filter(survives).map(|(change, _)| change).collect();
        assert!(survivors.is_empty(), "{name}: no case notices\n{}", survivors.join("\n"));
    }
}

#[test]
fn the_file_itself_passes_as_its_mutants_are_read() {
    let folder = folder();
    for name in SHIPPED {
        let file: Value = serde_saphyr::from_str(&text_of(name)).expect("YAML");
        let mapping = mended(folder.path(), &file).expect("a mapping");
        assert!(golden::hold(&golden::cases(name), &mapping), "{name}");
    }
}

fn mutants(file: &Value) -> Vec<Mutant> {
    let fields =
        ["ticket", "company"].into_iter().flat_map(|section| dropped(file, &format!("/{section}/fields")));
    let rows = "/ticket/custom_fields/rows";
    let mut all: Vec<Mutant> = flipped(file);
    all.extend(fields);
    all.extend(dropped(file, rows));
    all.extend(swapped(file, rows, Some("to")));
    for row in keys(file, rows) {
        let options = format!("{rows}/{row}/options");
        all.extend(dropped(file, &options));
        all.extend(swapped(file, &options, None));
    }
    all
}

/// Each arm of each table with each other code of the field that uses it.
fn flipped(file: &Value) -> Vec<Mutant> {
    let target: Value =
        serde_saphyr::from_str(include_str!("../../mappings/vocabularies/bangwo8.yaml")).expect("YAML");
    let mut all = Vec::new();
    for table in keys(file, "/tables") {
        let fields = file["ticket"]["fields"].as_object().expect("fields");
        let field = fields.iter().find(|(_, rule)| rule["table"] == table.as_str()).expect("a rule").0;
        let codes = keys(&target, &format!("/ticket/{field}/codes"));
        let codes: Vec<Value> =
            codes.iter().map(|code| json!(code.parse::<u64>().expect("a code"))).collect();
        for arm in keys(file, &format!("/tables/{table}/arms")) {
            let at = format!("/tables/{table}/arms/{arm}");
            for code in codes.iter().chain([&json!("park")]).filter(|code| file.pointer(&at) != Some(code)) {
                all.push((format!("{at}: {code}"), with(file, &at, code.clone())));
            }
        }
    }
    all
}

fn dropped(file: &Value, at: &str) -> Vec<Mutant> {
    let without = |key: String| {
        let mut file = file.clone();
        file.pointer_mut(at).and_then(Value::as_object_mut).expect("a map").remove(&key);
        (format!("{at} without {key}"), file)
    };
    keys(file, at).into_iter().map(without).collect()
}

/// Each two members of a map with each other's value, or each other's member of it.
fn swapped(file: &Value, at: &str, member: Option<&str>) -> Vec<Mutant> {
    let keys = keys(file, at);
    let place =
        |key: &String| format!("{at}/{key}{}", member.map(|member| format!("/{member}")).unwrap_or_default());
    let mut all = Vec::new();
    for (index, one) in keys.iter().enumerate() {
        for other in &keys[index + 1..] {
            let (first, second) = (file.pointer(&place(one)), file.pointer(&place(other)));
            let (first, second) = (first.expect("a value").clone(), second.expect("a value").clone());
            let swapped = with(&with(file, &place(one), second), &place(other), first);
            all.push((format!("{at}: {one} and {other} swapped"), swapped));
        }
    }
    all
}

fn keys(file: &Value, at: &str) -> Vec<String> {
    file.pointer(at).and_then(Value::as_object).into_iter().flat_map(|map| map.keys().cloned()).collect()
}

fn with(file: &Value, at: &str, value: Value) -> Value {
    let mut file = file.clone();
    *file.pointer_mut(at).expect("a value") = value;
    file
}

/// The mutant's mapping, with the reasons that its tables then have to have or not, and without what it then has no
/// use for; `None` if the compiler notices.
fn mended(folder: &Path, file: &Value) -> Option<Mapping> {
    let mut file = file.clone();
    for _ in 0..3 {
        let problems = match compile(folder, file.to_string()) {
            Ok(mapping) => return Some(mapping),
            Err(problems) => problems,
        };
        let is_told = |words: String| problems.iter().any(|problem| problem.message.starts_with(&words));
        for part in ["table", "parameter"] {
            let named = file[format!("{part}s")].as_object_mut().expect("a map");
            named.retain(|name, _| !is_told(format!("no rule uses the {part} {name}:")));
        }
        for (name, table) in file["tables"].as_object_mut().into_iter().flatten() {
            let is_told = |what: &str| is_told(format!("the table {name} {what}"));
            if is_told("can't be taken back") {
                table["lossy"] = "说明".into();
            } else if is_told("can be taken back") {
                table.as_object_mut().expect("a table").remove("lossy");
            }
        }
    }
    None
}
