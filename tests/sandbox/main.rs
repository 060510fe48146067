//! The simulators, through their doors: every test starts its own pair on free ports.

// The helpers are test code too, which the lint's own exception does not see.
#![allow(clippy::unwrap_used)]

mod assets;
mod companies;
mod company_search;
mod customer_groups;
mod faults;
mod fields;
mod options;
mod support;
mod tickets;
mod token;
mod udesk;
mod views;
