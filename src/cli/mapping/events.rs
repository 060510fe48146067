//! Events to try mappings on: exported ones, a line each, or those of a store. One is held at a time.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, IsTerminal, Read},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{Failure, settings::place},
    shelf::Shelf,
};
use crate::{
    cli::moment::timestamp, event::EventType, json, mapping::Parameters, plural::counted, store::Archive,
};

/// Bytes of a line at most: no event is nearly as long, and a file without line ends must not fill the memory.
const MAX_LINE: u64 = 64 * 1024 * 1024;
/// Stored events that are read at once.
const PAGE: usize = 64;
/// Events between two signs of life on a terminal, and elsewhere.
const TICK: u64 = 1_000;
const LINE: u64 = 100_000;

/// Where events come from, and the tenant's values that they are mapped with.
#[derive(clap::Args)]
pub(super) struct Origin {
    /// Exported events, a line each: {"id","type","time","data"}; - is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "store", conflicts_with = "store")]
    events: Option<PathBuf>,
    /// Events of a store, which may be in use, e.g. sqlite:data/deskbridge.db
    #[arg(long, value_name = "STORE", requires = "connection")]
    store: Option<String>,
    /// The connection whose parameters, and of a store whose events, are taken
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Only events of this time or later (stored: when accepted; exported: their `time`, if they have one)
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    since: Option<Timestamp>,
}

/// One event.
pub(super) struct Sample {
    /// Its id, or the number of its line.
    pub(super) id: String,
    pub(super) event_type: EventType,
    pub(super) data: Value,
    /// True if the data only says that something happened.
    pub(super) hint: bool,
}

impl Origin {
    /// The tenant's values; none if no connection is named.
    pub(super) fn parameters(&self, shelf: &Shelf) -> Result<Parameters, Failure> {
        self.connection.as_ref().map_or(Ok(Parameters::new()), |connection| shelf.parameters(connection))
    }

    /// Shows each event in the order in which they came.
    pub(super) fn each(&self, mut show: impl FnMut(Sample)) -> Result<(), Failure> {
        let mut progress = Progress::default();
        let mut show = |sample| {
            progress.tick();
            show(sample);
        };
        match (&self.events, &self.store, &self.connection) {
            (Some(path), ..) if path.as_os_str() == "-" => {
                self.lines(Path::new("standard input"), io::stdin().lock(), &mut show)
            }
            (Some(path), ..) => {
                let file = File::open(path)
                    .map_err(|error| Failure::Usage(format!("{} can't be read: {error}", path.display())))?;
                self.lines(path, BufReader::new(file), &mut show)
            }
            (None, Some(store), Some(connection)) => self.stored(store, connection, &mut show),
            (None, ..) => Err(Failure::Usage("name events with --events or --store".into())),
        }?;
        progress.end();
        Ok(())
    }

    fn lines(
        &self,
        path: &Path,
        mut reader: impl BufRead,
        show: &mut impl FnMut(Sample),
    ) -> Result<(), Failure> {
        let mut line = String::new();
        for number in 1u64.. {
            line.clear();
            let wrong = |why: String| Failure::Usage(format!("{}:{number}: {why}", path.display()));
            let read = reader.by_ref().take(MAX_LINE).read_line(&mut line);
            match read.map_err(|error| wrong(error.to_string()))? {
                0 => return Ok(()),
                _ if line.trim().is_empty() => continue,
                _ => {}
            }
            let exported: Exported =
                json::from_str(line.trim_end()).map_err(|error| wrong(described(&error)))?;
            if self.since.zip(exported.time).is_none_or(|(since, time)| time >= since) {
                show(exported.sample(number));
            }
        }
        Ok(())
    }

    fn stored(&self, store: &str, connection: &str, show: &mut impl FnMut(Sample)) -> Result<(), Failure> {
        let archive = Archive::open(place(store)?).map_err(Failure::usage)?;
        let mut after = 0;
        loop {
            let page = archive.page(connection, self.since, after, PAGE).map_err(Failure::work)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (_, event) in page.into_iter().filter(|(_, event)| !event.is_erased()) {
                let data = json::from_slice(event.data()).map_err(|error| {
                    Failure::Work(format!("the stored event {} is no JSON: {error}", event.id))
                })?;
                let (id, event_type, hint) = (event.id.to_string(), event.event_type, event.hint);
                show(Sample { id, event_type, data, hint });
            }
        }
    }
}

/// An envelope as an export has it; a CloudEvent's further members are left aside.
#[derive(Deserialize)]
pub(super) struct Exported {
    id: Option<String>,
    r#type: EventType,
    time: Option<Timestamp>,
    data: Value,
}

impl Exported {
    pub(super) fn sample(self, number: u64) -> Sample {
        let id = self.id.unwrap_or_else(|| format!("line {number}"));
        Sample { id, event_type: self.r#type, data: self.data, hint: false }
    }
}

/// What is wrong with a line, without serde's count of lines, which is always one.
fn described(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!(
        "{what} at column {}; an event is {{\"id\",\"type\",\"time\",\"data\"}} on one line",
        error.column()
    )
}

/// Signs of life while many events are read.
#[derive(Default)]
struct Progress {
    events: u64,
}

impl Progress {
    fn tick(&mut self) {
        self.events += 1;
        let terminal = io::stderr().is_terminal();
        if terminal && self.events.is_multiple_of(TICK) {
            self.show("\r", "");
        } else if !terminal && self.events.is_multiple_of(LINE) {
            self.show("", "\n");
        }
    }

    /// The line makes room for the report.
    fn end(&self) {
        if io::stderr().is_terminal() && self.events >= TICK {
            self.show("\r", "\n");
        }
    }

    #[allow(clippy::print_stderr, reason = "what a command has to say to its user")]
    fn show(&self, before: &str, after: &str) {
        eprint!("{before}{}{after}", counted(self.events, "event"));
    }
}
