//! An event is verified, validated and on disk before it is answered with 202; everything after that is a
//! worker turning one stored event into vendor calls and exactly one recorded outcome.

pub mod bangwo8;
pub mod config;
pub mod diagnostic;
pub mod dispatch;
pub mod event;
pub mod intake;
pub mod mapping;
pub mod store;
pub mod telemetry;
pub mod udesk;
pub mod sandbox;
