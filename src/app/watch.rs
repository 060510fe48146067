//! Notices that the files of the configuration, or those of the certificate, hold something else, and has it put in
//! force once they have come to rest.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{sync::Notify, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{Blueprint, BuildError, files::Fingerprint, in_force::InForce, tls::Certificate};
use crate::{config::Nets, diagnostic::Diagnostic};

/// Time between two looks at the files, and for how long they must hold the same before they are read: a file may be
/// seen half-written, and an edit may be of several files.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Watch {
    config: PathBuf,
    looks: Looks,
    in_force: InForce,
    certificate: Option<Certificate>,
    /// What the store kept from being put in force, and was told.
    unapplied: Option<Fingerprint>,
    asked: Arc<Notify>,
}

impl Watch {
    /// Watches the files of a connections file, of which `seen` is in force, and those of a certificate.
    pub(super) fn new(
        config: PathBuf,
        seen: Fingerprint,
        in_force: InForce,
        certificate: Option<Certificate>,
    ) -> Self {
        let looks = Looks::new(seen);
        Self { config, looks, in_force, certificate, unapplied: None, asked: Arc::default() }
    }

    /// Notified, it has the files read without waiting.
    pub(super) fn asked(&self) -> Arc<Notify> {
        self.asked.clone()
    }

    /// Watches until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        tokio::select! { () = stop.cancelled() => {}, () = self.watch() => {} }
    }

    async fn watch(&mut self) {
        loop {
            let asked = tokio::select! {
                () = self.asked.notified() => true,
                () = tokio::time::sleep(LOOK_EVERY) => false,
            };
            if let Some(certificate) = &mut self.certificate {
                certificate.look(asked).await;
            }
            let found = self.look().await;
            if self.looks.at_rest_and_new(found) || asked {
                self.looks.tried = self.apply(found).await;
            }
        }
    }

    /// Compiles the files and puts them in force or refuses them. Returns what was tried, or nothing if it has to be
    /// tried again.
    async fn apply(&mut self, found: Option<Fingerprint>) -> Option<Fingerprint> {
        let compiled = self.compile().await;
        // What was read while somebody wrote is neither the old nor the new.
        if self.look().await != found {
            return None;
        }
        let blueprint = match compiled {
            Ok(blueprint) => blueprint,
            Err(problems) => {
                self.in_force.refuse(problems, found).await;
                return found;
            }
        };
        let Err(error) = self.in_force.replace(blueprint).await else { return found };
        // Once: as long as the store fails, it is tried at every look.
        if std::mem::replace(&mut self.unapplied, found) != found {
            self.in_force.refuse(vec![error.to_string()], found).await;
        }
        // The store may answer again without an edit.
        found.filter(|_| !matches!(error, BuildError::Store(_)))
    }

    async fn compile(&self) -> Result<Blueprint, Vec<String>> {
        let config = self.config.clone();
        // Only errors are told of a change, and where subscribers may be decides on warnings alone.
        match spawn_blocking(move || Blueprint::compile(&config, &Nets::default())).await {
            Ok(compiled) => compiled.map_err(|problems| errors(&problems)),
            // Without the panic's own words, which may quote a file.
            Err(_) => Err(vec!["the files could not be compiled: deskbridge panicked over them".to_owned()]),
        }
    }

    /// Off the threads of requests: a network folder may take its time.
    async fn look(&self) -> Option<Fingerprint> {
        let config = self.config.clone();
        spawn_blocking(move || Fingerprint::of(&config)).await.ok()
    }
}

/// What was seen at files.
pub(super) struct Looks {
    last: Option<Fingerprint>,
    /// What was last read and put in force or refused; `None` if that has to be done again.
    pub(super) tried: Option<Fingerprint>,
}

impl Looks {
    pub(super) fn new(seen: Fingerprint) -> Self {
        Self { last: Some(seen), tried: Some(seen) }
    }

    /// Notes a look. True if it found what the one before did, and nothing that was read already.
    pub(super) fn at_rest_and_new(&mut self, found: Option<Fingerprint>) -> bool {
        let last = std::mem::replace(&mut self.last, found);
        last == found && self.tried != found
    }
}

fn errors(problems: &[Diagnostic]) -> Vec<String> {
    problems.iter().filter(|problem| problem.is_error()).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_read_once_they_have_come_to_rest_and_then_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deskbridge.yaml");
        let look = |text: &str| {
            fs::write(&file, text).unwrap();
            Some(Fingerprint::of(&file))
        };
        let mut looks = Looks::new(look("connections: {}").unwrap());
        assert!(!looks.at_rest_and_new(look("connections: {}")));
        // Written in two goes: what stood there between them is never read.
        assert!(!looks.at_rest_and_new(look("connec")));
        assert!(!looks.at_rest_and_new(look("connections: { acme: {} }")));
        let whole = look("connections: { acme: {} }");
        assert!(looks.at_rest_and_new(whole));
        looks.tried = whole;
        assert!(!looks.at_rest_and_new(whole));
        // Back to what it was, which is not what was tried last.
        assert!(!looks.at_rest_and_new(look("connections: {}")));
        assert!(looks.at_rest_and_new(look("connections: {}")));
    }
}
