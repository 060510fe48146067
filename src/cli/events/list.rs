//! `deskbridge events list` and `lanes`.

use std::num::NonZeroUsize;

use serde_json::Value;

use super::{
    At,
    service::Service,
    text::{at, items, joined, reason, second},
    which::Which,
};
use crate::cli::{Failure, say, tables::table};

/// Elements of one page at most, as the service has it.
const PAGE: usize = 500;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    shape: Shape,
}

#[derive(clap::Args)]
pub(super) struct LanesArgs {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    shape: Shape,
}

/// How much is printed, and as what.
#[derive(clap::Args)]
struct Shape {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value = "50")]
    limit: NonZeroUsize,
    /// Print a line of JSON each
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let Args { at, which, shape } = args;
    let found = pages(&at.service()?, "events", which, shape.limit.get(), "/sequence").await?;
    put(&found, shape.json, "no event meets this", || {
        let header = ["event", "type", "lane", "status", "reason", "target", "accepted"];
        table(header, found.iter().map(event))
    })
}

fn event(event: &Value) -> [String; 7] {
    let target = joined([at(event, "/target/kind"), at(event, "/target/id")], " ");
    [
        at(event, "/id"),
        at(event, "/type"),
        at(event, "/lane"),
        at(event, "/status"),
        at(event, "/reason/code"),
        target,
        second(event, "/accepted_at"),
    ]
}

pub(super) async fn lanes(args: LanesArgs) -> Result<(), Failure> {
    let LanesArgs { at, which, shape } = args;
    let found = pages(&at.service()?, "lanes", which, shape.limit.get(), "/held_by/sequence").await?;
    put(&found, shape.json, "no lane waits for a person", || {
        table(["lane", "held by", "status", "reason", "waiting behind"], found.iter().map(lane))
    })
}

fn lane(lane: &Value) -> [String; 5] {
    [
        at(lane, "/lane"),
        at(lane, "/held_by/id"),
        at(lane, "/held_by/status"),
        reason(lane, "/held_by/reason"),
        at(lane, "/waiting"),
    ]
}

/// Up to `limit` elements, page by page. `place` is where an element says what the next page begins after.
async fn pages(
    service: &Service,
    what: &str,
    which: Which,
    limit: usize,
    place: &str,
) -> Result<Vec<Value>, Failure> {
    which.check()?;
    let mut found: Vec<Value> = Vec::new();
    while found.len() < limit {
        let size = (limit - found.len()).min(PAGE);
        let mut query = which.query();
        query.push(("limit", size.to_string()));
        query.extend(found.last().map(|last| ("cursor", at(last, place))));
        let page = service.get(&[what], &query).await?;
        let page = items(&page, what);
        found.extend_from_slice(page);
        if page.len() < size {
            break;
        }
    }
    Ok(found)
}

fn put(
    found: &[Value],
    json: bool,
    nothing: &str,
    table: impl FnOnce() -> Option<String>,
) -> Result<(), Failure> {
    match json {
        true => found.iter().for_each(say),
        false => say(table().unwrap_or_else(|| nothing.to_owned())),
    }
    Ok(())
}
