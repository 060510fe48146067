//! The command line: one file a subcommand. Errors go to standard error in a line or two; exit codes are 0 done,
//! 1 the work failed, 2 wrong usage or configuration.

mod audit;
mod check;
mod client;
mod contract;
mod demo;
mod events;
mod healthcheck;
mod listing;
mod mapping;
mod moment;
mod parent;
mod quote;
mod read;
mod sandbox;
mod serve;
mod service;
mod settings;
mod sign;
mod stop;
mod store;
mod tables;
mod text;
mod torture;

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};

use crate::diagnostic::Diagnostic;

/// Connects help desks: signed ticket events in, mapped onto Bangwo8 once and in order; ticket views out as JSON.
#[derive(Parser)]
#[command(name = "deskbridge", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the service.
    #[command(after_help = "Example: deskbridge serve --config deskbridge.yaml --listen 0.0.0.0:8080")]
    Serve(serve::Args),
    /// Shows the main job: simulators, the service, sample events, and what each became.
    #[command(after_help = "Example: deskbridge demo --once")]
    Demo(demo::Args),
    /// Runs simulators of Bangwo8 and Udesk to develop against.
    #[command(
        after_help = "Example: deskbridge sandbox --switch counts=number --generate tickets=1000000 --seed 7 --log requests.ndjson"
    )]
    Sandbox(sandbox::Args),
    /// Compiles configuration, schemas and mappings and prints every problem.
    #[command(after_help = "Example: deskbridge check --online --connection acme")]
    Check(check::Args),
    /// Prints what either vendor of a connection holds, a line of JSON each: ids to configure, a desk to look over.
    #[command(after_help = read::EXAMPLE)]
    Read(read::Args),
    /// Helps to write a mapping and to try it before anything is sent.
    #[command(after_help = mapping::EXAMPLE)]
    Mapping(mapping::Args),
    /// Tells what became of events in a running service, and has held ones tried again or given up.
    #[command(after_help = events::EXAMPLE)]
    Events(events::Args),
    /// Tells what was done in a running service, when, and by whose key.
    #[command(after_help = audit::EXAMPLE)]
    Audit(audit::Args),
    /// Looks after the store: its size, its form, its age, its place.
    #[command(after_help = store::EXAMPLE)]
    Store(store::Args),
    /// Prints the HTTP interface as an OpenAPI 3.1 document, as /openapi.json has it.
    #[command(after_help = "Example: deskbridge openapi --yaml > deskbridge-openapi.yaml")]
    Openapi(contract::Args),
    /// Prints events in, messages to subscribers and news as an AsyncAPI 3.0 document.
    #[command(after_help = "Example: deskbridge asyncapi > deskbridge-asyncapi.json")]
    Asyncapi(contract::Args),
    /// Kills the service again and again under load, and proves that nothing was lost, doubled or disordered.
    #[command(after_help = torture::EXAMPLE)]
    Torture(torture::Args),
    /// Exits with 0 if a service is ready: the one on this machine, or that of --url.
    #[command(after_help = "Example: deskbridge healthcheck --listen 127.0.0.1:8080")]
    Healthcheck(healthcheck::Args),
}

/// How long the end of the process waits for threads that don't end.
const LAST_GRACE: Duration = Duration::from_secs(1);

/// Why a command didn't do what it was asked to.
#[derive(Debug)]
enum Failure {
    /// Exit code 1, with a sentence.
    Work(String),
    /// Exit code 2, with a sentence.
    Usage(String),
    /// Exit code 2, with every problem of the files, or of the settings.
    Files(Vec<Diagnostic>),
    /// The same of files that hold no secrets: each with the line that it is about.
    Written(Vec<Diagnostic>),
}

impl Failure {
    fn work(error: impl fmt::Display) -> Self {
        Self::Work(error.to_string())
    }

    fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    // reqwest is built without a TLS provider; an error would mean that one is installed already, and it serves.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(Failure::work(error)),
    };
    let result = runtime.block_on(async {
        match command {
            Command::Serve(args) => serve::run(args).await,
            Command::Demo(args) => demo::run(args).await,
            Command::Sandbox(args) => sandbox::run(args).await,
            Command::Check(args) => check::run(&args).await,
            Command::Read(args) => read::run(args).await,
            Command::Mapping(args) => mapping::run(args).await,
            Command::Events(args) => events::run(args).await,
            Command::Audit(args) => audit::run(args).await,
            Command::Store(args) => store::run(args).await,
            Command::Openapi(args) => contract::openapi(&args),
            Command::Asyncapi(args) => contract::asyncapi(&args),
            Command::Torture(args) => torture::run(args).await,
            Command::Healthcheck(args) => healthcheck::run(args).await,
        }
    });
    // What is still at work now has had its grace period.
    runtime.shutdown_timeout(LAST_GRACE);
    result.map_or_else(report, |()| ExitCode::SUCCESS)
}

#[allow(clippy::print_stderr, reason = "what a command has to say to its user")]
fn report(failure: Failure) -> ExitCode {
    match failure {
        Failure::Work(message) => {
            eprintln!("deskbridge: {message}");
            ExitCode::from(1)
        }
        Failure::Usage(message) => {
            eprintln!("deskbridge: {message}");
            ExitCode::from(2)
        }
        Failure::Files(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            ExitCode::from(2)
        }
        Failure::Written(problems) => {
            problems.iter().for_each(|problem| eprintln!("{}", quote::with_line(problem)));
            ExitCode::from(2)
        }
    }
}

/// What can't be shown can't be relied on: a full disk behind `>` must not look like success.
#[allow(clippy::print_stderr, reason = "what a command has to say to its user")]
fn unwritten(error: &io::Error) -> ! {
    eprintln!("deskbridge: the output can't be written: {error}");
    std::process::exit(1)
}

/// Prints a line for the user. One who has stopped reading (`| head`) has heard enough: the process ends as other tools
/// do, without a word.
fn say(line: impl fmt::Display) {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => unwritten(&error),
    }
}
