//! Which way statements go through the tables: each is run once, and the engine tells its plan.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};

use super::{audit, effects, events, journal, keep, lanes, operate, rows, upkeep};
use crate::{
    event::{Event, EventId, EventType, Lane, Outcome, Reason, Status},
    store::{
        Act, Action, AuditFilter, Filter, Hold, Intent, Link, LinkKey, Replay, Settlement, StoreError,
        UNCERTAIN,
        tables::{ATTEMPTS, DELIVERIES, EFFECTS, LINKS, Value},
    },
};

/// What goes through all that waits, or is dead: the tables as a whole grow with all that was ever done.
const OF_WHAT_WAITS: [&str; 2] = ["deliveries_lane", "deliveries_attention"];
/// What is no table, or the one that operators alone fill.
const SMALL: [&str; 5] = ["SCAN each", "SCAN json_each", "SCAN audit", "SCAN CONSTANT ROW", "SCAN (subquery"];

/// The statements that are run, each with its plan.
pub(super) fn plans(
    run: impl FnOnce(&Connection) -> Result<(), StoreError>,
) -> Result<Vec<(String, Vec<String>)>, StoreError> {
    let schema = include_str!("schema.sql");
    let mut db = Connection::open_in_memory()?;
    db.execute_batch(schema)?;
    let statements: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let heard = statements.clone();
    let hear = move |event: TraceEvent<'_>| {
        if let (TraceEvent::Stmt(statement, _), Ok(mut heard)) = (event, heard.lock()) {
            heard.insert(statement.sql().into_owned());
        }
    };
    db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(hear))?;
    run(&db)?;
    drop(db);
    let db = Connection::open_in_memory()?;
    db.execute_batch(schema)?;
    let statements = statements.lock().map(|statements| statements.clone()).unwrap_or_default();
    let planned = |sql: String| {
        let plan = plan(&db, &sql)?;
        Ok((sql, plan))
    };
    statements.into_iter().map(planned).collect()
}

fn plan(db: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    statement.raw_query().mapped(|row| row.get(3)).collect()
}

/// True of a step that goes through a table that grows, row by row.
pub(super) fn goes_through(step: &str) -> bool {
    let of_what_waits = OF_WHAT_WAITS.iter().any(|index| step.ends_with(index));
    step.starts_with("SCAN") && !of_what_waits && !SMALL.iter().any(|small| step.starts_with(small))
}

fn event(id: &str) -> Event {
    Event {
        connection: "acme".into(),
        id: EventId::stored(id.into()),
        event_type: EventType::TicketUpdated,
        lane: lane(),
        time: None,
        traceparent: None,
        body: Bytes::from_static(b"{}"),
        digest: None,
        data: 0..2,
        hint: false,
        version: None,
        verified_by: None,
    }
}

fn lane() -> Lane {
    "ticket:1".parse().expect("a lane")
}

/// Every filter by which somebody may look for events.
fn filters() -> Vec<Filter> {
    let all = || Filter { limit: 10, ..Filter::default() };
    let time = Some(Timestamp::UNIX_EPOCH);
    vec![
        all(),
        Filter { status: Some(Status::Delivered), ..all() },
        Filter { status: Some(Status::Parked), ..all() },
        Filter { status: Some(Status::Dead), ..all() },
        Filter { event_type: Some(EventType::TicketUpdated), ..all() },
        Filter { lane: Some(lane()), ..all() },
        Filter { code: Some(UNCERTAIN.into()), ..all() },
        Filter { since: time, until: time, before: Some(9), ..all() },
    ]
}

/// Takes what is due to this end.
fn attempt(db: &Connection, outcome: Outcome) -> Result<(), StoreError> {
    let claimed = journal::claim(db, "acme", 1, 5, 6)?.pop().expect("one is due");
    let hold = Hold { connection: "acme".into(), sequence: claimed.sequence, attempt: claimed.attempt };
    journal::renew(db, std::slice::from_ref(&hold), 9)?;
    let (step, request_id) = ("create".to_owned(), "r".to_owned());
    let at = Timestamp::UNIX_EPOCH;
    effects::intend(db, &Intent { hold: hold.clone(), step, request_id, sent: "{}".into(), at })?;
    let link = Link {
        key: LinkKey::from(&lane()),
        target_id: "7".into(),
        version: None,
        written: Some("{}".into()),
    };
    keep::write_link_of(db, &hold, &link, 1)?;
    let settlement = Settlement {
        connection: hold.connection,
        sequence: hold.sequence,
        attempt: hold.attempt,
        at,
        outcome,
        hold_lane: true,
        links: vec![link],
        ignored: Vec::new(),
        calls: "[]".into(),
        answered: Vec::new(),
        mapping: None,
    };
    journal::settle(db, &settlement)
}

/// Every statement of the journal that is run while it is served.
fn serve(db: &Connection) -> Result<(), StoreError> {
    let id = EventId::stored("one".into());
    for id in ["one", "two", "one"] {
        journal::accept(db, &event(id), "ticket:1", &[0; 32], 1)?;
    }
    let uncertain = || Outcome::Parked(Reason::new(UNCERTAIN, "?"));
    attempt(db, Outcome::Retry(Reason::new("unavailable", "?"), Timestamp::UNIX_EPOCH))?;
    attempt(db, uncertain())?;
    operate::replay(db, "acme", &id, Replay::default(), 5)?;
    attempt(db, uncertain())?;
    let held = Filter { code: Some(UNCERTAIN.into()), limit: 10, ..Filter::default() };
    operate::replay_some(db, "acme", &held, 0, Replay::default(), 5)?;
    attempt(db, uncertain())?;
    look(db, &id)?;
    operate::discard(db, "acme", &id, 5)?;
    operate::give_up_all(db, "acme", &[2], 5)?;
    operate::discard_some(db, "acme", &held, 0, 5)?;
    lanes::revoke_ended_leases(db, "acme", "ticket:1", 5)?;
    tidy(db)
}

/// What is looked at.
fn look(db: &Connection, id: &EventId) -> Result<(), StoreError> {
    events::next_due(db, "acme")?;
    events::next_in_lane(db, "acme", "ticket:1", 0)?;
    events::backlog(db)?;
    events::record(db, "acme", id)?;
    effects::open(db, "acme", "ticket:1", "create", 1)?;
    keep::is_linked(db, "ticket", "7")?;
    for filter in filters() {
        events::list(db, "acme", &filter)?;
        events::held_lanes(db, "acme", &filter)?;
        operate::count(db, "acme", &filter)?;
        let unattended = Filter { unattended_at: Some(Timestamp::UNIX_EPOCH), ..filter };
        operate::count(db, "acme", &unattended)?;
    }
    audit::begin(db, &act(), 1)?;
    audit::end(db, 1, "done", None, 1)?;
    audit::page(db, &AuditFilter { limit: 10, ..AuditFilter::default() }).map(drop)
}

fn act() -> Act {
    let action = Action::DiscardEvent;
    Act { actor: None, action, connection: None, object: None, options: None, trace_id: None }
}

/// What is forgotten, by its age or because somebody asks.
fn tidy(db: &Connection) -> Result<(), StoreError> {
    keep::written_between(db, 0, 9, 10)?;
    for table in [ATTEMPTS, DELIVERIES, EFFECTS, LINKS] {
        let least = table.least(&[Value::Text("acme".into())]);
        let found = rows::page(db, table, Some(&least), 10)?.pop().expect("a row");
        let mut changed = found.clone();
        *changed.last_mut().expect("a column") = Value::Null;
        rows::change(db, table, &[(found, changed)]).ok();
    }
    upkeep::prune(db, 9, 10)?;
    audit::prune(db, 9, 10).map(drop)
}

/// What goes through a connection's own journal, in the order of the sequences: a page of a list, which ends when it is full;
/// and once what waits in a journal that nobody works on.
fn is_of_a_journal(sql: &str) -> bool {
    let is_list =
        sql.contains("d.target_id FROM deliveries d") && sql.contains("ORDER BY d.seq DESC LIMIT 10");
    is_list && !sql.contains("'parked'") || sql.contains("d.status = 'delivering' AND d.due_at <= ?")
}

#[test]
fn no_statement_of_the_journal_goes_through_all_that_was_ever_done() {
    const JOURNAL: &str = "SEARCH d USING PRIMARY KEY (connection=?";
    let plans = plans(serve).expect("they run");
    assert!(plans.len() > 60, "{plans:?}");
    for (sql, plan) in plans {
        let journal = plan.iter().any(|step| {
            let only = step.strip_prefix(JOURNAL);
            only.is_some_and(|rest| !rest.contains("seq=?"))
        });
        assert!(!plan.iter().any(|step| goes_through(step)), "{sql}\n{plan:?}");
        assert!(!journal || is_of_a_journal(&sql), "{sql}\n{plan:?}");
    }
}
