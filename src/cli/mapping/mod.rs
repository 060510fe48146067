//! `deskbridge mapping`: what helps to write a mapping, and what it does, seen on cases and on events before anything
//! is sent.

mod coverage;
mod diff;
mod events;
mod pointer;
mod preview;
mod roundtrip;
mod schema;
mod shelf;
mod suggest;
mod test;

use clap::Subcommand;

use super::{
    Failure, say,
    tables::{say_json, say_table, table},
};

/// What stands below the help.
pub(super) const EXAMPLE: &str = "Example: deskbridge mapping test mappings/acme.yaml";

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a mapping's golden cases and tells the arms that none of them hits.
    #[command(after_help = "Example: deskbridge mapping test mappings/acme.yaml --min-coverage 90\n\n\
                            The cases of mappings/acme.yaml are mappings/acme.cases/*.json:\n  \
                            {\"type\": \"ticket.created\", \"parameters\": {}, \"data\": {\"id\": 1}, \"expected\": {}}\n\
                            --update writes what is found into `expected`.")]
    Test(test::Args),
    /// Shows the calls that an event would make, without sending any.
    #[command(
        after_help = "Example: deskbridge mapping preview acme --event ticket.json --type ticket.created --connection acme"
    )]
    Preview(preview::Args),
    /// Tells what real events hit of a mapping and what they never hit, and what of them reaches no target.
    #[command(
        after_help = "Example: deskbridge mapping coverage acme --store sqlite:data/deskbridge.db --connection acme"
    )]
    Coverage(coverage::Args),
    /// Takes every value there and back, and tells what can't be taken back.
    #[command(after_help = "Example: deskbridge mapping roundtrip mappings/udesk-bangwo8.yaml")]
    Roundtrip(roundtrip::Args),
    /// Tells what a changed mapping would do to events, grouped by cause.
    #[command(
        after_help = "Example: deskbridge mapping diff acme acme-new.yaml --store sqlite:data/deskbridge.db --connection acme"
    )]
    Diff(diff::Args),
    /// Proposes the rows of custom fields from both vendors' field lists, as a file to go through.
    #[command(after_help = suggest::EXAMPLE)]
    Suggest(suggest::Args),
    /// Prints the JSON Schema of mapping files, by which editors complete and check them.
    #[command(after_help = schema::EXAMPLE)]
    Schema,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Test(args) => test::run(&args),
        Command::Preview(args) => preview::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::Roundtrip(args) => roundtrip::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Suggest(args) => suggest::run(args).await,
        Command::Schema => {
            schema::run();
            Ok(())
        }
    }
}
