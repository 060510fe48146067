//! The links that settlements write.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Statement};

use super::{clean, column, connect::failed, keep, millis, settle::Ended};
use crate::store::{Link, Settlement, StoreError};

/// The links of settlements that took place, $1 to $9; what a link doesn't say stays.
pub(super) const SQL: &str = "
    INSERT INTO links (connection, kind, source_id, target_id, version, updated_at, written)
    SELECT l.connection, l.kind, l.source_id, l.target_id, l.version, l.at, l.written
    FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::int8[],
                $9::text[])
         AS l(connection, seq, attempt, at, kind, source_id, target_id, version, written)
    JOIN attempts a ON a.connection = l.connection AND a.seq = l.seq AND a.attempt = l.attempt AND a.finished_at = l.at
    ON CONFLICT (connection, kind, source_id)
    DO UPDATE SET target_id = excluded.target_id, version = coalesce(excluded.version, links.version),
                  updated_at = excluded.updated_at, written = coalesce(excluded.written, links.written)";

/// A link and the settlement that writes it.
type Write<'a> = (&'a Settlement, Link);

/// Writes the links of settlements, of each entity one at most.
pub(super) async fn run(client: &Client, statement: &Statement, part: &[&Ended]) -> Result<(), StoreError> {
    let links: Vec<Write<'_>> = part.iter().flat_map(|ended| linked(&ended.settlement)).collect();
    if links.is_empty() {
        return Ok(());
    }
    let written = client
        .execute(
            statement,
            &[
                &column(&links, |(it, _)| it.connection.as_str()),
                &column(&links, |(it, _)| it.sequence),
                &column(&links, |(it, _)| i64::from(it.attempt)),
                &column(&links, |(it, _)| millis(it.at)),
                &column(&links, |(_, link)| clean(&link.key.kind)),
                &column(&links, |(_, link)| clean(&link.key.source_id)),
                &column(&links, |(_, link)| clean(&link.target_id)),
                &column(&links, |(_, link)| link.version),
                &column(&links, |(_, link)| link.written.as_deref().map(clean)),
            ],
        )
        .await;
    written.map(drop).map_err(failed)
}

/// A settlement's links, those of one entity as one.
fn linked(settlement: &Settlement) -> Vec<(&Settlement, Link)> {
    let mut links: BTreeMap<(&str, &str), Link> = BTreeMap::new();
    for link in &settlement.links {
        let key = (link.key.kind.as_str(), link.key.source_id.as_str());
        let merged = links.entry(key).or_insert_with(|| link.clone());
        *merged = keep::merged(merged, link);
    }
    links.into_values().map(|link| (settlement, link)).collect()
}
