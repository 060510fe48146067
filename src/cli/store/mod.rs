//! `deskbridge store`: looks after the file, or the database, in which a service keeps its events.

mod copy;
mod progress;
mod prune;
mod stats;
mod upgrade;

use clap::Subcommand;

use super::{Failure, settings::Flags};
use crate::store::StoreError;

/// What stands below the help.
pub(super) const EXAMPLE: &str = "Example: deskbridge store stats --store sqlite:data/deskbridge.db";

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tells what a store holds and takes; a service may be at work with it.
    #[command(after_help = "Example: deskbridge store stats --json")]
    Stats(stats::Args),
    /// Forgets settled events that are older than an age; what waits, or wants a person, stays.
    #[command(after_help = "Example: deskbridge store prune --older-than 30d --dry-run")]
    Prune(prune::Args),
    /// Copies everything into another store, and proves that it has arrived; no service may be at work with either.
    #[command(
        after_help = "Example: deskbridge store copy sqlite:data/deskbridge.db sqlite:/backup/deskbridge.db"
    )]
    Copy(copy::Args),
    /// Brings a store to this version's form, and a file to one that gives space back to the disk.
    #[command(after_help = "Example: deskbridge store upgrade --store sqlite:data/deskbridge.db")]
    Upgrade(upgrade::Args),
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Stats(args) => stats::run(args).await,
        Command::Prune(args) => prune::run(args).await,
        Command::Copy(args) => copy::run(args).await,
        Command::Upgrade(args) => upgrade::run(args).await,
    }
}

/// Which store.
#[derive(clap::Args)]
struct Which {
    /// The store [environment: DESKBRIDGE_STORE; default: sqlite:data/deskbridge.db]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
}

impl Which {
    fn url(self) -> Result<String, Failure> {
        Ok(Flags { store: self.store, ..Flags::default() }.settings()?.store)
    }
}

/// A name that can't be understood is wrong usage.
fn failure(error: StoreError) -> Failure {
    match error {
        StoreError::UnknownEngine => Failure::usage(error),
        error => Failure::work(error),
    }
}

/// `1.2 MiB`.
fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}
