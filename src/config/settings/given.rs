//! Who gave a setting its value: what is told of it names what was really written.

use std::{collections::BTreeSet, fmt};

use super::read::PREFIX;
use crate::diagnostic::{Diagnostic, Place};

/// Where variables stand, and where flags do: a diagnostic names it as it does a file.
pub const ENVIRONMENT: &str = "environment";
const COMMAND_LINE: &str = "command line";

/// Settings that were given by their flags. All others come from their variables, or are defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given(pub(super) BTreeSet<&'static str>);

impl Given {
    /// An error of one setting, or of several that only make sense together, each by its name without the prefix: `TLS_CERT`.
    /// The message is `NAMES: why`.
    pub fn error(&self, settings: &[&str], why: impl fmt::Display) -> Diagnostic {
        let names: Vec<String> = settings.iter().map(|setting| self.name(setting)).collect();
        self.problem(settings, format!("{}: {why}", names.join(", ")))
    }

    pub(super) fn problem(&self, settings: &[&str], message: String) -> Diagnostic {
        let flag = settings.iter().any(|setting| self.0.contains(setting));
        Diagnostic::error(if flag { COMMAND_LINE } else { ENVIRONMENT }, Place::default(), message)
    }

    /// `--tls-cert` if that was given, else `DESKBRIDGE_TLS_CERT`.
    pub(super) fn name(&self, setting: &str) -> String {
        match self.0.contains(setting) {
            true => format!("--{}", setting.to_lowercase().replace('_', "-")),
            false => format!("{PREFIX}{setting}"),
        }
    }
}
