//! Where a command finds mappings, schemas, cases, and what a connection sets for its mapping.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::super::{
    Failure,
    settings::{Flags, no_connection},
};
use crate::{
    diagnostic::{read_yaml, utf8},
    disk,
    intake::Schemas,
    mapping::{Library, Mapping, Parameters},
};

/// Which files to look at.
#[derive(clap::Args)]
pub(super) struct Place {
    /// The connections file, which mappings and schemas stand beside [environment: DESKBRIDGE_CONFIG; default: deskbridge.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
}

/// The folder of a connections file. The file itself need not be there, unless a connection is asked for.
pub(super) struct Shelf {
    config: PathBuf,
    library: Library,
    pub(super) schemas: Schemas,
}

impl Place {
    pub(super) fn open(&self) -> Result<Shelf, Failure> {
        let config = Flags { config: self.config.clone(), ..Flags::default() }.settings()?.config;
        let folder = config.parent().unwrap_or(Path::new(""));
        let schemas = Schemas::load(&folder.join("schemas")).map_err(Failure::Written)?;
        let library = Library::beside(folder, schemas.whole().clone());
        Ok(Shelf { library, schemas, config })
    }
}

impl Shelf {
    /// Compiles a mapping. A path is the user's own, not one from the connections file's folder.
    pub(super) fn mapping(&self, name: &str) -> Result<Mapping, Failure> {
        let path = match Library::is_path(name) && !self.folder().as_os_str().is_empty() {
            true => std::path::absolute(name).map_err(Failure::usage)?.to_string_lossy().into_owned(),
            false => name.to_owned(),
        };
        self.library.compile(&path).map_err(Failure::Written)
    }

    /// The folder of a mapping's golden cases: `acme.cases` beside `acme.yaml`.
    pub(super) fn cases(&self, name: &str) -> PathBuf {
        match Library::is_path(name) {
            true => Path::new(name).with_extension("cases"),
            false => self.folder().join("mappings").join(format!("{name}.cases")),
        }
    }

    /// What a connection sets for its mapping. Its secrets are not looked at: whoever tries a mapping needs none.
    pub(super) fn parameters(&self, connection: &str) -> Result<Parameters, Failure> {
        #[derive(Deserialize)]
        struct File {
            connections: BTreeMap<String, Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            #[serde(default)]
            parameters: Parameters,
        }
        let file = self.config.display();
        let bytes = disk::read(&self.config, disk::MAX_BYTES).map_err(|error| {
            Failure::Usage(format!("{file} can't be read: {error}; name the connections file with --config"))
        })?;
        let text = utf8(&self.config, bytes);
        let read = text.and_then(|text| read_yaml::<File>(&self.config, &text));
        let mut connections = read.map_err(|problem| Failure::Files(vec![problem]))?.connections;
        let found = connections.remove(connection).map(|entry| entry.parameters);
        let known = connections.keys().map(String::as_str);
        found.ok_or_else(|| no_connection(&self.config, connection, known))
    }

    fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new(""))
    }
}
