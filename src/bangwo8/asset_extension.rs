//! The configuration of a company's external extension (外部扩展): a single-line company field that is filled from
//! a row of an asset table, which a page of the vendor's lets the support agent pick (§12, last part of the
//! company page).
//!
//! A value of these types is always a configuration that the vendor's page understands; reading and writing its
//! address is [`AssetExtension::from_address`] and [`AssetExtension::address`], each the other's inverse. What the
//! page then shows is [`Client::extension_rows`](super::Client::extension_rows), and what a chosen row fills in is
//! [`AssetExtension::company_fields`]. It deliberately doesn't know what each support agent hides or shows: that
//! choice lives in the vendor's page and overrides `display`.

mod address;
mod filling;
mod filter;
mod invalid;
mod lookup;
mod owner;
mod table;

pub use filling::{Filling, Fillings};
pub use filter::{AssetFilter, Condition};
pub use invalid::InvalidExtension;
pub use owner::{Owner, OwnerRule, PageContext, PageOwner};
pub use table::{AssetTableId, TableChoice, UnresolvedTable};

use std::fmt;

/// One configuration of the extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetExtension {
    /// `tableId` and `tableName`: the asset table whose rows are offered.
    pub table: TableChoice,
    /// `cPara`: what of a chosen row goes into which company field.
    pub fillings: Fillings,
    /// `filter`: which rows are offered.
    pub filter: AssetFilter,
    /// `display`: the columns shown before the support agent chooses otherwise; none given means all.
    pub display: Vec<FieldKey>,
}

/// The unique identifier (唯一标识) of a field or of an asset table.
///
/// It is what stands between the commas and colons of a configuration, so it has neither, and no white space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldKey(String);

impl FieldKey {
    /// Takes the text without the white space around it.
    ///
    /// # Errors
    /// [`InvalidExtension::Key`] if nothing is left, or a comma, a colon, white space or a control character is in
    /// it.
    pub fn new(text: &str) -> Result<FieldKey, InvalidExtension> {
        let text = text.trim();
        let separates =
            |letter: char| matches!(letter, ',' | ':') || letter.is_whitespace() || letter.is_control();
        if text.is_empty() || text.contains(separates) {
            return Err(InvalidExtension::Key { text: text.to_owned() });
        }
        Ok(FieldKey(text.to_owned()))
    }

    /// The identifier as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The elements of a list that the vendor joins with commas; empty ones are passed over.
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests;
