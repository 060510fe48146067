//! The vendor clients against the simulators, under every value of every switch.

// A helper that cannot do its part fails the test, which is what a test is for.
#![allow(clippy::unwrap_used)]

mod udesk;
