//! Mappings by name: those inside the binary, and files beside the connections file, which win.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Mapping,
    compile::{EventSchemas, Sources, compile},
    yaml::Node,
};
use crate::diagnostic::{Diagnostic, Place, did_you_mean};

const SHIPPED: [(&str, &str); 4] = [
    ("udesk-bangwo8", include_str!("../../mappings/udesk-bangwo8.yaml")),
    ("generic-bangwo8", include_str!("../../mappings/generic-bangwo8.yaml")),
    ("zendesk-bangwo8", include_str!("../../mappings/zendesk-bangwo8.yaml")),
    ("freshdesk-bangwo8", include_str!("../../mappings/freshdesk-bangwo8.yaml")),
];
/// Mappings that build on each other at most.
const MAX_FILES: usize = 8;

/// The schemas of every source's events, by the source's name: without references to other documents.
pub type SourceSchemas = BTreeMap<String, EventSchemas>;

/// Where mappings are looked for, and what their sources send.
#[derive(Debug)]
pub struct Library {
    folder: PathBuf,
    schemas: SourceSchemas,
}

impl Library {
    /// A library whose own files stand in `folder/mappings`; paths are taken from `folder`.
    pub fn beside(folder: &Path, schemas: SourceSchemas) -> Self {
        Self { folder: folder.to_owned(), schemas }
    }

    /// Compiles the mapping of this name (`udesk-bangwo8`) or path (`mine/acme.yaml`).
    ///
    /// Errors: every problem of the file and of those that it builds on, with its place.
    pub fn compile(&self, name: &str) -> Result<Mapping, Vec<Diagnostic>> {
        let mut files = Vec::new();
        let node = self.read(name, None, &mut files).map_err(|problem| vec![problem])?;
        let vocabularies = self.folder.join("mappings/vocabularies");
        compile(Sources { name, node: &node, files, schemas: &self.schemas, vocabularies })
    }

    /// The files of the mapping and of those that it builds on, as far as they can be read. A shipped one is among
    /// them by its name.
    pub fn files(&self, name: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        // Why the rest can't be read is told by `compile`.
        self.read(name, None, &mut files).ok();
        files
    }

    /// The file with everything that it builds on. `by` is the file that builds on it, and where it says so.
    fn read(
        &self,
        name: &str,
        by: Option<(&Path, Place)>,
        files: &mut Vec<PathBuf>,
    ) -> Result<Node, Diagnostic> {
        let index = files.len();
        let node = match self.own(name, by.map(|(file, _)| file)) {
            Some(path) if files.contains(&path) || index == MAX_FILES => return Err(in_a_circle(&path, by)),
            Some(path) => {
                files.push(path.clone());
                Node::read(&path, index)?
            }
            None => {
                let (path, text) = shipped(name).ok_or_else(|| self.unknown(name, by))?;
                files.push(path.clone());
                Node::parse(&path, text, index)?
            }
        };
        let Some(base) = node.get("extends") else { return Ok(node) };
        let path = files[index].clone();
        let Some(base_name) = base.text() else {
            return Err(Diagnostic::error(path, base.place, "extends is the name or path of a mapping"));
        };
        let base = self.read(base_name, Some((&path, base.place)), files)?;
        Ok(node.over(base, &merges))
    }

    /// True if a mapping's name is the path of its file.
    pub fn is_path(name: &str) -> bool {
        name.ends_with(".yaml") || name.ends_with(".yml")
    }

    /// The file of the tenant's own, if there is one. A file that builds on its own name means the shipped one.
    fn own(&self, name: &str, by: Option<&Path>) -> Option<PathBuf> {
        let is_path = Self::is_path(name);
        let path = self.folder.join(if is_path { name.to_owned() } else { format!("mappings/{name}.yaml") });
        (is_path || (path.is_file() && by != Some(path.as_path()))).then_some(path)
    }

    fn unknown(&self, name: &str, by: Option<(&Path, Place)>) -> Diagnostic {
        let names = SHIPPED.map(|(known, _)| known);
        let hint = did_you_mean(name, names);
        let own = self.folder.join(format!("mappings/{name}.yaml"));
        match by {
            Some((file, place)) if file == own => {
                let message = "builds on itself: name the mapping that it builds on";
                Diagnostic::error(file, place, message)
            }
            Some((file, place)) => {
                let message = format!(
                    "there is no mapping {name}: neither {} nor one of {}{hint}",
                    own.display(),
                    names.join(", ")
                );
                Diagnostic::error(file, place, message)
            }
            None => {
                let message = format!(
                    "there is no mapping {name}: neither this file nor one of {}{hint}",
                    names.join(", ")
                );
                Diagnostic::error(own, Place::default(), message)
            }
        }
    }
}

fn in_a_circle(path: &Path, by: Option<(&Path, Place)>) -> Diagnostic {
    let (file, place) = by.unwrap_or((path, Place::default()));
    let message = format!("builds on {} in a circle, or on more than {MAX_FILES} files", path.display());
    Diagnostic::error(file, place, message)
}

fn shipped(name: &str) -> Option<(PathBuf, &'static str)> {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
    Some((format!("mappings/{name}.yaml").into(), text))
}

/// Maps that are merged key by key when a file builds on another: down to rules, rows and arms, which are replaced.
fn merges(path: &[&str]) -> bool {
    match path {
        [] | ["vocabulary", ..] => true,
        [section] => ["parameters", "tables", "ticket", "company", "field_options"].contains(section),
        ["tables", _] | ["tables", _, "arms"] => true,
        ["ticket" | "company", part] => ["fields", "custom_fields", "reply", "company"].contains(part),
        ["ticket" | "company", "custom_fields", "rows"] => true,
        ["ticket", "company", part] => ["fields", "custom_fields"].contains(part),
        ["ticket", "company", "custom_fields", "rows"] => true,
        _ => false,
    }
}
