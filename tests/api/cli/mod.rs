//! The program: commands, exit codes, and what it says to whom.

mod check;
mod serve;
mod usage;
