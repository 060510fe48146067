//! `deskbridge mapping test`: golden cases and the arms that they hit.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use similar::TextDiff;

use super::{
    super::{Failure, say},
    shelf::{Place, Shelf},
};
use crate::{
    intake::Refusal,
    json,
    mapping::{Arm, Case, Mapping, Steps, pretty},
    plural::counted,
};

/// Equal lines shown around a difference.
const AROUND: usize = 2;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Names of mappings, or paths of their files
    #[arg(required = true, value_name = "NAME|PATH")]
    mappings: Vec<String>,
    /// How many percent of a mapping's arms its cases have to hit
    #[arg(long, value_name = "PERCENT", default_value_t = 100.0, value_parser = percent)]
    min_coverage: f64,
    /// Write what is found into the cases that fail, to be reviewed
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    place: Place,
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "must be a number from 0 to 100".to_owned())
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let shelf = args.place.open()?;
    let mut wrong = Vec::new();
    for name in &args.mappings {
        wrong.extend(test(name, args, &shelf)?.map(|why| format!("{name}: {why}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Work(wrong.join("; "))) }
}

/// Runs the cases of one mapping. Says why they are not enough, if they are not.
fn test(name: &str, args: &Args, shelf: &Shelf) -> Result<Option<String>, Failure> {
    let mapping = shelf.mapping(name)?;
    let files = files(&shelf.cases(name))?;
    let (mut failed, mut hit) = (0, BTreeSet::new());
    for file in &files {
        let mut steps = Steps::default();
        let judged = judge(file, &mapping, shelf, &mut steps);
        let settled = judged.and_then(|judged| settle(judged, file, args.update));
        hit.extend(steps.arms.into_iter().map(|hit| (hit.table, hit.value)));
        failed += usize::from(settled.is_err());
        say(told(file, settled));
    }
    let good = files.len() - failed;
    let share = say_summary(name, &mapping, &hit, &good_of(good, files.len()));
    Ok(verdict(failed, share, args.min_coverage))
}

fn good_of(good: usize, cases: usize) -> String {
    format!("{good} of {} {} good", counted(cases, "case"), if cases == 1 { "is" } else { "are" })
}

/// The share of the arms that were hit, in percent.
fn say_summary(name: &str, mapping: &Mapping, hit: &BTreeSet<(String, String)>, cases: &str) -> f64 {
    let arms = mapping.arms();
    let is_hit = |arm: &&Arm| hit.contains(&(arm.table.clone(), arm.value.clone()));
    let (hit, missed): (Vec<&Arm>, Vec<&Arm>) = arms.iter().partition(is_hit);
    let share = share(hit.len(), arms.len());
    say(format!("{name}: {cases}, {} of {} arms are hit ({share:.1} %)", hit.len(), arms.len()));
    for Arm { table, value, target, at } in missed {
        say(format!("{at}: no case hits {table}: {value} → {target}"));
    }
    share
}

fn verdict(failed: usize, share: f64, wanted: f64) -> Option<String> {
    let cases = (failed > 0).then(|| format!("{} failed", counted(failed, "case")));
    let arms = (share < wanted).then(|| {
        format!("{share:.1} % of the arms are hit, {wanted} % are wanted: add cases, or lower --min-coverage")
    });
    let all: Vec<String> = cases.into_iter().chain(arms).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// In percent.
#[allow(clippy::cast_precision_loss, reason = "no mapping has 2^52 arms")]
fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 100.0 } else { part as f64 * 100.0 / all as f64 }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let at = folder.display();
    let entries = fs::read_dir(folder).map_err(|error| {
        let shape = "{\"type\", \"parameters\", \"data\", \"expected\"}";
        Failure::Usage(format!(
            "{at} can't be read: {error}; write a golden case into it, a file of JSON each: {shape}"
        ))
    })?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = paths.map_err(Failure::work)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() { Err(Failure::Usage(format!("{at} has no cases: *.json"))) } else { Ok(files) }
}

/// What a case came to.
enum Judged {
    Good,
    /// Something else was found than was expected.
    Other {
        expected: Value,
        found: Value,
    },
}

/// Runs a case. The error says why it is none.
fn judge(file: &Path, mapping: &Mapping, shelf: &Shelf, steps: &mut Steps) -> Result<Judged, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("can't be read: {error}"))?;
    let case = Case::read(&text).map_err(|error| format!("is no case: {error}"))?;
    let problem = |(name, value): (&String, &Value)| mapping.parameter_problem(name, value);
    if let Some(problem) = case.parameters.iter().find_map(problem) {
        return Err(problem);
    }
    could_arrive(&case, mapping, shelf)?;
    let found = case.run(mapping, steps);
    let good = pretty(&found) == pretty(&case.expected);
    Ok(if good { Judged::Good } else { Judged::Other { expected: case.expected, found } })
}

/// A case of what never arrives proves nothing, unless it says that it is one.
fn could_arrive(case: &Case, mapping: &Mapping, shelf: &Shelf) -> Result<(), String> {
    match (shelf.schemas.check(mapping.source(), case.r#type, &case.data), case.valid) {
        (Ok(_), true) | (Err(_), false) => Ok(()),
        (Ok(_), false) => Err("says \"valid\": false, but the schema takes it: leave that out".into()),
        (Err(Refusal::SchemaViolation(violations)), true) => {
            let lines = violations.iter().map(|v| format!("\n  {}: {}", v.pointer, v.message));
            let lines: String = lines.collect();
            Err(format!("could never arrive: mend its data, or say \"valid\": false{lines}"))
        }
        (Err(refusal), true) => Err(refusal.to_string()),
    }
}

/// The word for a case that is good now; the difference otherwise.
fn settle(judged: Judged, file: &Path, update: bool) -> Result<&'static str, String> {
    match judged {
        Judged::Good => Ok("ok     "),
        Judged::Other { expected, found } if !update => Err(difference(&expected, &found)),
        Judged::Other { found, .. } => rewrite(file, found).map(|()| "updated"),
    }
}

fn told(file: &Path, result: Result<&str, String>) -> String {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    match result {
        Ok(word) => format!("{word} {name}"),
        Err(why) => format!("FAILED  {name}\n        {}", why.trim_end().replace('\n', "\n        ")),
    }
}

fn difference(expected: &Value, found: &Value) -> String {
    let (expected, found) = (pretty(expected), pretty(found));
    let diff = TextDiff::from_lines(&expected, &found);
    let mut lines = diff.unified_diff();
    lines.context_radius(AROUND).missing_newline_hint(false).header("expected", "found");
    format!("something else is found:\n{lines}")
}

/// Replaces `expected` and leaves the rest of the case as it is.
fn rewrite(file: &Path, found: Value) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("can't be updated: {error}");
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    let mut case: Value = json::from_str(&text).map_err(|error| failed(&error))?;
    case["expected"] = found;
    let text = serde_json::to_string_pretty(&case).map_err(|error| failed(&error))?;
    fs::write(file, text + "\n").map_err(|error| failed(&error))
}
