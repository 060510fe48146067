//! `deskbridge events list` and `lanes`.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
};

use serde_json::Value;

use super::{
    At,
    service::Service,
    text::{at, items, joined, reason, second},
    which::Which,
};
use crate::{
    cli::{Failure, say, tables::table},
    plural::counted,
};

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
    found.put("event", shape.json, "no event meets this", |found| {
        let header = ["event", "type", "lane", "status", "reason", "target", "accepted"];
        table(header, found.iter().map(event))
    });
    Ok(())
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
    found.put("lane", shape.json, "no lane waits for a person", |found| {
        table(["lane", "held by", "status", "reason", "waiting behind"], found.iter().map(lane))
    });
    Ok(())
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

/// What is shown, and whether that is all.
struct Found {
    elements: Vec<Value>,
    has_more: bool,
}

/// Up to `limit` elements, page by page. `place` is where an element says what the next page begins after.
async fn pages(
    service: &Service,
    what: &str,
    which: Which,
    limit: usize,
    place: &str,
) -> Result<Found, Failure> {
    which.check()?;
    // One more than is shown tells whether there are more: a cursor comes with every full page.
    let most = limit.saturating_add(1);
    let mut found: Vec<Value> = Vec::new();
    while found.len() < most {
        let size = (most - found.len()).min(PAGE);
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
    let has_more = found.len() > limit;
    found.truncate(limit);
    Ok(Found { elements: found, has_more })
}

impl Found {
    /// `word` is what one of them is. That there are more is no part of what is listed: programs read that.
    fn put(&self, word: &str, json: bool, nothing: &str, table: impl FnOnce(&[Value]) -> Option<String>) {
        match json {
            true => self.elements.iter().for_each(say),
            false => say(table(&self.elements).unwrap_or_else(|| nothing.to_owned())),
        }
        if self.has_more {
            let shown = counted(self.elements.len(), word);
            // Who doesn't listen has the list.
            writeln!(io::stderr(), "{shown} shown, and there are more: --limit NUMBER shows more").ok();
        }
    }
}
