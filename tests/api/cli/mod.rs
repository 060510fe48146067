//! The program: commands, exit codes, and what it says to whom.

mod check;
mod online;
mod read;
mod sandbox;
mod serve;
mod suggest;
mod usage;
