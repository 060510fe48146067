//! Mappings by name: those inside the binary, and files beside the connections file, which win.

use std::path::{Path, PathBuf};

use super::{Mapping, compile};
use crate::diagnostic::{Diagnostic, Place, did_you_mean};

const SHIPPED: [(&str, &str); 4] = [
    ("udesk-bangwo8", include_str!("../../mappings/udesk-bangwo8.yaml")),
    ("generic-bangwo8", include_str!("../../mappings/generic-bangwo8.yaml")),
    ("zendesk-bangwo8", include_str!("../../mappings/zendesk-bangwo8.yaml")),
    ("freshdesk-bangwo8", include_str!("../../mappings/freshdesk-bangwo8.yaml")),
];

/// Where mappings are looked for.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
}

impl Library {
    /// A library whose own files stand in `folder/mappings`; paths are taken from `folder`.
    pub fn beside(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Compiles the mapping of this name (`udesk-bangwo8`) or path (`mine/acme.yaml`).
    ///
    /// Errors: every problem of the file, with its place.
    pub fn compile(&self, name: &str) -> Result<Mapping, Vec<Diagnostic>> {
        let (file, text) = self.find(name).map_err(|problem| vec![problem])?;
        compile::compile(name, &file, &text)
    }

    fn find(&self, name: &str) -> Result<(PathBuf, String), Diagnostic> {
        let is_path = name.ends_with(".yaml") || name.ends_with(".yml");
        let own = self.folder.join(if is_path { name.to_owned() } else { format!("mappings/{name}.yaml") });
        match std::fs::read_to_string(&own) {
            Ok(text) => Ok((own, text)),
            Err(error) if is_path || error.kind() != std::io::ErrorKind::NotFound => {
                Err(Diagnostic::error(own, Place::default(), format!("can't be read: {error}")))
            }
            Err(_) => shipped(name).ok_or_else(|| unknown(&own, name)),
        }
    }
}

fn shipped(name: &str) -> Option<(PathBuf, String)> {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
    Some((format!("mappings/{name}.yaml").into(), (*text).to_owned()))
}

fn unknown(own: &Path, name: &str) -> Diagnostic {
    let names = SHIPPED.map(|(known, _)| known);
    let hint = did_you_mean(name, names);
    let message =
        format!("there is no mapping {name}: neither this file nor one of {}{hint}", names.join(", "));
    Diagnostic::error(own, Place::default(), message)
}
