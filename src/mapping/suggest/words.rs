//! A name as units of meaning: words of the glossary, other Latin words, numbers, and single characters of what
//! Chinese is left, which has no spaces.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::Glossary;

/// Weight of a word that the glossary knows, and of a Latin one that it doesn't. A Chinese word has two characters
/// in most cases, each of which weighs 1.
const WORD: u32 = 2;
const CHARACTER: u32 = 1;
const NUMBER: u32 = 1;
/// Weight of a word that says what sort of value it is.
const WEAK: u32 = 1;

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) text: String,
    pub(super) weight: u32,
    pub(super) number: bool,
}

/// The units of a text, each with the spelling it has there. What says nothing is left out, unless there is nothing
/// else.
pub(super) fn units(text: &str, glossary: &Glossary) -> Vec<(String, Unit)> {
    let runs = runs(text, glossary);
    let pieces = pieces(&runs, glossary);
    if !pieces.is_empty() {
        return pieces;
    }
    runs.iter().map(|run| (run.text().to_owned(), Unit::word(run.text(), WORD))).collect()
}

impl Unit {
    fn word(text: &str, weight: u32) -> Self {
        Self { text: text.to_owned(), weight, number: false }
    }
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
pub(super) fn is_chinese(character: char) -> bool {
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
