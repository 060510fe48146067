//! An event is verified, validated and on disk before it is answered with 202; everything after that is a
//! worker turning one stored event into vendor calls and exactly one recorded outcome.

pub mod sandbox;
