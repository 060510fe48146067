//! `deskbridge store reencrypt`.

use super::{
    super::{Failure, say},
    Which, failure,
    progress::{Copying, Waiting},
};
use crate::{
    plural::counted,
    store::{Place, Store, StoreError, UnderKeys},
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let place = args.which.place()?;
    let Some(key) = place.keys.first_name().map(str::to_owned) else {
        return Err(Failure::Usage(
            "there is no key to encrypt under: name the file of the keys by --encryption-keys or \
             DESKBRIDGE_ENCRYPTION_KEYS"
                .to_owned(),
        ));
    };
    let left = reencrypted(&place).await.map_err(failure)?;
    // Also where nothing was left to encrypt: the time before may have been broken off just here.
    rewrite(&place.url).await?;
    say(format!("{} under the key {key}", counted(total(&left), "value")));
    let others: UnderKeys = left.into_iter().filter(|(name, _)| name.as_deref() != Some(&key)).collect();
    if others.is_empty() {
        say("no other key is needed for this store any more");
        return Ok(());
    }
    Err(Failure::Work(format!(
        "{} written meanwhile under another key, or plain: give all replicas the same first key, and do it again",
        counted(total(&others), "value")
    )))
}

/// What is under which key now.
async fn reencrypted(place: &Place) -> Result<UnderKeys, StoreError> {
    let store = Store::open_existing(place).await?;
    let mut progress = Copying::start();
    let mut tell = |at| progress.tell(at);
    let done = async {
        store.reencrypt(&mut tell).await?;
        store.under_keys(&mut tell).await
    }
    .await;
    progress.end();
    store.close();
    done
}

/// What was plain, or under another key, may still be in the free parts of a file.
async fn rewrite(url: &str) -> Result<(), Failure> {
    let waiting = Waiting::start("writing the file anew, so that nothing of before is left in it");
    let done = Store::rewrite(url).await;
    waiting.end();
    done.map_err(failure)
}

fn total(values: &UnderKeys) -> usize {
    usize::try_from(values.values().sum::<u64>()).unwrap_or(usize::MAX)
}
