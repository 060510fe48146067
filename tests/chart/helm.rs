//! helm and the other tools that `scripts/test` installs, and what helm renders.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// The name of the release.
pub(crate) const RELEASE: &str = "desk";

/// Its values: one file each, beside the chart's own.
pub(crate) const CASES: [&str; 3] = ["sqlite", "postgres", "least"];

/// What stands at this path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of the file at this path of the repository.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A tool of `.venv`.
pub(crate) fn python_tool(name: &str) -> Command {
    installed(repository(".venv/bin").join(name))
}

/// Node.js.
pub(crate) fn node() -> Command {
    installed(repository("tests/js/node_modules/.bin/node"))
}

fn installed(path: PathBuf) -> Command {
    assert!(path.exists(), "{} is not there: run scripts/test once, which installs it", path.display());
    Command::new(path)
}

/// Runs helm on the chart.
pub(crate) fn helm(arguments: &[&str]) -> Output {
    let mut command = installed(repository("tests/chart/tools/node_modules/.layer/helm/helm"));
    command.args(arguments).current_dir(repository("charts")).output().expect("helm runs")
}

/// Arguments by which helm takes the values of a case.
pub(crate) fn values_of(case: &str) -> [String; 2] {
    ["--values".into(), repository(&format!("tests/chart/values/{case}.yaml")).display().to_string()]
}

/// What helm makes of the chart with these further arguments.
pub(crate) fn template(arguments: &[&str]) -> Output {
    helm(&[&["template", RELEASE, "deskbridge", "--namespace", "desks"], arguments].concat())
}

/// The manifests of the chart with these further arguments.
pub(crate) fn rendered(arguments: &[&str]) -> Vec<Value> {
    let output = template(arguments);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{arguments:?}: {complaints}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    // helm begins each manifest with this line; text inside of one is indented.
    text.split("\n---\n")
        .map(|one| serde_saphyr::from_str::<Value>(one).unwrap_or_else(|error| panic!("{error}: {one}")))
        .filter(|manifest| !manifest.is_null())
        .collect()
}

/// The manifests of a case.
pub(crate) fn case(name: &str) -> Vec<Value> {
    let values = values_of(name);
    rendered(&[&values[0], &values[1]])
}

/// The one manifest of this kind whose name ends so.
pub(crate) fn find<'a>(manifests: &'a [Value], kind: &str, name_end: &str) -> &'a Value {
    let fits = |it: &&Value| {
        it["kind"] == kind && it["metadata"]["name"].as_str().is_some_and(|name| name.ends_with(name_end))
    };
    let found: Vec<&Value> = manifests.iter().filter(fits).collect();
    let [one] = found[..] else { panic!("{} of {kind} …{name_end}", found.len()) };
    one
}

/// The manifest whose pods run the service.
pub(crate) fn workload(manifests: &[Value]) -> &Value {
    let of_pods = |it: &&Value| it["kind"] == "StatefulSet" || it["kind"] == "Deployment";
    let found: Vec<&Value> = manifests.iter().filter(of_pods).collect();
    let [one] = found[..] else { panic!("{} workloads", found.len()) };
    one
}

/// Runs a command with this on its standard input.
pub(crate) fn fed(mut command: Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the command starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// All that a command said.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}
