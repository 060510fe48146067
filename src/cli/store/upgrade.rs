//! `deskbridge store upgrade`.

use super::{
    super::{Failure, say},
    Which, failure,
    progress::Waiting,
};
use crate::store::{Store, shown};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let url = args.which.place()?.url;
    let waiting = Waiting::start("upgrading; a large file that is written anew takes some minutes");
    let upgraded = Store::upgrade(&url).await;
    waiting.end();
    let upgraded = upgraded.map_err(failure)?;
    let name = shown(&url);
    say(match (upgraded.from, upgraded.to) {
        (from, to) if from == to => format!("{name}: schema version {to} already"),
        (0, to) => format!("{name}: a new store of schema version {to}"),
        (from, to) => format!("{name}: schema version {from} became {to}"),
    });
    if upgraded.rewritten {
        say("the file was written anew: from now on it gives space back to the disk");
    }
    Ok(())
}
