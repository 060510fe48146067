//! The service through the doors its users have: HTTP, the command line, and the simulators' request log.

mod harness;
mod smoke;
mod ticketviews;
