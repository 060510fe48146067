//! `deskbridge audit`: what was done by whose key, as the running service has written it down.

use std::num::NonZeroUsize;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Failure,
    moment::{in_order, timestamp},
    say,
    service::Reach,
    tables::table,
    text::{at, items, joined, second},
};

/// What stands below the help.
pub(super) const EXAMPLE: &str =
    "Example: deskbridge audit --connection acme --since 2026-11-01T00:00:00+08:00";
/// Entries of one page at most, as the service has it.
const PAGE: usize = 500;

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
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    limit: NonZeroUsize,
    /// Print a line of JSON each
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let (json, found) = (args.json, pages(args).await?);
    match json {
        true => found.iter().for_each(say),
        false => {
            let header = ["", "at", "key", "action", "connection", "to", "outcome"];
            say(table(header, found.iter().map(row)).unwrap_or_else(|| "nothing of this was done".to_owned()));
        }
    }
    Ok(())
}

/// Up to `limit` entries, page by page.
async fn pages(args: Args) -> Result<Vec<Value>, Failure> {
    let Args { reach, connection, action, since, until, limit, .. } = args;
    in_order(since, until)?;
    let (since, until) = (since.map(|at| at.to_string()), until.map(|at| at.to_string()));
    let (service, limit) = (reach.service(String::new())?, limit.get());
    let given = [("connection", connection), ("action", action), ("since", since), ("until", until)];
    let given: Vec<_> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let mut found: Vec<Value> = Vec::new();
    while found.len() < limit {
        let size = (limit - found.len()).min(PAGE);
        let mut query = given.clone();
        query.push(("limit", size.to_string()));
        query.extend(found.last().map(|last| ("cursor", at(last, "/number"))));
        let page = service.get_of_all(&["audit"], &query).await?;
        let page = items(&page, "entries");
        found.extend_from_slice(page);
        if page.len() < size {
            break;
        }
    }
    Ok(found)
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
