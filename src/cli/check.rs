//! `deskbridge check`.

use std::path::PathBuf;

use super::{Failure, say, settings::Flags};
use crate::app::Blueprint;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The connections file [environment: DESKBRIDGE_CONFIG; default: deskbridge.yaml]
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let settings = Flags { config: args.config.clone(), ..Flags::default() }.settings()?;
    match Blueprint::compile(&settings.config) {
        Ok(blueprint) => {
            blueprint.warnings().iter().for_each(say);
            say(format!("{}: good: {}", settings.config.display(), blueprint.summary()));
            Ok(())
        }
        Err(problems) => {
            problems.iter().for_each(say);
            let errors = problems.iter().filter(|problem| problem.is_error()).count();
            Err(Failure::Work(format!("{}: {errors} errors", settings.config.display())))
        }
    }
}
