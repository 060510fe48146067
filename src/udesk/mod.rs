//! A thin client of the Udesk open API, family v1: reading tickets and field definitions.
//!
//! It promises that every answer ends in a value or in one [`Error`] named by what the caller can do, and that
//! neither the secret nor a signature reaches a log, a `Debug` output or an error. It deliberately retries
//! nothing and writes nothing.
//!
//! Section numbers in the comments (§) are those of the project's Udesk contract document.

mod client;
mod envelope;
mod error;
pub mod sign;

pub use client::{Client, Options};
pub use envelope::Page;
pub use error::Error;
