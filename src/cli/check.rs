//! `deskbridge check`.

use std::path::{Path, PathBuf};

use super::{Failure, quote, say, settings::Flags};
use crate::{app::Blueprint, diagnostic::Diagnostic};

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
            blueprint.warnings().iter().map(|problem| told(problem, &settings.config)).for_each(say);
            say(format!("{}: good: {}", settings.config.display(), blueprint.summary()));
            Ok(())
        }
        Err(problems) => {
            problems.iter().map(|problem| told(problem, &settings.config)).for_each(say);
            let errors = problems.iter().filter(|problem| problem.is_error()).count();
            Err(Failure::Work(format!("{}: {errors} errors", settings.config.display())))
        }
    }
}

/// With its line, unless it is about the connections file, which may hold what nobody should see printed.
fn told(problem: &Diagnostic, connections: &Path) -> String {
    if problem.file == connections { problem.to_string() } else { quote::with_line(problem) }
}
