//! Drives the vendor clients against small servers whose answers each test writes itself.
//!
//! The simulators of the sandbox are not used on purpose: client and simulator should not share a mistake.

// A helper that cannot do its part fails the test, which is what a test is for.
#![allow(clippy::unwrap_used)]

mod auth;
mod attachments;
mod bad_answers;
mod bindings;
mod calls;
mod contacts;
mod extension;
mod faults;
mod limits;
mod resources;
mod spellings;
mod ticket_lists;
mod udesk;
mod vendor;
