//! Mappings from the outside: what each shipped one makes of an event, and what is said of a file with a mistake.

mod arbitrary;
mod badfiles;
mod compile;
mod covered;
mod drift;
mod edits;
mod events;
mod files;
mod golden;
mod kept;
mod losses;
mod manual;
mod mutation;
mod roundtrip;
mod schema;
mod sources;
mod spellings;
mod suggest;
mod support;
mod valid;
mod vocabulary;
