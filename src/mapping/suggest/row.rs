//! A proposed row as lines of a mapping file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Proposal,
    kind::As,
    options::{Becomes, Choice, choices},
    pair::Pair,
    reason,
    yaml::{Line, key, quote, scalar, width},
};

/// Columns of a row with options that stands on one line; a wider one has a line for each.
const ONE_LINE: usize = 72;

/// The row on one line if every option is there under its own name and it is short; otherwise a line each.
pub(super) fn lines(pair: &Pair<'_>, proposal: &Proposal<'_>, depth: usize, remark: &str) -> Vec<Line> {
    let (source, target) = (&proposal.sources[pair.source], &proposal.targets[pair.target]);
    let how = pair.fit.map_or(As::Text, |fit| fit.how);
    let choices = row_choices(pair, proposal);
    let name = key(&source.field.name);
    let members = members(&target.field.name, how, &choices);
    let short = choices.is_empty() || width(&flow(&name, &members, &choices)) <= ONE_LINE;
    if short && choices.iter().all(is_plain) {
        return vec![Line::new(depth, flow(&name, &members, &choices)).remark(remark)];
    }
    let mut lines = vec![Line::new(depth, format!("{name}:")).remark(remark)];
    lines.extend(members.iter().map(|(member, value)| Line::new(depth + 1, format!("{member}: {value}"))));
    lines.push(Line::new(depth + 1, "options:"));
    lines.extend(choices.iter().map(|choice| option_line(choice, depth + 2)));
    lines
}

fn is_plain(choice: &Choice) -> bool {
    matches!(&choice.becomes, Becomes::Option(name) if *name == choice.name) && !choice.hidden
}

/// What becomes of each option, if the row lists options.
pub(super) fn row_choices(pair: &Pair<'_>, proposal: &Proposal<'_>) -> Vec<Choice> {
    let (source, target) = (&proposal.sources[pair.source], &proposal.targets[pair.target]);
    let how = pair.fit.map(|fit| fit.how).filter(|how| how.has_options());
    how.map(|how| choices(&source.options, &target.options, how)).unwrap_or_default()
}

/// Why a row is proposed.
pub(super) fn remark(pair: &Pair<'_>, proposal: &Proposal<'_>) -> String {
    reason::of_row(pair, proposal.targets[pair.target].field, &row_choices(pair, proposal))
}

/// All but the options.
fn members(to: &str, how: As, choices: &[Choice]) -> Vec<(&'static str, String)> {
    let mut members = vec![("to", scalar(to))];
    members.extend(how.word().map(|word| ("as", word.to_owned())));
    members.extend(lossy(how, choices).map(|reason| ("lossy", reason.to_owned())));
    members
}

/// What can't be taken back has to say so.
fn lossy(how: As, choices: &[Choice]) -> Option<&'static str> {
    let names: BTreeMap<&str, &str> = choices
        .iter()
        .filter_map(|choice| match &choice.becomes {
            Becomes::Option(name) => Some((choice.index.as_str(), name.as_str())),
            _ => None,
        })
        .collect();
    let different: BTreeSet<Vec<&str>> = names.keys().map(|index| path(index, how, &names)).collect();
    let shared = different.len() < names.len();
    how.lossy().or(shared.then_some("several options have one name at the target"))
}

/// An option's name; below others, in a cascade, those of all on the way to it.
fn path<'a>(index: &str, how: As, names: &BTreeMap<&str, &'a str>) -> Vec<&'a str> {
    let ends = index.match_indices(',').map(|(at, _)| at).filter(|_| how == As::Cascade);
    ends.chain([index.len()]).filter_map(|end| names.get(&index[..end]).copied()).collect()
}

/// `SelectField_1: { to: field_9, as: choice, options: { 0: 北京, 1: 上海 } }`
fn flow(name: &str, members: &[(&str, String)], choices: &[Choice]) -> String {
    let plain = members.iter().map(|(member, value)| format!("{member}: {value}"));
    let options = choices.iter().filter_map(option).collect::<Vec<_>>().join(", ");
    let options = (!choices.is_empty()).then(|| format!("options: {{ {options} }}"));
    format!("{name}: {{ {} }}", plain.chain(options).collect::<Vec<_>>().join(", "))
}

/// `0: 北京`
fn option(choice: &Choice) -> Option<String> {
    match &choice.becomes {
        Becomes::Option(name) => Some(format!("{}: {}", key(&choice.index), scalar(name))),
        _ => None,
    }
}

/// An option that the target lacks is a comment: an event that has it is parked with a reason, while a row that
/// sent it would be refused by the target.
fn option_line(choice: &Choice, depth: usize) -> Line {
    let line = |name: &str| Line::new(depth, format!("{}: {}", key(&choice.index), scalar(name)));
    let hidden = if choice.hidden { ", no longer offered" } else { "" };
    let lacking = if choice.hidden {
        "the target lacks it, no longer offered"
    } else {
        "the target lacks it: add it there first"
    };
    let name = quote(&choice.name);
    match &choice.becomes {
        Becomes::Option(becomes) if is_plain(choice) => line(becomes),
        Becomes::Option(becomes) if *becomes == choice.name => line(becomes).remark("no longer offered"),
        Becomes::Option(becomes) => line(becomes).remark(format!("{name} at the source{hidden}")),
        Becomes::Perhaps(near) => {
            line(near).remark(format!("alike: {name} at the source{hidden}")).commented(depth)
        }
        Becomes::Nothing => line(&choice.name).remark(lacking).commented(depth),
        Becomes::Several => line(&choice.name).remark("its comma would make it two").commented(depth),
        Becomes::Unread(why) => line(&choice.name).remark(*why).commented(depth),
    }
}
