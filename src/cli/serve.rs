//! `deskbridge serve`.

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, parent, settings::Flags};
use crate::{
    app::{App, Blueprint, BuildError},
    config::{LogFormat, Settings},
    fault,
    store::StoreError,
    telemetry,
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Stop when standard input ends.
    #[arg(long, hide = true)]
    with_parent: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let settings = args.flags.settings()?;
    arm()?;
    let json = settings.log_format.map(|format| format == LogFormat::Json);
    let telemetry = telemetry::start(&settings.log, json).map_err(Failure::usage)?;
    let result = serve(&settings, args.with_parent).await;
    let flushed = tokio::task::spawn_blocking(move || telemetry.shutdown()).await;
    result.and(flushed.map_err(Failure::work))
}

/// Where a proof wants the process to die, if it wants it to.
fn arm() -> Result<(), Failure> {
    match std::env::var(fault::VARIABLE) {
        Ok(text) => {
            fault::arm(
                text.parse().map_err(|error| Failure::usage(format!("{}: {error}", fault::VARIABLE)))?,
            );
            Ok(())
        }
        Err(_) => Ok(()),
    }
}

async fn serve(settings: &Settings, with_parent: bool) -> Result<(), Failure> {
    // First of all: without it, the signal that asks for the files to be read again would end the process.
    let mut hangup = signal(SignalKind::hangup()).map_err(Failure::work)?;
    let blueprint = Blueprint::compile(&settings.config).map_err(Failure::Files)?;
    for warning in blueprint.warnings() {
        tracing::warn!("{warning}");
    }
    let app = App::build(blueprint, settings).await.map_err(|error| match error {
        BuildError::Store(StoreError::UnknownEngine) => Failure::usage(error),
        error => Failure::work(error),
    })?;
    let reload = app.reload();
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload.notify_one();
        }
    });
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::work)?;
    let shutdown = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            () = parent::gone(), if with_parent => {}
        }
    };
    app.run_until(shutdown).await.map_err(Failure::work)
}
