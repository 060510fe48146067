//! Drives the vendor clients against small servers whose answers each test writes itself.
//!
//! The simulators of the sandbox are not used on purpose: client and simulator should not share a mistake.

// A helper that cannot do its part fails the test, which is what a test is for.
#![allow(clippy::unwrap_used)]

mod attachments;
mod auth;
mod background;
mod bad_answers;
mod bindings;
mod calls;
mod companies;
mod company_search;
mod company_vendor;
mod contacts;
mod documents;
mod extension;
mod faults;
mod fields;
mod limits;
mod people;
mod resources;
mod spellings;
mod ticket_lists;
mod udesk;
mod vendor;
