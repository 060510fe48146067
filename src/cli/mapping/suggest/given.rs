//! A source's fields from files: a list of them, or events that hold them.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;

use super::{Section, Side, list};
use crate::{
    cli::Failure,
    json,
    mapping::suggest::{Field, Seen},
};

/// Fields of the list; of the events only what the list doesn't have.
pub(super) fn read(fields: Option<&Path>, events: Option<&Path>, at: &str) -> Result<Side, Failure> {
    let mut side = fields.map(list::read).transpose()?.unwrap_or_default();
    if let Some(events) = events {
        let seen = seen(events, at)?;
        for (known, found) in [(&mut side.ticket, seen.ticket), (&mut side.company, seen.company)] {
            let new: Vec<Field> =
                found.into_iter().filter(|field| known.iter().all(|it| it.name != field.name)).collect();
            known.extend(new);
        }
    }
    Ok(side)
}

/// What is looked at of an event.
#[derive(Deserialize)]
struct Event {
    r#type: String,
    data: Value,
}

fn seen(path: &Path, at: &str) -> Result<Side, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut ticket, mut company) = (Seen::default(), Seen::default());
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(|error| unreadable(path, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let event: Event = json::from_str(&line).map_err(|_| no_event(path, number))?;
        let seen = match section(&event.r#type) {
            Some(Section::Ticket) => &mut ticket,
            Some(Section::Company) => &mut company,
            None => continue,
        };
        event.data.pointer(at).into_iter().for_each(|fields| seen.note(fields));
    }
    Ok(Side { ticket: ticket.fields(), company: company.fields() })
}

fn section(event_type: &str) -> Option<Section> {
    match event_type.split('.').next() {
        Some("ticket") => Some(Section::Ticket),
        Some("company") => Some(Section::Company),
        _ => None,
    }
}

/// The line itself may hold what nobody should see in a terminal's history.
fn no_event(path: &Path, line: u64) -> Failure {
    let what = "is no event: write a JSON object with type and data on each line";
    Failure::Usage(format!("{}:{line}: {what}", path.display()))
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{} can't be read: {error}", path.display()))
}
