//! The service through the doors its users have: HTTP, the command line, and the simulators' request log.

mod crash;
mod delivery;
mod harness;
mod lanes;
mod retries;
mod smoke;
