//! One thing in which a vendor has not what a mapping counts on.

use std::path::Path;

use super::{Entity, ExpectedField, ExpectedRows};
use crate::diagnostic::{Diagnostic, Place, Severity};

/// In what way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Drift {
    /// The target has no field of the key that a row writes.
    UnknownField,
    /// The target has several fields of the key that a row writes.
    SharedKey,
    /// A field takes or holds another sort of value than a row writes or reads.
    OtherType,
    /// The target's field is said to be read-only.
    ReadOnly,
    /// The target's field has no option of a name that a row writes.
    UnknownOption,
    /// The target's field has several options of a name that a row writes.
    SharedOption,
    /// The target says that there have to be values in fields that no row writes.
    UnsetMandatory,
    /// The source has no field of the name that a row reads.
    GoneField,
    /// The source has a field that no row reads.
    UnreadField,
    /// The source's field has an option that the row doesn't have.
    UnlistedOption,
    /// The source calls an option otherwise than the row does.
    RenamedOption,
    /// The row has an option that the source's field has no more.
    GoneOption,
    /// A list could not be read.
    Unreadable,
    /// A vendor's list is another one than at the reading before.
    Changed,
}

impl Drift {
    /// Every one, for metrics that are there before anything was found.
    pub const ALL: [Self; 14] = [
        Self::UnknownField,
        Self::SharedKey,
        Self::OtherType,
        Self::ReadOnly,
        Self::UnknownOption,
        Self::SharedOption,
        Self::UnsetMandatory,
        Self::GoneField,
        Self::UnreadField,
        Self::UnlistedOption,
        Self::RenamedOption,
        Self::GoneOption,
        Self::Unreadable,
        Self::Changed,
    ];

    /// The word of metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown_field",
            Self::SharedKey => "shared_key",
            Self::OtherType => "other_type",
            Self::ReadOnly => "read_only",
            Self::UnknownOption => "unknown_option",
            Self::SharedOption => "shared_option",
            Self::UnsetMandatory => "unset_mandatory",
            Self::GoneField => "gone_field",
            Self::UnreadField => "unread_field",
            Self::UnlistedOption => "unlisted_option",
            Self::RenamedOption => "renamed_option",
            Self::GoneOption => "gone_option",
            Self::Unreadable => "unreadable",
            Self::Changed => "changed",
        }
    }
}

/// One thing that doesn't agree. An error if events come to grief over it, or values to another meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// In what way.
    pub drift: Drift,
    /// What and where, with what to do.
    pub diagnostic: Diagnostic,
}

/// Findings about the row of a field.
pub(super) struct Of<'a> {
    file: &'a Path,
    place: Place,
    start: String,
}

impl<'a> Of<'a> {
    pub(super) fn row(entity: &Entity<'_>, row: &'a ExpectedField) -> Self {
        Self { file: &row.file, place: row.place, start: format!("{} field {}", entity.word, row.name) }
    }

    pub(super) fn rows(entity: &Entity<'_>, rows: &'a ExpectedRows) -> Self {
        Self { file: &rows.file, place: rows.place, start: format!("{} fields", entity.word) }
    }

    pub(super) fn error(&self, drift: Drift, message: impl AsRef<str>) -> Finding {
        self.finding(drift, Severity::Error, message.as_ref())
    }

    pub(super) fn warning(&self, drift: Drift, message: impl AsRef<str>) -> Finding {
        self.finding(drift, Severity::Warning, message.as_ref())
    }

    fn finding(&self, drift: Drift, severity: Severity, message: &str) -> Finding {
        let message = format!("{}: {message}", self.start);
        let (file, place) = (self.file.to_owned(), self.place);
        Finding { drift, diagnostic: Diagnostic { severity, file, place, message } }
    }
}
