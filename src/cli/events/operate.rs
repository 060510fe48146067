//! `deskbridge events replay` and `discard`: one event, or all that a filter meets, which is asked about first.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{At, service::Service, text::at, which::Which};
use crate::{
    cli::{Failure, say},
    plural::counted,
};

#[derive(clap::Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    wanted: Wanted,
    /// By which mapping: the one in force, or the one that each was first tried by
    #[arg(long, value_enum, default_value_t = Mapping::Current)]
    mapping: Mapping,
    /// Under request ids that the target has not seen: it takes each event for something new
    #[arg(long)]
    new_request_ids: bool,
}

#[derive(clap::Args)]
pub(super) struct DiscardArgs {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    wanted: Wanted,
    /// Also those that merely wait, of a connection or subscriber that is no longer configured
    #[arg(long)]
    waiting: bool,
}

/// One event, or many.
#[derive(clap::Args)]
struct Wanted {
    /// The event's id; leave it out to name many by a filter
    id: Option<String>,
    #[command(flatten)]
    which: Which,
    /// Every parked and dead event of the connection
    #[arg(long)]
    all: bool,
    /// Only tell how many there are
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mapping {
    Current,
    Pinned,
}

pub(super) async fn replay(args: ReplayArgs) -> Result<(), Failure> {
    let ReplayArgs { at, wanted, mapping, new_request_ids } = args;
    let mapping = match mapping {
        Mapping::Current => "current",
        Mapping::Pinned => "pinned",
    };
    let how = json!({ "mapping": mapping, "key": if new_request_ids { "new" } else { "same" } });
    order(
        &at.service()?,
        wanted,
        &Order { what: "parked or dead event", verb: "replay", done: "replayed", how, goes_on: true },
    )
    .await
}

pub(super) async fn discard(args: DiscardArgs) -> Result<(), Failure> {
    let (what, how) = match args.waiting {
        false => ("parked or dead event", json!({})),
        true => ("event", json!({ "waiting": "discard" })),
    };
    let discard = Order { what, verb: "discard", done: "discarded", how, goes_on: false };
    order(&args.at.service()?, args.wanted, &discard).await
}

/// What is to be done.
struct Order {
    /// What one of them is.
    what: &'static str,
    verb: &'static str,
    done: &'static str,
    /// Members of the body beside the filter.
    how: Value,
    /// What comes of an event is not known yet when it is done.
    goes_on: bool,
}

async fn order(service: &Service, wanted: Wanted, order: &Order) -> Result<(), Failure> {
    let Wanted { id, which, all, dry_run, yes } = wanted;
    which.check()?;
    match id {
        Some(_) if all || dry_run || !which.is_empty() => {
            Err(Failure::usage("name one event by its id, or many by a filter, not both"))
        }
        Some(id) => {
            let record = service.post(&["events", &id, order.verb], &order.how).await?;
            let id = at(&record, "/id");
            let later = if order.goes_on {
                format!("; events show {id} tells what comes of it")
            } else {
                String::new()
            };
            say(format!("{id} is {}{later}", at(&record, "/status")));
            Ok(())
        }
        None if which.is_empty() && !all => Err(Failure::Usage(format!(
            "say which events to {}: an id, a filter such as --status parked, or --all for every parked and dead one",
            order.verb
        ))),
        None => many(service, &which, order, dry_run, yes).await,
    }
}

async fn many(
    service: &Service,
    which: &Which,
    order: &Order,
    dry_run: bool,
    yes: bool,
) -> Result<(), Failure> {
    let path = ["dead-letters", order.verb];
    let mut body = order.how.clone();
    body["filter"] = which.filter();
    let mut counting = body.clone();
    counting["dry_run"] = json!(true);
    let count = service.post(&path, &counting).await?["count"].as_u64().unwrap_or_default();
    let events = counted(count, order.what);
    if dry_run || count == 0 {
        say(format!("{events} of {} would be {}", service.connection, order.done));
        return Ok(());
    }
    if !yes && !confirmed(&format!("{} {events} of {}?", order.verb, service.connection))? {
        say("nothing was changed");
        return Ok(());
    }
    let answer = service.post(&path, &body).await?;
    let done = answer[order.done].as_u64().unwrap_or_default();
    say(format!("{} {}", counted(done, "event"), order.done));
    Ok(())
}

/// Asks the person at the terminal. Nobody there is no consent.
pub(super) fn confirmed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(format!("{question} Nobody can be asked here: add --yes, or --dry-run")));
    }
    write!(io::stderr(), "{question} [y/N] ").map_err(Failure::work)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(Failure::work)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
