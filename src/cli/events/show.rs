//! `deskbridge events show`.

use serde_json::Value;

use super::{
    At,
    text::{at, items, joined, plain, reason, section, short},
};
use crate::cli::{Failure, say, tables::say_json};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: At,
    /// The event's id
    id: String,
    /// Print the record as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let record = args.at.service()?.get(&["events", &args.id], &[]).await?;
    if args.json {
        return say_json(&record);
    }
    say(head(&record, &at(&record, "/status")) + &body(&record));
    Ok(())
}

/// The first line of an event.
pub(super) fn head(event: &Value, status: &str) -> String {
    format!("{}  {}  {}  {status}\n\n", at(event, "/id"), at(event, "/type"), at(event, "/lane"))
}

fn body(record: &Value) -> String {
    let accepted = [
        at(record, "/accepted_at"),
        labelled("proved by ", at(record, "/verified_by")),
        labelled("trace ", at(record, "/trace_id")),
    ];
    let next = labelled("next attempt at ", at(record, "/next_attempt_at"));
    section("accepted", [joined(accepted, ", ")])
        + &attempts(record)
        + &effects(record)
        + &result(record)
        + &section("", [next])
}

/// Every attempt with its calls.
pub(super) fn attempts(record: &Value) -> String {
    items(record, "attempts").iter().map(attempt).collect()
}

fn attempt(attempt: &Value) -> String {
    let mapping = match at(attempt, "/mapping/digest") {
        digest if digest.is_empty() => String::new(),
        digest => format!("by {} {}", at(attempt, "/mapping/name"), short(&digest)),
    };
    let ended = joined([at(attempt, "/outcome"), reason(attempt, "/reason")], ", ");
    let retry = labelled("again at ", at(attempt, "/retry_at"));
    let first = joined([at(attempt, "/started_at"), mapping, ended, retry], ", ");
    let calls = items(attempt, "calls").iter().map(call);
    section(&format!("attempt {}", at(attempt, "/attempt")), [first].into_iter().chain(calls))
}

fn call(call: &Value) -> String {
    let status = match at(call, "/status") {
        status if status.is_empty() => "no answer".to_owned(),
        status => status,
    };
    let (method, path) = (at(call, "/method"), at(call, "/path"));
    format!("{method} {path}  {status} in {} ms, {}", at(call, "/duration_ms"), at(call, "/code"))
}

/// What the attempts meant to make at the target.
pub(super) fn effects(record: &Value) -> String {
    section("effects", items(record, "effects").iter().map(effect))
}

fn effect(effect: &Value) -> String {
    let made = match (at(effect, "/answered_at"), at(effect, "/target_id")) {
        (answered, _) if answered.is_empty() => "not answered".to_owned(),
        (_, made) if made.is_empty() => "answered".to_owned(),
        (_, made) => format!("made {made}"),
    };
    let (step, attempt) = (at(effect, "/step"), at(effect, "/attempt"));
    let sent = effect.get("sent").filter(|sent| !sent.is_null()).map(|sent| plain(&sent.to_string()));
    let told = format!("{step} of attempt {attempt}, request id {}: {made}", at(effect, "/request_id"));
    joined([told, sent.unwrap_or_default()], "  ")
}

/// How it stands.
pub(super) fn result(record: &Value) -> String {
    let stands = format!("{} since {}", at(record, "/status"), at(record, "/updated_at"));
    let target = joined([at(record, "/target/kind"), at(record, "/target/id")], " ");
    let ignored = items(record, "ignored")
        .iter()
        .map(|ignored| format!("left out: {} ({})", at(ignored, "/pointer"), at(ignored, "/reason")));
    let stands = joined([stands, labelled("target ", target)], ", ");
    let lines = [stands, reason(record, "/reason"), behind(record)];
    section("result", lines.into_iter().chain(ignored))
}

/// What has to be decided about before its turn comes.
fn behind(record: &Value) -> String {
    let id = at(record, "/behind/id");
    if id.is_empty() {
        return id;
    }
    let why = joined([at(record, "/behind/status"), at(record, "/behind/reason/code")], ", ");
    format!("waits behind {id} ({why})")
}

/// A text after what it is; nothing if there is none.
pub(super) fn labelled(label: &str, text: String) -> String {
    if text.is_empty() { text } else { format!("{label}{text}") }
}
