//! The judge of a run that was cut short again and again: what was promised to senders, what the target saw, and what
//! the record says must agree.
//!
//! Pure, and deliberately strange to the product: it shares no type and no word with what it judges, or both would
//! share one mistake. It knows neither clocks nor files.

mod history;
mod judge;
#[cfg(test)]
mod tests;

pub use self::{
    history::{Answer, Asks, Effect, Ended, History, Post, Record, Tick, What},
    judge::{Verdict, Violation, judge},
};
