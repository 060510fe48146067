//! Help-desk words in Chinese and English, as data: `glossary.yaml` beside this file.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, read_yaml};

/// The words that are known to mean the same, and those that are known not to.
#[derive(Debug)]
pub struct Glossary {
    /// By spelling.
    words: HashMap<String, Word>,
    /// By a whole option's name.
    options: HashMap<String, String>,
    opposites: Vec<(String, String)>,
    fillers: HashSet<String>,
    simplified: HashMap<char, char>,
    /// Of all spellings, in characters and in words.
    longest: (usize, usize),
}

/// What a spelling means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) meaning: String,
    /// Says what sort of value it is rather than what it is about.
    pub(super) weak: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    words: BTreeMap<String, Vec<String>>,
    weak: BTreeMap<String, Vec<String>>,
    options: BTreeMap<String, Vec<String>>,
    opposites: Vec<(String, String)>,
    contrasts: BTreeMap<String, Vec<String>>,
    fillers: HashSet<String>,
    simplified: Simplified,
}

/// Characters that stand in the same place belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Simplified {
    from: String,
    to: String,
}

impl Glossary {
    /// The one inside the binary.
    ///
    /// Errors: it can't be read; a test shows that it can.
    pub fn shipped() -> Result<Self, Diagnostic> {
        let file = Path::new("src/mapping/suggest/glossary.yaml");
        read_yaml(file, include_str!("glossary.yaml")).map(Self::of)
    }

    fn of(file: File) -> Self {
        let strong = file.words.iter().chain(&file.contrasts).flat_map(|entry| spelled(entry, false));
        let words: HashMap<String, Word> =
            strong.chain(file.weak.iter().flat_map(|entry| spelled(entry, true))).collect();
        let options = file.options.iter().flat_map(|(meaning, spellings)| {
            [meaning].into_iter().chain(spellings).map(|spelling| (spelling.clone(), meaning.clone()))
        });
        let spellings = || words.keys().chain(&file.fillers);
        let characters = spellings().map(|spelling| spelling.chars().count()).max().unwrap_or_default();
        let phrase = spellings().map(|spelling| spelling.split(' ').count()).max().unwrap_or_default();
        Self {
            options: options.collect(),
            opposites: file.opposites,
            simplified: file.simplified.from.chars().zip(file.simplified.to.chars()).collect(),
            longest: (characters, phrase),
            fillers: file.fillers,
            words,
        }
    }

    /// What a spelling means; of a plural too.
    pub(super) fn word(&self, spelling: &str) -> Option<&Word> {
        let singular = || spelling.strip_suffix('s').and_then(|singular| self.words.get(singular));
        self.words.get(spelling).or_else(singular)
    }

    /// True for a word that says nothing.
    pub(super) fn is_filler(&self, spelling: &str) -> bool {
        self.fillers.contains(spelling)
    }

    /// What an option of this name means.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// Pairs of meanings that exclude each other.
    pub(super) fn opposites(&self) -> impl Iterator<Item = (&str, &str)> {
        self.opposites.iter().map(|(one, other)| (one.as_str(), other.as_str()))
    }

    /// A character as it is written in the glossary.
    pub(super) fn simplified(&self, character: char) -> char {
        self.simplified.get(&character).copied().unwrap_or(character)
    }

    /// Characters of the longest spelling.
    pub(super) fn longest(&self) -> usize {
        self.longest.0
    }

    /// Words of the longest phrase.
    pub(super) fn longest_phrase(&self) -> usize {
        self.longest.1
    }
}

/// A meaning is a spelling of itself.
fn spelled<'a>(
    (meaning, spellings): (&'a String, &'a Vec<String>),
    weak: bool,
) -> impl Iterator<Item = (String, Word)> + use<'a> {
    let itself = meaning.replace('_', " ");
    let spellings = [itself].into_iter().chain(spellings.iter().cloned());
    spellings.map(move |spelling| (spelling, Word { meaning: meaning.clone(), weak }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> File {
        read_yaml(Path::new("glossary.yaml"), include_str!("glossary.yaml")).unwrap()
    }

    #[test]
    fn no_spelling_means_two_things() {
        let file = file();
        let sections = [&file.words, &file.weak, &file.contrasts];
        let spellings = sections.iter().flat_map(|section| section.iter());
        let mut seen = HashSet::new();
        for (spelling, word) in spellings.flat_map(|entry| spelled(entry, false)) {
            assert!(seen.insert(spelling.clone()), "{spelling} ({})", word.meaning);
            assert!(!file.fillers.contains(&spelling), "{spelling} is a filler too");
        }
    }

    #[test]
    fn a_chinese_spelling_has_two_characters_at_least() {
        let file = file();
        let spellings = [&file.words, &file.weak, &file.contrasts].into_iter().flat_map(|it| it.values());
        let short = spellings.flatten().find(|it| !it.is_ascii() && it.chars().count() < 2);
        assert_eq!(short, None);
    }

    #[test]
    fn opposites_are_words() {
        let glossary = Glossary::shipped().unwrap();
        let meanings: HashSet<&str> = glossary.words.values().map(|word| word.meaning.as_str()).collect();
        let known = |word: &str| meanings.contains(word);
        let unknown = glossary.opposites().find(|(one, other)| !known(one) || !known(other));
        assert_eq!(unknown, None);
    }

    #[test]
    fn every_traditional_character_has_a_simplified_one() {
        let Simplified { from, to } = file().simplified;
        assert_eq!(from.chars().count(), to.chars().count());
    }
}
