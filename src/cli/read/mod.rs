//! `deskbridge read`: what either vendor of a connection holds, as one line of JSON an element.

mod bangwo8;
mod lines;
mod listing;
mod udesk;

use std::{io, io::Write};

use clap::Subcommand;
use futures_util::{StreamExt, TryStreamExt};

use self::lines::Lines;
use super::{
    Failure,
    settings::{Flags, connection},
};
use crate::{app, bangwo8 as target, udesk as source};

/// What stands above the example in the help.
pub(super) const EXAMPLE: &str =
    "Example: deskbridge read acme bangwo8/companies --updated-start 2024-01-01 --limit 10";

#[derive(clap::Args)]
#[command(subcommand_value_name = "RESOURCE", subcommand_help_heading = "Resources")]
#[command(disable_help_subcommand = true)]
pub(super) struct Args {
    /// The connection's name in the connections file
    connection: String,
    /// The connections file [environment: DESKBRIDGE_CONFIG; default: deskbridge.yaml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<String>,
    /// How many elements at most; no more pages are asked for than they need
    #[arg(long, global = true, value_name = "NUMBER")]
    limit: Option<usize>,
    #[command(subcommand)]
    resource: Option<Resource>,
}

/// What can be read: one variant an operation, which names its parameters. The functions stand beside them.
#[derive(Subcommand)]
enum Resource {
    #[command(flatten)]
    Bangwo8(Box<bangwo8::Resource>),
    #[command(flatten)]
    Udesk(udesk::Resource),
    #[command(external_subcommand)]
    Unknown(Vec<String>),
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let Args { connection: name, config, limit, resource } = args;
    let named = |config| connection(&name, &Flags { config, ..Flags::default() }.settings()?.config);
    let lines = match resource {
        None => return Err(listing::none(&name)),
        Some(Resource::Unknown(words)) => return Err(listing::unknown(&name, &words)),
        Some(Resource::Bangwo8(resource)) => {
            let connection = named(config)?;
            resource.read(app::target_client(&connection)?, &connection.target.time_zone)?
        }
        Some(Resource::Udesk(resource)) => {
            let client = app::source_client(&named(config)?)?;
            resource.read(&client.ok_or_else(|| no_api(&name))?)
        }
    };
    print(lines, limit).await
}

fn no_api(connection: &str) -> Failure {
    Failure::Usage(format!(
        "the source of the connection {connection} has no api: give it base_url and v1: {{ secret }}, \
         v2: {{ email, token }} or both"
    ))
}

/// Prints each line as it comes, so that the next page is asked for only when somebody has taken the last one.
async fn print(lines: Lines, limit: Option<usize>) -> Result<(), Failure> {
    let mut lines = lines.take(limit.unwrap_or(usize::MAX));
    while let Some(line) = lines.try_next().await? {
        if !put(&line)? {
            break;
        }
    }
    Ok(())
}

/// Whether somebody still reads: who has seen enough closes the pipe, as `head` does.
fn put(line: &str) -> Result<bool, Failure> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(Failure::work),
    }
}

/// Settings that no call can be made from are wrong configuration; everything else is the vendor's answer.
impl From<target::Error> for Failure {
    fn from(error: target::Error) -> Self {
        match error {
            target::Error::Configuration { .. } => Self::usage(error),
            error => Self::work(error),
        }
    }
}

impl From<source::Error> for Failure {
    fn from(error: source::Error) -> Self {
        match error {
            source::Error::Configuration { .. } => Self::usage(error),
            error => Self::work(error),
        }
    }
}
