//! What only the vendors themselves can say about a configuration: whether they have the fields, the options and the
//! ids that it counts on. Reads, and changes nothing.

mod ids;

use super::{Blueprint, source_client, target_client};
use crate::{
    bangwo8,
    config::{Config, Connection, LinkMarker},
    diagnostic::{Diagnostic, Severity},
    dispatch::{
        Lookups,
        drift::{Reading, Unread, read},
    },
    mapping::{Expectations, Mapping, drift},
    plural::counted,
    udesk,
};

/// A connection compared with its vendors.
pub struct Compared {
    /// What doesn't agree, or could not be read.
    pub found: Vec<Diagnostic>,
    /// One line on what was compared.
    pub summary: String,
}

/// Why a connection's vendors can't be asked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum OnlineError {
    #[error("there is no connection {0}")]
    UnknownConnection(String),
    #[error("{0}")]
    Target(#[from] bangwo8::Error),
    #[error("{0}")]
    Source(#[from] udesk::Error),
}

impl Blueprint {
    /// The names of the connections.
    pub fn connections(&self) -> impl Iterator<Item = &str> {
        self.config.connections.keys().map(String::as_str)
    }

    /// Compares a connection with what its vendors have at this moment.
    ///
    /// # Errors
    /// For settings that no client can be built from. What a vendor doesn't answer is among what was found.
    pub async fn compare(&self, connection: &str) -> Result<Compared, OnlineError> {
        let unknown = || OnlineError::UnknownConnection(connection.to_owned());
        let settings = self.config.connections.get(connection).ok_or_else(unknown)?;
        let mapping = self.mappings.get(connection).ok_or_else(unknown)?;
        let online = Online { config: &self.config, connection: settings, mapping };
        online.compare(&target_client(settings)?, source_client(settings)?.as_ref()).await
    }
}

/// One connection and what is known of it without asking.
struct Online<'a> {
    config: &'a Config,
    connection: &'a Connection,
    mapping: &'a Mapping,
}

impl Online<'_> {
    async fn compare(
        &self,
        target: &bangwo8::Client,
        source: Option<&udesk::Client>,
    ) -> Result<Compared, OnlineError> {
        let expects = self.mapping.expects();
        let signed = self.signed_field();
        let reading = read(expects, signed.is_some(), &Lookups::default(), target, source).await;
        let findings = drift::compare(expects, &reading.lists);
        let mut found: Vec<Diagnostic> = reading.unread.iter().map(|unread| self.unread(unread)).collect();
        found.extend(findings.into_iter().map(|finding| self.named(finding.diagnostic)));
        let signed = signed.and_then(|key| drift::sign(key, &reading.lists));
        found.extend(signed.map(|(_, message)| self.error(message)));
        found.extend(self.compare_ids(target).await);
        let summary = self.summary(expects, &reading, &found);
        Ok(Compared { found, summary })
    }

    /// The mapping's files are those of several connections: each says of itself what it lacks.
    fn named(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.message = format!("{}: {}", self.connection.name, diagnostic.message);
        diagnostic
    }

    /// The key of the field in which new tickets carry a sign.
    fn signed_field(&self) -> Option<&str> {
        match &self.connection.target.link_marker {
            Some(LinkMarker::CustomField(key)) => Some(key),
            Some(LinkMarker::Tag) | None => None,
        }
    }

    fn error(&self, message: String) -> Diagnostic {
        self.named(Diagnostic::error(&self.config.path, self.connection.place, message))
    }

    fn unread(&self, unread: &Unread) -> Diagnostic {
        let severity = if unread.forbidden { Severity::Warning } else { Severity::Error };
        let message = format!("{} can't be read: {}", unread.list, unread.why);
        let (file, place) = (self.config.path.clone(), self.connection.place);
        self.named(Diagnostic { severity, file, place, message })
    }

    fn summary(&self, expects: &Expectations, reading: &Reading, found: &[Diagnostic]) -> String {
        let rows = || expects.ticket_fields.iter().chain(&expects.company_fields);
        let with_options = rows().filter(|row| row.kind.has_options()).count();
        let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let warnings = found.len() - errors;
        let outcome = match (errors, warnings) {
            (0, 0) => agreed(expects, reading).to_owned(),
            _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
        };
        let name = &self.connection.name;
        format!("{name}: {}, {with_options} with options: {outcome}", counted(rows().count(), "field"))
    }
}

fn agreed(expects: &Expectations, reading: &Reading) -> &'static str {
    let read_source = reading.lists.ticket.source.is_some();
    if read_source || expects.source_fields.is_empty() {
        "as both vendors have them"
    } else {
        "as the target has them; the source's are not known, since it has no api"
    }
}
