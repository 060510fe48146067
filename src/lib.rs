//! An event is verified, validated and on disk before it is answered with 202; everything after that is a
//! worker turning one stored event into vendor calls and exactly one recorded outcome.

pub mod config;
pub mod diagnostic;
pub mod event;
pub mod intake;
pub mod mapping;
pub mod store;
pub mod bangwo8;
pub mod udesk;
