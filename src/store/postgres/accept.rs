//! Accepts, however many, in one statement.

use std::collections::HashMap;

use jiff::Timestamp;
use tokio_postgres::{GenericClient, Row, Statement, Transaction};

use super::{column, connect::failed, millis};
use crate::{
    event::Event,
    store::{Accepted, StoreError},
};

/// $1 to $14 have a place for each event. What is there already comes back with its digest, the others with the place
/// in the order of acceptance that they have now. The first of a lane that nobody holds is due.
pub(super) const SQL: &str = "
    WITH offered AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::text[],
                             $8::bytea[], $9::int8[], $10::int8[], $11::bytea[], $12::int8[], $13::int8[],
                             $14::text[])
            WITH ORDINALITY AS o(connection, id, type, lane, time, accepted_at, traceparent,
                                 digest, data_start, data_end, body, hint, version, verified_by, nr)
    ), numbered AS MATERIALIZED (
        SELECT k.*, coalesce(k.known, nextval('events_seq_seq')) AS seq
        FROM (SELECT o.*, e.seq AS known, e.digest AS known_digest
              FROM offered o LEFT JOIN events e ON e.connection = o.connection AND e.id = o.id
              ORDER BY o.nr) k
    ), inserted AS (
        INSERT INTO events (seq, connection, id, type, lane, time, accepted_at, traceparent,
                            digest, data_start, data_end, body, hint, version, verified_by)
        SELECT seq, connection, id, type, lane, time, accepted_at, traceparent,
               digest, data_start, data_end, body, hint, version, verified_by
        FROM numbered WHERE known IS NULL
    ), enqueued AS (
        INSERT INTO deliveries (connection, seq, lane, status, open, due_at, attempts, tried, fresh_at, updated_at)
        SELECT connection, seq, lane, 'accepted', 1,
               CASE WHEN row_number() OVER (PARTITION BY connection, lane ORDER BY seq) = 1
                     AND NOT EXISTS (SELECT 1 FROM deliveries d
                                     WHERE d.connection = n.connection AND d.lane = n.lane AND d.open = 1)
                    THEN accepted_at END,
               0, 0, accepted_at, accepted_at
        FROM numbered n WHERE known IS NULL
    )
    SELECT nr, seq, known_digest FROM numbered";

/// An event on its way into the journal.
pub(super) struct Offer {
    event: Event,
    lane: String,
    digest: [u8; 32],
    now: i64,
}

impl Offer {
    /// Error: `Unstorable` for a NUL character, which PostgreSQL keeps in no text.
    pub(super) fn new(event: Event, now: Timestamp) -> Result<Self, StoreError> {
        let lane = event.lane.to_string();
        let texts =
            [&event.connection, event.id.as_str(), &lane, event.traceparent.as_deref().unwrap_or_default()];
        if texts.iter().any(|text| text.contains('\0')) {
            return Err(StoreError::Unstorable("its id or its entity's id holds a NUL character"));
        }
        Ok(Self { lane, digest: event.digest(), now: millis(now), event })
    }

    pub(super) fn connection(&self) -> &str {
        &self.event.connection
    }

    /// The bytes that go over the wire.
    pub(super) fn size(&self) -> usize {
        self.event.body.len()
    }

    fn key(&self) -> (&str, &str) {
        (&self.event.connection, self.event.id.as_str())
    }
}

/// As `run`, in a transaction of somebody else's.
pub(super) async fn all(tx: &Transaction<'_>, offers: &[Offer]) -> Result<Vec<Accepted>, StoreError> {
    let statement = tx.prepare(SQL).await.map_err(failed)?;
    run(tx, &statement, &offers.iter().collect::<Vec<_>>()).await
}

/// What became of each.
pub(super) async fn run(
    client: &impl GenericClient,
    statement: &Statement,
    offers: &[&Offer],
) -> Result<Vec<Accepted>, StoreError> {
    if offers.is_empty() {
        return Ok(Vec::new());
    }
    let distinct = Distinct::of(offers);
    let rows = insert(client, statement, &distinct.firsts).await?;
    let mut found: Vec<Option<Stored>> = (0..distinct.firsts.len()).map(|_| None).collect();
    for row in &rows {
        let stored = Stored::read(row)?;
        let place = usize::try_from(stored.nr - 1).ok().and_then(|at| found.get_mut(at));
        *place.ok_or_else(|| StoreError::Corrupt("an event that nobody offered".to_owned()))? = Some(stored);
    }
    offers
        .iter()
        .zip(&distinct.places)
        .map(|(offer, (place, is_first))| {
            let stored = found.get(*place).and_then(Option::as_ref);
            let stored =
                stored.ok_or_else(|| StoreError::Corrupt("an event without an answer".to_owned()))?;
            Ok(stored.answer(offer, distinct.firsts[*place], *is_first))
        })
        .collect()
}

/// The same event may be offered more than once at the same moment: only the first goes into the statement.
struct Distinct<'a> {
    firsts: Vec<&'a Offer>,
    /// For each offer its first one's place, and whether it is that one.
    places: Vec<(usize, bool)>,
}

impl<'a> Distinct<'a> {
    fn of(offers: &[&'a Offer]) -> Self {
        let mut firsts = Vec::with_capacity(offers.len());
        let mut known = HashMap::with_capacity(offers.len());
        let places = offers.iter().map(|offer| {
            let place = *known.entry(offer.key()).or_insert(firsts.len());
            let is_first = place == firsts.len();
            if is_first {
                firsts.push(*offer);
            }
            (place, is_first)
        });
        let places = places.collect();
        Self { firsts, places }
    }
}

/// An event in the journal.
struct Stored {
    /// The offer's place, from 1.
    nr: i64,
    sequence: i64,
    /// None if it came just now.
    digest: Option<Vec<u8>>,
}

impl Stored {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let read = || Ok(Self { nr: row.try_get(0)?, sequence: row.try_get(1)?, digest: row.try_get(2)? });
        read().map_err(failed)
    }

    fn answer(&self, offer: &Offer, first: &Offer, is_first: bool) -> Accepted {
        let sequence = self.sequence;
        match &self.digest {
            None if is_first => Accepted::New { sequence },
            None if offer.digest == first.digest => Accepted::Duplicate { sequence },
            Some(digest) if *digest == offer.digest => Accepted::Duplicate { sequence },
            _ => Accepted::Conflict,
        }
    }
}

async fn insert(
    client: &impl GenericClient,
    statement: &Statement,
    offers: &[&Offer],
) -> Result<Vec<Row>, StoreError> {
    client
        .query(
            statement,
            &[
                &column(offers, |it| it.event.connection.as_str()),
                &column(offers, |it| it.event.id.as_str()),
                &column(offers, |it| it.event.event_type.as_str()),
                &column(offers, |it| it.lane.as_str()),
                &column(offers, |it| it.event.time.map(millis)),
                &column(offers, |it| it.now),
                &column(offers, |it| it.event.traceparent.as_deref()),
                &column(offers, |it| &it.digest[..]),
                &column(offers, |it| it.event.data.start as i64),
                &column(offers, |it| it.event.data.end as i64),
                &column(offers, |it| &it.event.body[..]),
                &column(offers, |it| i64::from(it.event.hint)),
                &column(offers, |it| it.event.version),
                &column(offers, |it| it.event.verified_by.as_deref()),
            ],
        )
        .await
        .map_err(failed)
}
