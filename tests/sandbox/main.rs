//! The simulators, through their doors: every test starts its own pair on free ports.

// The helpers are test code too, which the lint's own exception does not see.
#![allow(clippy::unwrap_used)]

mod assets;
mod attachments;
mod chances;
mod companies;
mod company_search;
mod customer_groups;
mod deliveries;
mod error_texts;
mod faults;
mod fields;
mod generated;
mod generated_companies;
mod options;
mod people;
mod picker;
mod records;
mod support;
mod switches;
mod tickets;
mod token;
mod udesk;
mod view_changes;
mod views;
