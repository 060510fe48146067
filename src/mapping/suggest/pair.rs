//! A field of the source and one of the target: how sure it is that they belong together, and what stands against it.

use super::{
    Glossary, MENTIONED, Share, TAKEN,
    candidate::Candidate,
    kind::Fit,
    name::{How, Likeness},
    options::{overlap, reaches},
};

/// What the options count beside the names.
const OPTIONS: Share = Share(300);

#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    /// Places among the candidates.
    pub(super) source: usize,
    pub(super) target: usize,
    /// The names by which they are most alike.
    pub(super) names: (&'a str, &'a str),
    pub(super) likeness: Likeness,
    pub(super) fit: Option<Fit>,
    pub(super) sure: Share,
    pub(super) obstacle: Option<Obstacle>,
}

/// Why a pair is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nothing of the target's sort can be made of the source's values.
    Kinds,
    /// The target's field can't be written.
    Unwritable(String),
    /// What can be chosen at the source isn't known.
    NoOptions,
    /// No option of the source is one of the target.
    NoCommonOption,
    /// Not sure enough.
    Unsure,
    /// Others are just as likely.
    Tied(Vec<String>),
    /// The target's field has a likelier one.
    Taken(String),
}

/// All pairs that are worth a word: of fields that can't become each other only those of one name.
pub(super) fn pairs<'a>(
    sources: &[Candidate<'a>],
    targets: &[Candidate<'a>],
    glossary: &Glossary,
) -> Vec<Pair<'a>> {
    let all = (0..sources.len()).flat_map(|source| (0..targets.len()).map(move |target| (source, target)));
    all.filter_map(|(source, target)| {
        let (names, likeness) = likest(&sources[source], &targets[target], glossary)?;
        let likely = likeness.share >= MENTIONED && likeness.how != How::Opposed;
        let pair = || weighed((source, &sources[source]), (target, &targets[target]), names, likeness);
        likely.then(pair).filter(|pair| pair.fit.is_some() || likeness.share >= TAKEN)
    })
    .collect()
}

/// The two names that are most alike; of equals the labels, which come first.
fn likest<'a>(
    source: &Candidate<'a>,
    target: &Candidate<'a>,
    glossary: &Glossary,
) -> Option<((&'a str, &'a str), Likeness)> {
    let mut best: Option<((&str, &str), Likeness)> = None;
    for (spoken, name) in &source.names {
        for (theirs, other) in &target.names {
            let likeness = name.likeness(other, glossary);
            // Labels that are opposed are not reconciled by other names.
            if likeness.how == How::Opposed {
                return None;
            }
            if best.as_ref().is_none_or(|(_, best)| likeness.share > best.share) {
                best = Some(((*spoken, *theirs), likeness));
            }
        }
    }
    best
}

fn weighed<'a>(
    (source, from): (usize, &Candidate<'a>),
    (target, to): (usize, &Candidate<'a>),
    names: (&'a str, &'a str),
    likeness: Likeness,
) -> Pair<'a> {
    let fit = from.field.kind.fit(&to.field.kind);
    let both = !from.options.is_empty() && !to.options.is_empty();
    let overlap = both.then(|| overlap(&from.options, &to.options));
    let alike = overlap.map_or(likeness.share, |options| likeness.share.mixed(options, OPTIONS));
    let sure = fit.map_or(Share::NONE, |fit| fit.share.times(alike));
    let obstacle = obstacle(from, to, fit, sure);
    Pair { source, target, names, likeness, fit, sure, obstacle }
}

fn obstacle(from: &Candidate<'_>, to: &Candidate<'_>, fit: Option<Fit>, sure: Share) -> Option<Obstacle> {
    let Some(fit) = fit else { return Some(Obstacle::Kinds) };
    if fit.how.has_options() && from.options.is_empty() {
        return Some(Obstacle::NoOptions);
    }
    let chosen = to.field.kind.has_options();
    if fit.how.has_options() && !reaches(&from.options, &to.options, fit.how, chosen) {
        return Some(Obstacle::NoCommonOption);
    }
    if let Some(reason) = &to.field.unwritable {
        return Some(Obstacle::Unwritable(reason.clone()));
    }
    (sure < TAKEN).then_some(Obstacle::Unsure)
}
