//! Programs in other languages, which `scripts/test` installs: Python's in `.venv`, those of Node.js in `tests/js`.

use std::{path::PathBuf, process::Stdio};

use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

use super::{Answer, PATIENCE};

/// A program of `tests/python`.
pub(crate) fn python(script: &str) -> Command {
    foreign(".venv/bin/python", &format!("tests/python/{script}"))
}

/// A program of `tests/js`, or below it.
pub(crate) fn node(script: &str) -> Command {
    foreign("tests/js/node_modules/.bin/node", &format!("tests/js/{script}"))
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

/// Nothing of the test's own environment reaches it: it keeps no proxy and no one's settings.
fn foreign(interpreter: &str, script: &str) -> Command {
    let (interpreter, script) = (repository(interpreter), repository(script));
    for needed in [&interpreter, &script] {
        assert!(needed.exists(), "{} is missing: scripts/test installs it", needed.display());
    }
    let mut command = Command::new(interpreter);
    command
        .arg(script)
        .env_clear()
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}
