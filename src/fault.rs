//! Named places where the process can be told to die, so that a proof from outside can kill it exactly where a crash
//! would hurt most. Without being told so, a place costs one look at a value that never changes.
//!
//! Knows nothing of what happens at the places: whoever stands at one says [`here`].

use std::{
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The environment variable that says where: `call.after:3` is after the third writing call.
pub const VARIABLE: &str = "DESKBRIDGE_DIE_AT";

/// A place where the process can be told to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// An event is written, and its transaction not committed.
    AcceptBeforeCommit,
    /// An event is on disk, and its sender not answered.
    AcceptAfterCommit,
    /// An event is leased, and no call made.
    ClaimAfterCommit,
    /// That a creating call is about to be made is on disk.
    IntentAfterCommit,
    /// A writing call to the target is about to be made.
    CallBefore,
    /// The target has answered a writing call, and nothing of it is on disk.
    CallAfter,
    /// An outcome is written, and its transaction not committed.
    SettleBeforeCommit,
    /// An outcome is on disk.
    SettleAfterCommit,
    /// That an operator's action is about to be done is on disk, and it is not done.
    AuditAfterCommit,
    /// The store's schema is being brought up to date, and not committed.
    UpgradeBeforeCommit,
}

impl Point {
    /// The places that a running service comes to, with their names.
    pub const IN_SERVICE: [(&str, Self); 8] = [
        ("accept.before_commit", Self::AcceptBeforeCommit),
        ("accept.after_commit", Self::AcceptAfterCommit),
        ("claim.after_commit", Self::ClaimAfterCommit),
        ("intent.after_commit", Self::IntentAfterCommit),
        ("call.before", Self::CallBefore),
        ("call.after", Self::CallAfter),
        ("settle.before_commit", Self::SettleBeforeCommit),
        ("settle.after_commit", Self::SettleAfterCommit),
    ];
    /// Those that it comes to when an operator wants something.
    pub const BY_OPERATORS: [(&str, Self); 1] = [("audit.after_commit", Self::AuditAfterCommit)];
    /// Those that only its start comes to.
    pub const AT_START: [(&str, Self); 1] = [("upgrade.before_commit", Self::UpgradeBeforeCommit)];

    fn all() -> impl Iterator<Item = (&'static str, Self)> {
        Self::IN_SERVICE.into_iter().chain(Self::BY_OPERATORS).chain(Self::AT_START)
    }
}

/// Where to die, and at which passing, from 1: `call.after:3`.
#[derive(Debug)]
pub struct Death {
    point: Point,
    left: AtomicU32,
}

/// A text that names no death.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no place to die: write NAME:COUNT, with a NAME of {names}", names = names())]
pub struct UnknownPoint(String);

fn names() -> String {
    Point::all().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

impl FromStr for Death {
    type Err = UnknownPoint;

    fn from_str(text: &str) -> Result<Self, UnknownPoint> {
        let unknown = || UnknownPoint(text.to_owned());
        let (name, count) = text.split_once(':').ok_or_else(unknown)?;
        let (_, point) = Point::all().find(|(known, _)| *known == name).ok_or_else(unknown)?;
        let left = count.parse().ok().filter(|count| *count > 0).ok_or_else(unknown)?;
        Ok(Self { point, left: AtomicU32::new(left) })
    }
}

static DEATH: OnceLock<Death> = OnceLock::new();

/// Tells this process where to die. Only the first call counts.
pub fn arm(death: Death) {
    DEATH.get_or_init(|| death);
}

/// True if this process was told to die somewhere: what is on its way may be waited for then.
pub fn is_armed() -> bool {
    DEATH.get().is_some()
}

/// The process is at this place. It ends here if it was told to: at once, without a destructor or a flush.
pub fn here(point: Point) {
    if let Some(death) = DEATH.get()
        && death.point == point
        && death.left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        die();
    }
}

/// The signal that can't be heard; `abort` is for systems that don't know it.
fn die() -> ! {
    let sent = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    tracing::error!(?sent, "the process outlived its own SIGKILL");
    std::process::abort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_can_be_named_with_a_count() {
        for (name, point) in Point::all() {
            let death: Death = format!("{name}:7").parse().unwrap();
            assert_eq!((death.point, death.left.into_inner()), (point, 7));
        }
    }

    #[test]
    fn a_mistake_is_told_with_the_names_there_are() {
        for text in ["", "call.after", "call.after:0", "call.after:x", "call.during:1"] {
            let error = text.parse::<Death>().unwrap_err().to_string();
            assert!(error.contains("settle.after_commit"), "{error}");
        }
    }
}
