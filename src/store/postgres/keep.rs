//! What is kept beside the journal: links, mappings, cursors, and who leads.

use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use tokio_postgres::Row;

use super::{
    events::get,
    millis,
    pool::{execute, query, query_one, query_opt},
};
use crate::store::{Hold, Link, LinkKey, StoreError, tables::end_of};

pub(super) async fn is_linked(
    client: &impl GenericClient,
    kind: &str,
    target_id: &str,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM links WHERE target_id = $1 AND kind = $2)";
    get(&query_one(client, sql, &[&target_id, &kind]).await?, 0)
}

pub(super) async fn find_link(
    client: &impl GenericClient,
    connection: &str,
    key: &LinkKey,
) -> Result<Option<Link>, StoreError> {
    let sql = "SELECT target_id, version, written FROM links
               WHERE connection = $1 AND kind = $2 AND source_id = $3";
    let row = query_opt(client, sql, &[&connection, &key.kind, &key.source_id]).await?;
    row.map_or(Ok(None), |row| link(&row, "version", key.clone()))
}

/// Reads target_id, the version's column and written; nothing where there is no target.
pub(super) fn link(row: &Row, version: &str, key: LinkKey) -> Result<Option<Link>, StoreError> {
    let Some(target_id) = get(row, "target_id")? else {
        return Ok(None);
    };
    Ok(Some(Link { key, target_id, version: get(row, version)?, written: get(row, "written")? }))
}

/// What two writes of one link come to.
pub(super) fn merged(former: &Link, later: &Link) -> Link {
    Link {
        key: later.key.clone(),
        target_id: later.target_id.clone(),
        version: later.version.or(former.version),
        written: later.written.clone().or_else(|| former.written.clone()),
    }
}

/// Error: `LeaseLost` when the attempt no longer has its event.
pub(super) async fn check_hold(client: &impl GenericClient, hold: &Hold) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM deliveries WHERE connection = $1 AND seq = $2 AND attempts = $3
                 AND status = 'delivering'";
    let attempt = i64::from(hold.attempt);
    let row = query_opt(client, sql, &[&hold.connection, &hold.sequence, &attempt]).await?;
    row.map(drop).ok_or(StoreError::LeaseLost)
}

pub(super) async fn put_link(
    client: &impl GenericClient,
    connection: &str,
    link: &Link,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO links (connection, kind, source_id, target_id, version, updated_at, written)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (connection, kind, source_id)
               DO UPDATE SET target_id = excluded.target_id, version = coalesce(excluded.version, links.version),
                             updated_at = excluded.updated_at, written = coalesce(excluded.written, links.written)";
    let Link { key, target_id, version, written } = link;
    let (kind, source_id, now) = (&key.kind, &key.source_id, millis(now));
    execute(client, sql, &[&connection, kind, source_id, target_id, version, &now, written]).await?;
    Ok(())
}

/// See [`crate::store::engine::Engine::written_between`].
pub(super) async fn written_between(
    client: &impl GenericClient,
    since: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<(String, Link)>, StoreError> {
    let sql = "SELECT connection, kind, source_id, target_id, version, written FROM links
               WHERE written IS NOT NULL AND updated_at >= $1 AND updated_at < $2
                 AND (written NOT LIKE '{\"@sequence\":%' OR written LIKE '%,%') ORDER BY updated_at LIMIT $3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut links = Vec::new();
    for row in query(client, sql, &[&since, &before, &limit]).await? {
        let key = LinkKey { kind: get(&row, "kind")?, source_id: get(&row, "source_id")? };
        if let Some(link) = link(&row, "version", key)? {
            links.push((get(&row, "connection")?, link));
        }
    }
    Ok(links)
}

pub(super) async fn keep_mapping(
    client: &impl GenericClient,
    digest: &str,
    content: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO mappings (digest, content, kept_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    execute(client, sql, &[&digest, &content, &millis(now)]).await?;
    Ok(())
}

pub(super) async fn mapping(client: &impl GenericClient, digest: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT content FROM mappings WHERE digest = $1";
    let row = query_opt(client, sql, &[&digest]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn cursor(
    client: &impl GenericClient,
    connection: &str,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT place FROM cursors WHERE connection = $1 AND name = $2";
    let row = query_opt(client, sql, &[&connection, &name]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn put_cursor(
    client: &impl GenericClient,
    connection: &str,
    name: &str,
    place: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO cursors (connection, name, place, updated_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (connection, name)
               DO UPDATE SET place = excluded.place, updated_at = excluded.updated_at";
    execute(client, sql, &[&connection, &name, &place, &millis(now)]).await?;
    Ok(())
}

/// All whose names begin so, with their places.
pub(super) async fn cursors(
    client: &impl GenericClient,
    connection: &str,
    prefix: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql =
        "SELECT name, place FROM cursors WHERE connection = $1 AND name >= $2 AND name < $3 ORDER BY name";
    let rows = query(client, sql, &[&connection, &prefix, &end_of(prefix)]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
}

pub(super) async fn forget_cursor(
    client: &impl GenericClient,
    connection: &str,
    name: &str,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM cursors WHERE connection = $1 AND name = $2";
    execute(client, sql, &[&connection, &name]).await.map(drop)
}

/// True if `holder` leads now: it did already, or nobody does.
pub(super) async fn lead(
    client: &impl GenericClient,
    name: &str,
    holder: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO leaders (name, holder, until) VALUES ($1, $2, $3)
               ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
               WHERE leaders.holder = excluded.holder OR leaders.until <= $4";
    let leads = execute(client, sql, &[&name, &holder, &millis(until), &millis(now)]).await?;
    Ok(leads == 1)
}
