//! What turns one list of tickets into another. Pure.
//!
//! Promises: taking out what was removed and what moved, replacing what changed, and then inserting what was added and
//! what moved by ascending position turns the one list into exactly the other; and of all ways to say so, none moves
//! fewer tickets. Chunks that both lists have are never looked into. No id is twice in a list.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    chunk::Chunk,
    entry::{Entry, Id},
};
use crate::store::ContentId;

/// What is different in one list from another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Diff {
    /// In the order of their places.
    pub(super) added: Vec<Placed<Entry>>,
    /// With other content than before, wherever they stand; in the order of the list after.
    pub(super) changed: Vec<Changed>,
    /// That stand elsewhere among the others, in the order of their places.
    pub(super) moved: Vec<Placed<Id>>,
    /// In the order of the list before.
    pub(super) removed: Vec<Id>,
}

/// Something and its place in the list after, counted from 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed<T> {
    pub(super) position: usize,
    pub(super) it: T,
}

/// A ticket and the rows that it had and has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) id: Id,
    pub(super) before: ContentId,
    pub(super) after: ContentId,
}

impl Diff {
    /// What turns `before` into `after`.
    pub(super) fn between(before: &[Arc<Chunk>], after: &[Arc<Chunk>]) -> Self {
        let shared = shared(before, after);
        let (before, after) = (runs(before, &shared), runs(after, &shared));
        let mut left: HashMap<Name<'_>, usize> =
            before.iter().enumerate().map(|(place, run)| (run.name(), place)).collect();
        let origins: Vec<Option<usize>> = after.iter().map(|run| left.remove(&run.name())).collect();
        let stays = heaviest_rising(&origins, &after, before.len());
        let mut diff = Self::default();
        let mut position = 0;
        for ((run, origin), stays) in after.iter().zip(&origins).zip(stays) {
            diff.place(run, origin.map(|place| &before[place]), stays, position);
            position += run.len();
        }
        let gone = before.iter().filter(|run| left.contains_key(&run.name()));
        diff.removed = gone.flat_map(Run::entries).map(|entry| entry.id.clone()).collect();
        diff
    }

    /// How many tickets it speaks of; one that moved and changed counts twice.
    pub(super) fn len(&self) -> usize {
        self.added.len() + self.changed.len() + self.moved.len() + self.removed.len()
    }

    fn place(&mut self, run: &Run<'_>, origin: Option<&Run<'_>>, stays: bool, position: usize) {
        let placed = (position..).zip(run.entries());
        match (origin, run) {
            (None, _) => {
                self.added.extend(placed.map(|(position, entry)| Placed { position, it: entry.clone() }));
            }
            (Some(origin), run) => {
                if let (Run::Ticket(before), Run::Ticket(after)) = (origin, run)
                    && before.row != after.row
                {
                    self.changed.push(Changed { id: after.id.clone(), before: before.row, after: after.row });
                }
                if !stays {
                    self.moved
                        .extend(placed.map(|(position, entry)| Placed { position, it: entry.id.clone() }));
                }
            }
        }
    }
}

/// What is compared as one: a chunk that both lists have, or a ticket of any other.
enum Run<'a> {
    Chunk(&'a Chunk),
    Ticket(&'a Entry),
}

/// What a run is found by in the other list.
#[derive(PartialEq, Eq, Hash)]
enum Name<'a> {
    Chunk(ContentId),
    Ticket(&'a Id),
}

impl<'a> Run<'a> {
    fn name(&self) -> Name<'a> {
        match self {
            Self::Chunk(chunk) => Name::Chunk(chunk.id),
            Self::Ticket(entry) => Name::Ticket(&entry.id),
        }
    }

    fn entries(&self) -> &'a [Entry] {
        match self {
            Self::Chunk(chunk) => &chunk.entries,
            Self::Ticket(entry) => std::slice::from_ref(*entry),
        }
    }

    fn len(&self) -> usize {
        self.entries().len()
    }
}

/// The chunks that are in both lists.
fn shared(before: &[Arc<Chunk>], after: &[Arc<Chunk>]) -> HashSet<ContentId> {
    let before: HashSet<ContentId> = before.iter().map(|chunk| chunk.id).collect();
    after.iter().map(|chunk| chunk.id).filter(|id| before.contains(id)).collect()
}

fn runs<'a>(chunks: &'a [Arc<Chunk>], shared: &HashSet<ContentId>) -> Vec<Run<'a>> {
    let mut runs = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        if shared.contains(&chunk.id) {
            runs.push(Run::Chunk(chunk));
        } else {
            runs.extend(chunk.entries.iter().map(Run::Ticket));
        }
    }
    runs
}

/// Which runs can stay where they are while the others move around them: the subsequence with the most tickets whose
/// places in the list before rise. `n log n` by a tree of prefix maxima (Fenwick) over these places.
fn heaviest_rising(origins: &[Option<usize>], runs: &[Run<'_>], places: usize) -> Vec<bool> {
    // Of each run: the most tickets of a subsequence that ends with it, and the run before it there.
    let mut ends: Vec<(usize, Option<usize>)> = Vec::with_capacity(runs.len());
    // Of each prefix of places, as the tree cuts them: the most tickets, and the run that such a subsequence ends with.
    let mut tree: Vec<(usize, Option<usize>)> = vec![(0, None); places + 1];
    for (index, origin) in origins.iter().enumerate() {
        let Some(place) = *origin else {
            ends.push((0, None));
            continue;
        };
        let (most, last) = below(&tree, place);
        let weight = most + runs[index].len();
        ends.push((weight, last));
        raise(&mut tree, place, (weight, Some(index)));
    }
    let mut stays = vec![false; runs.len()];
    let (_, mut next) = below(&tree, places);
    while let Some(index) = next {
        stays[index] = true;
        next = ends[index].1;
    }
    stays
}

/// The best of the places before `place`.
fn below(tree: &[(usize, Option<usize>)], place: usize) -> (usize, Option<usize>) {
    let (mut best, mut node) = ((0, None), place);
    while node > 0 {
        best = if tree[node].0 > best.0 { tree[node] } else { best };
        node &= node - 1;
    }
    best
}

fn raise(tree: &mut [(usize, Option<usize>)], place: usize, to: (usize, Option<usize>)) {
    let mut node = place + 1;
    while node < tree.len() {
        if to.0 > tree[node].0 {
            tree[node] = to;
        }
        node += node & node.wrapping_neg();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::{super::chunk::chunks, Changed, ContentId, Diff, Entry, Id, Placed};

    type Ticket = (u64, u8);

    fn entries(tickets: &[Ticket]) -> Vec<Entry> {
        let entry = |(id, row): &Ticket| Entry { id: Id::Number(*id), row: ContentId([*row; 16]) };
        tickets.iter().map(entry).collect()
    }

    fn diff(before: &[Ticket], after: &[Ticket]) -> Diff {
        let before = chunks(entries(before), &[]);
        Diff::between(&before, &chunks(entries(after), &before))
    }

    /// As the promise has it.
    fn apply(diff: &Diff, list: Vec<Entry>) -> Vec<Entry> {
        let moved: BTreeMap<&Id, usize> =
            diff.moved.iter().map(|moved| (&moved.it, moved.position)).collect();
        let removed: BTreeSet<&Id> = diff.removed.iter().collect();
        let rows: BTreeMap<&Id, &Changed> =
            diff.changed.iter().map(|changed| (&changed.id, changed)).collect();
        let mut inserted: BTreeMap<usize, Entry> = BTreeMap::new();
        let mut result = Vec::new();
        for mut entry in list {
            if let Some(changed) = rows.get(&entry.id) {
                assert_eq!(entry.row, changed.before);
                entry.row = changed.after;
            }
            match moved.get(&entry.id) {
                Some(position) => assert_eq!(inserted.insert(*position, entry), None),
                None if removed.contains(&entry.id) => {}
                None => result.push(entry),
            }
        }
        for added in &diff.added {
            assert_eq!(inserted.insert(added.position, added.it.clone()), None);
        }
        inserted.into_iter().for_each(|(position, entry)| result.insert(position, entry));
        result
    }

    /// A list without repeated ids: some of the numbers, in any order.
    fn list(ids: u64) -> impl Strategy<Value = Vec<Ticket>> {
        prop::collection::btree_map(0..ids, 0..3_u8, 0..usize::try_from(ids).unwrap())
            .prop_map(|tickets| tickets.into_iter().collect::<Vec<Ticket>>())
            .prop_shuffle()
    }

    /// A long list, and what becomes of it by a few changes.
    fn edited() -> impl Strategy<Value = (Vec<Ticket>, Vec<Ticket>)> {
        let edit = (0..4_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>());
        prop::collection::vec(edit, 0..12).prop_map(|edits| {
            let before: Vec<Ticket> = (0..3000).map(|id| (id, 0)).collect();
            let mut after = before.clone();
            for (number, (kind, one, other)) in (0..).zip(edits) {
                let (one, other) = (one.index(after.len()), other.index(after.len()));
                match kind {
                    0 => after[one].1 += 1,
                    1 => after.insert(one, (5000 + number, 0)),
                    2 => drop(after.remove(one)),
                    _ => {
                        let ticket = after.remove(one);
                        after.insert(other.min(after.len()), ticket);
                    }
                }
            }
            (before, after)
        })
    }

    /// The longest rising subsequence, in the plainest way.
    fn longest_rising(places: &[usize]) -> usize {
        let mut lengths: Vec<usize> = Vec::new();
        for (index, place) in places.iter().enumerate() {
            let before = (0..index).filter(|other| places[*other] < *place);
            lengths.push(1 + before.map(|other| lengths[other]).max().unwrap_or(0));
        }
        lengths.into_iter().max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn applying_gives_exactly_the_other_list(before in list(40), after in list(40)) {
            prop_assert_eq!(apply(&diff(&before, &after), entries(&before)), entries(&after));
        }

        #[test]
        fn applying_a_few_changes_of_a_long_list_gives_exactly_the_other((before, after) in edited()) {
            let diff = diff(&before, &after);
            prop_assert_eq!(apply(&diff, entries(&before)), entries(&after));
            prop_assert!(diff.len() <= 2 * 12, "no more is said than was done: {}", diff.len());
        }

        #[test]
        fn applying_gives_the_other_list_whatever_chunks_they_share(
            before in list(4000), cut in 0..4000_usize, at in 0..4000_usize
        ) {
            let mut after = before.clone();
            after.rotate_left(cut.min(before.len()));
            after.truncate(at.max(1000));
            prop_assert_eq!(apply(&diff(&before, &after), entries(&before)), entries(&after));
        }

        #[test]
        fn no_fewer_tickets_could_move(before in list(40), after in list(40)) {
            let place = |(id, _): &Ticket| before.iter().position(|(other, _)| other == id);
            let places: Vec<usize> = after.iter().filter_map(place).collect();
            prop_assert_eq!(diff(&before, &after).moved.len(), places.len() - longest_rising(&places));
        }

        #[test]
        fn a_list_does_not_differ_from_itself(list in list(2000)) {
            prop_assert_eq!(diff(&list, &list), Diff::default());
        }
    }

    #[test]
    fn each_kind_of_difference_is_told_apart() {
        let diff = diff(&[(1, 0), (2, 0), (3, 0), (4, 0)], &[(9, 0), (4, 0), (1, 1), (2, 0)]);
        let placed = |position, id| Placed { position, it: Id::Number(id) };
        assert_eq!(diff.added, [Placed { position: 0, it: entries(&[(9, 0)]).remove(0) }]);
        let changed = Changed { id: Id::Number(1), before: ContentId([0; 16]), after: ContentId([1; 16]) };
        assert_eq!(diff.changed, [changed]);
        assert_eq!((diff.moved, diff.removed), (vec![placed(1, 4)], vec![Id::Number(3)]));
    }
}
