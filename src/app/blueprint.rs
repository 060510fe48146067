//! Everything that can be known to be right or wrong before a socket is opened: schemas, mappings, and whether
//! the connections fit them. `deskbridge check` does only this.

use std::{collections::HashMap, path::Path, sync::Arc};

use super::{
    addresses,
    clients::{source_client, target_client},
    files::Fingerprint,
    redaction, unread,
};
use crate::{
    config::{ApiKey, Config, Connection, Nets, Scope, Subscriber, Verify},
    diagnostic::{Diagnostic, Place, did_you_mean},
    intake::Schemas,
    mapping::{Library, Mapping},
    plural::counted,
    webhook,
};

/// The vendor whose API a source can be read by.
const UDESK: &str = "udesk";

/// A configuration with its schemas and mappings compiled.
pub struct Blueprint {
    pub(super) config: Config,
    pub(super) schemas: Schemas,
    /// By connection.
    pub(super) mappings: HashMap<String, Arc<Mapping>>,
    /// What they were compiled by.
    pub(super) library: Arc<Library>,
    warnings: Vec<Diagnostic>,
    /// What the files held before they were read: what differs from it was not seen.
    pub(super) seen: Fingerprint,
}

impl Blueprint {
    /// Reads and compiles everything that a connections file names. Subscribers may be in the nets that are `allowed`.
    ///
    /// Errors: every problem found, warnings among them.
    pub fn compile(path: &Path, allowed: &Nets) -> Result<Self, Vec<Diagnostic>> {
        let seen = Fingerprint::of(path);
        let config = Config::load(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let schemas = Schemas::load(&folder.join("schemas"))?;
        let library = Library::beside(folder, schemas.whole().clone());
        let mut found: Vec<Diagnostic> = no_connection(&config).into_iter().collect();
        let mut mappings = HashMap::new();
        for connection in config.connections.values() {
            found.extend(check_source(&config, connection, &schemas));
            found.extend(check_target(&config, connection));
            found.extend(check_source_api(&config, connection));
            found.extend(addresses::check(&config, connection));
            found.extend(check_subscribers(&config, connection, allowed));
            match library.compile(&connection.mapping) {
                Ok(mapping) => {
                    found.extend(check_mapping(&config, connection, &mapping));
                    found.extend(redaction::check(&config, connection, &schemas, Some(&mapping)));
                    mappings.insert(connection.name.clone(), Arc::new(mapping));
                }
                Err(problems) => {
                    found.extend(problems.into_iter().map(|p| placed(p, &config, connection)));
                    found.extend(redaction::check(&config, connection, &schemas, None));
                }
            }
        }
        found.extend(unread::check(folder, &config, &library, &mappings));
        if found.iter().any(Diagnostic::is_error) {
            return Err(found);
        }
        let library = Arc::new(library);
        Ok(Self { config, schemas, mappings, library, warnings: found, seen })
    }

    /// What works, but not as it could.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// One line of what there is.
    pub fn summary(&self) -> String {
        let names: Vec<&str> = self.config.connections.keys().map(String::as_str).collect();
        let keys = counted(self.config.api_keys.len(), "API key");
        match names.as_slice() {
            [] => format!("no connection, {keys}"),
            names => format!("{} ({}), {keys}", counted(names.len(), "connection"), names.join(", ")),
        }
    }
}

/// A file that was cut short or rendered from nothing looks just like it.
fn no_connection(config: &Config) -> Option<Diagnostic> {
    let message = "no connection is configured: every event is refused (404, unknown_connection), and no ticket view is \
                   served; write a connection below connections";
    config.connections.is_empty().then(|| Diagnostic::warning(&config.path, Place::default(), message))
}

/// A mapping that isn't there has no place of its own: the place that names it is told.
fn placed(problem: Diagnostic, config: &Config, connection: &Connection) -> Diagnostic {
    if problem.place.line > 0 {
        return problem;
    }
    let message = format!("{}: {}", problem.file.display(), problem.message);
    Diagnostic::error(&config.path, connection.mapping_place, message)
}

fn check_source(config: &Config, connection: &Connection, schemas: &Schemas) -> Vec<Diagnostic> {
    let (path, source) = (&config.path, &connection.source);
    let mut found = Vec::new();
    let known = schemas.sources();
    if !known.contains(&source.vendor.as_str()) {
        let hint = did_you_mean(&source.vendor, known.iter().copied());
        let message =
            format!("there are no schemas of {}, only of {}{hint}", source.vendor, known.join(", "));
        found.push(Diagnostic::error(path, source.vendor_place, message));
    }
    let by_key = source.verify.iter().any(|way| matches!(way, Verify::ApiKey));
    let opens = |key: &ApiKey| key.scopes.contains(&Scope::Ingest) && key.covers(&connection.name);
    if by_key && !config.api_keys.iter().any(opens) {
        let message = "verify allows an api_key, but no API key of the connection has the scope ingest";
        found.push(Diagnostic::warning(path, connection.place, message));
    }
    found
}

/// Builds the client that `serve` would build: what it refuses is refused here.
fn check_target(config: &Config, connection: &Connection) -> Option<Diagnostic> {
    let error = target_client(connection).err()?;
    Some(Diagnostic::error(&config.path, connection.place, error.to_string()))
}

/// Likewise for the source's own API.
fn check_source_api(config: &Config, connection: &Connection) -> Option<Diagnostic> {
    if connection.source.api.is_some() && connection.source.vendor != UDESK {
        let message = "the source's api can be Udesk's only: leave it out, or write vendor: udesk";
        return Some(Diagnostic::error(&config.path, connection.source.vendor_place, message));
    }
    let error = source_client(connection).err()?;
    Some(Diagnostic::error(&config.path, connection.place, error.to_string()))
}

/// A warning only: the nets are the environment's, and that of `check` may be another one than the service's.
fn check_subscribers(config: &Config, connection: &Connection, allowed: &Nets) -> Vec<Diagnostic> {
    let special = |subscriber: &&Subscriber| webhook::needs_leave(&subscriber.url, &allowed.0);
    let warned = connection.ticketviews.subscribers.iter().filter(special).map(|subscriber| {
        let message = format!(
            "the subscriber {} is not at a public address over https: it is sent nothing unless the service is \
             started with its net in DESKBRIDGE_WEBHOOK_ALLOW",
            subscriber.name
        );
        Diagnostic::warning(&config.path, subscriber.place, message)
    });
    warned.collect()
}

fn check_mapping(config: &Config, connection: &Connection, mapping: &Mapping) -> Vec<Diagnostic> {
    let path = &config.path;
    let mut found = Vec::new();
    if mapping.source() != connection.source.vendor {
        let (from, is) = (mapping.source(), &connection.source.vendor);
        let message = format!("the mapping {} is for events of {from}, the source is {is}", mapping.name());
        found.push(Diagnostic::error(path, connection.mapping_place, message));
    }
    for (name, value) in &connection.parameters {
        if let Some(problem) = mapping.parameter_problem(name, value) {
            let at = connection.parameter_places.get(name).copied().unwrap_or_default();
            found.push(Diagnostic::error(path, at, problem));
        }
    }
    for name in mapping.parameters().filter(|name| !connection.parameters.contains_key(*name)) {
        let message = format!(
            "the connection {} sets no parameter {name}: what the mapping {} takes from it is left out",
            connection.name,
            mapping.name()
        );
        found.push(Diagnostic::warning(path, connection.place, message));
    }
    found
}
