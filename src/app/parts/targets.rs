//! Where deliveries of a connection go: to its desk, and to those who are told of its ticket views.

use std::{sync::Arc, time::Duration};

use crate::{
    app::redaction::redaction,
    bangwo8,
    config::{self, Connection, LinkMarker, OnDead, OnUncertain},
    dispatch::{self, breaker, retry},
    mapping::Mapping,
    telemetry::Metrics,
    udesk, webhook,
};

/// Messages to one subscriber at once: each of another view, so that they may come in any order.
const MESSAGES_AT_ONCE: usize = 4;

/// A dead event holds its lane where the connection says so.
pub(super) fn desk_target(
    connection: &Connection,
    desk: dispatch::Desk,
    workers: usize,
    metrics: &Arc<Metrics>,
) -> dispatch::Target {
    let (name, to) = (connection.name.clone(), dispatch::To::Desk(Box::new(desk)));
    let at_once = connection.target.limits.concurrency.get();
    dispatch::Target {
        hold_lane: connection.on_dead == OnDead::Park,
        ..target(connection, name, to, at_once.min(workers), metrics)
    }
}

/// A change that could not be told is no reason to keep the later ones.
pub(super) fn message_target(
    connection: &Connection,
    settings: &config::Subscriber,
    client: webhook::Subscriber,
    workers: usize,
    metrics: &Arc<Metrics>,
) -> dispatch::Target {
    let (journal, to) = (settings.journal(&connection.name), dispatch::To::Subscriber(client));
    let target = target(connection, journal, to, MESSAGES_AT_ONCE.min(workers), metrics);
    let retry = settings.retry.as_ref().map_or(target.retry, retry);
    dispatch::Target { retry, ..target }
}

pub(super) fn desk(
    connection: &Connection,
    client: bangwo8::Client,
    source: Option<udesk::Client>,
    mapping: Arc<Mapping>,
    kept: Arc<dispatch::KeptMappings>,
) -> dispatch::Desk {
    dispatch::Desk {
        client,
        source,
        lookups: dispatch::Lookups::default(),
        mapping,
        kept,
        parameters: connection.parameters.clone(),
        skip: skip(connection),
        coalesce: connection.coalesce,
        marker: connection.target.link_marker.as_ref().map(|marker| match marker {
            LinkMarker::Tag => dispatch::Marker::Tag,
            LinkMarker::CustomField(key) => dispatch::Marker::Field(key.clone()),
        }),
        on_uncertain: match connection.on_uncertain {
            OnUncertain::Repeat => dispatch::OnUncertain::Repeat,
            OnUncertain::Park => dispatch::OnUncertain::Park,
        },
        redaction: redaction(connection),
        drift_check: Duration::from_secs(connection.drift.check_s),
    }
}

pub(super) fn skip(connection: &Connection) -> dispatch::Skip {
    let config::Skip { stale, unchanged } = connection.skip;
    dispatch::Skip { stale, unchanged }
}

/// Of events that don't hold their lane when they are dead.
fn target(
    connection: &Connection,
    name: String,
    to: dispatch::To,
    concurrency: usize,
    metrics: &Arc<Metrics>,
) -> dispatch::Target {
    let breaker = &connection.breaker;
    dispatch::Target {
        connection: name,
        to,
        retry: retry(&connection.retry),
        breaker: breaker::Policy {
            failures: breaker.failures,
            pause: Duration::from_millis(breaker.pause_ms.get().into()),
            longest_pause: Duration::from_millis(breaker.longest_pause_ms.get().into()),
        },
        concurrency,
        hold_lane: false,
        metrics: metrics.clone(),
    }
}

fn retry(retry: &config::Retry) -> retry::Policy {
    retry::Policy {
        max_attempts: retry.max_attempts.get(),
        max_age: Duration::from_secs(u64::from(retry.max_age_h.get()) * 3600),
        first_wait: Duration::from_millis(retry.first_wait_ms.get().into()),
        longest_wait: Duration::from_millis(retry.longest_wait_ms.get().into()),
    }
}
