//! Runs of a view's entries, kept under the name of their content.
//!
//! Promises: where a run ends is said by the tickets' ids alone, so that a ticket that changes makes one chunk new, and
//! one that comes, goes or moves a few; all others are shared with the view's state before, in memory and in the store.
//! Any bytes are either a chunk, written in the one way there is, or refused.

use std::sync::Arc;

use super::entry::{Entry, Id};
use crate::store::{ContentId, Piece};

/// Entries of a chunk, but for a view's last, which may have fewer. Fewer would be more pieces than is worth the while.
const LEAST: usize = 32;
/// Entries of a chunk at most: what a change writes anew.
const MOST: usize = 256;
/// After the least, one in so many ids ends a chunk.
const ONE_IN: u64 = 64;
/// The first byte: how the rest is written.
const FORMAT: u8 = 1;
/// What comes before an id.
const NUMBER: u8 = 0;
const TEXT: u8 = 1;
/// Bytes of the name of a row.
const NAME: usize = 16;

/// A run of entries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) id: ContentId,
    pub(super) entries: Box<[Entry]>,
}

/// The entries of a view in chunks. A chunk that is in `known` is taken from there.
pub(super) fn chunks(entries: Vec<Entry>, known: &[Arc<Chunk>]) -> Vec<Arc<Chunk>> {
    let known: std::collections::HashMap<ContentId, &Arc<Chunk>> =
        known.iter().map(|chunk| (chunk.id, chunk)).collect();
    let mut chunks = Vec::with_capacity(entries.len() / LEAST + 1);
    let mut run = Vec::new();
    let mut close = |run: &mut Vec<Entry>| {
        let chunk = Chunk::new(std::mem::take(run));
        chunks.push(known.get(&chunk.id).map_or_else(|| Arc::new(chunk), |same| Arc::clone(same)));
    };
    for entry in entries {
        let ends = ends_a_chunk(&entry.id);
        run.push(entry);
        if run.len() == MOST || (run.len() >= LEAST && ends) {
            close(&mut run);
        }
    }
    if !run.is_empty() {
        close(&mut run);
    }
    chunks
}

impl Chunk {
    fn new(entries: Vec<Entry>) -> Self {
        Self { id: ContentId::of(&encoded(&entries)), entries: entries.into() }
    }

    /// As it is kept.
    pub(super) fn piece(&self) -> Piece {
        Piece { id: self.id, content: encoded(&self.entries) }
    }

    /// From what was kept; nothing if it isn't a chunk.
    pub(super) fn decode(content: &[u8]) -> Option<Self> {
        let (&FORMAT, mut rest) = content.split_first()? else { return None };
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let (entry, after) = entry(rest)?;
            entries.push(entry);
            rest = after;
        }
        let entries = Some(entries).filter(|entries| (1..=MOST).contains(&entries.len()))?;
        Some(Self { id: ContentId::of(content), entries: entries.into() })
    }
}

fn encoded(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + entries.len() * (1 + size_of::<u64>() + NAME));
    bytes.push(FORMAT);
    for Entry { id, row } in entries {
        match id {
            Id::Number(number) => {
                bytes.push(NUMBER);
                bytes.extend(number.to_be_bytes());
            }
            Id::Text(text) => {
                bytes.push(TEXT);
                bytes.extend((text.len() as u64).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
        }
        bytes.extend(row.0);
    }
    bytes
}

/// The first entry of some bytes, and what comes after it.
fn entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let (number, rest) = rest.split_first_chunk()?;
    let number = u64::from_be_bytes(*number);
    let (id, rest) = match kind {
        NUMBER => (Id::Number(number), rest),
        TEXT => {
            let (text, rest) = rest.split_at_checked(usize::try_from(number).ok()?)?;
            let id = Id::new(std::str::from_utf8(text).ok()?);
            (Some(id).filter(|id| matches!(id, Id::Text(_)))?, rest)
        }
        _ => return None,
    };
    let (row, rest) = rest.split_first_chunk()?;
    Some((Entry { id, row: ContentId(*row) }, rest))
}

/// True for one in so many ids, whatever order they come in.
fn ends_a_chunk(id: &Id) -> bool {
    let bits = match id {
        Id::Number(number) => scattered(*number),
        Id::Text(text) => text.bytes().fold(0, |bits, byte| scattered(bits ^ u64::from(byte))),
    };
    bits.is_multiple_of(ONE_IN)
}

/// Each bit of the number on all bits (the finisher of SplitMix64). What is kept depends on it: it never changes.
fn scattered(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Arc};

    use proptest::prelude::*;

    use super::{Chunk, Entry, Id, LEAST, MOST, chunks};
    use crate::store::ContentId;

    fn entry(id: u64) -> Entry {
        Entry { id: Id::Number(id), row: ContentId::of(&id.to_be_bytes()) }
    }

    /// How many chunks of `after` are not in `before`.
    fn made_new(before: &[Arc<Chunk>], after: &[Arc<Chunk>]) -> usize {
        let known: HashSet<ContentId> = before.iter().map(|chunk| chunk.id).collect();
        after.iter().filter(|chunk| !known.contains(&chunk.id)).count()
    }

    fn any_entry() -> impl Strategy<Value = Entry> {
        let id =
            prop_oneof![any::<u64>().prop_map(Id::Number), "[a-z工单0-9]{0,9}".prop_map(|id| Id::new(&id))];
        (id, any::<[u8; 16]>()).prop_map(|(id, row)| Entry { id, row: ContentId(row) })
    }

    proptest! {
        #[test]
        fn chunks_hold_the_entries_in_their_order_and_keep_their_bounds(
            entries in prop::collection::vec(any_entry(), 0..1000)
        ) {
            let chunks = chunks(entries.clone(), &[]);
            let together: Vec<Entry> = chunks.iter().flat_map(|chunk| chunk.entries.to_vec()).collect();
            prop_assert_eq!(together, entries);
            prop_assert!(chunks.iter().all(|chunk| (1..=MOST).contains(&chunk.entries.len())));
            prop_assert!(chunks.iter().rev().skip(1).all(|chunk| chunk.entries.len() >= LEAST));
        }

        #[test]
        fn a_chunk_is_read_back_as_it_was_kept(entries in prop::collection::vec(any_entry(), 1..300)) {
            for chunk in chunks(entries, &[]) {
                let piece = chunk.piece();
                prop_assert_eq!(piece.id, ContentId::of(&piece.content));
                prop_assert_eq!(&Chunk::decode(&piece.content), &Some(Arc::into_inner(chunk).unwrap()));
            }
        }

        #[test]
        fn any_bytes_are_a_chunk_written_in_the_one_way_or_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..80)
        ) {
            let bytes = [vec![1], bytes].concat();
            if let Some(chunk) = Chunk::decode(&bytes) {
                prop_assert_eq!(chunk.piece().content, bytes);
            }
        }

        #[test]
        fn a_chunk_cut_short_or_with_a_byte_too_many_is_refused(
            entries in prop::collection::vec(any_entry(), 1..40), cut in 0..40_usize
        ) {
            let content = Chunk::new(entries.clone()).piece().content;
            let cut = &content[..content.len() - 1 - cut.min(15)];
            prop_assert_eq!(Chunk::decode(cut), None);
            prop_assert_eq!(Chunk::decode(&[content.as_slice(), &[0]].concat()), None);
        }

        #[test]
        fn a_ticket_that_changes_makes_one_chunk_new(at in 0..1000_usize) {
            let mut entries: Vec<Entry> = (0..1000).map(entry).collect();
            let before = chunks(entries.clone(), &[]);
            entries[at].row = ContentId([7; 16]);
            prop_assert_eq!(made_new(&before, &chunks(entries, &before)), 1);
        }

        #[test]
        fn a_ticket_that_comes_makes_a_few_chunks_new_and_the_others_are_shared(
            at in 0..=5000_usize, id in 5000..u64::MAX
        ) {
            let mut entries: Vec<Entry> = (0..5000).map(entry).collect();
            let before = chunks(entries.clone(), &[]);
            entries.insert(at, entry(id));
            let after = chunks(entries, &before);
            prop_assert!(made_new(&before, &after) <= 8, "{}", made_new(&before, &after));
            let shared = after.iter().filter(|chunk| before.iter().any(|old| Arc::ptr_eq(old, chunk))).count();
            prop_assert_eq!(shared, after.len() - made_new(&before, &after));
        }
    }
}
