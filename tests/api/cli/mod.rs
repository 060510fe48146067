//! The program: commands, exit codes, and what it says to whom.

mod check;
mod mapping_schema;
mod mapping;
mod online;
mod read;
mod sandbox;
mod serve;
mod store;
mod suggest;
mod torture;
mod usage;
