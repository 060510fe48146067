//! What the checks of both vendors have in common.

mod check;
mod sweep;

pub(crate) use check::{Check, checks};
pub(crate) use sweep::{at_the_defaults, under_every_other_value_of};
