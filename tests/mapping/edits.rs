//! A mapping file that somebody mistyped is refused with places that the file has, or means something that holds.

use deskbridge::diagnostic::Diagnostic;
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};

use crate::{sources::*, valid::*};

/// Edited files of each source, and events of each type for those that still compile.
const FILES: u32 = 48;
const EVENTS: u32 = 8;
/// Edits of one file at most.
const EDITS: usize = 3;

/// What a hand does to a file.
#[derive(Debug, Clone)]
enum Edit {
    DropLine(Index),
    RepeatLine(Index),
    SwapLines(Index, Index),
    Type(Index, char),
    Erase(Index),
    Word(Index, Index),
    Indent(Index, i8),
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let character = prop_oneof![
        4 => proptest::sample::select(vec![':', '{', '}', '[', ']', ',', '"', '\'', '&', '*', '~', '-', '#', '|', '/', '0', ' ', '\t', '\n', '!']),
        1 => any::<char>(),
    ];
    prop_oneof![
        1 => any::<Index>().prop_map(Edit::DropLine),
        1 => any::<Index>().prop_map(Edit::RepeatLine),
        1 => any::<(Index, Index)>().prop_map(|(a, b)| Edit::SwapLines(a, b)),
        3 => (any::<Index>(), character).prop_map(|(at, c)| Edit::Type(at, c)),
        1 => any::<Index>().prop_map(Edit::Erase),
        4 => any::<(Index, Index)>().prop_map(|(a, b)| Edit::Word(a, b)),
        1 => (any::<Index>(), -4i8..5).prop_map(|(at, by)| Edit::Indent(at, by)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ]
}

impl Edit {
    fn done(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut characters: Vec<char> = text.chars().collect();
        if lines.is_empty() {
            return text.to_owned();
        }
        match self {
            Self::DropLine(at) => drop(lines.remove(at.index(lines.len()))),
            Self::RepeatLine(at) => lines.insert(at.index(lines.len()), lines[at.index(lines.len())].clone()),
            Self::SwapLines(one, other) => {
                let (one, other) = (one.index(lines.len()), other.index(lines.len()));
                lines.swap(one, other);
            }
            Self::Indent(at, by) => {
                let line = &mut lines[at.index(text.lines().count())];
                let indent = line.len() - line.trim_start().len();
                let wanted = (indent as i64 + i64::from(*by)).max(0) as usize;
                *line = format!("{:wanted$}{}", "", line.trim_start());
            }
            Self::Type(at, character) => {
                let at = at.index(characters.len());
                characters[at] = *character;
                return characters.into_iter().collect();
            }
            Self::Erase(at) => {
                characters.remove(at.index(characters.len()));
                return characters.into_iter().collect();
            }
            Self::Cut(at) => return characters[..at.index(characters.len())].iter().collect(),
            Self::Word(from, to) => return with_word(text, from, to),
        }
        lines.join("\n") + "\n"
    }
}

/// One word of a file in the place of another.
fn with_word(text: &str, from: &Index, to: &Index) -> String {
    let words: Vec<&str> =
        text.split([' ', '\n', ',', '{', '}', '[', ']', ':']).filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        return text.to_owned();
    }
    let (word, place) = (words[from.index(words.len())], words[to.index(words.len())]);
    let at = place.as_ptr() as usize - text.as_ptr() as usize;
    format!("{}{word}{}", &text[..at], &text[at + place.len()..])
}

#[test]
fn any_edit_is_told_with_a_place_or_holds_for_every_valid_event() {
    let folder = folder();
    for (name, source) in MAPPINGS {
        let (text, events) = (text_of(name), events_of(source));
        let edits = proptest::collection::vec(edit(), 1..=EDITS);
        let tried = TestRunner::new(config(FILES)).run(&edits, |edits| {
            let edited = edits.iter().fold(text.clone(), |text, edit| edit.done(&text));
            match compile(folder.path(), &edited) {
                Ok(mapping) => {
                    for (event_type, events) in events.iter().filter(|(t, _)| mapping.serves(**t)) {
                        each(events, EVENTS, |event| match map(&mapping, *event_type, event) {
                            Ok(mapped) => can_be_sent(&mapped, *event_type, event),
                            Err(refusal) => is_said(&refusal, &edited, event),
                        });
                    }
                }
                Err(problems) => {
                    assert!(!problems.is_empty());
                    problems.iter().for_each(|problem| stands_in(problem, folder.path(), &edited));
                }
            }
            Ok(())
        });
        tried.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}

/// The place is one of the file, or the file as a whole.
fn stands_in(problem: &Diagnostic, folder: &std::path::Path, text: &str) {
    // Another mapping or vocabulary that the edit named.
    if problem.file != folder.join("mine.yaml") {
        return;
    }
    let place = problem.place;
    assert!(place.line > 0, "{problem}: has no place in\n{text}");
    let lines: Vec<&str> = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).collect();
    let line =
        lines.get(place.line as usize - 1).unwrap_or_else(|| panic!("{problem}: no such line in\n{text}"));
    let columns = line.chars().count() as u64 + 1;
    assert!((1..=columns).contains(&place.column), "{problem}: no such column in {line:?}");
    assert!(!problem.message.is_empty());
}
