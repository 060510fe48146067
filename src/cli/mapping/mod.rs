//! `deskbridge mapping`: what helps to write a mapping.

mod schema;

use clap::Subcommand;

use super::{Failure, say};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the JSON Schema of mapping files, by which editors complete and check them.
    #[command(after_help = "Example: deskbridge mapping schema > mapping.schema.json\n\n\
                            The first line of a mapping names it to the editor:\n  \
                            # yaml-language-server: $schema=../mapping.schema.json")]
    Schema,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    match args.command {
        Command::Schema => schema::run(),
    }
    Ok(())
}
