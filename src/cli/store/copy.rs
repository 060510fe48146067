//! `deskbridge store copy`.

use jiff::Timestamp;

use super::{
    super::{Failure, say, settings::Flags, tables::table},
    failure,
    progress::Copying,
};
use crate::{
    config::Settings,
    plural::counted,
    store::{Compared, Place, Store, StoreError, is_same, shown},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The store to read
    from: String,
    /// The store to write: a new one, or one in which a copy was broken off, which then goes on
    to: String,
    /// The file of the keys that both are encrypted under [environment: DESKBRIDGE_ENCRYPTION_KEYS]
    #[arg(long, value_name = "FILE")]
    encryption_keys: Option<String>,
    /// The file of the keys of the store to write, if they are others; an empty text writes it plain
    #[arg(long, value_name = "FILE")]
    to_encryption_keys: Option<String>,
    /// Copy nothing, only compare what both hold
    #[arg(long)]
    verify: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if is_same(&args.from, &args.to) {
        return Err(Failure::Usage(format!("{} is the same store twice: name another one", shown(&args.to))));
    }
    let now = Timestamp::now();
    let (from, to) = places(&args)?;
    let from = Store::open_existing(from).await.map_err(failure)?;
    let compared = into(&from, to, args.verify, now).await;
    from.close();
    report(&compared.map_err(failure)?, &shown(&args.to))
}

/// Where both are, each with its keys.
fn places(args: &Args) -> Result<(Place, Place), Failure> {
    let place = |url: &String, keys: &Option<String>| {
        let settings = Flags { encryption_keys: keys.clone(), ..Flags::default() }.settings()?;
        crate::app::place(&Settings { store: url.clone(), ..settings }).map_err(Failure::usage)
    };
    // A text, as a path may not be empty.
    let to_keys = args.to_encryption_keys.clone().or_else(|| args.encryption_keys.clone());
    Ok((place(&args.from, &args.encryption_keys)?, place(&args.to, &to_keys)?))
}

async fn into(from: &Store, to: Place, verify: bool, now: Timestamp) -> Result<Vec<Compared>, StoreError> {
    let to = match verify {
        true => Store::open_existing(to).await?,
        false => Store::open_for_copy(to).await?,
    };
    let mut copying = Copying::start();
    let mut tell = |progress| copying.tell(progress);
    let compared = match verify {
        true => from.compare(&to, &mut tell).await,
        false => from.copy_to(&to, now, &mut tell).await,
    };
    copying.end();
    to.close();
    compared
}

fn report(compared: &[Compared], to: &str) -> Result<(), Failure> {
    let rows = compared.iter().map(|Compared { table, from, to }| {
        let equal = if from == to { "equal" } else { "DIFFERENT" };
        [
            (*table).to_owned(),
            from.rows.to_string(),
            to.rows.to_string(),
            from.to_string(),
            to.to_string(),
            equal.to_owned(),
        ]
    });
    let header = ["table", "rows", "rows there", "hash", "hash there", ""];
    say(table(header, rows).unwrap_or_default());
    match compared.iter().filter(|table| table.from != table.to).count() {
        0 => {
            say(format!("{to} holds the same"));
            Ok(())
        }
        tables => Err(Failure::Work(format!(
            "{to} differs in {}: take it away and copy again; the store that was read is unharmed",
            counted(tables, "table")
        ))),
    }
}
