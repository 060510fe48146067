//! The rows that the vendor's page offers, asked for through the API.

use futures_util::{Stream, TryStreamExt, future};

use super::{
    super::{
        asset_row::{AssetRow, OwnedBy},
        client::Client,
        error::Error,
    },
    AssetExtension, AssetTableId, PageContext,
};

impl Client {
    /// The rows that the extension's page offers on the given page, as they are asked for; the first error ends
    /// the stream.
    ///
    /// `table` is what [`TableChoice::resolve`](super::TableChoice::resolve) said. Owners are sent to the vendor in
    /// the one query that is known to work (§11) and checked again here; the conditions are checked here only,
    /// because nothing says that the search takes them. So a table is read through to its end, 20 rows at a time.
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn extension_rows(
        &self,
        extension: &AssetExtension,
        table: AssetTableId,
        page: &PageContext,
    ) -> impl Stream<Item = Result<AssetRow, Error>> + Send + use<> {
        let owner = extension.filter.owner.on(page);
        let filter = extension.filter.clone();
        self.asset_rows(table, owner.as_ref())
            .try_filter(move |row| future::ready(owns(owner.as_ref(), row) && filter.passes(row)))
    }
}

/// Whether a row is the owner's. One that doesn't say whose it is, is believed to be what was asked for.
fn owns(owner: Option<&OwnedBy>, row: &AssetRow) -> bool {
    let Some(OwnedBy { owner_type, owner }) = owner else {
        return true;
    };
    let same = |said: &Option<String>, asked: &str| said.as_deref().is_none_or(|said| said == asked);
    same(&row.owner_type, owner_type.as_str()) && owner.as_deref().is_none_or(|owner| same(&row.owner, owner))
}
