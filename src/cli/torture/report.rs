//! What the run prints.

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

use super::{
    rounds::Outcome,
    soak::{Sample, mib},
};
use crate::torture::Violation;

/// Violations that are told one by one: what goes wrong often goes wrong in one way.
const SHOWN: usize = 20;

pub(super) fn table(outcome: &Outcome) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let verdict = &outcome.verdict;
    let cycles: u32 =
        outcome.kills.iter().filter(|(cause, _)| cause.is_cycle()).map(|(_, times)| times).sum();
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
    if let (Some(first), Some(last)) = (outcome.samples.first(), outcome.samples.last()) {
        let change = |of: fn(&Sample) -> u64| format!("{} → {} MiB", mib(of(first)), mib(of(last)));
        table.add_row(["memory, first and last round".to_owned(), change(|it| it.memory)]);
        if last.store > 0 {
            table.add_row(["store, first and last round".to_owned(), change(|it| it.store)]);
        }
    }
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

/// What is wrong; nothing if nothing is.
pub(super) fn findings(outcome: &Outcome) -> Option<String> {
    let all = &outcome.verdict.violations;
    let number = all.len() + outcome.growth.len();
    if number == 0 {
        return None;
    }
    let mut lines = vec![format!("{number} violations")];
    lines.extend(all.iter().take(SHOWN).map(ToString::to_string));
    if all.len() > SHOWN {
        lines.push(format!("… and {} more", all.len() - SHOWN));
    }
    lines.extend(outcome.growth.iter().cloned());
    Some(lines.join("\n"))
}
