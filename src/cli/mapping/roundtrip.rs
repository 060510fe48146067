//! `deskbridge mapping roundtrip`: every value there and back.

use serde::Serialize;

use super::{
    super::{Failure, say},
    say_json, say_table,
    shelf::Place,
    table,
};
use crate::mapping::{Reversibility, Verdict};

#[derive(clap::Args)]
pub(super) struct Args {
    /// The mapping's name, or the path of its file
    #[arg(value_name = "NAME|PATH")]
    mapping: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Report<'a> {
    mapping: &'a str,
    verdicts: &'a [Verdict],
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mapping = args.place.open()?.mapping(&args.mapping)?;
    let verdicts = mapping.verdicts();
    if args.json {
        return say_json(&Report { mapping: mapping.name(), verdicts });
    }
    for verdict in verdicts {
        let rows = verdict.rows.iter().map(|row| {
            let back = row.back.clone().unwrap_or_default();
            let same = match back.as_str() {
                "" => "",
                same if same == row.value => "✓",
                _ => "✗",
            };
            [row.value.clone(), row.target.clone(), back.clone(), same.to_owned()]
        });
        say_table(&heading(verdict), table(["value", "becomes", "comes back as", ""], rows));
    }
    let open = verdicts.iter().filter(|verdict| verdict.rows.is_empty());
    let open = open.map(|verdict| {
        let reason = verdict.reason.clone().unwrap_or_default();
        [verdict.at.clone(), word(verdict.kind).to_owned(), reason]
    });
    say_table("fields of any value", table(["rule", "is", "because"], open));
    let count = |kind| verdicts.iter().filter(|verdict| verdict.kind == kind).count();
    say(format!(
        "\n{}: {} tables and fields: {} bijective, {} injective, {} lossy, each with its reason",
        mapping.name(),
        verdicts.len(),
        count(Reversibility::Bijective),
        count(Reversibility::Injective),
        count(Reversibility::Lossy),
    ));
    Ok(())
}

fn heading(verdict: &Verdict) -> String {
    let reason = verdict.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{}: {}{reason}", verdict.at, word(verdict.kind))
}

fn word(kind: Reversibility) -> &'static str {
    match kind {
        Reversibility::Bijective => "bijective",
        Reversibility::Injective => "injective",
        Reversibility::Lossy => "lossy",
    }
}
