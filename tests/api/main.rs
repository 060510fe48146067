//! The service through the doors its users have: HTTP, the command line, and the simulators' request log.

mod access;
mod cli;
mod companies;
mod crash;
mod delivery;
mod drift;
mod field_options;
mod harness;
mod intake;
mod lanes;
mod lookups;
mod nonsense;
mod pushes;
mod reload;
mod replies;
mod retries;
mod schemas;
mod smoke;
mod sources;
mod ticket_companies;
mod ticketviews;
mod traces;
mod triggers;
mod unseen;
mod upkeep;
mod verification;
