//! `deskbridge mapping`: what helps to write a mapping.

mod suggest;

use clap::Subcommand;

use super::Failure;

/// What stands below the help.
pub(super) const EXAMPLE: &str =
    "Example: deskbridge mapping suggest --connection acme --out mappings/acme.yaml";

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Proposes the rows of custom fields from both vendors' field lists, as a file to go through.
    #[command(after_help = suggest::EXAMPLE)]
    Suggest(suggest::Args),
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Suggest(args) => suggest::run(args).await,
    }
}
