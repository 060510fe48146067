//! The simulators, through their doors: every test starts its own pair on free ports.

// The helpers are test code too, which the lint's own exception does not see.
#![allow(clippy::unwrap_used)]

mod assets;
mod companies;
mod company_search;
mod customer_groups;
mod error_texts;
mod faults;
mod fields;
mod generated_companies;
mod options;
mod picker;
mod support;
mod tickets;
mod token;
mod udesk;
mod views;
