//! Words that agree with their numbers, in what is told to a person.

use std::fmt::Display;

/// `1 error`, `2 errors`; of a word whose plural ends by an s.
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, word: &str) -> String {
    let ending = ending(&number);
    format!("{number} {word}{ending}")
}

/// What the word behind the number ends by, where the number is shown in a way of its own.
pub fn ending<N: PartialEq + From<u8>>(number: &N) -> &'static str {
    if *number == N::from(1) { "" } else { "s" }
}
