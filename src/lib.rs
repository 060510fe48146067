//! An event is verified, validated and on disk before it is answered with 202; everything after that is a
//! worker turning one stored event into vendor calls and exactly one recorded outcome.
//!
//! In the order of an event's way:

pub mod event;
pub mod http;
pub mod intake;
pub mod poll;
pub mod store;
pub mod dispatch;
pub mod mapping;
pub mod bangwo8;
pub mod udesk;
pub mod webhook;
pub mod call;

pub mod ticketview;

pub mod app;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod disk;
pub mod fault;
pub mod json;
pub mod plural;
pub mod telemetry;

#[cfg(any(fuzzing, test))]
pub mod fuzzing;

pub mod sandbox;
pub mod torture;
