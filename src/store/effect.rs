//! What calls make at the target, as far as it is known.

use jiff::Timestamp;

use super::Hold;

/// Written down before a call that makes something at the target, so that nobody has to guess afterwards what may be
/// there.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Whose call it is.
    pub hold: Hold,
    /// Which of the event's calls, e.g. `create`.
    pub step: String,
    /// What tells the vendor a repetition.
    pub request_id: String,
    /// By what the thing can be recognised at the target, as JSON text. The store doesn't look inside.
    pub sent: String,
    /// When.
    pub at: Timestamp,
}

/// What an event's attempt meant to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The attempt's number.
    pub attempt: u32,
    /// Which of its calls.
    pub step: String,
    /// What tells the vendor a repetition.
    pub request_id: String,
    /// By what it can be recognised, as JSON text.
    pub sent: String,
    /// When the call was about to be made.
    pub started_at: Timestamp,
    /// When it became known what came of it; `None` while nobody knows.
    pub answered_at: Option<Timestamp>,
    /// What it made, if it made something.
    pub target_id: Option<String>,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The attempt that wrote it.
    pub attempt: u32,
    /// Which of its calls.
    pub step: String,
    /// What it made; `None` if nothing.
    pub target_id: Option<String>,
}
