//! Which pairs become rows. The surest pair first, and each field once: who reads the file can follow that, and one
//! more field doesn't rearrange the others. The greatest sum over all pairs would give up two fields of one name for
//! two pairs of middling ones.

use std::{cmp::Reverse, collections::HashSet};

use super::{
    BaseRow, Fields, Glossary, TAKEN,
    candidate::{Candidate, candidates},
    pair::{Obstacle, Pair, pairs},
};

/// What is proposed for one kind of entity.
#[derive(Debug)]
pub struct Proposal<'a> {
    pub(super) fields: &'a Fields,
    pub(super) sources: Vec<Candidate<'a>>,
    pub(super) targets: Vec<Candidate<'a>>,
    /// In the order of the source's names.
    pub(super) rows: Vec<Pair<'a>>,
    /// The likeliest one of each field of the source without a row, if there is any.
    pub(super) left: Vec<(usize, Option<Pair<'a>>)>,
    /// The likeliest one of each field of the target that nothing fills.
    pub(super) open: Vec<(usize, Option<Pair<'a>>)>,
    /// Rows of the base that stay.
    pub(super) kept: Vec<&'a BaseRow>,
    /// … and of which one side has no such field any more.
    pub(super) stale: Vec<&'a BaseRow>,
    /// Rows of the base that are for another desk or whose target has a row now, of fields without a row here.
    pub(super) removed: Vec<&'a str>,
}

impl<'a> Proposal<'a> {
    /// Compares every field of one side with every one of the other.
    pub fn of(fields: &'a Fields, glossary: &Glossary) -> Self {
        let (sources, targets) = (candidates(&fields.source, glossary), candidates(&fields.target, glossary));
        let (kept, stale): (Vec<&BaseRow>, Vec<&BaseRow>) =
            fields.base.iter().filter(|row| row.stands).partition(|row| is_there(row, fields));
        let mut pairs = pairs(&sources, &targets, glossary);
        pairs.retain(|pair| {
            let (source, target) = (&sources[pair.source].field.name, &targets[pair.target].field.name);
            !kept.iter().any(|row| row.source == *source || row.target == *target)
        });
        pairs
            .sort_by_key(|pair| (Reverse(pair.sure), Reverse(pair.likeness.share), pair.source, pair.target));
        let rows = rows(&mut pairs, &sources, &targets);
        let mut proposal = Self {
            left: Vec::new(),
            open: Vec::new(),
            removed: Vec::new(),
            fields,
            sources,
            targets,
            rows,
            kept,
            stale,
        };
        proposal.explain(&pairs);
        proposal
    }

    /// True if there is nothing to write down.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.removed.is_empty()
    }

    /// How many rows it proposes, and how many fields of the source there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.rows.len(), self.sources.len())
    }

    /// What the fields without a row come nearest to.
    fn explain(&mut self, pairs: &[Pair<'a>]) {
        let sources: HashSet<usize> = self.rows.iter().map(|row| row.source).collect();
        let targets: HashSet<usize> = self.rows.iter().map(|row| row.target).collect();
        let kept = |of: fn(&BaseRow) -> &String, name: &String| self.kept.iter().any(|row| of(row) == name);
        let free =
            |at: &usize| !sources.contains(at) && !kept(|row| &row.source, &self.sources[*at].field.name);
        let nearest = |at: usize| pairs.iter().find(|pair| pair.source == at).cloned();
        self.left = (0..self.sources.len()).filter(free).map(|at| (at, nearest(at))).collect();
        let open =
            |at: &usize| !targets.contains(at) && !kept(|row| &row.target, &self.targets[*at].field.name);
        let nearest = |at: usize| pairs.iter().find(|pair| pair.target == at).cloned();
        self.open = (0..self.targets.len()).filter(open).map(|at| (at, nearest(at))).collect();
        let has_row = |name: &str| self.rows.iter().any(|row| self.sources[row.source].field.name == name);
        let filled = |name: &str| targets.iter().any(|at| self.targets[*at].field.name == name);
        let gives_way = |row: &&BaseRow| (!row.stands || filled(&row.target)) && !has_row(&row.source);
        self.removed = self.fields.base.iter().filter(gives_way).map(|row| row.source.as_str()).collect();
    }
}

fn is_there(row: &BaseRow, fields: &Fields) -> bool {
    let has = |fields: &[super::Field], name: &str| fields.iter().any(|field| field.name == name);
    has(&fields.source, &row.source) && has(&fields.target, &row.target)
}

/// Takes the surest of what is left until nothing is sure enough, and writes down at the others why they are none.
fn rows<'a>(pairs: &mut [Pair<'a>], sources: &[Candidate<'a>], targets: &[Candidate<'a>]) -> Vec<Pair<'a>> {
    let mut rows: Vec<Pair<'a>> = Vec::new();
    let mut gone = Gone::default();
    for at in 0..pairs.len() {
        let pair = pairs[at].clone();
        if pair.obstacle.is_some() || pair.sure < TAKEN || gone.has(&pair) {
            continue;
        }
        let rivals: Vec<usize> = rivals(pairs, at, &gone);
        if rivals.is_empty() {
            gone.take(&pair);
            rows.push(pair);
            continue;
        }
        // Somebody has to choose: none of those that are as likely as each other is taken by another one.
        for tied in [at].into_iter().chain(rivals.iter().copied()) {
            let others = [at].into_iter().chain(rivals.iter().copied()).filter(|other| *other != tied);
            let names =
                others.filter_map(|other| rival(&pairs[tied], &pairs[other], sources, targets)).collect();
            pairs[tied].obstacle = Some(Obstacle::Tied(names));
            gone.take(&pairs[tied]);
        }
    }
    for pair in pairs.iter_mut().filter(|pair| pair.obstacle.is_none()) {
        let winner = rows.iter().find(|row| row.target == pair.target && row.source != pair.source);
        pair.obstacle = winner.map(|row| Obstacle::Taken(sources[row.source].field.name.clone()));
    }
    rows.sort_by_key(|row| row.source);
    rows
}

/// Fields that no further pair can have.
#[derive(Default)]
struct Gone {
    sources: HashSet<usize>,
    targets: HashSet<usize>,
}

impl Gone {
    fn has(&self, pair: &Pair<'_>) -> bool {
        self.sources.contains(&pair.source) || self.targets.contains(&pair.target)
    }

    fn take(&mut self, pair: &Pair<'_>) {
        self.sources.insert(pair.source);
        self.targets.insert(pair.target);
    }
}

/// Pairs with one of the two fields that are just as sure.
fn rivals(pairs: &[Pair<'_>], at: usize, gone: &Gone) -> Vec<usize> {
    let pair = &pairs[at];
    let is_rival = |(place, other): &(usize, &Pair<'_>)| {
        let shares = other.source == pair.source || other.target == pair.target;
        *place != at && shares && other.sure == pair.sure && other.obstacle.is_none() && !gone.has(other)
    };
    pairs.iter().enumerate().filter(is_rival).map(|(place, _)| place).collect()
}

/// The field that the two pairs don't share, if they share the other one.
fn rival(
    pair: &Pair<'_>,
    other: &Pair<'_>,
    sources: &[Candidate<'_>],
    targets: &[Candidate<'_>],
) -> Option<String> {
    match (pair.source == other.source, pair.target == other.target) {
        (true, _) => Some(targets[other.target].field.name.clone()),
        (_, true) => Some(sources[other.source].field.name.clone()),
        _ => None,
    }
}
