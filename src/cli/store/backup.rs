//! `deskbridge store backup`.

use std::path::PathBuf;

use indicatif::HumanCount;
use tokio::task::spawn_blocking;

use super::{
    super::{Failure, say},
    Which, failure,
    progress::Waiting,
    size,
};
use crate::{
    plural::ending,
    store::{BackedUp, BackingUp, StoreError, backup},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The new file
    file: PathBuf,
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let (url, file) = (args.which.url()?, args.file.clone());
    let waiting = Waiting::start("writing a backup");
    let made = spawn_blocking(move || {
        let made = backup(&url, &file, &mut |at| waiting.at(&doing(at)));
        waiting.end();
        made
    });
    let BackedUp { bytes, events, schema } = made.await.map_err(Failure::work)?.map_err(told)?;
    let (file, s) = (args.file.display(), ending(&events));
    say(format!("{file}: {}, {} event{s}, schema version {schema}, whole", size(bytes), HumanCount(events)));
    Ok(())
}

fn doing(at: BackingUp) -> String {
    match at {
        BackingUp::Writing { bytes, of } => format!("writing {} of about {}", size(bytes), size(of)),
        BackingUp::Verifying => "verifying".to_owned(),
    }
}

/// What can be set right by another name is wrong usage.
fn told(error: StoreError) -> Failure {
    match error {
        StoreError::File { path, source } if source.kind() == std::io::ErrorKind::AlreadyExists => {
            Failure::Usage(format!("{path} is there already: name a new file"))
        }
        StoreError::InUse(path) => Failure::Work(format!("another backup is being written to {path}")),
        StoreError::NoFile => Failure::usage(error),
        error => failure(error),
    }
}
