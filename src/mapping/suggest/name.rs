//! What fields and options are called, and how alike two names are. A name is cut into units of meaning: words of
//! the glossary, other Latin words, numbers, and single characters of what Chinese is left.

use std::collections::BTreeSet;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{Glossary, Share};

/// Weight of a word that the glossary knows, and of a Latin one that it doesn't. A Chinese word has two characters
/// in most cases, each of which weighs 1.
const WORD: u32 = 2;
const CHARACTER: u32 = 1;
const NUMBER: u32 = 1;
/// Weight of a word that says what sort of value it is.
const WEAK: u32 = 1;
/// Two names of the same words in other spellings or another order.
const SAME_MEANING: Share = Share(920);
/// Two names that share some words, if they shared all of them.
const ALIKE: Share = Share(870);
/// … and at most this if each has a word that the other lacks: 产品型号 is not 产品名称.
const DIVERGING: Share = Share(450);
/// What the same pairs of characters add, so that 手机 is more like 手机号 than like 电话.
const LETTERS: Share = Share(30);

/// A name, normalised and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// In one width, one case, simplified characters, without punctuation and words that say nothing.
    plain: String,
    /// Sorted.
    units: Vec<Unit>,
}

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    text: String,
    weight: u32,
    number: bool,
}

/// How alike two names are, and in what way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Likeness {
    pub(super) share: Share,
    pub(super) how: How,
}

/// In what way two names are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The same word for word.
    Same,
    /// The same words in another language, spelling or order.
    Meaning,
    /// Parts are the same.
    Alike,
    /// One word of one is the opposite of one of the other, or their numbers differ.
    Opposed,
}

impl Name {
    /// A name of nothing but separators is none.
    pub(super) fn of(text: &str, glossary: &Glossary) -> Option<Self> {
        let runs = runs(text, glossary);
        let mut pieces = pieces(&runs, glossary);
        if pieces.is_empty() {
            // Nothing but fillers: then they are the name.
            pieces = runs.iter().map(|run| (run.text().to_owned(), Unit::word(run.text(), WORD))).collect();
        }
        let plain = joined(pieces.iter().map(|(spelling, _)| spelling.as_str()));
        let mut units: Vec<Unit> = pieces.into_iter().map(|(_, unit)| unit).collect();
        units.sort();
        (!units.is_empty()).then_some(Self { plain, units })
    }

    /// As it is compared with others.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    /// The words' meanings, equal for names that mean the same.
    pub(super) fn meaning(&self) -> String {
        self.units.iter().map(|unit| unit.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// How alike it is to another one.
    pub(super) fn likeness(&self, other: &Self, glossary: &Glossary) -> Likeness {
        let of = |share, how| Likeness { share, how };
        if self.plain == other.plain {
            return of(Share::WHOLE, How::Same);
        }
        if self.opposes(other, glossary) {
            return of(Share::NONE, How::Opposed);
        }
        let letters = self.letters(other);
        if self.units == other.units {
            return of(SAME_MEANING.plus(letters.times(LETTERS)), How::Meaning);
        }
        let common = self.common(other);
        let diverging = common.len() < self.units.len() && common.len() < other.units.len();
        let weight = |units: &[Unit]| units.iter().map(|unit| unit.weight).sum::<u32>();
        let words = Share::of(2 * weight(&common), weight(&self.units) + weight(&other.units));
        let words = words.times(ALIKE).min(if diverging { DIVERGING } else { ALIKE });
        let misspelt =
            if self.is_long_word() && other.is_long_word() { letters.times(ALIKE) } else { Share::NONE };
        of(words.max(misspelt).plus(letters.times(LETTERS)), How::Alike)
    }

    /// Units of both, as often as both have them.
    fn common(&self, other: &Self) -> Vec<Unit> {
        let mut rest = other.units.clone();
        let mut take = |unit: &&Unit| rest.iter().position(|it| it == *unit).map(|at| rest.remove(at));
        self.units.iter().filter(|unit| take(unit).is_some()).cloned().collect()
    }

    fn opposes(&self, other: &Self, glossary: &Glossary) -> bool {
        let has = |name: &Self, word: &str| name.units.iter().any(|unit| unit.text == word);
        let only = |name: &Self, word: &str, not: &str| has(name, word) && !has(name, not);
        let opposed = glossary.opposites().any(|(one, two)| {
            only(self, one, two) && only(other, two, one) || only(self, two, one) && only(other, one, two)
        });
        let (numbers, others) = (self.numbers(), other.numbers());
        opposed || (!numbers.is_empty() && !others.is_empty() && numbers != others)
    }

    fn numbers(&self) -> Vec<&str> {
        self.units.iter().filter(|unit| unit.number).map(|unit| unit.text.as_str()).collect()
    }

    /// How many pairs of characters both have (Dice).
    fn letters(&self, other: &Self) -> Share {
        let (one, two) = (bigrams(&self.plain), bigrams(&other.plain));
        Share::of_counts(2 * one.intersection(&two).count(), one.len() + two.len())
    }

    /// One Latin word long enough that pairs of characters tell a slip of the pen.
    fn is_long_word(&self) -> bool {
        const LONG: usize = 6;
        self.plain.len() >= LONG && self.plain.bytes().all(|byte| byte.is_ascii_alphabetic())
    }
}

impl Unit {
    fn word(text: &str, weight: u32) -> Self {
        Self { text: text.to_owned(), weight, number: false }
    }
}

/// Words with a space between two that have none of Chinese.
fn joined<'a>(spellings: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for spelling in spellings {
        let spaced = |character: Option<char>| character.is_some_and(|it| !is_chinese(it));
        if spaced(text.chars().last()) && spaced(spelling.chars().next()) {
            text.push(' ');
        }
        text.push_str(spelling);
    }
    text
}

fn bigrams(text: &str) -> BTreeSet<(char, char)> {
    let letters = || text.chars().filter(|it| *it != ' ');
    letters().zip(letters().skip(1)).collect()
}

/// Characters of one sort that stand together.
#[derive(Debug)]
enum Run {
    Chinese(String),
    Latin(String),
    Number(String),
}

impl Run {
    fn text(&self) -> &str {
        match self {
            Self::Chinese(text) | Self::Latin(text) | Self::Number(text) => text,
        }
    }

    /// This run with one more character, if it is of its sort.
    fn push(&mut self, character: char) -> bool {
        let (text, fits) = match self {
            Self::Chinese(text) => (text, is_chinese(character)),
            Self::Number(text) => (text, character.is_numeric()),
            Self::Latin(text) => {
                (text, character.is_alphabetic() && !is_chinese(character) && !character.is_numeric())
            }
        };
        if fits {
            text.push(character);
        }
        fits
    }

    fn of(character: char) -> Option<Self> {
        let text = character.to_string();
        match character {
            _ if is_chinese(character) => Some(Self::Chinese(text)),
            _ if character.is_numeric() => Some(Self::Number(text)),
            _ if character.is_alphabetic() => Some(Self::Latin(text)),
            _ => None,
        }
    }
}

/// The unified ideographs, their first extension, and 〇.
fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '〇' | '\u{20000}'..='\u{2ffff}')
}

/// NFKC makes one of full and half width; `productModel` is two words.
fn runs(text: &str, glossary: &Glossary) -> Vec<Run> {
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let mut runs: Vec<Run> = Vec::new();
    let (mut apart, mut was_lower) = (true, false);
    for character in text.chars() {
        apart |= was_lower && character.is_uppercase();
        was_lower = character.is_lowercase();
        for character in glossary.simplified(character).to_lowercase() {
            let joined = !apart && runs.last_mut().is_some_and(|run| run.push(character));
            apart = false;
            if !joined {
                let run = Run::of(character);
                apart = run.is_none();
                runs.extend(run);
            }
        }
    }
    runs
}

/// Each unit with the spelling it has here; what says nothing is left out.
fn pieces(runs: &[Run], glossary: &Glossary) -> Vec<(String, Unit)> {
    let mut pieces = Vec::new();
    let mut rest = runs;
    while let Some((run, after)) = rest.split_first() {
        rest = after;
        match run {
            Run::Chinese(text) => pieces.extend(chinese(text, glossary)),
            Run::Number(text) => pieces.push((
                text.clone(),
                Unit { text: text.trim_start_matches('0').to_owned(), weight: NUMBER, number: true },
            )),
            Run::Latin(text) => {
                let (words, phrase) = phrase(text, after, glossary);
                rest = &after[words - 1..];
                pieces.extend(
                    known(&phrase, glossary)
                        .unwrap_or_else(|| Some((phrase.clone(), Unit::word(&phrase, WORD)))),
                );
            }
        }
    }
    pieces
}

/// The longest phrase of the glossary that starts here, or one word.
fn phrase(first: &str, after: &[Run], glossary: &Glossary) -> (usize, String) {
    let following = after.iter().map_while(|run| match run {
        Run::Latin(text) => Some(text.as_str()),
        Run::Chinese(_) | Run::Number(_) => None,
    });
    let words: Vec<&str> = [first].into_iter().chain(following).take(glossary.longest_phrase()).collect();
    let phrases = (1..=words.len()).rev().map(|length| (length, words[..length].join(" ")));
    let mut phrases = phrases.filter(|(length, phrase)| *length == 1 || known(phrase, glossary).is_some());
    phrases.next().unwrap_or_else(|| (1, first.to_owned()))
}

/// From the left, the longest spelling each time; what no spelling starts with is a unit of one character.
fn chinese(text: &str, glossary: &Glossary) -> Vec<(String, Unit)> {
    let characters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let most = glossary.longest().min(characters.len() - at);
        let spellings = (1..=most).rev().map(|length| characters[at..at + length].iter().collect::<String>());
        let found = spellings.into_iter().find_map(|it| Some((it.chars().count(), known(&it, glossary)?)));
        let single = || {
            let character = characters[at].to_string();
            (1, Some((character.clone(), Unit::word(&character, CHARACTER))))
        };
        let (length, piece) = found.unwrap_or_else(single);
        pieces.extend(piece);
        at += length;
    }
    pieces
}

/// A spelling of the glossary as a piece, which is none if it says nothing.
fn known(spelling: &str, glossary: &Glossary) -> Option<Option<(String, Unit)>> {
    if glossary.is_filler(spelling) {
        return Some(None);
    }
    let word = glossary.word(spelling)?;
    let weight = if word.weak { WEAK } else { WORD };
    Some(Some((spelling.to_owned(), Unit::word(&word.meaning, weight))))
}
