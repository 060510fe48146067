//! What is encrypted: each kind of value, and by which columns of its row its place is named. The one table of it: a row is
//! sealed by it as it is copied, and a value as it comes.

use super::value::Place;

/// What is encrypted in a column, and by which columns its place is named.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Seal {
    /// What it is.
    what: &'static str,
    /// The columns that say of what.
    pub(super) of: &'static [&'static str],
}

impl Seal {
    /// The place of a value, by the values of its columns in their order.
    pub(super) fn at(&self, values: &[&str]) -> Place {
        Place::of(self.what, values)
    }
}

/// What was sent.
pub(in crate::store) const EVENT: Seal = Seal { what: "event", of: &["connection", "id"] };
/// Words of both vendors about an attempt. A settlement writes one value into the attempt and its event's delivery, so both
/// are of one place, and so are those of all attempts of the event. That is enough: who moves one among them, and could as
/// well write other codes and times beside it, tells a wrong reason for an event by words about the same event.
pub(in crate::store) const MESSAGE: Seal = Seal { what: "message", of: &["connection", "seq"] };
/// The calls of an attempt.
pub(in crate::store) const CALLS: Seal = Seal { what: "calls", of: &["connection", "seq", "attempt"] };
/// What a call was about to make.
pub(in crate::store) const EFFECT: Seal = Seal { what: "effect", of: &["connection", "request_id", "step"] };
/// What was last written to a target's entity.
pub(in crate::store) const WRITTEN: Seal = Seal { what: "written", of: &["connection", "kind", "source_id"] };
/// Of what versions of ticket views are made.
pub(in crate::store) const PIECE: Seal = Seal { what: "piece", of: &["connection", "id"] };
/// What is known of a ticket view. Not of its version's number: that changes when a backup is restored.
pub(in crate::store) const ABOUT: Seal = Seal { what: "about", of: &["connection", "view"] };
