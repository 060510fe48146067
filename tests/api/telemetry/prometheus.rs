//! A real Prometheus scrapes the service by its own configuration and evaluates the chart's alerts on what it finds.

use std::{path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::harness::*;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The labels by which the chart's rules know the release of this name.
const JOB: &str = "desk-deskbridge";
const NAMESPACE: &str = "desks";

/// The rules of the chart, as helm renders them.
async fn rules() -> Value {
    let helm = Path::new(ROOT).join("tests/chart/tools/node_modules/.layer/helm/helm");
    let only = ["--show-only", "templates/prometheusrule.yaml", "--set", "prometheusRule.enabled=true"];
    let mut command = Command::new(helm);
    command.args(["template", "desk", "deskbridge", "--namespace", NAMESPACE]).args(only);
    let output = command.current_dir(Path::new(ROOT).join("charts")).output().await;
    let output = output.expect("helm is there: run scripts/test once, which installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rule: Value =
        serde_saphyr::from_str(&String::from_utf8(output.stdout).expect("UTF-8")).expect("a manifest");
    rule["spec"].clone()
}

struct Prometheus {
    url: String,
    client: reqwest::Client,
    _child: Child,
}

impl Prometheus {
    async fn scraping(app: &TestApp) -> Self {
        let (folder, address) = (app.folder.path().join("prometheus"), free_address());
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("rules.yaml"), rules().await.to_string()).expect("a file");
        let target = json!({
            "targets": [app.url.trim_start_matches("http://")], "labels": { "namespace": NAMESPACE }
        });
        let config = json!({
            "global": { "scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "200ms" },
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{ "job_name": JOB, "static_configs": [target] }],
        });
        std::fs::write(folder.join("prometheus.yaml"), config.to_string()).expect("a file");
        let mut command = Command::new("prometheus");
        command.arg("--config.file=prometheus.yaml").arg("--storage.tsdb.path=data");
        command.arg(format!("--web.listen-address={address}")).current_dir(&folder).kill_on_drop(true);
        let log = std::fs::File::create(folder.join("log")).expect("a log");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().expect("prometheus is there: run scripts/test once, which installs it");
        Self { url: format!("http://{address}"), client: app.client.clone(), _child: child }
    }

    /// What its HTTP API says; nothing while it starts.
    async fn asked(&self, path: &str, query: &[(&str, &str)]) -> Option<Value> {
        let answer = self.client.get(format!("{}/api/v1/{path}", self.url)).query(query).send().await.ok()?;
        let answer: Value = answer.json().await.ok()?;
        assert!(answer["status"] == "success", "{answer}");
        Some(answer["data"].clone())
    }

    /// The value of the one series that the query finds, once it finds one.
    async fn value(&self, query: &str) -> String {
        eventually(async || {
            let found = self.asked("query", &[("query", query)]).await?;
            found["result"][0]["value"][1].as_str().map(str::to_owned)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_scrapes_every_metric_with_its_type_and_evaluates_the_charts_alerts() {
    let app = TestApp::start().await;
    app.deliver(&created(1, "工单")).await;
    app.fault_on("POST", 0, json!({ "status": 400 })).await;
    app.deliver(&created(2, "工单")).await;
    let prometheus = Prometheus::scraping(&app).await;

    let delivered = "deskbridge_deliveries_total{connection=\"acme\",result=\"delivered\"}";
    assert_eq!(prometheus.value(delivered).await, "1");
    let calls = "sum(http_client_request_duration_seconds_count{url_template=\"/api/v1/tickets.json\"}) > 1";
    prometheus.value(calls).await;
    let quantile = "histogram_quantile(0.9, sum by (le) (http_server_request_duration_seconds_bucket)) > 0";
    prometheus.value(quantile).await;
    // A single scrape may have come too late for its second.
    let up = async || {
        let target = prometheus.asked("targets", &[]).await?["activeTargets"][0].clone();
        (target["health"] == "up").then_some(target)
    };
    let target = eventually(up).await;
    assert_eq!(target["lastError"], "", "{target}");

    let page = app.metrics().await;
    let metadata = prometheus.asked("metadata", &[]).await.expect("it answers");
    for described in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = described.split_once(' ').expect("a type");
        assert_eq!(metadata[name][0]["type"], kind, "{name}: {}", metadata[name]);
        assert_ne!(metadata[name][0]["help"], "", "{name} has words");
    }
    evaluated(&prometheus).await;
}

/// Every rule is evaluated without an error; what the dead letter is about is on its way, and nothing is down.
async fn evaluated(prometheus: &Prometheus) {
    let whole = async || {
        let rules = prometheus.asked("rules", &[]).await?["groups"][0]["rules"].as_array()?.clone();
        let known = rules.iter().all(|rule| rule["health"] != "unknown");
        let is =
            |name: &str, state: &str| rules.iter().any(|rule| rule["name"] == name && rule["state"] == state);
        let told = is("DeskbridgeEventsDead", "pending") && is("DeskbridgeDown", "inactive");
        (known && told).then_some(rules)
    };
    let rules = eventually(whole).await;
    assert!(rules.len() >= 10, "{rules:?}");
    for rule in &rules {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
}
