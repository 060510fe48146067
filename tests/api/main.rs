//! The service through the doors its users have: HTTP, the command line, and the simulators' request log.

mod access;
mod cli;
mod crash;
mod delivery;
mod harness;
mod intake;
mod lanes;
mod retries;
mod schemas;
mod smoke;
mod ticketviews;
mod traces;
mod verification;
