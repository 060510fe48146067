//! `deskbridge check`.

use std::path::Path;

use super::{
    Failure, quote, say,
    settings::{Flags, no_connection},
};
use crate::{
    app::{Blueprint, check_certificate, refused, surroundings},
    config::Settings,
    diagnostic::{Diagnostic, Place},
    plural::counted,
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The connections file [environment: DESKBRIDGE_CONFIG; default: deskbridge.yaml]
    #[arg(long)]
    config: Option<String>,
    /// Also compares with the fields, options and ids that both vendors have now; changes nothing there
    #[arg(long)]
    online: bool,
    /// Compares this connection only
    #[arg(long, value_name = "NAME", requires = "online")]
    connection: Option<String>,
    /// The certificate that the service would show [DESKBRIDGE_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// Its private key [DESKBRIDGE_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
}

pub(super) async fn run(args: &Args) -> Result<(), Failure> {
    let (config, tls_cert, tls_key) = (args.config.clone(), args.tls_cert.clone(), args.tls_key.clone());
    let (settings, wrong) = Flags { config, tls_cert, tls_key, ..Flags::default() }.read();
    let file = &settings.config;
    let tell = |problem: &Diagnostic| say(told(problem, file));
    surroundings(&settings).iter().for_each(tell);
    let refused = [wrong.as_slice(), &refused(&settings), &certificate(&settings)].concat();
    refused.iter().for_each(tell);
    let compiled = Blueprint::compile(file, &settings.webhook_allow);
    let in_files = compiled.as_ref().map_or_else(Vec::as_slice, Blueprint::warnings);
    in_files.iter().for_each(tell);
    let mut found = Errors { settings: errors(&refused), files: errors(in_files) };
    let Some(blueprint) = compiled.ok().filter(|_| found.none()) else { return Err(found.failure(file)) };
    if args.online {
        found.files = online(&blueprint, args.connection.as_deref(), file).await?;
    }
    if !found.none() {
        return Err(found.failure(file));
    }
    say(format!("{}: good: {}", file.display(), blueprint.summary()));
    Ok(())
}

/// How many errors were told.
struct Errors {
    settings: usize,
    files: usize,
}

impl Errors {
    fn none(&self) -> bool {
        self.settings + self.files == 0
    }

    /// The last line says how many, and where.
    fn failure(&self, file: &Path) -> Failure {
        let counts = [("settings".to_owned(), self.settings), (file.display().to_string(), self.files)];
        let counts = counts.into_iter().filter(|(_, errors)| *errors > 0);
        let counts: Vec<_> =
            counts.map(|(of, errors)| format!("{of}: {}", counted(errors, "error"))).collect();
        Failure::Work(counts.join("; "))
    }
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|problem| problem.is_error()).count()
}

/// What is to be said of a certificate that can be shown; when it ends is said at once.
fn certificate(settings: &Settings) -> Vec<Diagnostic> {
    let Some(found) = check_certificate(settings) else { return Vec::new() };
    if let (Some(ends), None) = (found.ends, &found.refused) {
        say(format!("{}: good until {ends}", settings.tls_cert.display()));
    }
    let warning = found.warning.map(|told| Diagnostic::warning(&settings.tls_cert, Place::default(), told));
    let refused = found.refused.map(|why| settings.given.error(&["TLS_CERT"], why));
    warning.into_iter().chain(refused).collect()
}

/// Compares each connection, or the one that is named, and returns how many errors there are.
async fn online(blueprint: &Blueprint, only: Option<&str>, file: &Path) -> Result<usize, Failure> {
    if let Some(name) = only.filter(|name| !blueprint.connections().any(|known| known == *name)) {
        let known: Vec<&str> = blueprint.connections().collect();
        return Err(no_connection(file, name, known.into_iter()));
    }
    let mut found = 0;
    for connection in blueprint.connections().filter(|name| only.is_none_or(|only| only == *name)) {
        let compared = blueprint.compare(connection).await.map_err(Failure::work)?;
        compared.found.iter().map(|problem| told(problem, file)).for_each(say);
        say(compared.summary);
        found += errors(&compared.found);
    }
    Ok(found)
}

/// With its line, unless it is about the connections file, which may hold what nobody should see printed.
fn told(problem: &Diagnostic, connections: &Path) -> String {
    if problem.file == connections { problem.to_string() } else { quote::with_line(problem) }
}
