//! The real clients against the simulators: a check for each documented operation and each documented failure, under
//! every value of every switch.
//!
//! Client and simulator were written apart from the same contract and share no type, so where one of them misreads
//! it, a check fails. A switch stands for what the documents leave open: a client that is right passes every check
//! under every value.

// A helper that cannot do its part fails the test, which is what a test is for.
#![allow(clippy::unwrap_used)]

mod bangwo8;
mod curl;
mod support;
mod udesk;
