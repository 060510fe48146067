//! From the file as written to a configuration that can be run: secrets fetched, names checked, every problem
//! found and not only the first.

mod keys;
mod subscribers;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use self::keys::MIN_KEY_CHARS;
use super::{
    file::{
        self, ApiEntry, AuthEntry, ConnectionEntry, File, PushTokenEntry, SourceEntry, TargetEntry,
        VerifyEntry,
    },
    secret::SecretRef,
    source::{PushPlace, Source, SourceApi, Verify},
    target::{Auth, Target},
    types::{Config, Connection, Named},
};
use crate::{
    diagnostic::{Diagnostic, Place, Spanned, did_you_mean, place, read_yaml, utf8},
    disk,
};

/// Where Bangwo8 runs and what it means by a time without a zone, unless the file says otherwise. The vendor's
/// documents name no zone; the service is Chinese.
const TIME_ZONE: &str = "Asia/Shanghai";

impl Config {
    /// Reads and checks a connections file.
    ///
    /// Errors: every problem found, each with its place.
    pub fn load(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let bytes = disk::read(path, disk::MAX_BYTES).map_err(|error| {
            let hint = "write one (examples/deskbridge.yaml is a start) or name another with --config";
            vec![Diagnostic::error(path, Place::default(), format!("can't be read: {error}; {hint}"))]
        })?;
        let text = utf8(path, bytes).map_err(|problem| vec![problem])?;
        Self::parse(path, &text)
    }

    /// What a connections file names that takes part in what it means. Nothing if it can't be read as what it
    /// should be.
    pub fn named(path: &Path) -> Named {
        let text = disk::read_text(path, disk::MAX_BYTES).unwrap_or_default();
        let Ok(file) = read_yaml::<File>(path, &text) else { return Named::default() };
        let mut loader = Loader::new(path);
        loader.config(&file);
        let mappings = file.connections.values().map(|entry| entry.value.mapping.value.clone()).collect();
        Named { secrets: loader.files, variables: loader.variables, mappings }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let file: File = read_yaml(path, text).map_err(|problem| vec![problem])?;
        let mut loader = Loader::new(path);
        let config = loader.config(&file);
        if loader.problems.is_empty() { Ok(config) } else { Err(loader.problems) }
    }
}

struct Loader<'a> {
    path: &'a Path,
    folder: &'a Path,
    /// Of secrets, as the variables below.
    files: BTreeSet<PathBuf>,
    variables: BTreeSet<String>,
    problems: Vec<Diagnostic>,
}

impl<'a> Loader<'a> {
    fn new(path: &'a Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new(""));
        Self { path, folder, files: BTreeSet::new(), variables: BTreeSet::new(), problems: Vec::new() }
    }

    /// Without what has a problem.
    fn config(&mut self, file: &File) -> Config {
        let api_keys = self.keys(file);
        let mut connections = BTreeMap::new();
        for (name, entry) in &file.connections {
            self.name("connection", name, place(entry));
            if let Some(connection) = self.connection(name, entry) {
                connections.insert(name.clone(), connection);
            }
        }
        Config { path: self.path.to_owned(), api_keys, connections }
    }

    fn problem(&mut self, at: Place, message: impl Into<String>) {
        self.problems.push(Diagnostic::error(self.path, at, message));
    }

    fn secret(&mut self, secret: &Spanned<SecretRef>) -> Option<SecretString> {
        self.files.extend(secret.value.file(self.folder));
        self.variables.extend(secret.value.variable());
        secret.value.resolve(self.folder).map_err(|why| self.problem(place(secret), why)).ok()
    }

    /// A name stands in addresses, metrics and log lines.
    fn name(&mut self, what: &str, name: &str, at: Place) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 63 || !name.chars().all(plain) {
            let rule = "is 1 to 63 of a-z, 0-9, - and _";
            self.problem(at, format!("the {what}'s name {name:?} {rule}"));
        }
    }

    fn connection(&mut self, name: &str, entry: &Spanned<ConnectionEntry>) -> Option<Connection> {
        let at = place(entry);
        let entry = &entry.value;
        let (source, target) = (self.source(&entry.source), self.target(&entry.target));
        let ticketviews = self.ticketviews(&entry.ticketviews);
        Some(Connection {
            name: name.to_owned(),
            place: at,
            source: source?,
            target: target?,
            mapping: entry.mapping.value.clone(),
            mapping_place: place(&entry.mapping),
            parameters: entry.parameters.iter().map(|(k, v)| (k.clone(), v.value.clone())).collect(),
            parameter_places: entry.parameters.iter().map(|(k, v)| (k.clone(), place(v))).collect(),
            ticketviews,
            drift: entry.drift.clone(),
            skip: entry.skip,
            coalesce: entry.coalesce,
            retry: entry.retry.clone(),
            breaker: entry.breaker.clone(),
            on_dead: entry.on_dead,
            on_uncertain: entry.on_uncertain,
            privacy: entry.privacy.read(),
        })
    }

    fn source(&mut self, entry: &SourceEntry) -> Option<Source> {
        if entry.verify.value.is_empty() {
            let ways = "standard_webhooks, api_key or push_token";
            self.problem(
                place(&entry.verify),
                format!("at least one way of verification is required: {ways}"),
            );
        }
        let ways: Vec<Option<Verify>> = entry.verify.value.iter().map(|way| self.verify(way)).collect();
        let api = entry.api.as_ref().map(|api| self.source_api(api));
        self.pushes_can_be_read_again(entry);
        self.poll_has_an_api(entry);
        Some(Source {
            vendor: entry.vendor.value.clone(),
            vendor_place: place(&entry.vendor),
            verify: ways.into_iter().collect::<Option<_>>()?,
            api: api.map_or(Some(None), |api| api.map(Some))?,
            poll: entry.poll.as_ref().map(|poll| poll.value.clone()),
            limit: entry.limit.as_ref().map(|limit| self.limit(limit)),
        })
    }

    fn source_api(&mut self, entry: &ApiEntry) -> Option<SourceApi> {
        if entry.v1.is_none() && entry.v2.is_none() {
            self.problem(
                place(&entry.base_url),
                "an api needs credentials: v1: { secret }, v2: { email, token } or both",
            );
        }
        let base_url = self.address(&entry.base_url, "https://acme.udesk.cn");
        let v1_secret = entry.v1.as_ref().map(|v1| self.secret(&v1.secret));
        let v2 = entry.v2.as_ref().map(|v2| (self.secret(&v2.email), self.secret(&v2.token)));
        Some(SourceApi {
            base_url: base_url?,
            base_url_place: place(&entry.base_url),
            v1_secret: v1_secret.map_or(Some(None), |secret| secret.map(Some))?,
            v2: v2.map_or(Some(None), |(email, token)| email.zip(token).map(Some))?,
            requests_per_minute: entry.requests_per_minute,
        })
    }

    /// A push only hints: without the API it would come to nothing.
    fn pushes_can_be_read_again(&mut self, entry: &SourceEntry) {
        let has_v1 = entry.api.as_ref().is_some_and(|api| api.v1.is_some());
        let pushes = entry.verify.value.iter().filter(|way| matches!(way.value, VerifyEntry::PushToken(_)));
        for way in pushes.filter(|_| !has_v1) {
            let message = "a push is only a hint that is read again through the source's API: give the source \
                           an api with v1: { secret }";
            self.problem(place(way), message);
        }
    }

    fn poll_has_an_api(&mut self, entry: &SourceEntry) {
        if let (Some(poll), None) = (&entry.poll, &entry.api) {
            let message = "poll reads the source's list of tickets through its API: give the source an api";
            self.problem(place(poll), message);
        }
    }

    fn push_token(&mut self, at: Place, entry: &PushTokenEntry) -> Option<Verify> {
        let secret = self.secret(&entry.secret)?;
        if secret.expose_secret().chars().count() < MIN_KEY_CHARS {
            let message = format!("a push's token needs at least {MIN_KEY_CHARS} characters");
            self.problem(place(&entry.secret), message);
        }
        let place = match (entry.r#in, &entry.field, &entry.name) {
            (file::PushPlace::Body, Some(field), None) => PushPlace::Body(field.clone()),
            (file::PushPlace::Query, None, Some(name)) if name != "type" => PushPlace::Query(name.clone()),
            _ => {
                let forms = "a push_token is { in: body, field: NAME, secret } or { in: query, name: NAME, secret }, \
                             the query's name being another than type";
                self.problem(at, forms);
                return None;
            }
        };
        Some(Verify::PushToken { place, secret })
    }

    fn verify(&mut self, way: &Spanned<VerifyEntry>) -> Option<Verify> {
        match &way.value {
            VerifyEntry::ApiKey {} => Some(Verify::ApiKey),
            VerifyEntry::PushToken(entry) => self.push_token(place(way), entry),
            VerifyEntry::StandardWebhooks { secrets } => {
                if secrets.0.is_empty() {
                    self.problem(place(way), "standard_webhooks needs at least one secret");
                }
                self.verify_keys(&secrets.0).map(Verify::StandardWebhooks)
            }
        }
    }

    fn target(&mut self, entry: &TargetEntry) -> Option<Target> {
        if entry.vendor.value != "bangwo8" {
            let hint = did_you_mean(&entry.vendor.value, ["bangwo8"]);
            let message =
                format!("there is no target vendor {}: bangwo8 is the one{hint}", entry.vendor.value);
            self.problem(place(&entry.vendor), message);
        }
        let (base_url, auth, time_zone) = (
            self.address(&entry.base_url, "https://www.bangwo8.com"),
            self.auth(&entry.auth),
            self.time_zone(entry),
        );
        let limits = entry.limits.clone();
        let headers = entry.headers.iter().map(|(name, value)| Some((name.clone(), self.secret(value)?)));
        let headers: Vec<Option<(String, SecretString)>> = headers.collect();
        let headers = headers.into_iter().collect::<Option<_>>();
        let link_marker = entry.link_marker.clone();
        Some(Target {
            headers: headers?,
            link_marker,
            base_url: base_url?,
            base_url_place: place(&entry.base_url),
            auth: auth?,
            time_zone: time_zone?,
            limits,
        })
    }

    fn address(&mut self, text: &Spanned<String>, example: &str) -> Option<Url> {
        match Url::parse(&text.value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Some(url),
            _ => {
                self.problem(place(text), format!("base_url must be an address such as {example}"));
                None
            }
        }
    }

    fn time_zone(&mut self, entry: &TargetEntry) -> Option<TimeZone> {
        let name = entry.time_zone.as_ref().map_or(TIME_ZONE, |zone| zone.value.as_str());
        let at = entry.time_zone.as_ref().map(place).unwrap_or_default();
        TimeZone::get(name)
            .map_err(|_| self.problem(at, format!("there is no time zone {name}; write e.g. Asia/Shanghai")))
            .ok()
    }

    fn auth(&mut self, entry: &AuthEntry) -> Option<Auth> {
        match entry {
            AuthEntry::Basic { account, password } => {
                let (account, password) = (self.secret(account), self.secret(password));
                Some(Auth::Basic { account: account?, password: password? })
            }
            AuthEntry::Oauth2 { id, secret } => {
                let (id, secret) = (self.secret(id), self.secret(secret));
                Some(Auth::Oauth2 { id: id?, secret: secret? })
            }
        }
    }
}
