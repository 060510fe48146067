//! `deskbridge events explain`.

use serde_json::Value;

use super::{
    At,
    show::{attempts, effects, head, labelled, result},
    text::{at, items, joined, plain, reason, section, short},
};
use crate::cli::{Failure, say, tables::say_json};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: At,
    /// The event's id
    id: String,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let told = args.at.service()?.get(&["events", &args.id, "explain"], &[]).await?;
    match args.json {
        true => say_json(&told),
        false => {
            say(chain(&told));
            Ok(())
        }
    }
}

/// From the bytes that came in to the link at the end.
fn chain(told: &Value) -> String {
    let nothing = Value::Null;
    let ended = told.get("result").unwrap_or(&nothing);
    head(told, &at(told, "/result/status"))
        + &received(told)
        + &schema(told)
        + &mapping(told)
        + &attempts(told)
        + &effects(told)
        + &result(ended)
        + &link(told)
        + &now(told)
}

fn received(told: &Value) -> String {
    let facts = [
        at(told, "/received/accepted_at"),
        format!("{} bytes", at(told, "/received/bytes")),
        labelled("SHA-256 ", at(told, "/received/sha256")),
        labelled("proved by ", at(told, "/received/verified_by")),
        labelled("trace ", at(told, "/received/trace_id")),
    ];
    section("received", [joined(facts, ", "), at(told, "/received/body")])
}

fn schema(told: &Value) -> String {
    let Some(schema) = told.get("schema").filter(|schema| !schema.is_null()) else { return String::new() };
    let is_valid = schema["valid"].as_bool().unwrap_or_default();
    let verdict = if is_valid { "valid" } else { "it would not be taken in any more" };
    let violations = items(schema, "violations")
        .iter()
        .map(|violation| format!("{} {}", at(violation, "/pointer"), at(violation, "/message")));
    section("schema", [format!("{}: {verdict}", at(schema, "/name"))].into_iter().chain(violations))
}

fn mapping(told: &Value) -> String {
    let Some(mapping) = told.get("mapping") else { return String::new() };
    let in_force = mapping["in_force"].as_bool().unwrap_or_default();
    let place = if in_force { "in force" } else { "not in force any more" };
    let first = format!("{} {}, {place}", at(mapping, "/name"), short(&at(mapping, "/digest")));
    let arms =
        items(mapping, "arms").iter().map(|arm| format!("arm {}: {}", at(arm, "/table"), at(arm, "/value")));
    let rules = items(mapping, "rules").iter().filter_map(Value::as_str).map(plain);
    let rules = labelled("rules ", joined(rules, ", "));
    let refused = labelled("no answer: ", reason(mapping, "/refused"));
    let lines = [first, at(mapping, "/untold"), rules];
    section("mapping", lines.into_iter().chain(arms).chain([refused]))
}

fn link(told: &Value) -> String {
    let Some(link) = told.get("link").filter(|link| !link.is_null()) else { return String::new() };
    let (kind, source, target) = (at(link, "/kind"), at(link, "/source_id"), at(link, "/target_id"));
    section("link", [format!("{kind} {source} is {target} at the target")])
}

/// What the mapping in force would make of it. Only a parked or dead event can be replayed.
fn now(told: &Value) -> String {
    let Some(now) = told.get("now") else { return String::new() };
    let outcome = joined([at(now, "/outcome"), reason(now, "/reason")], ", ");
    let calls = items(now, "calls").iter().map(|call| {
        let body = call.get("body").filter(|body| !body.is_null()).map(|body| plain(&body.to_string()));
        joined([at(call, "/method"), at(call, "/path"), body.unwrap_or_default()], " ")
    });
    let is_held = matches!(at(told, "/result/status").as_str(), "parked" | "dead");
    let subject = if is_held { "a replay" } else { "it" };
    section(subject, [format!("would come to: {outcome}")].into_iter().chain(calls))
}
