//! Rows of asset tables: forms of the tenant's own that belong to a company, a contact or another owner (§11).

use futures_util::Stream;
use serde::Serialize;
use serde_json::Value;

use super::{
    answer::Answer,
    asset_extension::AssetTableId,
    asset_row::{AssetRow, AssetRowWrite, OWN_KEYS, OwnedBy},
    client::Client,
    error::Error,
    page::{self, Page},
    query::Query,
    request::{Endpoint, Request, RequestId},
    scalar,
};

/// The vendor's default page size and its advice for asset tables (§2.2).
const PER_PAGE: u32 = 20;
/// As many rows as one call creates: five of the vendor's own pages, so that a call ends well within its time.
const MAX_ROWS_PER_CALL: usize = 100;
#[derive(Serialize)]
struct Envelope<'a> {
    items_data: &'a [AssetRowWrite],
}

impl Client {
    /// One page of a table's rows, of one owner or of all: `GET /forms/asset_form/{tableId}/search.json` (§11).
    /// Pages count from 1, and more than 20 a page is against the vendor's advice.
    ///
    /// The query is `owner:{id} ownerType:{type}`, as a client in production sends it. Without an owner no query is
    /// sent; that this means every row is an assumption, as is what permission it needs.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn asset_rows_page(
        &self,
        table: AssetTableId,
        owner: Option<&OwnedBy>,
        page: u32,
        per_page: u32,
    ) -> Result<Page<AssetRow>, Error> {
        let table = table.to_string();
        let query = Query::new().with("query", owner.map(expression)).page(page, per_page);
        let request = Request::read(&["forms", "asset_form", &table, "search"], query);
        self.send(&request, |answer| self.read_rows(answer, page, per_page)).await
    }

    /// A table's rows, of one owner or of all, 20 at a time as they are asked for; the first error ends the stream.
    /// See [`asset_rows_page`](Client::asset_rows_page).
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn asset_rows(
        &self,
        table: AssetTableId,
        owner: Option<&OwnedBy>,
    ) -> impl Stream<Item = Result<AssetRow, Error>> + Send + use<> {
        let endpoint = Endpoint::get(&["forms", "asset_form", &table.to_string(), "search"]);
        let (client, owner) = (self.clone(), owner.cloned());
        page::walk(
            endpoint,
            |row: &AssetRow| &row.identity,
            move |page| {
                let (client, owner) = (client.clone(), owner.clone());
                async move { client.asset_rows_page(table, owner.as_ref(), page, PER_PAGE).await }
            },
        )
    }

    /// Creates rows in a table: `POST /forms/asset_form/{tableId}.json` (§11). What the answer holds is not known,
    /// so it tells only that they were created.
    ///
    /// # Errors
    /// [`Configuration`](Error::Configuration) for no rows, more than 100, or a column that has the name of a key
    /// of the row itself; [`Rejected`](Error::Rejected) with the vendor's `errorMsg`; any other [`Error`].
    pub async fn create_asset_rows(
        &self,
        table: AssetTableId,
        rows: &[AssetRowWrite],
        request_id: &RequestId,
    ) -> Result<(), Error> {
        check(rows).map_err(|why| Error::Configuration { why, source: None })?;
        let endpoint = Endpoint::post(&["forms", "asset_form", &table.to_string()]);
        let request = Request::write(endpoint, &Envelope { items_data: rows }, request_id)?;
        self.send(&request, |_| Ok(())).await
    }

    /// The envelope of §11 is unlike every other list's: the rows and a `total` under one key.
    fn read_rows(&self, answer: &Answer, page: u32, per_page: u32) -> Result<Page<AssetRow>, Error> {
        let table = answer.body.get("asset_table").unwrap_or(&Value::Null);
        let rows = table.get("datas").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| answer.endpoint.bad_answer("it has not the documented list"))?;
        let rows = answer.items(rows, |row| AssetRow::read(row, self.time_zone()))?;
        Ok(Page::new(rows, scalar::count(table.get("total")), false, page, per_page))
    }
}

fn expression(owned_by: &OwnedBy) -> String {
    let owner_type = format!("ownerType:{}", owned_by.owner_type.as_str());
    match &owned_by.owner {
        Some(owner) => format!("owner:{owner} {owner_type}"),
        None => owner_type,
    }
}

fn check(rows: &[AssetRowWrite]) -> Result<(), &'static str> {
    if rows.is_empty() || rows.len() > MAX_ROWS_PER_CALL {
        return Err("1 to 100 asset rows are created by one call");
    }
    let own = |key: &String| OWN_KEYS.contains(&key.as_str());
    if rows.iter().any(|row| row.columns.keys().any(own)) {
        return Err("a column of an asset row has the name of one of the row's own keys");
    }
    Ok(())
}
