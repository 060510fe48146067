//! Mappings by name: those inside the binary, and files beside the connections file, which win; and those that were
//! kept.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Mapping,
    compile::{CompiledMapping, EventSchemas, Sources, compile},
    kept::{Kept, Text},
    vocabulary::Vocabularies,
    yaml::{Node, read_text},
};
use crate::{
    diagnostic::{Diagnostic, Place, did_you_mean},
    disk, json,
};

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
        let vocabularies = Vocabularies::Beside(self.folder.join("mappings/vocabularies"));
        self.compile_texts(name, files, &node, vocabularies)
    }

    /// Compiles what [`Mapping::content`] gave once, against the schemas of now.
    ///
    /// Errors: every problem, where the schemas or the product have become others meanwhile.
    pub fn compile_kept(&self, content: &str) -> Result<Mapping, Vec<Diagnostic>> {
        let Kept { name, files, source_vocabulary, target_vocabulary } =
            json::from_str(content).map_err(|error| {
                let message = format!("the kept mapping can't be read: {error}");
                vec![Diagnostic::error(Path::new(""), Place::default(), message)]
            })?;
        let node = merged(&files).map_err(|problem| vec![problem])?;
        let vocabularies = Vocabularies::Kept { source: source_vocabulary, target: target_vocabulary };
        self.compile_texts(&name, files, &node, vocabularies)
    }

    fn compile_texts(
        &self,
        name: &str,
        files: Vec<Text>,
        node: &Node,
        vocabularies: Vocabularies,
    ) -> Result<Mapping, Vec<Diagnostic>> {
        let paths = files.iter().map(|file| file.path.clone()).collect();
        let CompiledMapping { mapping, vocabularies: (source_vocabulary, target_vocabulary) } =
            compile(Sources { name, node, files: paths, schemas: &self.schemas, vocabularies })?;
        let kept = Kept { name: name.to_owned(), files, source_vocabulary, target_vocabulary };
        Ok(Mapping { content: kept.below(&self.folder).content(), ..mapping })
    }

    /// The files of the mapping and of those that it builds on, as far as they can be read. A shipped one is among
    /// them by its name.
    pub fn files(&self, name: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        // Why the rest can't be read is told by `compile`.
        self.read(name, None, &mut files).ok();
        files.into_iter().map(|file| file.path).collect()
    }

    /// The file with everything that it builds on. `by` is the file that builds on it, and where it says so.
    fn read(
        &self,
        name: &str,
        by: Option<(&Path, Place)>,
        files: &mut Vec<Text>,
    ) -> Result<Node, Diagnostic> {
        let index = files.len();
        let (path, text) = match self.own(name, by.map(|(file, _)| file)) {
            Some(path) if files.iter().any(|file| file.path == path) || index == MAX_FILES => {
                return Err(in_a_circle(&path, by));
            }
            Some(path) => (path.clone(), read_text(&path)),
            None => {
                let (path, text) = shipped(name).ok_or_else(|| self.unknown(name, by))?;
                (path, Ok(text.to_owned()))
            }
        };
        // One that can't be read is watched, too.
        files.push(Text { path: path.clone(), text: text.clone().unwrap_or_default() });
        let node = Node::parse(&path, &text?, index)?;
        let Some(base) = node.get("extends") else { return Ok(node) };
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
        (is_path || (disk::stands(&path) && by != Some(path.as_path()))).then_some(path)
    }

    /// The names of the tenant's own, but for that of a file which can't build on itself.
    fn own_names(&self, but: Option<&Path>) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join("mappings")).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.path()).filter(|file| Some(file.as_path()) != but);
        let is_mapping = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "yaml");
        let names = files.filter(is_mapping).filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn unknown(&self, name: &str, by: Option<(&Path, Place)>) -> Diagnostic {
        let names = SHIPPED.map(|(known, _)| known);
        let others = self.own_names(by.map(|(file, _)| file));
        let hint = did_you_mean(name, names.into_iter().chain(others.iter().map(String::as_str)));
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

/// The first file over the one that it builds on, and so on.
fn merged(files: &[Text]) -> Result<Node, Diagnostic> {
    let parse = |(index, file): (usize, &Text)| Node::parse(&file.path, &file.text, index);
    let nodes = files.iter().enumerate().map(parse).collect::<Result<Vec<Node>, _>>()?;
    let whole = nodes.into_iter().rev().reduce(|base, node| node.over(base, &merges));
    let empty = || Diagnostic::error(Path::new(""), Place::default(), "the kept mapping has no file");
    whole.ok_or_else(empty)
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
