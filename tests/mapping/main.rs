//! Mappings from the outside: what each shipped one makes of an event, and what is said of a file with a mistake.

mod arbitrary;
mod compile;
mod covered;
mod drift;
mod golden;
mod manual;
mod schema;
mod spellings;
mod suggest;
mod support;
mod vocabulary;
