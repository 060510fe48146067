//! `deskbridge mapping preview`: the calls that an event would make.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{Failure, say, settings::place},
    events::{Exported, Sample},
    say_json, say_table,
    shelf::{Place, Shelf},
    table,
};
use crate::{
    dispatch::{Call, Preview, Rehearsal, Skip},
    event::{EventType, Lane},
    intake::Refusal,
    json,
    mapping::{Mapping, Parameters},
    plural::counted,
    store::{Archive, Link, LinkKey},
};

/// Bytes of an event at most.
const MAX_EVENT: u64 = 64 * 1024 * 1024;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The mapping's name, or the path of its file
    #[arg(value_name = "NAME|PATH")]
    mapping: String,
    /// The event, in its envelope or the data alone; - is standard input
    #[arg(long, value_name = "FILE")]
    event: PathBuf,
    /// What happened, where the file has no envelope: ticket.created, ticket.updated, …
    #[arg(long, value_name = "TYPE")]
    r#type: Option<EventType>,
    /// The connection whose parameters are taken
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Look here which ticket or company is known already, e.g. sqlite:data/deskbridge.db; it may be in use
    #[arg(long, value_name = "STORE", requires = "connection")]
    store: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Report<'a> {
    r#type: EventType,
    lane: &'a Lane,
    #[serde(flatten)]
    preview: &'a Preview,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let shelf = args.place.open()?;
    let mapping = shelf.mapping(&args.mapping)?;
    let parameters = parameters(args, &shelf, &mapping)?;
    let event = read(args)?;
    let lane = lane(&shelf, &mapping, &event)?;
    let link = link(args, &lane)?;
    let rehearsal = Rehearsal { mapping: Arc::new(mapping), parameters, skip: Skip::default() };
    let preview = rehearsal.preview(event.event_type, None, &event.data, link.as_ref());
    if args.json {
        return say_json(&Report { r#type: event.event_type, lane: &lane, preview: &preview });
    }
    say(format!("{} of {lane}: {}", event.event_type, summary(&preview)));
    preview.calls.iter().enumerate().try_for_each(|(index, call)| say_call(index + 1, call))?;
    say_rest(&preview);
    Ok(())
}

fn parameters(args: &Args, shelf: &Shelf, mapping: &Mapping) -> Result<Parameters, Failure> {
    let Some(connection) = &args.connection else { return Ok(Parameters::new()) };
    let parameters = shelf.parameters(connection)?;
    let problem = parameters.iter().find_map(|(name, value)| mapping.parameter_problem(name, value));
    problem.map_or(Ok(parameters), |problem| Err(Failure::Usage(problem)))
}

fn read(args: &Args) -> Result<Sample, Failure> {
    let file = args.event.display();
    let text = text(&args.event).map_err(|error| Failure::Usage(format!("{file} can't be read: {error}")))?;
    let value: Value =
        json::from_str(&text).map_err(|error| Failure::Usage(format!("{file} is not JSON: {error}")))?;
    let in_envelope = value.get("data").is_some_and(Value::is_object) && value.get("type").is_some();
    match (in_envelope, args.r#type) {
        (false, Some(event_type)) => Ok(Sample { id: String::new(), event_type, data: value, hint: false }),
        (false, None) => Err(Failure::Usage(format!(
            "{file} has no envelope {{\"id\",\"type\",\"data\"}}: say what happened with --type, e.g. ticket.created"
        ))),
        (true, wanted) => {
            let event: Exported =
                serde_json::from_value(value).map_err(|error| Failure::Usage(format!("{file}: {error}")))?;
            let sample = event.sample(1);
            let event_type = wanted.unwrap_or(sample.event_type);
            Ok(Sample { event_type, ..sample })
        }
    }
}

fn text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    match path.as_os_str() == "-" {
        true => std::io::stdin().take(MAX_EVENT).read_to_string(&mut text)?,
        false => std::fs::File::open(path)?.take(MAX_EVENT).read_to_string(&mut text)?,
    };
    Ok(text)
}

/// What would be refused at the door makes no calls.
fn lane(shelf: &Shelf, mapping: &Mapping, event: &Sample) -> Result<Lane, Failure> {
    shelf.schemas.check(mapping.source(), event.event_type, &event.data).map_err(|refusal| match refusal {
        Refusal::SchemaViolation(violations) => {
            let lines = violations.iter().map(|it| format!("\n  {}: {}", it.pointer, it.message));
            let lines: String = lines.collect();
            Failure::Work(format!(
                "the event would be refused, it doesn't have the shape of its schema:{lines}"
            ))
        }
        refusal => Failure::work(refusal),
    })
}

fn link(args: &Args, lane: &Lane) -> Result<Option<Link>, Failure> {
    match (&args.store, &args.connection) {
        (Some(store), Some(connection)) => {
            let archive = Archive::open(place(store)?).map_err(Failure::usage)?;
            archive.link(connection, &LinkKey::from(lane)).map_err(Failure::work)
        }
        _ => Ok(None),
    }
}

fn summary(preview: &Preview) -> String {
    match &preview.reason {
        Some(reason) => format!("{}: {}: {}", preview.outcome, reason.code, reason.message),
        None => counted(preview.calls.len(), "call"),
    }
}

fn say_call(number: usize, Call { when, draft }: &Call) -> Result<(), Failure> {
    let when = when.map(|when| format!(", if {when}")).unwrap_or_default();
    let query = draft.query.iter().map(|(name, value)| format!("{name}={value}"));
    let query = query.collect::<Vec<_>>().join("&");
    let query = if query.is_empty() { query } else { format!("?{query}") };
    say(format!("\n{number}. {} {}{query}{when}", draft.method, draft.path));
    if let Some(body) = &draft.body {
        say(serde_json::to_string_pretty(body).map_err(Failure::work)?);
    }
    Ok(())
}

fn say_rest(preview: &Preview) {
    let questions = preview.questions.iter().map(|question| [serde_json::json!(question).to_string()]);
    say_table("Asked before, which can change the calls", table(["question"], questions));
    let ignored = preview.ignored.iter().map(|it| [it.pointer.clone(), it.reason.clone()]);
    say_table("What reaches no target", table(["at", "reason"], ignored));
    let arms = preview.steps.arms.iter().map(|hit| [hit.table.clone(), hit.value.clone()]);
    say_table("Arms", table(["table", "value"], arms));
    let rules = preview.steps.rules.iter().map(|rule| [rule.clone()]);
    say_table("Rules", table(["rule"], rules));
}
