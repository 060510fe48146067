//! How an operator wants an event to be tried again.

/// The code with which an event is parked when nobody can tell whether a call of it was carried out. Replayed by its id,
/// or with others of this code, it is tried again without another look: an operator has looked.
pub const UNCERTAIN: &str = "uncertain";

/// How an operator wants an event to be tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replay {
    /// By which mapping.
    pub mapping: ReplayMapping,
    /// Under which request ids.
    pub key: ReplayKey,
}

/// By which mapping an event is tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReplayMapping {
    /// The one in force.
    #[default]
    Current,
    /// The one that it was first tried by.
    Pinned,
}

/// Under which request ids an event is tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReplayKey {
    /// The same as before: the vendor can tell what it did already.
    #[default]
    Same,
    /// New ones: the vendor takes it for something new.
    New,
}
