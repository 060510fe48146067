//! Programs in other languages, which `scripts/test` installs: Python's in `.venv`, those of Node.js in `tests/js`.

use std::{path::PathBuf, process::Stdio};

use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

use super::{Answer, PATIENCE};

const PYTHON: &str = ".venv/bin/python";
const NODE: &str = "tests/js/node_modules/.bin/node";

/// A language's name, and what starts its program.
pub(crate) type Language = (&'static str, fn() -> Command);

/// A program of `tests/python`.
pub(crate) fn python(script: &str) -> Command {
    foreign(PYTHON, &[&path(&format!("tests/python/{script}"))])
}

/// A program of `tests/js`, or below it.
pub(crate) fn node(script: &str) -> Command {
    foreign(NODE, &[&path(&format!("tests/js/{script}"))])
}

/// A program that is given as text, with one argument.
pub(crate) fn inline_python(program: &str, argument: &str) -> Command {
    foreign(PYTHON, &["-c", program, argument])
}

/// As `inline_python`, a module that imports from `tests/js`.
pub(crate) fn inline_node(program: &str, argument: &str) -> Command {
    let mut command = foreign(NODE, &["--input-type=module", "--eval", program, argument]);
    command.current_dir(repository("tests/js"));
    command
}

/// Runs a sender with its standard input; returns the answer of the service that it prints.
pub(crate) async fn answer_of(mut sender: Command, input: &str) -> Answer {
    sender.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = sender.spawn().expect("the sender starts");
    let mut stdin = child.stdin.take().expect("its standard input");
    stdin.write_all(input.as_bytes()).await.expect("it reads what it is given");
    drop(stdin);
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let output = ended.expect("the sender ends in time").expect("its output");
    let err = String::from_utf8_lossy(&output.stderr);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no answer: {err}"));
    let status = told["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status");
    let json = told["body"].clone();
    Answer { status, headers: HeaderMap::new(), text: json.to_string(), json }
}

/// A path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn path(of: &str) -> String {
    repository(of).display().to_string()
}

/// Nothing of the test's own environment reaches it: no proxy, and no one's settings.
fn foreign(interpreter: &str, arguments: &[&str]) -> Command {
    let interpreter = repository(interpreter);
    assert!(interpreter.exists(), "{} is missing: scripts/test installs it", interpreter.display());
    let mut command = Command::new(interpreter);
    // Nothing is written beside the programs.
    command.args(arguments).env_clear().env("PYTHONDONTWRITEBYTECODE", "1");
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}
