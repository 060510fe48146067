//! `deskbridge events erase`: forgets what was stored about a person.

use std::{
    io::{self, Read},
    time::Duration,
};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{
    operate::confirmed,
    service::{Reach, Service},
    text::at,
};
use crate::{
    cli::{Failure, say, tables::say_json},
    plural::counted,
};

/// The service reads through its whole store.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// Bytes of standard input that are read: a subject is far shorter.
const LONGEST_INPUT: u64 = 64 * 1024;
/// Statuses of events that are left only as long as a worker has one of their lane in hand.
const AT_REST: [&str; 3] = ["delivered", "skipped", "discarded"];

#[derive(clap::Args)]
pub(super) struct Args {
    /// The connection's name [environment: DESKBRIDGE_CONNECTION]
    #[arg(long, value_name = "NAME", conflicts_with = "all_connections")]
    connection: Option<String>,
    /// Of every connection of which anything is kept, those included that are no longer configured
    #[arg(long)]
    all_connections: bool,
    #[command(flatten)]
    reach: Reach,
    /// Whom: an e-mail address, a telephone number, a name, as they stand in events; - reads it from standard input
    #[arg(long, value_name = "VALUE")]
    subject: String,
    /// Also find it as a part of texts, as in the words of a ticket
    #[arg(long)]
    contains: bool,
    /// What to do with events that have not come to rest
    #[arg(long, value_enum, default_value_t = Waiting::Keep)]
    waiting: Waiting,
    /// Only tell what there is
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Waiting {
    /// Leave them, and tell their ids
    Keep,
    /// Give them up, and erase them too
    Discard,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let Args { connection, all_connections, reach, subject, contains, waiting, dry_run, yes, json } = args;
    let whose = Whose::named(connection, all_connections)?;
    let service = reach.patient(whose.name().to_owned(), TIMEOUT)?;
    let waiting = match waiting {
        Waiting::Keep => "keep",
        Waiting::Discard => "discard",
    };
    let subject = if subject == "-" { line()? } else { subject };
    let mut body = json!({ "subject": subject, "contains": contains, "waiting": waiting, "dry_run": true });
    if !dry_run {
        let found = whose.post(&service, &body).await?;
        if !yes && !confirmed(&format!("erase {} of {}?", told(&found), whose.told()))? {
            say("nothing was changed");
            return Ok(());
        }
        body["dry_run"] = false.into();
    }
    let answer = whose.post(&service, &body).await?;
    if json {
        return say_json(&answer);
    }
    tell(&answer, dry_run);
    Ok(())
}

/// Of which connections.
enum Whose {
    One(String),
    All,
}

impl Whose {
    /// Not by clap: a connection in the environment is no contradiction to all.
    fn named(connection: Option<String>, all: bool) -> Result<Self, Failure> {
        match connection.or_else(|| std::env::var("DESKBRIDGE_CONNECTION").ok()) {
            _ if all => Ok(Self::All),
            Some(name) if !name.is_empty() => Ok(Self::One(name)),
            _ => Err(Failure::usage("say whose data: --connection NAME, or --all-connections")),
        }
    }

    fn name(&self) -> &str {
        if let Self::One(name) = self { name } else { "" }
    }

    fn told(&self) -> &str {
        if let Self::One(name) = self { name } else { "all connections" }
    }

    async fn post(&self, service: &Service, body: &Value) -> Result<Value, Failure> {
        match self {
            Self::One(_) => service.post(&["erase"], body).await,
            Self::All => service.post_of_all(&["erase"], body).await,
        }
    }
}

/// The one line of standard input. More of them would be persons that nobody erased.
fn line() -> Result<String, Failure> {
    let text = io::read_to_string(io::stdin().take(LONGEST_INPUT)).map_err(Failure::work)?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.next().unwrap_or_default();
    match lines.count() {
        0 => Ok(line.to_owned()),
        more => Err(Failure::Usage(format!(
            "standard input has {}: give one subject, and run this once for each",
            counted(more + 1, "line")
        ))),
    }
}

fn tell(answer: &Value, dry_run: bool) {
    say(format!("{} {}", told(answer), if dry_run { "would be erased" } else { "erased" }));
    let views = number(answer, "/ticketviews/current");
    if views > 0 {
        let hold = if views == 1 { "holds" } else { "hold" };
        say(format!(
            "{} still {hold} it as Bangwo8 does, until it no longer does",
            counted(views, "ticket view")
        ));
    }
    for left in answer["waiting"].as_array().into_iter().flatten() {
        let (id, connection, status) = (at(left, "/id"), at(left, "/connection"), at(left, "/status"));
        let again = if AT_REST.contains(&status.as_str()) { "; ask again" } else { "" };
        say(format!("left: {id} of {connection} is {status}{again}"));
    }
    if answer["scrubbed"] == false {
        say(
            "a reader still held the file as it was: do it again, or restart the service, to have the bytes gone at once",
        );
    }
}

fn told(answer: &Value) -> String {
    let parts = [
        ("/events", "event"),
        ("/messages", "message"),
        ("/effects", "effect"),
        ("/links", "link"),
        ("/ticketviews/states", "state"),
    ];
    let parts = parts.map(|(pointer, what)| counted(number(answer, pointer), what));
    format!("{} of ticket views", parts.join(", "))
}

fn number(answer: &Value, pointer: &str) -> usize {
    let number = answer.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    usize::try_from(number).unwrap_or(usize::MAX)
}
