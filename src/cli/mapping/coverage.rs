//! `deskbridge mapping coverage`: what events hit of a mapping, and what of them reaches no target.

mod counts;

use serde::Serialize;

use self::counts::Counts;
use super::{
    super::{Failure, say},
    events::Origin,
    say_json, say_table,
    shelf::Place,
    table,
};
use crate::{
    mapping::{self, Mapping},
    plural::counted,
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The mapping's name, or the path of its file
    #[arg(value_name = "NAME|PATH")]
    mapping: String,
    #[command(flatten)]
    origin: Origin,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let shelf = args.place.open()?;
    let mapping = shelf.mapping(&args.mapping)?;
    let parameters = args.origin.parameters(&shelf)?;
    let mut counts = Counts::default();
    args.origin.each(|sample| counts.count(&sample, &mapping, &parameters, &shelf.schemas))?;
    let report = Report::of(&mapping, counts);
    if args.json {
        return say_json(&report);
    }
    report.say();
    Ok(())
}

/// What events hit, the most frequent first.
#[derive(Serialize)]
struct Report {
    mapping: String,
    events: u64,
    bytes: u64,
    outcomes: Vec<Outcome>,
    rules: Vec<Rule>,
    arms: Vec<Arm>,
    values_without_arm: Vec<Stranger>,
    unmapped: Vec<Unmapped>,
    /// True if there were more kinds of values or pointers than are counted apart.
    more: bool,
}

#[derive(Serialize)]
struct Outcome {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    events: u64,
}

#[derive(Serialize)]
struct Rule {
    rule: String,
    events: u64,
}

#[derive(Serialize)]
struct Arm {
    table: String,
    value: String,
    target: String,
    /// Where it is written.
    at: String,
    events: u64,
}

/// A value that no arm has.
#[derive(Serialize)]
struct Stranger {
    pointer: String,
    value: String,
    events: u64,
}

/// A part of the source's data that reaches no target.
#[derive(Serialize)]
struct Unmapped {
    pointer: String,
    reason: String,
    events: u64,
    bytes: u64,
    /// Of all bytes of data, in percent.
    share: f64,
}

impl Report {
    fn of(mapping: &Mapping, counts: Counts) -> Self {
        let rules = mapping.rules().iter().map(|rule| {
            let events = counts.rules.get(rule).copied().unwrap_or_default();
            Rule { rule: rule.clone(), events }
        });
        let arms = mapping.arms().iter().cloned().map(|mapping::Arm { table, value, target, at }| {
            let events = counts.arms.get(&(table.clone(), value.clone())).copied().unwrap_or_default();
            Arm { table, value, target, at, events }
        });
        let mut report = Self {
            mapping: mapping.name().to_owned(),
            events: counts.events,
            bytes: counts.bytes,
            rules: rules.collect(),
            arms: arms.collect(),
            outcomes: Vec::new(),
            values_without_arm: Vec::new(),
            unmapped: Vec::new(),
            more: counts.more,
        };
        report.fill(counts);
        report
    }

    fn fill(&mut self, counts: Counts) {
        let bytes = counts.bytes;
        self.outcomes.extend(counts.outcomes.into_iter().map(|((outcome, reason), events)| Outcome {
            outcome,
            reason,
            events,
        }));
        self.values_without_arm.extend(
            counts.strangers.into_iter().map(|((pointer, value), events)| Stranger {
                pointer,
                value,
                events,
            }),
        );
        self.unmapped.extend(counts.unmapped.into_iter().map(|((pointer, reason), lost)| {
            let share = share(lost.bytes, bytes);
            Unmapped { pointer, reason, events: lost.events, bytes: lost.bytes, share }
        }));
        self.outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.events));
        self.values_without_arm.sort_by_key(|stranger| std::cmp::Reverse(stranger.events));
        self.unmapped.sort_by_key(|unmapped| std::cmp::Reverse(unmapped.bytes));
    }

    fn say(&self) {
        let (events, bytes) = (counted(self.events, "event"), counted(self.bytes, "byte"));
        say(format!("{}: {events}, {bytes} of data", self.mapping));
        let outcomes = self.outcomes.iter().map(|outcome| {
            [
                outcome.outcome.to_owned(),
                outcome.reason.clone().unwrap_or_default(),
                outcome.events.to_string(),
            ]
        });
        say_table("What the events come to", table(["outcome", "reason", "events"], outcomes));
        self.say_hits();
        let strangers = self.values_without_arm.iter();
        let strangers = strangers.map(|it| [it.pointer.clone(), it.value.clone(), it.events.to_string()]);
        say_table("Values that no arm has", table(["at", "value", "events"], strangers));
        let unmapped = self.unmapped.iter().map(|it| {
            let share = format!("{:.2} %", it.share);
            [it.pointer.clone(), it.reason.clone(), it.events.to_string(), it.bytes.to_string(), share]
        });
        let header = ["at", "reason", "events", "bytes", "share"];
        say_table("What reaches no target", table(header, unmapped));
        if self.more {
            say("There are more values or pointers than are told apart here: the first of them are.");
        }
    }

    fn say_hits(&self) {
        let hit = |events: u64| if events == 0 { "never".to_owned() } else { events.to_string() };
        let arms = self.arms.iter();
        let arms =
            arms.map(|arm| [arm.table.clone(), arm.value.clone(), arm.target.clone(), hit(arm.events)]);
        say_table("Arms", table(["table", "value", "becomes", "events"], arms));
        let rules = self.rules.iter().map(|rule| [rule.rule.clone(), hit(rule.events)]);
        say_table("Rules", table(["rule", "events"], rules));
    }
}

/// In percent.
#[allow(clippy::cast_precision_loss, reason = "a share of 2^52 bytes needs no more digits")]
fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 }
}
