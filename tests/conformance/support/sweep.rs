//! Runs checks under the values of a switch and tells of all that failed.

use std::{any::Any, panic::AssertUnwindSafe};

use deskbridge::sandbox::Switches;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::Value;

use super::Check;

/// Checks under way at once in one test: enough that both sides of a connection have something to do.
const AT_ONCE: usize = 4;

/// Runs all checks with every switch at its default.
///
/// # Panics
/// If a check fails; the message has a line for each.
pub(crate) async fn at_the_defaults<D>(checks: &[&'static Check<D>], start: impl AsyncFn(Switches) -> D) {
    report(failures("defaults", Switches::default(), checks, &start).await);
}

/// Runs all checks under every value of a switch but its default, which [`at_the_defaults`] has seen. Each check
/// has a desk of its own, so none can see what another did.
///
/// # Panics
/// If a check fails; the message has a line for each.
pub(crate) async fn under_every_other_value_of<D>(
    switch: &str,
    checks: &[&'static Check<D>],
    start: impl AsyncFn(Switches) -> D,
) {
    let mut failed = Vec::new();
    for value in other_values(switch) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut switches = Switches::default();
        switches.set(switch, &text).unwrap();
        failed.extend(failures(&format!("{switch}={text}"), switches, checks, &start).await);
    }
    report(failed);
}

/// The first value of a switch is its default.
fn other_values(switch: &str) -> Vec<Value> {
    let values = Switches::every_value().into_iter().filter(|(name, _)| *name == switch);
    let others: Vec<Value> = values.map(|(_, value)| value).skip(1).collect();
    assert!(!others.is_empty(), "there is no switch {switch}");
    others
}

async fn failures<D>(
    setting: &str,
    switches: Switches,
    checks: &[&'static Check<D>],
    start: &impl AsyncFn(Switches) -> D,
) -> Vec<String> {
    let run = |check: &&'static Check<D>| {
        let (name, run) = (check.name, check.run);
        async move {
            let desk = start(switches).await;
            let outcome = AssertUnwindSafe(run(&desk)).catch_unwind().await;
            outcome.err().map(|panic| format!("{setting}: {name}: {}", what(panic.as_ref())))
        }
    };
    stream::iter(checks)
        .map(run)
        .buffer_unordered(AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await
}

fn what(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked without words")
}

fn report(failed: Vec<String>) {
    assert!(failed.is_empty(), "{} checks failed:\n{}", failed.len(), failed.join("\n"));
}
