//! `deskbridge events`: what an operator sees of a running service's events and does with them, through its HTTP API.

mod erase;
mod explain;
mod list;
mod operate;
mod show;
mod which;

use clap::Subcommand;

use self::service::At;
use super::{Failure, service, text};

/// What stands below the help.
pub(super) const EXAMPLE: &str = "Example: deskbridge events list --connection acme --status parked";

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists events, the newest first.
    #[command(
        after_help = "Example: deskbridge events list --connection acme --status parked --since 2026-11-01T00:00:00Z"
    )]
    List(list::Args),
    /// Lists the lanes that wait for a person, and how many events wait in each.
    #[command(after_help = "Example: deskbridge events lanes --connection acme")]
    Lanes(list::Args),
    /// Tells where one event stands: its attempts, its calls, its result.
    #[command(after_help = "Example: deskbridge events show --connection acme udesk-1-created")]
    Show(show::Args),
    /// Tells the whole way of one event, with what the sender wrote and what the mapping made of it.
    #[command(after_help = "Example: deskbridge events explain --connection acme udesk-1-created")]
    Explain(explain::Args),
    /// Has a parked or dead event, or all that a filter meets, tried again.
    #[command(
        after_help = "Example: deskbridge events replay --connection acme --status parked --code unknown_value --dry-run"
    )]
    Replay(operate::ReplayArgs),
    /// Gives up a parked or dead event, or all that a filter meets: their lanes go on without them.
    #[command(after_help = "Example: deskbridge events discard --connection acme udesk-1-created")]
    Discard(operate::DiscardArgs),
    /// Erases what was stored about a person; that there were events, and what became of them, is still known.
    #[command(
        after_help = "Example: deskbridge events erase --connection acme --subject wang@example.com --dry-run"
    )]
    Erase(erase::Args),
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list::run(args).await,
        Command::Lanes(args) => list::lanes(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Explain(args) => explain::run(args).await,
        Command::Replay(args) => operate::replay(args).await,
        Command::Discard(args) => operate::discard(args).await,
        Command::Erase(args) => erase::run(args).await,
    }
}
