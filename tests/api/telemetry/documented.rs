//! What is exported is documented, and what is documented is exported: names and labels of metrics.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::json;

use super::{
    Exporting,
    collector::{Collector, points},
};
use crate::harness::*;

/// Labels by the metric's name, as Prometheus has both.
type Named = BTreeMap<String, BTreeSet<String>>;

fn words(text: &str) -> BTreeSet<String> {
    text.split(',')
        .map(|word| word.trim_matches([' ', '`']))
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The quoted words of a cell.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn rows(path: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).expect("a page");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Of deskbridge's own: `name{label,label}`, and several of one kind in one row as `deskbridge_a`, `…_b`.
fn documented() -> Named {
    let mut named = Named::new();
    for row in rows("docs/operations/metrics.md") {
        let mut before: Option<(String, BTreeSet<String>)> = None;
        for word in quoted(&row[0]) {
            let (name, labels) = word.split_once('{').unwrap_or((word, ""));
            let told = match (name.strip_prefix("…_"), &before) {
                (Some(ending), Some((name, labels))) => {
                    (format!("{}_{ending}", name.rsplit_once('_').expect("several words").0), labels.clone())
                }
                _ => (name.to_owned(), words(labels.trim_end_matches('}'))),
            };
            before = Some(told.clone());
            named.insert(told.0, told.1);
        }
    }
    let of_http = rows("docs/telemetry.md").into_iter().filter(|row| row[0].starts_with("`http_"));
    named.extend(of_http.map(|row| (quoted(&row[0])[0].to_owned(), words(&row[2]))));
    named
}

/// What a page of `/metrics` has: each family's name, and the labels of its series if there are any.
fn exposed(page: &str) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let mut named = BTreeMap::new();
    for line in page.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
            let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
            named.insert(name, None);
        } else if let Some((name, labels)) = line.rsplit_once(' ').map(|(series, _)| series).and_then(sample)
        {
            let of =
                named.keys().find(|family| name == **family || name == format!("{family}_count")).cloned();
            of.map(|of| named.insert(of, Some(labels)));
        }
    }
    named
}

fn sample(series: &str) -> Option<(&str, BTreeSet<String>)> {
    if series.starts_with('#') {
        return None;
    }
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    // Values hold commas: a label's name stands before `="`.
    let names = labels.split("=\"").filter_map(|part| part.rsplit([',', '"']).next());
    Some((
        name,
        names.filter(|name| !name.is_empty() && *name != "}" && *name != "le").map(str::to_owned).collect(),
    ))
}

/// A configuration with everything that is counted.
fn everything(authority: &Authority) -> Options {
    Options {
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret }, requests_per_minute: 100000 }".into(),
        poll: "{ every_s: 1 }".into(),
        ticketviews: "{ refresh_s: 1 }".into(),
        drift: "{ check_s: 1 }".into(),
        tls: Some(authority.pair()),
        ..Options::default()
    }
}

/// What is told only once it has happened.
async fn happens(app: &TestApp, authority: &Authority) {
    app.delivered(&created(1, "工单")).await;
    app.parked(&created_with(2, json!({ "status": "没有这个状态" }))).await;
    assert_eq!(send(app.client.post(app.path("/events"))).await.status, 415);
    assert_eq!(app.operate("/events/created-2/replay").await.status, 200);
    let changed = Options { retry: "{ first_wait_ms: 30 }".into(), ..app.options.clone() };
    write_config(app.folder.path(), &app.sandbox, &changed);
    authority.pair().write(app.folder.path());
    app.reload.notify_one();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_documented_with_its_labels_and_every_documented_one_is_there() {
    let authority = Authority::new();
    let app = TestApp::with(everything(&authority)).await;
    happens(&app, &authority).await;
    let documented = documented();
    let shown = async || {
        let exposed = exposed(&app.metrics().await);
        documented.keys().all(|name| exposed.contains_key(name)).then_some(exposed)
    };
    let exposed = eventually(shown).await;
    for (name, labels) in &exposed {
        let told = documented.get(name).unwrap_or_else(|| panic!("{name} is documented nowhere"));
        assert_eq!(labels.as_ref(), Some(told), "the labels of {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_documented_too() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    assert_eq!(service.deliver(&created(1, "工单").to_string()).await.str("/status"), "delivered");
    service.stop().await;
    let (documented, metrics) = (documented(), collector.metrics());
    assert!(metrics.len() > 10, "{metrics:?}");
    // A name without its unit or its ending, a label with dots.
    let spelled = |name: &str| name.replace('.', "_");
    for metric in metrics {
        let names = ["", "_total", "_seconds"].map(|ending| format!("{}{ending}", spelled(&metric.name)));
        let told = names.iter().find_map(|name| documented.get(name));
        let told = told.unwrap_or_else(|| panic!("{} is documented nowhere", metric.name));
        for (attributes, _) in points(&metric) {
            let sent: BTreeSet<String> = attributes.keys().map(|name| spelled(name)).collect();
            assert!(sent.is_subset(told), "{}: {sent:?}", metric.name);
        }
    }
}
