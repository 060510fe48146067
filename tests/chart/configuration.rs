//! The volume and the environment that the chart gives a pod are a configuration that deskbridge runs by.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::helm::*;

/// Variables that the chart's user brings by `extraEnvFrom`.
const BROUGHT: [(&str, &str); 2] = [("BETA_ACCOUNT", "beta@example.com"), ("BETA_PASSWORD", "a-password")];

/// What the kubelet would mount at /etc/deskbridge: the parts of the projected volume.
fn mounted(manifests: &[Value]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let volumes = workload(manifests)["spec"]["template"]["spec"]["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == "config").unwrap();
    for source in volume["projected"]["sources"].as_array().unwrap() {
        match (&source["configMap"], &source["secret"]) {
            (of, Value::Null) => config_map(folder.path(), of, manifests),
            (_, of) => secret(folder.path(), of),
        }
    }
    folder
}

fn config_map(folder: &Path, source: &Value, manifests: &[Value]) {
    let name = source["name"].as_str().unwrap();
    let is_it = |it: &&Value| it["kind"] == "ConfigMap" && it["metadata"]["name"] == name;
    let data = manifests.iter().find(is_it).unwrap_or_else(|| panic!("no ConfigMap {name}"))["data"].clone();
    match items(source) {
        Some(items) => items.for_each(|(key, path)| write(folder, path, data[key].as_str().unwrap())),
        None => data.as_object().unwrap().iter().for_each(|(k, v)| write(folder, k, v.as_str().unwrap())),
    }
}

/// Each key a secret of its own; a signing key has a form.
fn secret(folder: &Path, source: &Value) {
    for (key, path) in items(source).expect("keys by name") {
        let signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr";
        let own = format!("a-secret-of-its-own-for-{key}");
        write(folder, path, if key.contains("signing") { signing } else { &own });
    }
}

fn items(source: &Value) -> Option<impl Iterator<Item = (&str, &str)>> {
    let items = source["items"].as_array()?.iter();
    Some(items.map(|item| (item["key"].as_str().unwrap(), item["path"].as_str().unwrap())))
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The container's variables that have a value of their own.
fn environment(manifests: &[Value]) -> BTreeMap<String, String> {
    let container = &workload(manifests)["spec"]["template"]["spec"]["containers"][0];
    let env = container["env"].as_array().unwrap().iter();
    let valued = env.filter_map(|it| Some((it["name"].as_str()?.into(), it["value"].as_str()?.into())));
    valued.collect()
}

/// Runs a command of deskbridge by the chart's environment, with the volume in this folder.
fn deskbridge(arguments: &[&str], manifests: &[Value], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbridge"));
    command.args(arguments).env_clear().envs(environment(manifests)).envs(BROUGHT);
    command.env("DESKBRIDGE_CONFIG", folder.join("deskbridge.yaml")).output().unwrap()
}

#[test]
fn deskbridge_takes_every_rendered_configuration() {
    for (name, expected) in [
        ("sqlite", "2 connections (acme, beta), 2 API keys"),
        ("postgres", "1 connection (acme), 1 API key"),
        ("least", "no connection, 0 API keys"),
    ] {
        let manifests = case(name);
        let folder = mounted(&manifests);
        let output = deskbridge(&["check"], &manifests, folder.path());
        let said = said(&output);
        assert!(output.status.success(), "{name}: {said}");
        assert!(said.contains(&format!("good: {expected}")), "{name}: {said}");
    }
}

#[test]
fn the_mappings_and_schemas_of_the_values_are_those_in_force() {
    let mut manifests = case("sqlite");
    for (map, file, mistake) in [
        ("-mappings", "acme.yaml", "extends: no-such-mapping"),
        ("-schemas", "events__generic__ticket.created.json", "{"),
    ] {
        let is_it = |it: &&mut Value| it["metadata"]["name"] == format!("desk-deskbridge{map}");
        let data = &mut manifests.iter_mut().find(is_it).unwrap()["data"][file];
        let good = std::mem::replace(data, mistake.into());
        let folder = mounted(&manifests);
        let output = deskbridge(&["check"], &manifests, folder.path());
        assert!(!output.status.success(), "{file}: {}", said(&output));
        manifests.iter_mut().find(is_it).unwrap()["data"][file] = good;
    }
}

#[test]
fn deskbridge_takes_the_rendered_settings() {
    for name in ["sqlite", "least"] {
        let manifests = case(name);
        let folder = mounted(&manifests);
        // Settings that can't be read end with 2; these are read, and nothing listens there.
        let output = deskbridge(&["healthcheck"], &manifests, folder.path());
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        assert!(said(&output).contains("nothing answers on"), "{name}: {}", said(&output));
    }
    let large = ["--set", "settings.disk_budget_bytes=900000000000000,settings.max_body_bytes=16777216"];
    let env = environment(&rendered(&large));
    assert_eq!(env["DESKBRIDGE_DISK_BUDGET_BYTES"], "900000000000000");
    assert_eq!(env["DESKBRIDGE_MAX_BODY_BYTES"], "16777216");
}

#[test]
fn a_certificate_from_a_secret_is_read_probed_and_scraped_as_one() {
    let manifests = rendered(&["--set", "tls.secretName=desk-tls,serviceMonitor.enabled=true"]);
    let env = environment(&manifests);
    let pod = &find(&manifests, "StatefulSet", "")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let mounts = container["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["name"] == "tls").unwrap()["mountPath"].as_str().unwrap();
    assert_eq!(env["DESKBRIDGE_TLS_CERT"], format!("{mount}/tls.crt"));
    assert_eq!(env["DESKBRIDGE_TLS_KEY"], format!("{mount}/tls.key"));
    let volumes = pod["volumes"].as_array().unwrap();
    assert!(volumes.iter().any(|it| it["name"] == "tls" && it["secret"]["secretName"] == "desk-tls"));
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["httpGet"]["scheme"], "HTTPS", "{probe}");
    }
    assert_eq!(find(&manifests, "ServiceMonitor", "")["spec"]["endpoints"][0]["scheme"], "https");
    let test = &find(&manifests, "Pod", "-test")["spec"]["containers"][0]["args"];
    assert!(test[2].as_str().unwrap().starts_with("https://") && test[3] == "--insecure", "{test}");
    let plain = rendered(&[]);
    let pod = &find(&plain, "StatefulSet", "")["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["livenessProbe"]["httpGet"]["scheme"], "HTTP");
}

#[test]
fn the_test_of_a_release_is_a_command_that_deskbridge_has() {
    let manifests = case("sqlite");
    let arguments = &find(&manifests, "Pod", "-test")["spec"]["containers"][0]["args"];
    let arguments: Vec<&str> = arguments.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(arguments[1..], ["--url", "http://desk-deskbridge:80"]);
    let output = deskbridge(&[arguments[0], "--url", "http://127.0.0.1:9"], &manifests, Path::new(""));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn an_edit_replaces_the_pods_only_if_that_is_wanted() {
    let annotations = |reload: &str, key: &str| {
        let values = values_of("sqlite");
        let set = format!("reload={reload},config.api_keys[0].name={key}");
        let manifests = rendered(&[&values[0], &values[1], "--set", &set]);
        workload(&manifests)["spec"]["template"]["metadata"]["annotations"].clone()
    };
    assert_eq!(annotations("hot", "one"), annotations("hot", "other"));
    assert_ne!(annotations("restart", "one"), annotations("restart", "other"));
}

#[test]
fn a_secret_stands_in_no_manifest_but_by_name() {
    let manifests = case("postgres");
    assert!(manifests.iter().all(|it| it["kind"] != "Secret"));
    let container = &workload(&manifests)["spec"]["template"]["spec"]["containers"][0];
    let env = container["env"].as_array().unwrap();
    let store = env.iter().find(|it| it["name"] == "DESKBRIDGE_STORE").unwrap();
    assert_eq!(store["valueFrom"]["secretKeyRef"]["key"], "postgres-url");
    assert!(!mounted(&manifests).path().join("secrets/postgres-url").exists(), "it is needed in one place");
}
