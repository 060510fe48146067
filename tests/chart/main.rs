//! The Helm chart, by the real helm: what it renders is what a cluster takes and what deskbridge runs by.

mod alerts;
mod configuration;
mod documents;
mod helm;
mod manifests;
mod mistakes;
