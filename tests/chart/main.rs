//! The Helm chart, by the real helm: what it renders is what a cluster takes and what deskbridge runs by.

// The helpers are test code too, which the lint's own exception does not see.
#![allow(clippy::unwrap_used)]

mod alerts;
mod configuration;
mod documents;
mod helm;
mod manifests;
mod mistakes;
