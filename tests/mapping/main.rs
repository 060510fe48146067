//! Mappings from the outside: what each shipped one makes of an event, and what is said of a file with a mistake.

mod arbitrary;
mod badfiles;
mod compile;
mod edits;
mod events;
mod files;
mod golden;
mod mutation;
mod roundtrip;
mod sources;
mod spellings;
mod support;
mod valid;
mod vocabulary;
