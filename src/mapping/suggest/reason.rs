//! Why a row is proposed, or isn't.

use super::{
    Field, Proposal,
    name::How,
    options::{Becomes, Choice},
    pair::{Obstacle, Pair},
    yaml::quote,
};

/// `0.93: 所在城市 = City (same meaning); 2 of 3 options are there`
pub(super) fn of_row(pair: &Pair<'_>, target: &Field, choices: &[Choice]) -> String {
    let caution = pair.fit.and_then(|fit| fit.caution);
    let there = choices.iter().filter(|choice| matches!(choice.becomes, Becomes::Option(_))).count();
    let there = format!("{there} of {} options are there", choices.len());
    let options = (!choices.is_empty() && !target.options.is_empty()).then_some(there);
    let caution = caution.map(str::to_owned);
    let mandatory = target.mandatory.then(|| "mandatory".to_owned());
    let parts = [Some(names(pair)), options, caution, mandatory].into_iter().flatten();
    format!("{}: {}", pair.sure, parts.collect::<Vec<_>>().join("; "))
}

/// Why a field of the source has no row.
pub(super) fn of_left(pair: &Pair<'_>, proposal: &Proposal<'_>) -> String {
    let (source, target) = (proposal.sources[pair.source].field, proposal.targets[pair.target].field);
    let why = obstacle(pair, source, target);
    match pair.fit {
        Some(_) => format!("{}: {}, but {why}", pair.sure, names(pair)),
        None => format!("{} {}, but {why}", target.name, names(pair)),
    }
}

/// Why nothing fills a field of the target.
pub(super) fn of_open(pair: Option<&Pair<'_>>, target: &Field, proposal: &Proposal<'_>) -> String {
    let Some(pair) = pair else { return "nothing at the source is like it".to_owned() };
    let source = proposal.sources[pair.source].field;
    let row = proposal.rows.iter().find(|row| row.source == pair.source);
    let why = match row.map(|row| &proposal.targets[row.target].field.name) {
        Some(elsewhere) => format!("that goes to {elsewhere}"),
        None => obstacle(pair, source, target),
    };
    format!("{} {}, but {why}", source.name, names(pair))
}

/// `手机 ~ 客户手机号码 (alike)`
fn names(pair: &Pair<'_>) -> String {
    let (source, target) = (quote(pair.names.0), quote(pair.names.1));
    match pair.likeness.how {
        How::Same => format!("{source} = {target} (same label)"),
        How::Meaning => format!("{source} = {target} (same meaning)"),
        How::Alike | How::Opposed => format!("{source} ~ {target} (alike)"),
    }
}

fn obstacle(pair: &Pair<'_>, source: &Field, target: &Field) -> String {
    match &pair.obstacle {
        Some(Obstacle::Kinds) => {
            format!("nothing makes {} of {}", with_article(target), with_article(source))
        }
        Some(Obstacle::Unwritable(why)) => why.clone(),
        Some(Obstacle::NoOptions) => "the field list doesn't tell its options".to_owned(),
        Some(Obstacle::NoCommonOption) => "it has none of the options".to_owned(),
        Some(Obstacle::Tied(others)) => format!("{} is just as likely: choose", others.join(", ")),
        Some(Obstacle::Taken(other)) => format!("{other} is likelier"),
        Some(Obstacle::Unsure) | None => "that is not enough to go by".to_owned(),
    }
}

fn with_article(field: &Field) -> String {
    format!("“{}”", field.kind)
}
