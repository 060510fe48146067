//! `deskbridge demo`: the main job in one command. Starts the simulators and the service as processes of their
//! own, posts signed events made from the Udesk simulator's tickets and every edge case, and tells what each
//! became in Bangwo8. All of it goes through the doors a user has: the command line and HTTP.

mod cases;
mod judge;
mod report;
mod sender;
mod stage;
mod tenant;

use std::{path::PathBuf, time::Duration};

use self::{judge::Case, sender::Sender, stage::Stage};
use super::{Failure, say, stop};
use crate::plural::counted;

/// Longest that the demo waits for any one answer: longer than the service is asked to wait.
const PATIENCE: Duration = Duration::from_secs(45);

#[derive(clap::Args)]
pub(super) struct Args {
    /// Keep the configuration and the store in this folder instead of a temporary one
    #[arg(long)]
    dir: Option<PathBuf>,
    /// End after the report, with status 0 only if every event had the outcome it should
    #[arg(long)]
    once: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let mut stage = Stage::build(args.dir).await?;
    let sender = Sender::new(&stage).map_err(Failure::work)?;
    say(format!("The service runs at {}, its files are in {}.\n", stage.url, stage.folder.path().display()));
    let mut all = cases::samples(&stage, &sender).await?;
    all.extend(cases::edges(&sender).await?);
    all.extend(tenant::flows(&sender).await?);
    all.extend(tenant::pushes(&stage, &sender).await?);
    all.push(cases::killed(&mut stage, &sender).await?);
    say(report::table(&all));
    let wrong = all.iter().filter(|case| !case.as_expected).count();
    say(report::closing(all.len(), wrong));
    if !args.once {
        say(report::addresses(&stage));
        stop::told().map_err(Failure::work)?.await;
    }
    stage.end().await?;
    match wrong {
        0 => Ok(()),
        wrong => Err(Failure::Work(format!(
            "{wrong} of {} did not end as they should",
            counted(all.len(), "case")
        ))),
    }
}

/// A client that gives up after `patience`.
pub(super) fn http_client(patience: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().timeout(patience).no_proxy().build()
}
