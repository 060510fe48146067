//! Proposes the rows of a mapping from both vendors' field lists, for somebody to go through. It knows no vendor
//! and reads nothing: it is given plain lists, and the same lists give the same text. Nothing it proposes is in
//! force until somebody saves it.
//!
//! How sure it is of a row is a number from 0 to 1:
//!
//! ```text
//! sure = fit × (names                          if either field has no options
//!               0.7 names + 0.3 options        otherwise)
//! ```
//!
//! * `names`: 1 for the same label, 0.92 to 0.95 for the same words by the glossary (城市, City), else up to 0.9 for
//!   the words that both have (Dice, weighted), at most 0.48 if each has one that the other lacks, and 0 for
//!   opposites (开始日期, 结束日期);
//! * `options`: how many options both have of those that either has (Jaccard);
//! * `fit`: 1 if values of one sort are values of the other, less if something can go wrong on the way (the table
//!   stands in `kind.rs`), 0 if nothing can be made of them.

mod candidate;
mod file;
mod glossary;
mod kind;
mod name;
mod options;
mod pair;
mod proposal;
mod reason;
mod row;
mod seen;
mod share;
mod words;
mod yaml;

pub use self::{
    file::{Header, file},
    glossary::Glossary,
    kind::Kind,
    proposal::Proposal,
    seen::Seen,
    share::Share,
};

/// Rows below this are comments. Above it are names of which one has all words of the other and not twice as many
/// (手机, 客户手机号码); below it those that share no more than what sort of value it is (日期, 开单日期).
const TAKEN: Share = Share(550);
/// Candidates below this aren't worth a word.
const MENTIONED: Share = Share(250);

/// A field of either vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What values are filed under: `TextField_1`, `field_9`.
    pub name: String,
    /// What people call it.
    pub label: Option<String>,
    /// What sort of value it takes.
    pub kind: Kind,
    /// What can be chosen; none if that isn't known or anything can.
    pub options: Vec<FieldOption>,
    /// The target makes nothing without it.
    pub mandatory: bool,
    /// Why it can't be written, if it can't.
    pub unwritable: Option<String>,
}

/// What can be chosen in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOption {
    /// What values hold for it.
    pub index: String,
    /// What people read.
    pub name: String,
    /// No longer offered; older values hold it.
    pub hidden: bool,
    /// The options below it, in a cascade.
    pub subs: Vec<FieldOption>,
}

/// The fields of one kind of entity on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// `ticket` or `company`: the mapping's section.
    pub section: String,
    /// Where the custom fields stand in an event, to be said if the base has no rows; then what becomes of values that
    /// no row can read is said too.
    pub at: Option<String>,
    /// The source's.
    pub source: Vec<Field>,
    /// The target's, without those that a mapping names itself (`subject`).
    pub target: Vec<Field>,
    /// The rows that the base has.
    pub base: Vec<BaseRow>,
}

/// A row of the mapping that the proposal extends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseRow {
    /// The source's field.
    pub source: String,
    /// The target's.
    pub target: String,
    /// It is this tenant's own and stays; else it is a sample for another desk.
    pub stands: bool,
}
