//! Files beside the connections file that look as if they took part, and that nothing reads: a slip in a name shows
//! by nothing else.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::Config,
    diagnostic::{Diagnostic, Place, did_you_mean},
    disk::{self, Below},
    event::EventType,
    intake::shipped_schemas,
    mapping::{Library, Mapping},
};

/// A file, and why nothing reads it.
type Unread = (PathBuf, String);

/// A warning for each. `mappings` are those of the connections, as far as they compile.
pub(super) fn check(
    folder: &Path,
    config: &Config,
    library: &Library,
    mappings: &HashMap<String, Arc<Mapping>>,
) -> Vec<Diagnostic> {
    let mut found = unread_schemas(&folder.join("schemas"), config);
    found.extend(unread_mappings(&folder.join("mappings"), config, library));
    // A mapping that doesn't compile may be the one that names the vocabulary's source.
    if mappings.len() == config.connections.len() {
        found.extend(unread_vocabularies(&folder.join("mappings/vocabularies"), mappings));
    }
    let warning = |(file, why): Unread| Diagnostic::warning(file, Place::default(), why);
    found.into_iter().map(warning).collect()
}

fn unread_schemas(folder: &Path, config: &Config) -> Vec<Unread> {
    let sources = config.connections.values().map(|connection| connection.source.vendor.as_str());
    let sources: BTreeSet<&str> = sources.collect();
    let mut files = Below::of(folder, disk::MAX_DEPTH).files;
    files.retain(|file| ends_in(file, "json"));
    // What can't be read is told by who reads it.
    let text = |file: &PathBuf| disk::read_text(file, disk::MAX_BYTES).unwrap_or_default();
    let texts: Vec<String> = files.iter().map(text).collect();
    let mut found = Vec::new();
    for file in &files {
        let path = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
        // By its name alone, which is enough for a file that others are put together with.
        let name = path.rsplit('/').next().unwrap_or(&path);
        let is_part = files.iter().zip(&texts).any(|(other, text)| other != file && text.contains(name));
        let stands_for_another = shipped_schemas().any(|(shipped, _)| shipped == path);
        if !is_part && !stands_for_another {
            found.extend(unread_schema(&path, &sources).map(|why| (file.clone(), why)));
        }
    }
    found
}

/// Why a schema that no other refers to is not read, if so.
fn unread_schema(path: &str, sources: &BTreeSet<&str>) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["events", source, file] => {
            let event_type = file.strip_suffix(".json").unwrap_or(file);
            if EventType::told(event_type).is_ok() {
                return without_source(source, sources);
            }
            let hint = did_you_mean(event_type, EventType::ALL.map(EventType::as_str));
            Some(format!("nothing reads this file: no event has the type {event_type}{hint}"))
        }
        ["pushes", file] => without_source(file.strip_suffix(".json").unwrap_or(file), sources),
        _ => {
            let why = "nothing reads this file: no schema refers to it, and those of events are \
                       events/{source}/{type}.json";
            Some(why.to_owned())
        }
    }
}

fn without_source(source: &str, sources: &BTreeSet<&str>) -> Option<String> {
    if sources.contains(source) {
        return None;
    }
    let hint = did_you_mean(source, sources.iter().copied());
    Some(format!("nothing reads this file: no connection has the source {source}{hint}"))
}

fn unread_mappings(folder: &Path, config: &Config, library: &Library) -> Vec<Unread> {
    let names = || config.connections.values().map(|connection| connection.mapping.as_str());
    let read = names().flat_map(|name| library.files(name));
    let read: BTreeSet<PathBuf> = read.map(|file| real(&file)).collect();
    let unread = yaml_in(folder).into_iter().filter(|(file, _)| !read.contains(&real(file)));
    let told = unread.map(|(file, name)| {
        let hint = misnamed(&file, &name).unwrap_or_else(|| did_you_mean(&name, names()));
        (file, format!("nothing reads this file: no connection's mapping is it or builds on it{hint}"))
    });
    told.collect()
}

fn unread_vocabularies(folder: &Path, mappings: &HashMap<String, Arc<Mapping>>) -> Vec<Unread> {
    let sources: BTreeSet<&str> = mappings.values().map(|mapping| mapping.source()).collect();
    let is_read = |file: &Path, name: &str| ends_in(file, "yaml") && sources.contains(name);
    let unread = yaml_in(folder).into_iter().filter(|(file, name)| !is_read(file, name));
    let told = unread.map(|(file, name)| {
        let hint = misnamed(&file, &name).unwrap_or_else(|| did_you_mean(&name, sources.iter().copied()));
        (file, format!("nothing reads this file: no connection's mapping has this source{hint}"))
    });
    told.collect()
}

/// YAML files that stand in a folder itself, with their names without the ending.
fn yaml_in(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Below::of(folder, 0).files;
    files.retain(|file| ends_in(file, "yaml") || ends_in(file, "yml"));
    let named = |file: PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (file, name)
    };
    files.into_iter().map(named).collect()
}

/// What is meant by a name is looked for with one ending.
fn misnamed(file: &Path, name: &str) -> Option<String> {
    ends_in(file, "yml").then(|| format!("; call it {name}.yaml"))
}

fn ends_in(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|it| it == extension)
}

/// One file has one path here, however it is named.
fn real(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}
