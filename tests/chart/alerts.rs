//! Alerts and dashboard ask for metrics and labels that exist, in PromQL that Prometheus takes, and the alerts fire when they
//! should and not before.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::helm::*;

/// Labels that Prometheus gives, or that a histogram has.
const GIVEN: [&str; 3] = ["namespace", "job", "le"];

/// The rules as they are rendered, in a file of their own.
fn rules() -> (TempDir, Value) {
    let manifests = rendered(&["--set", "prometheusRule.enabled=true"]);
    let rules = find(&manifests, "PrometheusRule", "")["spec"].clone();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.yaml"), rules.to_string()).unwrap();
    (folder, rules)
}

fn alerts(rules: &Value) -> &Vec<Value> {
    rules["groups"][0]["rules"].as_array().unwrap()
}

fn promtool(arguments: &[&str], folder: &TempDir) -> Output {
    let output = Command::new("promtool").args(arguments).current_dir(folder.path()).output();
    output.expect("promtool is there: run scripts/test once, which installs it")
}

#[test]
fn the_alerts_fire_when_they_should_and_not_before() {
    let (folder, rules) = rules();
    let output = promtool(&["check", "rules", "rules.yaml"], &folder);
    assert!(output.status.success(), "{}", said(&output));
    let tests = text("tests/chart/alerts.yaml");
    for alert in alerts(&rules) {
        let name = alert["alert"].as_str().unwrap();
        assert!(tests.matches(&format!("alertname: {name}\n")).count() >= 2, "{name} is to fire and not to");
    }
    fs::write(folder.path().join("tests.yaml"), tests).unwrap();
    let output = promtool(&["test", "rules", "tests.yaml"], &folder);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn every_alert_has_an_entry_in_the_runbook_and_the_other_way_round() {
    let (_folder, rules) = rules();
    let manual = text("docs/operations/runbook.md");
    let entries: BTreeSet<&str> =
        manual.lines().filter_map(|line| line.strip_prefix("## Deskbridge")).collect();
    let alerts: BTreeSet<&str> = alerts(&rules)
        .iter()
        .map(|it| it["alert"].as_str().unwrap().trim_start_matches("Deskbridge"))
        .collect();
    assert_eq!(alerts, entries);
}

#[test]
fn the_alerts_ask_for_what_is_measured() {
    let (_folder, rules) = rules();
    let measured = measured();
    alerts(&rules).iter().for_each(|alert| asks(alert["expr"].as_str().unwrap(), &measured));
}

#[test]
fn the_dashboard_asks_for_what_is_measured_in_a_language_that_prometheus_speaks() {
    let manifests = rendered(&["--set", "dashboard.enabled=true"]);
    let json = &find(&manifests, "ConfigMap", "-dashboard")["data"]["deskbridge.json"];
    let dashboard: Value = serde_json::from_str(json.as_str().unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let annotations = dashboard["annotations"]["list"].as_array().unwrap().iter();
    let queries: Vec<&str> = targets.chain(annotations).map(|it| it["expr"].as_str().unwrap()).collect();
    assert!(queries.len() > 15, "{}", queries.len());
    let measured = measured();
    queries.iter().for_each(|query| asks(query, &measured));
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    variables.filter_map(|it| it["definition"].as_str()).for_each(|query| asks(query, &measured));

    let rule = |(i, query): (usize, &&str)| {
        let expr = query.replace("$__rate_interval", "5m").replace("$job", ".*").replace("$connection", ".*");
        json!({ "record": format!("panel:{i}"), "expr": expr })
    };
    let rules = queries.iter().enumerate().map(rule).collect::<Vec<_>>();
    let folder = tempfile::tempdir().unwrap();
    let file = json!({ "groups": [{ "name": "dashboard", "rules": rules }] }).to_string();
    fs::write(folder.path().join("rules.yaml"), file).unwrap();
    let output = promtool(&["check", "rules", "rules.yaml"], &folder);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn what_the_autoscaler_looks_at_is_measured() {
    let manifests = case("postgres");
    let metrics = find(&manifests, "HorizontalPodAutoscaler", "")["spec"]["metrics"].as_array().unwrap();
    let name = |it: &Value| it["external"]["metric"]["name"].as_str().map(str::to_owned);
    let names: Vec<String> = metrics.iter().filter_map(name).collect();
    assert_eq!(names.len(), 1);
    names.iter().for_each(|name| asks(name, &measured()));
}

/// Every metric with its labels, as the manual has them, each of which the code registers.
fn measured() -> BTreeMap<String, BTreeSet<String>> {
    let (manual, code) = (text("docs/operations/metrics.md"), registered());
    let rows = manual.lines().filter_map(|line| line.strip_prefix("| `deskbridge_")?.split_once('`'));
    let mut measured = BTreeMap::new();
    for (metric, _) in rows {
        let (name, labels) = metric.split_once('{').unwrap_or((metric, ""));
        let stem = name.trim_end_matches("_total");
        assert!(code.contains(&format!("\"{stem}\"")), "the code registers no {stem}");
        let labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
        measured.insert(format!("deskbridge_{name}"), labels.map(str::to_owned).collect());
    }
    assert!(measured.len() > 20, "{measured:?}");
    measured
}

/// The code in which metrics are registered.
fn registered() -> String {
    let folder = fs::read_dir(repository("src/telemetry")).unwrap();
    let files = folder.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    files.collect()
}

/// Panics unless a query asks for measured metrics by labels that they have.
fn asks(query: &str, measured: &BTreeMap<String, BTreeSet<String>>) {
    for (at, _) in query.match_indices("deskbridge_") {
        let rest = &query[at..];
        let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())];
        let stem =
            ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let labels = measured.get(stem).unwrap_or_else(|| panic!("{stem} is not measured: {query}"));
        let Some(selector) = rest[name.len()..].strip_prefix('{') else { continue };
        for matcher in selector[..selector.find('}').unwrap()].split(',') {
            let label = matcher.split(['=', '!']).next().unwrap();
            assert!(GIVEN.contains(&label) || labels.contains(label), "{stem} has no label {label}: {query}");
        }
    }
}
