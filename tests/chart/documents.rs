//! What is written about the chart is what it is.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::helm::*;

/// A value: its path, and what the comment above it says.
struct Documented {
    path: String,
    meaning: String,
}

/// Every value that has a comment beginning with `# --` above it.
fn documented() -> Vec<Documented> {
    let (text, mut above, mut found) = (text("charts/deskbridge/values.yaml"), Vec::new(), Vec::new());
    let mut meaning = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(words) = trimmed.strip_prefix("# -- ") {
            meaning = Some(words.to_owned());
        } else if let Some((key, _)) = trimmed.split_once(':').filter(|_| !trimmed.starts_with('#')) {
            above.truncate((line.len() - trimmed.len()) / 2);
            above.push(key);
            found.extend(meaning.take().map(|meaning| Documented { path: above.join("."), meaning }));
        }
    }
    found
}

fn values() -> Value {
    serde_saphyr::from_str(&text("charts/deskbridge/values.yaml")).unwrap()
}

fn at<'a>(values: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(values, |value, key| value.get(key).unwrap_or_else(|| panic!("no value {path}")))
}

#[test]
fn the_table_of_values_is_that_of_the_file() {
    let values = values();
    let row = |it: &Documented| {
        let meaning = it.meaning.replace('|', "\\|");
        format!("| `{}` | `{}` | {meaning} |", it.path, at(&values, &it.path))
    };
    let expected: Vec<String> = documented().iter().map(row).collect();
    let readme = text("charts/deskbridge/README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows, expected, "the table should be:\n{}", expected.join("\n"));
}

#[test]
fn every_value_has_a_meaning() {
    fn undocumented(value: &Value, path: &str, documented: &BTreeSet<String>) -> Vec<String> {
        match value {
            _ if documented.contains(path) => Vec::new(),
            Value::Object(of) if !of.is_empty() => {
                let below = |(key, value)| {
                    let path = if path.is_empty() { String::clone(key) } else { format!("{path}.{key}") };
                    undocumented(value, &path, documented)
                };
                of.iter().flat_map(below).collect()
            }
            _ => vec![path.to_owned()],
        }
    }
    let documented = documented().into_iter().map(|it| it.path).collect();
    assert_eq!(undocumented(&values(), "", &documented), Vec::<String>::new());
}

#[test]
fn the_settings_are_those_of_the_process() {
    let manual = text("docs/operations.md");
    let variables = manual.lines().filter_map(|line| line.strip_prefix("| `DESKBRIDGE_")?.split_once('`'));
    let variables: BTreeSet<String> = variables.map(|(name, _)| name.to_lowercase()).collect();
    let mut expected = variables.clone();
    // What the chart sets by the volumes and Secrets that it mounts.
    for mounted in ["config", "store", "tls_cert", "tls_key"] {
        assert!(expected.remove(mounted), "{mounted}: {variables:?}");
    }
    let values = values();
    let settings: BTreeSet<String> = values["settings"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(settings, expected);
}

#[test]
fn the_readmes_examples_are_values_that_the_chart_takes() {
    let readme = text("charts/deskbridge/README.md");
    let examples: Vec<&str> = readme
        .split("```yaml\n# values.yaml")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(examples.len() >= 2, "{}", examples.len());
    for example in examples {
        let file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        std::fs::write(file.path(), example).unwrap();
        rendered(&["--values", file.path().to_str().unwrap()]);
    }
}

#[test]
fn the_charts_version_of_deskbridge_is_this_one() {
    let chart: Value = serde_saphyr::from_str(&text("charts/deskbridge/Chart.yaml")).unwrap();
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_image_is_built_by_the_toolchain_of_the_project_and_named_by_its_version() {
    let (dockerfile, toolchain) = (text("Dockerfile"), text("rust-toolchain.toml"));
    let channel = toolchain.split('"').nth(1).unwrap();
    assert!(dockerfile.contains(&format!("library/rust:{channel}-slim-bookworm\n")), "{channel}");
    assert!(dockerfile.contains(&format!("ARG VERSION={}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn what_is_told_after_an_installation_names_what_was_installed() {
    for (name, of_log) in [("sqlite", "statefulset/desk-deskbridge"), ("postgres", "deployment/desk\n")] {
        let values = values_of(name);
        let install = [
            "install",
            RELEASE,
            "deskbridge",
            "--dry-run=client",
            "--namespace",
            "desks",
            &values[0],
            &values[1],
        ];
        let told = said(&helm(&install));
        assert!(told.contains("helm test desk --namespace desks"), "{told}");
        assert!(told.contains(of_log), "{told}");
    }
}
