//! Settings of the process that a start would refuse, found without one.

use super::{place, tls};
use crate::{
    config::{ENVIRONMENT, Settings},
    diagnostic::{Diagnostic, Place},
    store::Store,
    telemetry,
};

/// An error for each of them. No value is told, but for the path of a file.
pub fn refused(settings: &Settings) -> Vec<Diagnostic> {
    let given = &settings.given;
    let log = telemetry::check_filter(&settings.log).err().map(|why| given.error(&["LOG"], why));
    let store = Store::check(&settings.store).err().map(|why| given.error(&["STORE"], why));
    let keys = place(settings).err().map(|why| given.error(&["ENCRYPTION_KEYS"], why));
    let certificate = tls::refused(settings).map(|why| given.error(&["TLS_CERT", "TLS_KEY"], why));
    let exports = telemetry::refused().into_iter();
    let exports = exports.map(|why| Diagnostic::error(ENVIRONMENT, Place::default(), why));
    log.into_iter().chain(store).chain(keys).chain(certificate).chain(exports).collect()
}
