//! What the store promises, asked of it through its public interface with times that the tests choose.

// A helper that cannot do its part fails the test, which is what a test is for.
#![allow(clippy::unwrap_used)]

mod accept;
mod archive;
mod claim;
mod copy;
mod journals;
mod model;
mod operate;
mod recovery;
mod retention;
mod settle;
mod support;
