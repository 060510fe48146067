//! `deskbridge mapping diff`: what a changed mapping would do to events, grouped by cause.

mod causes;
mod parts;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use self::causes::{Cause, causes};
use super::{
    super::{Failure, say},
    events::{Origin, Sample},
    say_json, say_table,
    shelf::Place,
    table,
};
use crate::{
    mapping::{Answers, Input, Mapping, Parameters, Steps, told},
    plural::counted,
};

/// Causes that are told apart: more are a mapping that has nothing to do with the other.
const MAX_CAUSES: usize = 1_000;
/// Events shown of each cause.
const EXAMPLES: usize = 3;
/// Characters of a value that are shown.
const MAX_VALUE: usize = 200;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The mapping as it is: its name, or the path of its file
    #[arg(value_name = "OLD")]
    old: String,
    /// The mapping as it would be
    #[arg(value_name = "NEW")]
    new: String,
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
    let (old, new) = (shelf.mapping(&args.old)?, shelf.mapping(&args.new)?);
    if old.source() != new.source() {
        let (from, to) = (old.source(), new.source());
        return Err(Failure::Usage(format!(
            "one mapping is for events of {from}, the other for those of {to}"
        )));
    }
    let parameters = args.origin.parameters(&shelf)?;
    let mut differences = Differences::default();
    args.origin.each(|sample| differences.add(&sample, &old, &new, &parameters))?;
    let report = differences.report();
    if args.json {
        return say_json(&report);
    }
    report.say();
    Ok(())
}

/// What differs so far.
#[derive(Default)]
struct Differences {
    events: u64,
    changed: u64,
    hints: u64,
    groups: BTreeMap<Cause, Group>,
    more: bool,
}

#[derive(Default)]
struct Group {
    events: u64,
    examples: Vec<Example>,
}

/// One event with what there was and what there would be.
#[derive(Serialize)]
struct Example {
    event: String,
    before: Value,
    after: Value,
}

impl Differences {
    fn add(&mut self, sample: &Sample, old: &Mapping, new: &Mapping, parameters: &Parameters) {
        self.events += 1;
        if sample.hint {
            self.hints += 1;
            return;
        }
        let (before, after) = (run_one(old, sample, parameters), run_one(new, sample, parameters));
        if before.0 == after.0 {
            return;
        }
        self.changed += 1;
        for (cause, before, after) in causes(sample, [(old, before), (new, after)]) {
            let full = self.groups.len() >= MAX_CAUSES;
            if full && !self.groups.contains_key(&cause) {
                self.more = true;
                continue;
            }
            let group = self.groups.entry(cause).or_default();
            group.events += 1;
            if group.examples.len() < EXAMPLES {
                let (before, after) = (shortened(before), shortened(after));
                group.examples.push(Example { event: sample.id.clone(), before, after });
            }
        }
    }

    fn report(self) -> Report {
        let Self { events, changed, hints, groups, more } = self;
        let causes = groups.into_iter();
        let causes = causes.map(|(cause, Group { events, examples })| Changed { cause, events, examples });
        let mut causes: Vec<Changed> = causes.collect();
        causes.sort_by_key(|changed| std::cmp::Reverse(changed.events));
        Report { events, changed, hints, causes, more }
    }
}

fn run_one(mapping: &Mapping, sample: &Sample, parameters: &Parameters) -> (Value, Steps) {
    let mut steps = Steps::default();
    let Sample { event_type, data, .. } = sample;
    let input = Input { event_type: *event_type, data, parameters, answers: &Answers::none() };
    let told = told(&mapping.map(&input, &mut steps));
    (told, steps)
}

fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > MAX_VALUE => {
            Value::String(text.chars().take(MAX_VALUE).chain(['…']).collect())
        }
        other => other,
    }
}

#[derive(Serialize)]
struct Report {
    events: u64,
    /// Events that would be mapped otherwise.
    changed: u64,
    /// Events whose data was read at the source, which can't be told.
    hints: u64,
    causes: Vec<Changed>,
    /// True if there were more causes than are told apart.
    more: bool,
}

#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    cause: Cause,
    events: u64,
    examples: Vec<Example>,
}

impl Report {
    fn say(&self) {
        say(format!("{} of {} would be mapped otherwise.", self.changed, counted(self.events, "event")));
        if self.hints > 0 {
            let hints = counted(self.hints, "hint");
            say(format!("Among them {hints}, mapped from what was read at the source."));
        }
        let rows = self.causes.iter().map(|changed| {
            let examples = changed.examples.iter().map(|example| {
                format!("{}: {} → {}", example.event, plain(&example.before), plain(&example.after))
            });
            let examples: Vec<String> = examples.collect();
            let Cause { change, at, rule, arm } = &changed.cause;
            let by = rule.iter().chain(arm).cloned().collect::<Vec<_>>().join("\n");
            [format!("{at} {change}"), by, changed.events.to_string(), examples.join("\n")]
        });
        say_table("What would change", table(["change", "by", "events", "for example"], rows));
        if self.more {
            say("There are more causes than are told apart here: the first of them are.");
        }
    }
}

/// Text without its quotes; what isn't there as a dash.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
