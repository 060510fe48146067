//! What the store promises, asked of it through its public interface with times that the tests choose.

mod accept;
mod claim;
mod model;
mod operate;
mod recovery;
mod settle;
mod support;
