//! `deskbridge events list` and `lanes`.

use serde_json::Value;

use super::{
    At,
    text::{at, joined, reason, second},
    which::Which,
};
use crate::cli::{
    Failure,
    listing::{Listing, Shape},
};

const EVENTS: Listing<'_> =
    Listing { elements: "events", place: "/sequence", word: "event", nothing: "no event meets this" };
const LANES: Listing<'_> = Listing {
    elements: "lanes",
    place: "/held_by/sequence",
    word: "lane",
    nothing: "no lane waits for a person",
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let header = ["event", "type", "lane", "status", "reason", "target", "accepted"];
    put(&EVENTS, args, header, event).await
}

pub(super) async fn lanes(args: Args) -> Result<(), Failure> {
    put(&LANES, args, ["lane", "held by", "status", "reason", "waiting behind"], lane).await
}

async fn put<const N: usize>(
    what: &Listing<'_>,
    args: Args,
    header: [&str; N],
    row: fn(&Value) -> [String; N],
) -> Result<(), Failure> {
    let Args { at, which, shape } = args;
    which.check()?;
    let service = at.service()?;
    let page = async |query| service.get(&[what.elements], &[which.query(), query].concat()).await;
    what.put(&shape, header, row, page).await
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

fn lane(lane: &Value) -> [String; 5] {
    [
        at(lane, "/lane"),
        at(lane, "/held_by/id"),
        at(lane, "/held_by/status"),
        reason(lane, "/held_by/reason"),
        at(lane, "/waiting"),
    ]
}
