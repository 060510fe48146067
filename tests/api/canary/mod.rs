//! Every secret of a configuration, and every word of a ticket, is planted where it belongs and then looked for wherever
//! somebody may read: log lines at the finest level, traces, metrics, answers, what commands print, the store's bytes.

mod commands;
mod database;
mod debug;
mod overheard;
mod people;
mod planted;
mod secrets;
mod settings;
mod walk;
mod witness;
