//! What fields and options are called, and how alike two names are.

use std::collections::BTreeSet;

use super::{
    Glossary, Share,
    words::{Unit, is_chinese, units},
};

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
        let spelled = units(text, glossary);
        let plain = joined(spelled.iter().map(|(spelling, _)| spelling.as_str()));
        let mut units: Vec<Unit> = spelled.into_iter().map(|(_, unit)| unit).collect();
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
