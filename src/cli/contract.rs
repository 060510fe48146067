//! `deskbridge openapi` and `deskbridge asyncapi`: the contracts of this version, as the service answers them.

use serde_json::Value;

use super::{Failure, say};
use crate::http::contract::{asyncapi_document, openapi_document};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print YAML instead of JSON
    #[arg(long)]
    yaml: bool,
}

/// Prints what is answered and when.
pub(super) fn openapi(args: &Args) -> Result<(), Failure> {
    print(openapi_document(), args)
}

/// Prints what passes without being asked for.
pub(super) fn asyncapi(args: &Args) -> Result<(), Failure> {
    print(asyncapi_document(), args)
}

fn print(document: &Value, args: &Args) -> Result<(), Failure> {
    let text = match args.yaml {
        true => serde_saphyr::to_string(document).map_err(Failure::work)?,
        false => serde_json::to_string_pretty(document).map_err(Failure::work)?,
    };
    say(text.trim_end());
    Ok(())
}
