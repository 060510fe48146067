//! `deskbridge store prune`.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use super::{
    super::{Failure, say},
    Which, failure,
    progress::Waiting,
};
use crate::{
    plural::counted,
    store::{Archive, Store, StoreError},
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Forget what came to rest longer ago: 30d, 12h, 2w
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: SignedDuration,
    /// Only tell how many that are; a service may be at work
    #[arg(long)]
    dry_run: bool,
}

/// A span with days of 24 hours.
fn age(text: &str) -> Result<SignedDuration, String> {
    const EXAMPLES: &str = "write an age such as 30d, 12h or 2w";
    let span: Span = text.parse().map_err(|_| EXAMPLES.to_owned())?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| EXAMPLES.to_owned())?;
    if age.is_negative() { Err(EXAMPLES.to_owned()) } else { Ok(age) }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let (place, now) = (args.which.place()?, Timestamp::now());
    let before = now.checked_sub(args.older_than).map_err(Failure::usage)?;
    if args.dry_run {
        let count = tokio::task::spawn_blocking(move || Archive::open(&place)?.count_settled(before));
        let events = count.await.map_err(Failure::work)?.map_err(failure)?;
        say(format!("{} would be forgotten", told(events)));
        return Ok(());
    }
    let store = Store::open_existing(&place).await.map_err(|error| match error {
        StoreError::InUse(_) => Failure::Work(format!(
            "{error}; a running service forgets events itself: see DESKBRIDGE_RETENTION_DAYS"
        )),
        error => failure(error),
    })?;
    let events = prune(&store, before).await;
    store.close();
    say(format!("{} forgotten", told(events.map_err(failure)?)));
    Ok(())
}

fn told(events: u64) -> String {
    counted(events, "settled event")
}

async fn prune(store: &Store, before: Timestamp) -> Result<u64, StoreError> {
    let waiting = Waiting::start("forgetting settled events");
    let mut pruned = 0;
    let done = store.prune(before, |events| {
        pruned += events;
        waiting.at(&told(pruned));
    });
    let done = done.await;
    waiting.end();
    done
}
