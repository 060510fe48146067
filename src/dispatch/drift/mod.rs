//! The alarm: reads both vendors' field lists again and again and tells in what they have drifted from what the mapping
//! counts on, before events come to grief over it. It changes nothing and parks nothing.

pub mod bangwo8;
mod read;
pub mod udesk;

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use self::read::{Reading, Unread, read};
use super::{Desk, Marker, Target, Targets, To};
use crate::{
    mapping::drift::{Drift, FieldLists, Finding, changes, compare, sign},
    telemetry::{Metrics, Standing},
};

/// What the alarm of a connection knows from its last reading.
struct Alarm {
    connection: String,
    metrics: Arc<Metrics>,
    lists: FieldLists,
    standing: Vec<Standing>,
}

/// Watches a connection until `stop`, whatever its target is at each moment. A new one is looked at at once.
pub(super) async fn run(connection: String, targets: watch::Receiver<Targets>, stop: CancellationToken) {
    tokio::select! { () = stop.cancelled() => {}, () = watch(connection, targets) => {} }
}

async fn watch(connection: String, mut targets: watch::Receiver<Targets>) {
    let mut alarm = None;
    loop {
        let target = targets.borrow_and_update().get(&connection).cloned();
        let changed = match target.as_deref().and_then(|target| Some((target, watched(target)?))) {
            Some((target, desk)) => {
                let alarm = alarm.get_or_insert_with(|| Alarm::new(target));
                tokio::select! {
                    changed = targets.changed() => changed,
                    () = alarm.keep_looking(desk) => Ok(()),
                }
            }
            None => {
                alarm = None;
                targets.changed().await
            }
        };
        if changed.is_err() {
            return;
        }
    }
}

/// The desk that is to be watched, if there is one.
fn watched(target: &Target) -> Option<&Desk> {
    match &target.to {
        To::Desk(desk) if !desk.drift_check.is_zero() => Some(desk),
        To::Desk(_) | To::Subscriber(_) => None,
    }
}

/// Between nine tenths and eleven tenths, so that the connections of many services don't ask at once.
fn jittered(every: Duration) -> Duration {
    every.mul_f64(rand::random_range(0.9..=1.1))
}

impl Alarm {
    fn new(target: &Target) -> Self {
        let (connection, metrics) = (target.connection.clone(), target.metrics.clone());
        Self { connection, metrics, lists: FieldLists::default(), standing: Vec::new() }
    }

    async fn keep_looking(&mut self, desk: &Desk) {
        // What was read of another tenant says nothing about this one.
        self.lists = FieldLists::default();
        loop {
            let (expects, source) = (desk.mapping.expects(), desk.source.as_ref());
            let signs = signed_field(desk).is_some();
            let reading = read(expects, signs, &desk.lookups, &desk.client, source).await;
            self.take(desk, reading);
            tokio::time::sleep(jittered(desk.drift_check)).await;
        }
    }

    fn take(&mut self, desk: &Desk, reading: Reading) {
        let changes = changes(&self.lists, &reading.lists);
        for change in &changes {
            tracing::info!(connection = %self.connection, "a vendor has changed its fields: {change}");
        }
        self.lists = reading.lists.or(&self.lists);
        let found = compare(desk.mapping.expects(), &self.lists);
        let unread = reading.unread.iter().map(unreadable);
        let changed = changes.into_iter().map(|text| standing(Drift::Changed, false, text));
        let signed = signed_field(desk).and_then(|key| sign(key, &self.lists));
        let signed = signed.map(|(drift, text)| standing(drift, true, text));
        let found = found.iter().map(of_finding).chain(signed);
        let mut standing: Vec<Standing> = unread.chain(found).chain(changed).collect();
        // What wants to be mended first, since not all of it may be shown.
        standing.sort_by_key(|it| !it.is_error);
        self.tell(&standing);
        self.metrics.drifted(&self.connection, &Drift::ALL.map(Drift::as_str), standing.clone());
        self.standing = standing;
    }

    /// Each once when it comes, and once when it goes. Changes were told already.
    fn tell(&self, standing: &[Standing]) {
        let matters = |it: &&Standing| it.kind != Drift::Changed.as_str();
        for it in standing.iter().filter(matters).filter(|it| !self.standing.contains(it)) {
            tracing::warn!(connection = %self.connection, drift = it.kind, "the vendors have drifted: {}", it.text);
        }
        for it in self.standing.iter().filter(matters).filter(|it| !standing.contains(it)) {
            tracing::info!(connection = %self.connection, drift = it.kind, "no longer so: {}", it.text);
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.metrics.unwatched(&self.connection, &Drift::ALL.map(Drift::as_str));
    }
}

/// The key of the field in which new tickets carry a sign.
fn signed_field(desk: &Desk) -> Option<&str> {
    match &desk.marker {
        Some(Marker::Field(key)) => Some(key),
        Some(Marker::Tag) | None => None,
    }
}

fn of_finding(finding: &Finding) -> Standing {
    standing(finding.drift, finding.diagnostic.is_error(), finding.diagnostic.to_string())
}

fn unreadable(unread: &Unread) -> Standing {
    standing(Drift::Unreadable, !unread.forbidden, format!("{} can't be read: {}", unread.list, unread.why))
}

fn standing(drift: Drift, is_error: bool, text: String) -> Standing {
    Standing { kind: drift.as_str(), is_error, text }
}
