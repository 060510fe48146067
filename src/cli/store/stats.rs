//! `deskbridge store stats`.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    super::{
        Failure, say,
        tables::{say_json, say_table, table},
    },
    Which, failure, size,
};
use crate::store::{Archive, Stats, UnderKeys};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    schema_version: i64,
    used_bytes: u64,
    taken_bytes: u64,
    /// Taken and free for reuse.
    free_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_free_bytes: Option<u64>,
    /// False until `store upgrade` has written the file anew.
    gives_space_back: bool,
    oldest_waiting: Option<Timestamp>,
    events: Vec<Events>,
    /// How many values are under which key; nothing of a store that was never encrypted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    encryption: Vec<Encryption>,
}

#[derive(Serialize)]
struct Encryption {
    /// Null for values that are not encrypted.
    key: Option<String>,
    values: u64,
}

#[derive(Serialize)]
struct Events {
    connection: String,
    status: &'static str,
    events: u64,
}

impl Report {
    fn of(stats: Stats, keys: UnderKeys) -> Self {
        let size = stats.size;
        let events = stats.events.into_iter().map(|line| Events {
            connection: line.connection,
            status: line.status.as_str(),
            events: line.events,
        });
        Self {
            schema_version: stats.schema,
            used_bytes: size.used,
            taken_bytes: size.taken,
            free_bytes: size.taken.saturating_sub(size.used),
            disk_free_bytes: size.free,
            gives_space_back: stats.gives_back,
            oldest_waiting: stats.oldest_waiting,
            events: events.collect(),
            encryption: keys.into_iter().map(|(key, values)| Encryption { key, values }).collect(),
        }
    }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let place = args.which.place()?;
    let read = tokio::task::spawn_blocking(move || {
        let archive = Archive::open(&place)?;
        Ok((archive.stats()?, archive.under_keys()?))
    });
    let (stats, keys) = read.await.map_err(Failure::work)?.map_err(failure)?;
    let report = Report::of(stats, keys);
    if args.json {
        return say_json(&report);
    }
    tell(&report);
    Ok(())
}

fn tell(report: &Report) {
    say(format!("schema version  {}", report.schema_version));
    say(format!("in use          {}", size(report.used_bytes)));
    let hint =
        if report.gives_space_back { "" } else { "; deskbridge store upgrade gives it back to the disk" };
    say(format!("free for reuse  {}{hint}", size(report.free_bytes)));
    if let Some(free) = report.disk_free_bytes {
        say(format!("free on disk    {}", size(free)));
    }
    let oldest = report.oldest_waiting.map_or_else(|| "none".to_owned(), |at| at.to_string());
    say(format!("oldest waiting  {oldest}"));
    let rows = report.events.iter();
    let rows = rows.map(|line| [line.connection.clone(), line.status.to_owned(), line.events.to_string()]);
    say_table("Events", table(["connection", "status", "events"], rows));
    let rows = report.encryption.iter().map(|line| {
        let key = line.key.as_deref().unwrap_or("not encrypted");
        [key.to_owned(), line.values.to_string()]
    });
    say_table("Encryption", table(["key", "values"], rows));
}
