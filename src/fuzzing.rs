//! What strangers' bytes are thrown at: one function for each door that they come in by. Each panics when what it
//! promises of every input doesn't hold. Only in builds for fuzzing (`fuzz/README.md`) and for tests, where the kept
//! inputs are run again.

mod config;
mod mapping;
mod names;
mod php;
mod vendors;

pub use self::{
    config::config,
    mapping::{mapping_apply, mapping_compile},
    names::names,
    php::php,
    vendors::vendor_decoders,
};
pub use crate::intake::fuzzing::{envelope, signature};

/// Takes any bytes; panics when a promise is broken.
pub type Door = fn(&[u8]);

/// Every door by its name, which is that of its corpus in `fuzz/corpus`.
pub const DOORS: [(&str, Door); 8] = [
    ("config", config),
    ("envelope", envelope),
    ("mapping_apply", mapping_apply),
    ("mapping_compile", mapping_compile),
    ("names", names),
    ("php", php),
    ("signature", signature),
    ("vendor_decoders", vendor_decoders),
];

#[cfg(test)]
mod corpora;
