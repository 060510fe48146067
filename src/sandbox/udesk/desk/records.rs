//! Records of a kind in the order of their ids: first those that were seeded or made by a request, whose ids
//! follow each other from 1 because nothing is ever deleted through this API, then the generated ones. A
//! generated record is made anew whenever it is asked for and takes no memory until it is changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::sandbox::generate::{FIRST_ID, Generator};

/// What the generator can tell by an index alone, always the same.
pub(crate) trait Generated: Clone {
    fn generate(generator: &Generator, index: u64) -> Self;
    fn count(generator: &Generator) -> u64;
}

#[derive(Debug)]
pub(crate) struct Records<T> {
    stored: BTreeMap<u64, T>,
    last: u64,
    generator: Generator,
}

impl<T: Generated> Records<T> {
    pub(crate) fn new(seeded: Vec<T>, id: impl Fn(&T) -> u64, generator: Generator) -> Self {
        let stored: BTreeMap<u64, T> = seeded.into_iter().map(|record| (id(&record), record)).collect();
        let last = stored.last_key_value().map_or(0, |(id, _)| *id);
        Self { stored, last, generator }
    }

    pub(crate) fn generator(&self) -> &Generator {
        &self.generator
    }

    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.last + T::count(&self.generator)).unwrap_or(usize::MAX)
    }

    pub(crate) fn get(&self, id: u64) -> Option<Cow<'_, T>> {
        match self.stored.get(&id) {
            Some(record) => Some(Cow::Borrowed(record)),
            None => self.generated(id).map(Cow::Owned),
        }
    }

    /// The record for changing; a generated one is stored from now on.
    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        if !self.stored.contains_key(&id) {
            self.stored.insert(id, self.generated(id)?);
        }
        self.stored.get_mut(&id)
    }

    /// Stores a new record under the next id, which is given to what makes it.
    pub(crate) fn add(&mut self, make: impl FnOnce(u64) -> T) -> u64 {
        self.last += 1;
        self.stored.insert(self.last, make(self.last));
        self.last
    }

    /// The records from a position onwards.
    pub(crate) fn from(&self, skip: usize) -> impl Iterator<Item = Cow<'_, T>> {
        let skip = u64::try_from(skip).unwrap_or(u64::MAX);
        let generated = FIRST_ID + skip.saturating_sub(self.last)..FIRST_ID + T::count(&self.generator);
        (skip.saturating_add(1)..=self.last).chain(generated).filter_map(|id| self.get(id))
    }

    /// What takes memory: seeded, made by a request, or changed by one.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &T> {
        self.stored.values()
    }

    fn generated(&self, id: u64) -> Option<T> {
        let index = id.checked_sub(FIRST_ID).filter(|index| *index < T::count(&self.generator))?;
        Some(T::generate(&self.generator, index))
    }
}

/// Only what is stored: generated records would say nothing that the generator does not.
impl<T: Serialize> Serialize for Records<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.stored.values())
    }
}
