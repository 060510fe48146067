//! The states that ticket views were in. Their times grow with their numbers, so a time is first made a number.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use deadpool_postgres::{GenericClient, Transaction};
use jiff::Timestamp;
use tokio_postgres::Row;

use super::{
    column,
    events::{count, get},
    millis,
    pool::{Parameters, execute, query, query_opt},
    time,
};
use crate::store::{
    AsOf, ContentId, NewVersion, StoreError, Version,
    views::{bytes, ids},
};

/// What `version_from` reads.
const VERSION: &str = "number, prior, view, at, count, about, chunks";
/// Versions whose chunks are read at once: each may have hundreds of kilobytes.
const PAGE: usize = 64;

/// Of two replicas that write after the same number, one has the numbers and the other finds them taken.
pub(super) async fn put(
    tx: &Transaction<'_>,
    connection: &str,
    after: i64,
    versions: &[NewVersion],
    now: i64,
) -> Result<i64, StoreError> {
    let newest = "SELECT number, at FROM view_versions WHERE connection = $1 ORDER BY number DESC LIMIT 1";
    let newest = query_opt(tx, newest, &[&connection]).await?;
    let (highest, latest) = match newest {
        Some(row) => (get(&row, 0)?, get(&row, 1)?),
        None => (0, now),
    };
    if highest != after
        || insert(tx, connection, after, versions, now.max(latest)).await? < versions.len() as u64
    {
        return Err(StoreError::Outrun);
    }
    Ok(after + versions.len() as i64)
}

async fn insert(
    tx: &Transaction<'_>,
    connection: &str,
    after: i64,
    versions: &[NewVersion],
    at: i64,
) -> Result<u64, StoreError> {
    let sql = "INSERT INTO view_versions (connection, number, prior, view, at, count, about, chunks)
               SELECT $1, $2 + n.place,
                      coalesce(n.prior, (SELECT max(number) FROM view_versions WHERE connection = $1 AND view = n.view), 0),
                      n.view, $3, n.count, n.about, n.chunks
               FROM unnest($4::int8[], $5::text[], $6::int8[], $7::text[], $8::bytea[])
                    WITH ORDINALITY AS n(prior, view, count, about, chunks, place)
               ON CONFLICT DO NOTHING";
    let views = column(versions, |version| version.view.as_str());
    let counts = column(versions, |version| i64::try_from(version.count).unwrap_or(i64::MAX));
    let abouts = column(versions, |version| version.about.as_deref());
    let chunks = column(versions, |version| bytes(&version.chunks));
    let priors = priors(after, &views);
    execute(tx, sql, &[&connection, &after, &at, &priors, &views, &counts, &abouts, &chunks]).await
}

/// The numbers of the views' versions before, where they are written along.
fn priors(after: i64, views: &[&str]) -> Vec<Option<i64>> {
    let mut last = HashMap::new();
    (after + 1..).zip(views).map(|(number, view)| last.insert(*view, number)).collect()
}

/// The newest of each view, those of views that are gone included.
pub(super) async fn of_all(
    client: &impl GenericClient,
    connection: &str,
    as_of: AsOf,
) -> Result<Vec<Version>, StoreError> {
    let sql = format!(
        "WITH RECURSIVE each (name) AS (
             (SELECT view FROM view_versions WHERE connection = $1 ORDER BY view LIMIT 1)
             UNION ALL
             SELECT (SELECT view FROM view_versions WHERE connection = $1 AND view > each.name ORDER BY view LIMIT 1)
             FROM each WHERE each.name IS NOT NULL
         )
         SELECT newest.* FROM each CROSS JOIN LATERAL (
             SELECT {VERSION} FROM view_versions WHERE connection = $1 AND view = each.name AND number <= $2
             ORDER BY number DESC LIMIT 1) AS newest
         ORDER BY newest.view"
    );
    read(client, &sql, &[&connection, &number(client, connection, as_of).await?]).await
}

/// The newest of a view.
pub(super) async fn of_one(
    client: &impl GenericClient,
    connection: &str,
    view: &str,
    as_of: AsOf,
) -> Result<Option<Version>, StoreError> {
    let sql = format!(
        "SELECT {VERSION} FROM view_versions WHERE connection = $1 AND view = $2 AND number <= $3
         ORDER BY number DESC LIMIT 1"
    );
    let number = number(client, connection, as_of).await?;
    Ok(read(client, &sql, &[&connection, &view, &number]).await?.pop())
}

pub(super) async fn oldest(
    client: &impl GenericClient,
    connection: &str,
    view: &str,
) -> Result<Option<Version>, StoreError> {
    let sql = format!(
        "SELECT {VERSION} FROM view_versions WHERE connection = $1 AND view = $2 ORDER BY number LIMIT 1"
    );
    Ok(read(client, &sql, &[&connection, &view]).await?.pop())
}

pub(super) async fn after(
    client: &impl GenericClient,
    connection: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<Version>, StoreError> {
    let sql = format!(
        "SELECT {VERSION} FROM view_versions WHERE connection = $1 AND number > $2 ORDER BY number LIMIT $3"
    );
    read(client, &sql, &[&connection, &after, &rows(limit)]).await
}

/// See [`crate::store::Store::counts_over_time`].
pub(super) async fn counts(
    client: &impl GenericClient,
    connection: &str,
    view: &str,
    times: Range<i64>,
    limit: usize,
) -> Result<Vec<(Timestamp, u64)>, StoreError> {
    let sql = "SELECT at, count FROM view_versions
               WHERE connection = $1 AND view = $2 AND number <= $4
                 AND number >= coalesce((SELECT max(number) FROM view_versions
                                          WHERE connection = $1 AND view = $2 AND number <= $3), 0)
               ORDER BY number LIMIT $5";
    let first = number_at(client, connection, times.start).await?;
    let last = number_at(client, connection, times.end - 1).await?;
    let found = query(client, sql, &[&connection, &view, &first, &last, &rows(limit)]).await?;
    found.iter().map(|row| Ok((time(get(row, 0)?)?, count(row, 1)?))).collect()
}

/// See [`crate::store::Store::prune_versions`].
pub(super) async fn prune(
    client: &impl GenericClient,
    connection: &str,
    before: i64,
    limit: usize,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM view_versions WHERE connection = $1 AND number IN (
                   SELECT number FROM view_versions old WHERE connection = $1 AND number <= $2
                      AND number < (SELECT max(number) FROM view_versions
                                     WHERE connection = $1 AND view = old.view AND number <= $2)
                   ORDER BY number LIMIT $3)";
    let last = number_at(client, connection, before - 1).await?;
    execute(client, sql, &[&connection, &last, &rows(limit)]).await
}

/// The chunks of all that is kept, each once.
pub(super) async fn chunks(
    client: &impl GenericClient,
    connection: &str,
) -> Result<Vec<ContentId>, StoreError> {
    let sql = "SELECT number, chunks FROM view_versions WHERE connection = $1 AND number > $2
               ORDER BY number LIMIT $3";
    let (mut chunks, mut after) = (HashSet::new(), 0_i64);
    loop {
        let page = query(client, sql, &[&connection, &after, &rows(PAGE)]).await?;
        for row in &page {
            after = get(row, 0)?;
            chunks.extend(ids(&get::<Vec<u8>>(row, 1)?)?);
        }
        if page.len() < PAGE {
            return Ok(chunks.into_iter().collect());
        }
    }
}

/// The number up to which versions are of then.
async fn number(client: &impl GenericClient, connection: &str, as_of: AsOf) -> Result<i64, StoreError> {
    match as_of {
        AsOf::Number(number) => Ok(number),
        AsOf::Time(time) => number_at(client, connection, millis(time)).await,
        AsOf::Now => Ok(i64::MAX),
    }
}

async fn number_at(client: &impl GenericClient, connection: &str, at: i64) -> Result<i64, StoreError> {
    let sql = "SELECT number FROM view_versions WHERE connection = $1 AND at <= $2
               ORDER BY at DESC, number DESC LIMIT 1";
    let row = query_opt(client, sql, &[&connection, &at]).await?;
    row.map_or(Ok(0), |row| get(&row, 0))
}

async fn read(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Vec<Version>, StoreError> {
    query(client, sql, parameters).await?.iter().map(version_from).collect()
}

fn version_from(row: &Row) -> Result<Version, StoreError> {
    Ok(Version {
        number: get(row, 0)?,
        prior: get(row, 1)?,
        view: get(row, 2)?,
        at: time(get(row, 3)?)?,
        count: count(row, 4)?,
        about: get(row, 5)?,
        chunks: ids(&get::<Vec<u8>>(row, 6)?)?,
    })
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
