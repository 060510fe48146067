//! `deskbridge check`.

use std::path::{Path, PathBuf};

use super::{Failure, quote, say, settings::Flags};
use crate::{
    app::Blueprint,
    diagnostic::{Diagnostic, did_you_mean},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The connections file [environment: DESKBRIDGE_CONFIG; default: deskbridge.yaml]
    #[arg(long)]
    config: Option<PathBuf>,
    /// Also compares with the fields, options and ids that both vendors have now; changes nothing there
    #[arg(long)]
    online: bool,
    /// Compares this connection only
    #[arg(long, value_name = "NAME", requires = "online")]
    connection: Option<String>,
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let settings = Flags { config: args.config.clone(), ..Flags::default() }.settings()?;
    let file = settings.config.display();
    let tell = |problem: &Diagnostic| say(told(problem, &settings.config));
    let blueprint = Blueprint::compile(&settings.config).map_err(|problems| {
        problems.iter().for_each(tell);
        let errors = problems.iter().filter(|problem| problem.is_error()).count();
        Failure::Work(format!("{file}: {errors} errors"))
    })?;
    blueprint.warnings().iter().for_each(tell);
    if args.online {
        match online(&blueprint, args.connection.as_deref(), &settings.config).await? {
            0 => {}
            errors => return Err(Failure::Work(format!("{file}: {errors} errors"))),
        }
    }
    say(format!("{file}: good: {}", blueprint.summary()));
    Ok(())
}

/// Compares each connection, or the one that is named, and returns how many errors there are.
async fn online(blueprint: &Blueprint, only: Option<&str>, file: &Path) -> Result<usize, Failure> {
    if let Some(name) = only.filter(|name| !blueprint.connections().any(|known| known == *name)) {
        let known: Vec<&str> = blueprint.connections().collect();
        let hint = did_you_mean(name, known.iter().copied());
        let file = file.display();
        let message = format!("{file} has no connection {name}, only {}{hint}", known.join(", "));
        return Err(Failure::Usage(message));
    }
    let mut errors = 0;
    for connection in blueprint.connections().filter(|name| only.is_none_or(|only| only == *name)) {
        let compared = blueprint.compare(connection).await.map_err(Failure::work)?;
        compared.found.iter().map(|problem| told(problem, file)).for_each(say);
        say(compared.summary);
        errors += compared.found.iter().filter(|diagnostic| diagnostic.is_error()).count();
    }
    Ok(errors)
}

/// With its line, unless it is about the connections file, which may hold what nobody should see printed.
fn told(problem: &Diagnostic, connections: &Path) -> String {
    if problem.file == connections { problem.to_string() } else { quote::with_line(problem) }
}
