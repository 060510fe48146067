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
use crate::store::{Archive, Stats};

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
}

#[derive(Serialize)]
struct Events {
    connection: String,
    status: &'static str,
    events: u64,
}

impl From<Stats> for Report {
    fn from(stats: Stats) -> Self {
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
        }
    }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let url = args.which.url()?;
    let stats = tokio::task::spawn_blocking(move || Archive::open(&url)?.stats());
    let report = Report::from(stats.await.map_err(Failure::work)?.map_err(failure)?);
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
}
