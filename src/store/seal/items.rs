//! What goes into the store and comes out of it, value by value.

use bytes::Bytes;

use super::{
    Keyring,
    places::{ABOUT, CALLS, EFFECT, EVENT, MESSAGE, PIECE, WRITTEN},
    value::Place,
};
use crate::{
    event::{Event, Outcome, Reason},
    store::{
        Attempt, Claimed, Effect, HeldLane, Intent, Link, NewVersion, Piece, Record, Settlement, StoreError,
        Summary, Version,
    },
};

/// As they are kept.
impl Keyring {
    pub(in crate::store) fn sealed_event(&self, event: Event) -> Result<Event, StoreError> {
        // What is kept is no longer what came: it is known again by what came.
        let digest = Some(event.digest());
        let place = event_place(&event.connection, event.id.as_str());
        let body = self.seal_bytes(&place, event.body.into())?.into();
        Ok(Event { digest, body, ..event })
    }

    pub(in crate::store) fn sealed_intent(&self, intent: Intent) -> Result<Intent, StoreError> {
        let place = effect_place(&intent.hold.connection, &intent.request_id, &intent.step);
        Ok(Intent { sent: self.seal_text(&place, intent.sent)?, ..intent })
    }

    pub(in crate::store) fn sealed_settlement(
        &self,
        settlement: Settlement,
    ) -> Result<Settlement, StoreError> {
        let place = calls_place(&settlement.connection, settlement.sequence, settlement.attempt);
        let calls = self.seal_text(&place, settlement.calls)?;
        let place = message_place(&settlement.connection, settlement.sequence);
        let message = |reason: Reason| self.reason(reason, |text| self.seal_text(&place, text));
        let outcome = match settlement.outcome {
            delivered @ Outcome::Delivered(_) => delivered,
            Outcome::Skipped(reason) => Outcome::Skipped(message(reason)?),
            Outcome::Retry(reason, at) => Outcome::Retry(message(reason)?, at),
            Outcome::Parked(reason) => Outcome::Parked(message(reason)?),
            Outcome::Dead(reason) => Outcome::Dead(message(reason)?),
        };
        let links = settlement.links.into_iter().map(|link| self.sealed_link(&settlement.connection, link));
        let links = links.collect::<Result<_, _>>()?;
        Ok(Settlement { calls, outcome, links, ..settlement })
    }

    pub(in crate::store) fn sealed_link(&self, connection: &str, link: Link) -> Result<Link, StoreError> {
        let place = link_place(connection, &link);
        let written = link.written.map(|written| self.seal_text(&place, written)).transpose()?;
        Ok(Link { written, ..link })
    }

    pub(in crate::store) fn sealed_pieces(
        &self,
        connection: &str,
        pieces: Vec<Piece>,
    ) -> Result<Vec<Piece>, StoreError> {
        let sealed = |piece: Piece| {
            let place = PIECE.at(&[connection, &piece.id.to_string()]);
            Ok(Piece { content: self.seal_bytes(&place, piece.content)?, ..piece })
        };
        pieces.into_iter().map(sealed).collect()
    }

    pub(in crate::store) fn sealed_versions(
        &self,
        connection: &str,
        versions: Vec<NewVersion>,
    ) -> Result<Vec<NewVersion>, StoreError> {
        let sealed = |version: NewVersion| {
            let place = about_place(connection, &version.view);
            let about = version.about.map(|about| self.seal_text(&place, about)).transpose()?;
            Ok(NewVersion { about, ..version })
        };
        versions.into_iter().map(sealed).collect()
    }
}

/// As they were given.
impl Keyring {
    pub(in crate::store) fn opened_event(&self, event: Event) -> Result<Event, StoreError> {
        let place = event_place(&event.connection, event.id.as_str());
        let body = Bytes::from(self.open_bytes(&place, event.body.into())?);
        Ok(Event { body, ..event })
    }

    pub(in crate::store) fn opened_claim(&self, claimed: Claimed) -> Result<Claimed, StoreError> {
        let connection = claimed.event.connection.clone();
        let effects = self.opened_effects(&connection, claimed.effects)?;
        let link = claimed.link.map(|link| self.opened_link(&connection, link)).transpose()?;
        Ok(Claimed { event: self.opened_event(claimed.event)?, effects, link, ..claimed })
    }

    pub(in crate::store) fn opened_effects(
        &self,
        connection: &str,
        effects: Vec<Effect>,
    ) -> Result<Vec<Effect>, StoreError> {
        let opened = |effect: Effect| {
            let place = effect_place(connection, &effect.request_id, &effect.step);
            Ok(Effect { sent: self.open_text(&place, effect.sent)?, ..effect })
        };
        effects.into_iter().map(opened).collect()
    }

    pub(in crate::store) fn opened_link(&self, connection: &str, link: Link) -> Result<Link, StoreError> {
        let place = link_place(connection, &link);
        let written = link.written.map(|written| self.open_text(&place, written)).transpose()?;
        Ok(Link { written, ..link })
    }

    pub(in crate::store) fn opened_record(&self, record: Record) -> Result<Record, StoreError> {
        let (connection, sequence) = (record.event.connection.clone(), record.summary.sequence);
        let attempts = record.attempts.into_iter().map(|it| self.opened_attempt(&connection, sequence, it));
        Ok(Record {
            attempts: attempts.collect::<Result<_, _>>()?,
            summary: self.opened_summary(&connection, record.summary)?,
            effects: self.opened_effects(&connection, record.effects)?,
            event: self.opened_event(record.event)?,
            ..record
        })
    }

    fn opened_attempt(
        &self,
        connection: &str,
        sequence: i64,
        attempt: Attempt,
    ) -> Result<Attempt, StoreError> {
        let calls = self.open_text(&calls_place(connection, sequence, attempt.number), attempt.calls)?;
        let reason = self.opened_reason(connection, sequence, attempt.reason)?;
        Ok(Attempt { calls, reason, ..attempt })
    }

    pub(in crate::store) fn opened_summary(
        &self,
        connection: &str,
        summary: Summary,
    ) -> Result<Summary, StoreError> {
        let reason = self.opened_reason(connection, summary.sequence, summary.reason)?;
        Ok(Summary { reason, ..summary })
    }

    pub(in crate::store) fn opened_lane(
        &self,
        connection: &str,
        lane: HeldLane,
    ) -> Result<HeldLane, StoreError> {
        Ok(HeldLane { by: self.opened_summary(connection, lane.by)?, ..lane })
    }

    pub(in crate::store) fn opened_piece(&self, connection: &str, piece: Piece) -> Result<Piece, StoreError> {
        let place = PIECE.at(&[connection, &piece.id.to_string()]);
        Ok(Piece { content: self.open_bytes(&place, piece.content)?, ..piece })
    }

    pub(in crate::store) fn opened_version(
        &self,
        connection: &str,
        version: Version,
    ) -> Result<Version, StoreError> {
        let place = about_place(connection, &version.view);
        let about = version.about.map(|about| self.open_text(&place, about)).transpose()?;
        Ok(Version { about, ..version })
    }

    fn opened_reason(
        &self,
        connection: &str,
        sequence: i64,
        reason: Option<Reason>,
    ) -> Result<Option<Reason>, StoreError> {
        let place = message_place(connection, sequence);
        reason.map(|reason| self.reason(reason, |text| self.open_text(&place, text))).transpose()
    }

    fn reason(
        &self,
        reason: Reason,
        change: impl Fn(String) -> Result<String, StoreError>,
    ) -> Result<Reason, StoreError> {
        Ok(Reason { message: change(reason.message)?, ..reason })
    }
}

fn event_place(connection: &str, id: &str) -> Place {
    EVENT.at(&[connection, id])
}

fn message_place(connection: &str, sequence: i64) -> Place {
    MESSAGE.at(&[connection, &sequence.to_string()])
}

fn calls_place(connection: &str, sequence: i64, attempt: u32) -> Place {
    CALLS.at(&[connection, &sequence.to_string(), &attempt.to_string()])
}

fn effect_place(connection: &str, request_id: &str, step: &str) -> Place {
    EFFECT.at(&[connection, request_id, step])
}

fn link_place(connection: &str, link: &Link) -> Place {
    WRITTEN.at(&[connection, &link.key.kind, &link.key.source_id])
}

fn about_place(connection: &str, view: &str) -> Place {
    ABOUT.at(&[connection, view])
}
