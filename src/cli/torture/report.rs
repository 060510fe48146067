//! What the run prints.

use std::path::Path;

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

use super::rounds::Outcome;
use crate::torture::Violation;

/// Violations that are told one by one: what goes wrong often goes wrong in one way.
const SHOWN: usize = 20;

pub(super) fn table(outcome: &Outcome) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let verdict = &outcome.verdict;
    let cycles: u32 = outcome.kills.values().sum();
    table.add_row(["cycles".to_owned(), cycles.to_string()]);
    for (cause, times) in &outcome.kills {
        table.add_row([format!("  killed {cause}"), times.to_string()]);
    }
    let count = |of: fn(&Violation) -> bool| verdict.violations.iter().filter(|found| of(found)).count();
    for (name, number) in [
        ("events acknowledged", verdict.acknowledged),
        ("events never answered", verdict.unanswered),
        ("effects at the target", verdict.effects),
        ("  changes repeated, in order", verdict.repeated),
        ("said to be uncertain", verdict.uncertain),
        ("  waiting behind those", verdict.behind),
        ("lost", count(is_loss)),
        ("doubled", count(is_double)),
        ("out of order", count(is_disorder)),
        ("never ended", count(is_endless)),
        ("other violations", count(is_other)),
    ] {
        table.add_row([name.to_owned(), number.to_string()]);
    }
    let seconds = |wait: std::time::Duration| format!("{:.2} s", wait.as_secs_f64());
    table.add_row(["longest from start to first 202".to_owned(), seconds(outcome.first_answer)]);
    table.add_row(["longest from start to first effect".to_owned(), seconds(outcome.first_effect)]);
    table.to_string()
}

fn is_loss(found: &Violation) -> bool {
    matches!(found, Violation::Lost { .. } | Violation::WithoutEffect { .. })
}

fn is_double(found: &Violation) -> bool {
    matches!(found, Violation::Doubled { .. } | Violation::MadeTwice { .. })
}

fn is_disorder(found: &Violation) -> bool {
    matches!(found, Violation::OutOfOrder { .. } | Violation::PlacedWrongly { .. })
}

fn is_endless(found: &Violation) -> bool {
    matches!(found, Violation::NeverEnds { .. })
}

fn is_other(found: &Violation) -> bool {
    !(is_loss(found) || is_double(found) || is_disorder(found) || is_endless(found))
}

pub(super) fn violations(outcome: &Outcome, again: &str, folder: &Path) -> String {
    let all = &outcome.verdict.violations;
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(ToString::to_string).collect();
    if all.len() > SHOWN {
        lines.push(format!("… and {} more", all.len() - SHOWN));
    }
    format!(
        "{} violations\n{}\nThe files of the run are in {}. To repeat it: {again}",
        all.len(),
        lines.join("\n"),
        folder.display()
    )
}
