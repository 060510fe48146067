//! Every manifest is one that the API server takes, in the three newest versions of Kubernetes and of the operators.

use std::fs;

use serde_json::{Value, json};

use crate::helm::*;

/// What is tried beside the cases: each of these stores with each of these.
const STORES: [&[&str]; 2] = [
    &["--set", "store.kind=sqlite"],
    &["--set", "store.kind=postgres,store.postgres.secretName=pg,replicas=2"],
];
const VARIATIONS: [&[&str]; 10] = [
    &[],
    &["--set", "reload=restart,commonLabels.a=b"],
    &["--set", "networkPolicy.enabled=true,networkPolicy.httpsTo=null"],
    &["--set", "ingress.enabled=true,ingress.hosts={desk.example}"],
    &["--set", "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public"],
    &["--set", "serviceMonitor.enabled=true,prometheusRule.enabled=true,dashboard.enabled=true"],
    &["--set", "service.type=LoadBalancer,service.port=8443,nameOverride=hub"],
    &["--set", "serviceAccount.create=false,serviceAccount.name=shared,imagePullSecrets[0].name=registry"],
    &[
        "--set",
        "secrets.external.enabled=true,secrets.external.store.name=vault,secrets.external.data.a.key=b",
    ],
    &["--set", "mappings.acme=extends: udesk-bangwo8,otlpEndpoint=http://collector:4318"],
];
const CUSTOM: [&str; 4] = ["ExternalSecret", "HTTPRoute", "PrometheusRule", "ServiceMonitor"];

fn matrix() -> Vec<Value> {
    let mut all: Vec<Value> = CASES.iter().flat_map(|name| case(name)).collect();
    for store in STORES {
        all.extend(VARIATIONS.iter().flat_map(|variation| rendered(&[store, variation].concat())));
    }
    let scaled = "autoscaling.enabled=true,autoscaling.lag.enabled=true,autoscaling.cpuPercent=null";
    all.extend(rendered(&[STORES[1], &["--set", scaled]].concat()));
    all
}

#[test]
fn the_chart_and_every_case_pass_the_lint() {
    for case in [None, Some("sqlite"), Some("postgres"), Some("least")] {
        let values = case.map(values_of).into_iter().flatten().collect::<Vec<_>>();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let output = helm(&[&["lint", "--strict", "deskbridge"], &values[..]].concat());
        assert!(output.status.success(), "{case:?}: {}", said(&output));
    }
}

#[test]
fn the_three_newest_versions_of_kubernetes_take_every_manifest() {
    let manifests = matrix();
    let of_kubernetes = manifests.iter().filter(|it| !CUSTOM.contains(&it["kind"].as_str().unwrap()));
    let texts: Vec<String> = of_kubernetes.map(Value::to_string).collect();
    assert!(texts.len() > 100, "{}", texts.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifests.yaml");
    fs::write(&file, texts.join("\n---\n")).unwrap();
    for version in newest_versions() {
        let output = python_tool("kubernetes-validate")
            .args(["--strict", "--kubernetes-version", &version])
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{version}: {}", said(&output));
        assert_eq!(said(&output).matches(" passed for ").count(), texts.len(), "{version}");
    }
}

#[test]
fn a_manifest_with_a_mistake_is_not_taken() {
    let mut manifests = case("least");
    let wrong = manifests.iter_mut().find(|it| it["kind"] == "StatefulSet").unwrap();
    wrong["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = json!({});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifest.yaml");
    fs::write(&file, wrong.to_string()).unwrap();
    let output = python_tool("kubernetes-validate").arg("--strict").arg(&file).output().unwrap();
    assert!(!output.status.success() && said(&output).contains("readinesProbe"), "{}", said(&output));
}

/// The versions that the validator has schemas of, e.g. 1.37.
fn newest_versions() -> Vec<String> {
    let script = "import kubernetes_validate as k; print(k.latest_version())";
    let output = python_tool("python").args(["-c", script]).output().unwrap();
    let latest = said(&output);
    let (major, minor) = latest.trim().split_once('.').unwrap_or_else(|| panic!("{latest}"));
    let minor: u32 = minor.split('.').next().unwrap().parse().unwrap_or_else(|_| panic!("{latest}"));
    (minor - 2..=minor).map(|minor| format!("{major}.{minor}")).collect()
}

#[test]
fn the_operators_take_every_custom_resource() {
    let manifests = matrix();
    let custom: Vec<&Value> =
        manifests.iter().filter(|it| CUSTOM.contains(&it["kind"].as_str().unwrap())).collect();
    for kind in CUSTOM {
        assert!(custom.iter().any(|it| it["kind"] == kind), "no {kind}");
    }
    let output = crds(&json!(custom));
    assert!(output.status.success(), "{}", said(&output));
    // A misspelt member and a wrong type are found.
    let mut wrong = find(&case("sqlite"), "ServiceMonitor", "").clone();
    wrong["spec"]["endpoints"][0]["intervall"] = json!("30s");
    wrong["spec"]["endpoints"][0]["port"] = json!(8080);
    let output = crds(&json!([wrong]));
    let said = said(&output);
    assert!(!output.status.success() && said.contains("intervall") && said.contains("port"), "{said}");
}

fn crds(manifests: &Value) -> std::process::Output {
    let mut node = node();
    node.arg(repository("tests/chart/tools/crds.mjs"));
    fed(node, &manifests.to_string())
}

#[test]
fn what_chooses_pods_chooses_the_services_pods() {
    for name in CASES {
        let manifests = case(name);
        let labels = &workload(&manifests)["spec"]["template"]["metadata"]["labels"];
        let chosen = |selector: &Value| {
            let mut of = selector.as_object().unwrap_or_else(|| panic!("{name}: {selector}")).iter();
            assert!(of.all(|(key, value)| labels[key] == *value), "{name}: {selector} of {labels}");
        };
        chosen(&workload(&manifests)["spec"]["selector"]["matchLabels"]);
        chosen(&find(&manifests, "Service", "")["spec"]["selector"]);
        for kind in ["PodDisruptionBudget", "NetworkPolicy"] {
            let selectors = manifests.iter().filter(|it| it["kind"] == kind).map(|it| &it["spec"]);
            selectors
                .map(|spec| if spec["selector"].is_null() { &spec["podSelector"] } else { &spec["selector"] })
                .for_each(|selector| chosen(&selector["matchLabels"]));
        }
        let of_test = &find(&manifests, "Pod", "-test")["metadata"]["labels"];
        let selector = &find(&manifests, "Service", "")["spec"]["selector"];
        assert_ne!(of_test["app.kubernetes.io/component"], selector["app.kubernetes.io/component"]);
    }
}

#[test]
fn a_pod_may_do_nothing_that_it_needn_t() {
    for name in CASES {
        let manifests = case(name);
        let pods = [&workload(&manifests)["spec"]["template"], find(&manifests, "Pod", "-test")];
        for spec in pods.map(|pod| &pod["spec"]) {
            assert_eq!(spec["automountServiceAccountToken"], false);
            assert_eq!(spec["securityContext"]["runAsNonRoot"], true);
            let container = &spec["containers"][0]["securityContext"];
            assert_eq!(container["readOnlyRootFilesystem"], true);
            assert_eq!(container["allowPrivilegeEscalation"], false);
            assert_eq!(container["capabilities"]["drop"], json!(["ALL"]));
        }
        let spec = pods[0]["spec"].clone();
        let grace = spec["terminationGracePeriodSeconds"].as_u64().unwrap();
        let sleep = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap_or(0);
        assert_eq!(grace, sleep + 25 + 10, "longer than the service's own grace");
    }
}

#[test]
fn replicas_are_the_autoscalers_where_there_is_one() {
    let manifests = case("postgres");
    assert!(workload(&manifests)["spec"].get("replicas").is_none());
    assert_eq!(find(&manifests, "HorizontalPodAutoscaler", "")["spec"]["minReplicas"], 2);
    let fixed = rendered(STORES[1]);
    assert_eq!(workload(&fixed)["spec"]["replicas"], 2);
    assert!(fixed.iter().any(|it| it["kind"] == "PodDisruptionBudget"));
    assert!(rendered(STORES[0]).iter().all(|it| it["kind"] != "PodDisruptionBudget"));
}
