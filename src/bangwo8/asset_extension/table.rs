//! Which asset table a configuration means.

use std::{fmt, num::NonZeroU64};

use serde::{Deserialize, Serialize};

use super::{FieldKey, InvalidExtension};

/// The id of an asset table (`tableId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetTableId(NonZeroU64);

impl AssetTableId {
    /// Takes the number; the vendor assigns none below 1.
    pub fn new(number: NonZeroU64) -> AssetTableId {
        AssetTableId(number)
    }

    pub(super) fn parse(text: &str) -> Result<AssetTableId, InvalidExtension> {
        let number = text.parse().map_err(|_| InvalidExtension::TableId { text: text.to_owned() })?;
        Ok(AssetTableId(number))
    }
}

impl fmt::Display for AssetTableId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// `tableId` and `tableName`: at least one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableChoice {
    /// By its id.
    Id(AssetTableId),
    /// By its unique identifier.
    Name(FieldKey),
    /// By both. Where they mean different tables, the name's table is used.
    Both(AssetTableId, FieldKey),
}

/// The name in a configuration is unknown, so its rows cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the id of the asset table `{name}` is not known; the vendor documents no look-up, so it must be configured"
)]
pub struct UnresolvedTable {
    /// The `tableName`.
    pub name: FieldKey,
}

impl TableChoice {
    /// The table whose rows are shown. `id_of` knows the ids of named tables, which no documented call tells.
    ///
    /// # Errors
    /// [`UnresolvedTable`] for a name that `id_of` doesn't know, also beside a `tableId`: that one may be another
    /// table's, and the name is what counts.
    pub fn resolve(
        &self,
        id_of: impl FnOnce(&FieldKey) -> Option<AssetTableId>,
    ) -> Result<AssetTableId, UnresolvedTable> {
        match self {
            TableChoice::Id(id) => Ok(*id),
            TableChoice::Name(name) | TableChoice::Both(_, name) => {
                id_of(name).ok_or_else(|| UnresolvedTable { name: name.clone() })
            }
        }
    }
}
