//! `deskbridge audit`: what was done by whose key, as the running service has written it down.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Failure,
    listing::{Listing, Shape},
    moment::{in_order, timestamp},
    service::Reach,
    text::{at, joined, second},
};

/// What stands below the help.
pub(super) const EXAMPLE: &str =
    "Example: deskbridge audit --connection acme --since 2026-11-01T00:00:00+08:00";
const ENTRIES: Listing<'_> =
    Listing { elements: "entries", place: "/number", word: "action", nothing: "nothing of this was done" };

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
    /// Only about this connection
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Only of this action, e.g. event.replay, dead_letters.discard, configuration.applied
    #[arg(long)]
    action: Option<String>,
    /// Only at this time or later, e.g. 2026-11-01T00:00:00+08:00
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    since: Option<Timestamp>,
    /// Only before this time
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    until: Option<Timestamp>,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let Args { reach, connection, action, since, until, shape } = args;
    in_order(since, until)?;
    let (since, until) = (since.map(|at| at.to_string()), until.map(|at| at.to_string()));
    let service = reach.service(String::new())?;
    let given = [("connection", connection), ("action", action), ("since", since), ("until", until)];
    let given: Vec<_> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let header = ["", "at", "key", "action", "connection", "to", "outcome"];
    let page = async |query| service.get_of_all(&["audit"], &[given.clone(), query].concat()).await;
    ENTRIES.put(&shape, header, row, page).await
}

fn row(entry: &Value) -> [String; 7] {
    let outcome = match at(entry, "/outcome") {
        outcome if outcome.is_empty() => "not ended".to_owned(),
        outcome => outcome,
    };
    let count = Some(at(entry, "/count")).filter(|count| !count.is_empty()).map(|count| format!("({count})"));
    [
        at(entry, "/number"),
        second(entry, "/at"),
        at(entry, "/actor"),
        at(entry, "/action"),
        at(entry, "/connection"),
        joined([at(entry, "/object"), at(entry, "/options")], " "),
        joined([outcome, count.unwrap_or_default()], " "),
    ]
}
