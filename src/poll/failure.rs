//! Why a reading came to no end.

use std::time::Duration;

use crate::{intake::Refusal, store::StoreError, udesk};

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The source didn't answer as it should.
    #[error(transparent)]
    Source(#[from] udesk::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A ticket could not be taken in.
    #[error("a ticket of the list could not be taken in: {0}")]
    Refused(#[from] Refusal),
    #[error("what is kept of where the readings stand can't be read or written: {0}")]
    Cursor(#[from] serde_json::Error),
    #[error("another process has begun to read the list")]
    Overtaken,
    #[error("the list has no end: {0} pages were read")]
    Endless(u32),
}

impl Failure {
    /// Stable, for metrics.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::Store(_) | Self::Refused(Refusal::Store(_)) => "store",
            Self::Refused(_) => "refused",
            Self::Cursor(_) => "cursor",
            Self::Overtaken => "overtaken",
            Self::Endless(_) => "endless",
        }
    }

    /// The wait that the source asks for.
    pub(super) fn retry_after(&self) -> Duration {
        match self {
            Self::Source(error) => match error.retry() {
                udesk::Retry::Later { after } => after.unwrap_or_default(),
                udesk::Retry::Never => Duration::ZERO,
            },
            _ => Duration::ZERO,
        }
    }
}
