//! Settlements, however many, in one statement.

use std::collections::{BTreeMap, HashSet};

use serde_json::json;
use tokio_postgres::{Client, Row, Statement};

use super::{clean, column, connect::failed, keep, millis};
use crate::{
    event::Outcome,
    store::{Answered, Link, Settlement, StoreError, ignored_text},
};

/// $1 to $17 have a place for each settlement. An event that is tried again comes after one of its lane that was
/// replayed meanwhile. Where the settled one leaves its lane or lets another go first, that one is due. Says of each
/// place that was settled, that it was settled already by a call whose answer was lost ($4), or that its lane goes on.
pub(super) const SQL: &str = "
    WITH ended AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::int8[], $3::int8[], $4::bool[], $5::int8[], $6::text[], $7::int8[],
                             $8::int8[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                             $15::text[], $16::text[], $17::text[])
            WITH ORDINALITY AS e(connection, seq, attempt, again, at, status, open,
                                 due_at, code, message, target_kind, target_id, ignored, calls,
                                 mapping, links, answers, nr)
    ), settled AS (
        UPDATE deliveries d
        SET status = e.status, open = e.open, updated_at = e.at, code = e.code, message = e.message,
            due_at = CASE WHEN NOT EXISTS (SELECT 1 FROM deliveries b
                                           WHERE b.connection = d.connection AND b.lane = d.lane AND b.open = 1
                                             AND b.seq < d.seq) THEN e.due_at END,
            target_kind = coalesce(e.target_kind, d.target_kind), target_id = coalesce(e.target_id, d.target_id),
            ignored = e.ignored, mapping = coalesce(d.mapping, e.mapping)
        FROM ended e
        WHERE d.connection = e.connection AND d.seq = e.seq AND d.attempts = e.attempt AND d.status = 'delivering'
        RETURNING e.*, d.lane
    ), finished AS (
        UPDATE attempts a
        SET finished_at = s.at, outcome = s.status, code = s.code, message = s.message, retry_at = s.due_at,
            calls = s.calls, mapping = s.mapping
        FROM settled s WHERE a.connection = s.connection AND a.seq = s.seq AND a.attempt = s.attempt
    ), linked AS (
        INSERT INTO links (connection, kind, source_id, target_id, version, updated_at, written)
        SELECT s.connection, l.kind, l.source_id, l.target_id, l.version, s.at, l.written
        FROM settled s CROSS JOIN LATERAL json_to_recordset(s.links::json)
             AS l(kind text, source_id text, target_id text, version int8, written text)
        ON CONFLICT (connection, kind, source_id)
        DO UPDATE SET target_id = excluded.target_id, version = coalesce(excluded.version, links.version),
                      updated_at = excluded.updated_at, written = coalesce(excluded.written, links.written)
    ), answered AS (
        UPDATE effects f SET answered_at = s.at, target_id = w.target_id
        FROM settled s CROSS JOIN LATERAL json_to_recordset(s.answers::json)
             AS w(attempt int8, step text, target_id text)
        WHERE f.connection = s.connection AND f.seq = s.seq AND f.attempt = w.attempt AND f.step = w.step
    ), next AS (
        UPDATE deliveries n SET due_at = s.at
        FROM settled s
        CROSS JOIN LATERAL (SELECT h.seq FROM deliveries h
                            WHERE h.connection = s.connection AND h.lane = s.lane AND h.open = 1 AND h.seq <> s.seq
                            ORDER BY h.seq LIMIT 1) h
        WHERE n.connection = s.connection AND n.seq = h.seq AND n.due_at IS NULL
          AND n.status IN ('accepted', 'retrying') AND (s.open = 0 OR h.seq < s.seq)
        RETURNING s.nr
    )
    SELECT nr, false FROM settled
    UNION ALL
    SELECT nr, true FROM next
    UNION ALL
    SELECT e.nr, false FROM ended e JOIN attempts a ON a.connection = e.connection AND a.seq = e.seq
     AND a.attempt = e.attempt WHERE e.again AND a.finished_at = e.at AND a.outcome = e.status";

/// A settlement on its way.
pub(super) struct Ended {
    pub(super) settlement: Settlement,
    /// True if it was sent before and the answer was lost.
    pub(super) again: bool,
}

/// What became of a settlement.
#[derive(Clone, Copy, Default)]
pub(super) struct Done {
    /// False if the event was another attempt's.
    pub(super) settled: bool,
    /// True if another event of the lane is due now.
    pub(super) advanced: bool,
}

/// What became of each, part by part. The statements leave at the first poll.
pub(super) async fn run(
    client: &Client,
    statement: &Statement,
    parts: &[Vec<&Ended>],
) -> Result<Vec<Done>, StoreError> {
    let parts = parts.iter().map(|part| run_part(client, statement, part));
    let done = futures_util::future::join_all(parts).await;
    Ok(done.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

/// One statement writes a row once: a second settlement of the same event, or one with a link of the same entity,
/// comes into the next.
pub(super) fn parts<'a>(ended: &[&'a Ended]) -> Vec<Vec<&'a Ended>> {
    let mut parts: Vec<Vec<&Ended>> = Vec::new();
    let (mut events, mut links) = (HashSet::new(), HashSet::new());
    for one in ended {
        let settlement = &one.settlement;
        let event = (&settlement.connection, settlement.sequence);
        let keys = || {
            settlement.links.iter().map(|link| (&settlement.connection, &link.key.kind, &link.key.source_id))
        };
        if parts.is_empty() || events.contains(&event) || keys().any(|key| links.contains(&key)) {
            parts.push(Vec::new());
            events.clear();
            links.clear();
        }
        events.insert(event);
        links.extend(keys());
        if let Some(part) = parts.last_mut() {
            part.push(one);
        }
    }
    parts
}

async fn run_part(client: &Client, statement: &Statement, part: &[&Ended]) -> Result<Vec<Done>, StoreError> {
    let mut done = vec![Done::default(); part.len()];
    for row in settle(client, statement, part).await? {
        let (nr, advanced): (i64, bool) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        if let Some(done) = usize::try_from(nr - 1).ok().and_then(|place| done.get_mut(place)) {
            *done = Done { settled: true, advanced: done.advanced || advanced };
        }
    }
    Ok(done)
}

async fn settle(client: &Client, statement: &Statement, part: &[&Ended]) -> Result<Vec<Row>, StoreError> {
    let part_again = column(part, |it| it.again);
    let part: Vec<&Settlement> = column(part, |it| &it.settlement);
    client
        .query(
            statement,
            &[
                &column(&part, |it| it.connection.as_str()),
                &column(&part, |it| it.sequence),
                &column(&part, |it| i64::from(it.attempt)),
                &part_again,
                &column(&part, |it| millis(it.at)),
                &column(&part, |it| it.outcome.status().as_str()),
                &column(&part, |it| i64::from(it.holds_lane())),
                &column(&part, |it| retry_at(&it.outcome)),
                &column(&part, |it| it.outcome.reason().map(|reason| clean(&reason.code))),
                &column(&part, |it| it.outcome.reason().map(|reason| clean(&reason.message))),
                &column(&part, |it| target(&it.outcome).map(|(kind, _)| clean(kind))),
                &column(&part, |it| target(&it.outcome).map(|(_, id)| clean(id))),
                &column(&part, |it| ignored_text(&it.ignored)),
                &column(&part, |it| clean(&it.calls)),
                &column(&part, |it| it.mapping.as_deref()),
                &column(&part, |it| links(it)),
                &column(&part, |it| answers(it)),
            ],
        )
        .await
        .map_err(failed)
}

fn retry_at(outcome: &Outcome) -> Option<i64> {
    if let Outcome::Retry(_, at) = outcome { Some(millis(*at)) } else { None }
}

fn target(outcome: &Outcome) -> Option<(&str, &str)> {
    if let Outcome::Delivered(target) = outcome { Some((&target.kind, &target.id)) } else { None }
}

/// A settlement's links as JSON text, those of one entity as one; null for none.
fn links(settlement: &Settlement) -> Option<String> {
    let mut links: BTreeMap<(&str, &str), Link> = BTreeMap::new();
    for link in &settlement.links {
        let key = (link.key.kind.as_str(), link.key.source_id.as_str());
        let merged = links.entry(key).or_insert_with(|| link.clone());
        *merged = keep::merged(merged, link);
    }
    let row = |link: &Link| {
        json!({
            "kind": clean(&link.key.kind),
            "source_id": clean(&link.key.source_id),
            "target_id": clean(&link.target_id),
            "version": link.version,
            "written": link.written.as_deref().map(clean),
        })
    };
    rows(links.values().map(row).collect())
}

/// What a settlement knows of intents, as `links`.
fn answers(settlement: &Settlement) -> Option<String> {
    let row = |answered: &Answered| {
        let Answered { attempt, step, target_id } = answered;
        json!({ "attempt": attempt, "step": clean(step), "target_id": target_id.as_deref().map(clean) })
    };
    rows(settlement.answered.iter().map(row).collect())
}

fn rows(rows: Vec<serde_json::Value>) -> Option<String> {
    if rows.is_empty() { None } else { Some(serde_json::Value::from(rows).to_string()) }
}
