//! `deskbridge store`: looks after the file, or the database, in which a service keeps its events.

mod backup;
mod copy;
mod progress;
mod prune;
mod reencrypt;
mod stats;
mod upgrade;

use clap::Subcommand;

use super::{Failure, settings::Flags};
use crate::{
    config::Settings,
    store::{Place, StoreError},
};

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
    /// Writes a store's file into a new one, whole and proved; a service may be at work with it.
    #[command(after_help = "Example: deskbridge store backup /backup/deskbridge.db")]
    Backup(backup::Args),
    /// Copies everything into another store, and proves that it has arrived; no service may be at work with either.
    #[command(
        after_help = "Example: deskbridge store copy sqlite:data/deskbridge.db sqlite:/backup/deskbridge.db"
    )]
    Copy(copy::Args),
    /// Brings a store to this version's form, and a file to one that gives space back to the disk.
    #[command(after_help = "Example: deskbridge store upgrade --store sqlite:data/deskbridge.db")]
    Upgrade(upgrade::Args),
    /// Encrypts everything under the first key, after which others can go; of a file no service may be at work with it.
    #[command(
        after_help = "Example: deskbridge store reencrypt --encryption-keys /etc/deskbridge/encryption.keys"
    )]
    Reencrypt(reencrypt::Args),
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Stats(args) => stats::run(args).await,
        Command::Prune(args) => prune::run(args).await,
        Command::Backup(args) => backup::run(args).await,
        Command::Copy(args) => copy::run(args).await,
        Command::Upgrade(args) => upgrade::run(args).await,
        Command::Reencrypt(args) => reencrypt::run(args).await,
    }
}

/// Which store.
#[derive(clap::Args)]
struct Which {
    /// The store [environment: DESKBRIDGE_STORE; default: sqlite:data/deskbridge.db]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// The file of its keys, if it is encrypted [environment: DESKBRIDGE_ENCRYPTION_KEYS]
    #[arg(long, value_name = "FILE")]
    encryption_keys: Option<String>,
}

impl Which {
    /// Its address: what copies it byte for byte needs no keys.
    fn url(self) -> Result<String, Failure> {
        // An empty name is a slip: what is done to a store must not be done to another.
        self.store.map_or_else(|| Ok(Flags::default().settings()?.store), Ok)
    }

    fn place(self) -> Result<Place, Failure> {
        let Self { store, encryption_keys } = self;
        let settings = Flags { encryption_keys, ..Flags::default() }.settings()?;
        let store = store.unwrap_or(settings.store);
        crate::app::place(&Settings { store, ..settings }).map_err(Failure::usage)
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
