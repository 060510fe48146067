//! The service through the doors its users have: HTTP, the command line, and the simulators' request log.

mod access;
mod cli;
mod harness;
mod intake;
mod schemas;
mod smoke;
mod ticketviews;
mod verification;
