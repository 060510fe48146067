//! The program: commands, exit codes, and what it says to whom.

mod backup;
mod check;
mod events;
mod mapping_schema;
mod mapping;
mod online;
mod read;
mod sandbox;
mod serve;
mod settings;
mod store;
mod suggest;
mod torture;
mod usage;
