//! What brings events of a connection: its senders, and the reading of its list.

use std::{sync::Arc, time::Duration};

use crate::{
    app::redaction::redaction,
    config::{self, Connection, PushPlace, Verify, VerifyKey},
    intake::{self, Intake, Limiter, PushToken, Signer, TokenPlace},
    poll,
    store::Store,
    telemetry::Metrics,
    udesk,
};

pub(super) fn source(connection: &Connection, limit: Option<Arc<Limiter>>) -> intake::Source {
    let mut source = intake::Source {
        vendor: connection.source.vendor.clone(),
        signers: Vec::new(),
        api_key: false,
        push_tokens: Vec::new(),
        rereads: connection.source.api.as_ref().is_some_and(|api| api.v1_secret.is_some()),
        redaction: redaction(connection),
        limit,
    };
    for way in &connection.source.verify {
        match way {
            Verify::ApiKey => source.api_key = true,
            Verify::PushToken { place, secret } => {
                let place = match place.clone() {
                    PushPlace::Body(field) => TokenPlace::Body(field),
                    PushPlace::Query(name) => TokenPlace::Query(name),
                };
                source.push_tokens.push(PushToken { place, secret: secret.clone() });
            }
            Verify::StandardWebhooks(keys) => {
                source.signers.extend(keys.iter().map(signer));
            }
        }
    }
    source
}

/// A source that is read by its connection's settings.
pub(super) type Poll<'a> = (&'a Connection, &'a config::Poll, udesk::Client);

pub(super) fn polled(
    (connection, settings, client): Poll<'_>,
    intake: &Arc<Intake>,
    store: &Store,
    metrics: &Arc<Metrics>,
) -> (String, Arc<poll::Source>) {
    let source = poll::Source {
        connection: connection.name.clone(),
        client,
        every: Duration::from_secs(settings.every_s.get().into()),
        overlap: Duration::from_secs(settings.overlap_s.into()),
        since: settings.since,
        filter: settings.filter,
        intake: intake.clone(),
        store: store.clone(),
        metrics: metrics.clone(),
    };
    (connection.name.clone(), Arc::new(source))
}

fn signer(key: &VerifyKey) -> Signer {
    match key {
        VerifyKey::Shared(secret) => Signer::new(secret.expose()),
        VerifyKey::Public(key) => Signer::public(*key),
    }
}
