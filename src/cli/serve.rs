//! `deskbridge serve`.

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, parent, settings::Flags, stop};
use crate::{
    app::{App, Blueprint, surroundings},
    config::{LogFormat, Settings},
    fault,
    telemetry::{self, MetricsPush},
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
    let settings = args.flags.of_service()?;
    arm()?;
    let warnings = surroundings(&settings);
    let json = settings.log_format.map(|format| format == LogFormat::Json);
    let mut telemetry = telemetry::start(&settings.log, json).map_err(Failure::usage)?;
    // Before the files are read: a misspelt name may be why they can't be.
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let push = telemetry.metrics_push();
    let result = serve(&settings, push, args.with_parent).await;
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

async fn serve(settings: &Settings, push: Option<MetricsPush>, with_parent: bool) -> Result<(), Failure> {
    // First of all: without it, the signal that asks for the files to be read again would end the process.
    let mut hangup = signal(SignalKind::hangup()).map_err(Failure::work)?;
    let blueprint = Blueprint::compile(&settings.config, &settings.webhook_allow).map_err(Failure::Files)?;
    for warning in blueprint.warnings() {
        tracing::warn!("{warning}");
    }
    let app = App::build(blueprint, settings).await.map_err(Failure::work)?;
    let reload = app.reload();
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            reload.notify_one();
        }
    });
    let told = stop::told().map_err(Failure::work)?;
    let shutdown = async move {
        tokio::select! {
            () = told => {}
            () = parent::gone(), if with_parent => {}
        }
    };
    app.pushing(push).run_until(shutdown).await.map_err(Failure::work)
}
