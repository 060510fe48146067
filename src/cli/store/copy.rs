//! `deskbridge store copy`.

use jiff::Timestamp;

use super::{
    super::{
        Failure, say,
        tables::{counted, table},
    },
    failure,
    progress::Copying,
};
use crate::store::{Compared, Store, StoreError, is_same, shown};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The store to read
    from: String,
    /// The store to write: a new one, or one in which a copy was broken off, which then goes on
    to: String,
    /// Copy nothing, only compare what both hold
    #[arg(long)]
    verify: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    if is_same(&args.from, &args.to) {
        return Err(Failure::Usage(format!("{} is the same store twice: name another one", shown(&args.to))));
    }
    let now = Timestamp::now();
    let from = Store::open_existing(&args.from).await.map_err(failure)?;
    let compared = into(&from, &args, now).await;
    from.close();
    report(&compared.map_err(failure)?, &shown(&args.to))
}

async fn into(from: &Store, args: &Args, now: Timestamp) -> Result<Vec<Compared>, StoreError> {
    let to = match args.verify {
        true => Store::open_existing(&args.to).await?,
        false => Store::open_for_copy(&args.to).await?,
    };
    let mut copying = Copying::start();
    let mut tell = |progress| copying.tell(progress);
    let compared = match args.verify {
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
