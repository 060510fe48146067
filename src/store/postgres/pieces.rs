//! What versions of ticket views are made of.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;

use super::{
    column,
    events::get,
    pool::{execute, query},
};
use crate::store::{ContentId, Piece, StoreError, views::ids};

/// In the order of their ids, so that two replicas that do the same don't wait in a circle; each once, as one statement
/// can change a row once.
pub(super) async fn put(
    client: &impl GenericClient,
    connection: &str,
    mut pieces: Vec<Piece>,
    now: i64,
) -> Result<(), StoreError> {
    pieces.sort_by_key(|piece| piece.id);
    pieces.dedup_by_key(|piece| piece.id);
    let sql = "INSERT INTO view_pieces (connection, id, used_at, content)
               SELECT $1, n.id, $2, n.content FROM unnest($3::bytea[], $4::bytea[]) AS n(id, content)
               ON CONFLICT (connection, id) DO UPDATE SET used_at = excluded.used_at
               WHERE view_pieces.used_at < excluded.used_at";
    let names = column(&pieces, |piece| &piece.id.0[..]);
    let contents = column(&pieces, |piece| &piece.content);
    execute(client, sql, &[&connection, &now, &names, &contents]).await.map(drop)
}

/// Those that are there.
pub(super) async fn contents(
    client: &impl GenericClient,
    connection: &str,
    ids: &[ContentId],
) -> Result<HashMap<ContentId, Vec<u8>>, StoreError> {
    let sql = "SELECT id, content FROM view_pieces WHERE connection = $1 AND id = ANY($2)";
    let rows = query(client, sql, &[&connection, &names(ids)]).await?;
    let contents = rows.iter().map(|row| Ok((id(&get::<Vec<u8>>(row, 0)?)?, get(row, 1)?)));
    contents.collect()
}

/// Those last used before `before`, in their order.
pub(super) async fn old(
    client: &impl GenericClient,
    connection: &str,
    before: i64,
    after: Option<ContentId>,
    limit: usize,
) -> Result<Vec<ContentId>, StoreError> {
    let sql =
        "SELECT id FROM view_pieces WHERE connection = $1 AND id > $2 AND used_at < $3 ORDER BY id LIMIT $4";
    let after = after.as_ref().map_or(&[][..], |id| &id.0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(client, sql, &[&connection, &after, &before, &limit]).await?;
    rows.iter().map(|row| id(&get::<Vec<u8>>(row, 0)?)).collect()
}

/// Those last used before `before`; how many. One that is being marked as used at this moment is left.
pub(super) async fn forget(
    client: &impl GenericClient,
    connection: &str,
    ids: &[ContentId],
    before: i64,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM view_pieces WHERE connection = $1 AND id IN (
                   SELECT id FROM view_pieces WHERE connection = $1 AND id = ANY($2) AND used_at < $3
                   FOR UPDATE SKIP LOCKED)";
    execute(client, sql, &[&connection, &names(ids), &before]).await
}

fn names(ids: &[ContentId]) -> Vec<&[u8]> {
    column(ids, |id| &id.0[..])
}

fn id(bytes: &[u8]) -> Result<ContentId, StoreError> {
    match ids(bytes)?[..] {
        [id] => Ok(id),
        _ => Err(StoreError::Corrupt("a piece whose id is none".to_owned())),
    }
}
