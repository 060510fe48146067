//! Why a reading came to no end.

use std::time::Duration;

use crate::{
    bangwo8::{Error, Retry},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Bangwo8 didn't answer as it should.
    #[error(transparent)]
    Vendor(#[from] Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read can't be kept.
    #[error("a view could not be written as JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
    #[error("a ticket could not be compressed: {0}")]
    Uncompressed(#[from] std::io::Error),
    #[error("the view changes faster than it can be read, or its count is not that of its tickets")]
    Changing,
    #[error("the view's pages do not end")]
    Endless,
}

impl Failure {
    /// Stable, for answers and metrics.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Vendor(error) => error.code(),
            Self::Store(_) => "store",
            Self::Unwritable(_) | Self::Uncompressed(_) => "unwritable",
            Self::Changing => "changing",
            Self::Endless => "endless",
        }
    }

    /// The wait that the vendor asks for.
    pub(super) fn retry_after(&self) -> Duration {
        match self {
            Self::Vendor(error) => match error.retry() {
                Retry::Later { after } => after.unwrap_or_default(),
                Retry::Never => Duration::ZERO,
            },
            _ => Duration::ZERO,
        }
    }

    /// True if other views may well fail likewise.
    pub(super) fn is_common(&self) -> bool {
        match self {
            Self::Vendor(error) => error.retry() != Retry::Never,
            Self::Store(_) => true,
            _ => false,
        }
    }
}
