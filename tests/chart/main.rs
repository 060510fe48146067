//! The Helm chart, by the real helm: what it renders is what a cluster takes and what deskbridge runs by.

// What isn't as expected fails the test.
#![allow(clippy::unwrap_used)]

mod alerts;
mod configuration;
mod documents;
mod helm;
mod manifests;
mod mistakes;
