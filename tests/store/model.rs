//! The journal does what a list in memory does, whatever it is asked in whatever order.

use std::{collections::BTreeMap, time::Duration};

use deskbridge::{
    event::{EventId, Outcome, Status, TargetRef},
    store::{Accepted, Claimed, Filter, Link, LinkKey, Replay, StoreError},
};
use proptest::{prelude::*, sample::Index};

use super::support::*;

#[derive(Debug, Clone)]
enum Step {
    Accept { lane: u8 },
    AcceptAgain { which: Index, same_bytes: bool },
    Claim { limit: usize, lease_ms: u64 },
    Settle { which: Index, how: How },
    Wait { ms: i64 },
    Replay { which: Index },
    Discard { which: Index },
    Reopen,
}

#[derive(Debug, Clone, Copy)]
enum How {
    Delivered,
    Skipped,
    Retry { in_ms: i64 },
    Parked,
    Dead { hold_lane: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let how = prop_oneof![
        3 => Just(How::Delivered),
        1 => Just(How::Skipped),
        2 => (0i64..40).prop_map(|in_ms| How::Retry { in_ms }),
        1 => Just(How::Parked),
        1 => any::<bool>().prop_map(|hold_lane| How::Dead { hold_lane }),
    ];
    prop_oneof![
        6 => (0u8..4).prop_map(|lane| Step::Accept { lane }),
        1 => (any::<Index>(), any::<bool>()).prop_map(|(which, same_bytes)| Step::AcceptAgain { which, same_bytes }),
        5 => (1usize..4, 1u64..60).prop_map(|(limit, lease_ms)| Step::Claim { limit, lease_ms }),
        6 => (any::<Index>(), how).prop_map(|(which, how)| Step::Settle { which, how }),
        3 => (0i64..40).prop_map(|ms| Step::Wait { ms }),
        1 => any::<Index>().prop_map(|which| Step::Replay { which }),
        1 => any::<Index>().prop_map(|which| Step::Discard { which }),
        1 => Just(Step::Reopen),
    ]
}

/// An event as the model knows it; its sequence is its place in the list, from 1.
#[derive(Debug, Clone)]
struct Row {
    lane: u8,
    status: Status,
    in_lane: bool,
    /// When a worker may have it; only the head of a lane ever gets one.
    due: Option<i64>,
    attempts: u32,
    tried: u32,
    fresh: i64,
}

#[derive(Debug, Default)]
struct Model {
    now: i64,
    rows: Vec<Row>,
    links: BTreeMap<u8, String>,
}

impl Model {
    fn head(&self, lane: u8) -> Option<usize> {
        self.rows.iter().position(|row| row.lane == lane && row.in_lane)
    }

    /// An event that may be tried is due from the moment it is its lane's head.
    fn promote(&mut self, lane: u8) {
        let now = self.now;
        if let Some(i) = self.head(lane).filter(|_| !self.in_hand(lane)) {
            let row = &mut self.rows[i];
            if row.due.is_none() && matches!(row.status, Status::Accepted | Status::Retrying) {
                row.due = Some(now);
            }
        }
    }

    fn accept(&mut self, lane: u8) -> i64 {
        let fresh = self.now;
        let status = Status::Accepted;
        self.rows.push(Row { lane, status, in_lane: true, due: None, attempts: 0, tried: 0, fresh });
        self.promote(lane);
        self.rows.len() as i64
    }

    /// Sequence, attempt, tried, age and link of what a claim hands out.
    fn claim(&mut self, limit: usize, lease_ms: u64) -> Vec<(i64, u32, u32, i64, Option<String>)> {
        let due = |row: &Row| row.due.filter(|due| *due <= self.now);
        let mut all: Vec<(i64, usize)> =
            self.rows.iter().enumerate().filter_map(|(i, row)| Some((due(row)?, i))).collect();
        all.sort_unstable();
        let mut claimed = Vec::new();
        for (_, i) in all.into_iter().take(limit) {
            let again = self.rows[i].status == Status::Delivering;
            assert!(again || self.head(self.rows[i].lane) == Some(i), "the model hands out heads only");
            let row = &mut self.rows[i];
            (row.status, row.due) = (Status::Delivering, Some(self.now + lease_ms as i64));
            (row.attempts, row.tried) = (row.attempts + 1, row.tried + 1);
            let link = self.links.get(&row.lane).cloned();
            claimed.push((i as i64 + 1, row.attempts, row.tried, row.fresh, link));
        }
        claimed
    }

    /// False if the lease is another's.
    fn settle(&mut self, sequence: i64, attempt: u32, how: How) -> bool {
        let now = self.now;
        let row = &mut self.rows[sequence as usize - 1];
        if row.status != Status::Delivering || row.attempts != attempt {
            return false;
        }
        (row.status, row.in_lane, row.due) = match how {
            How::Delivered => (Status::Delivered, false, None),
            How::Skipped => (Status::Skipped, false, None),
            How::Retry { in_ms } => (Status::Retrying, true, Some(now + in_ms)),
            How::Parked => (Status::Parked, true, None),
            How::Dead { hold_lane } => (Status::Dead, hold_lane, None),
        };
        let lane = row.lane;
        if matches!(how, How::Delivered) {
            self.links.insert(lane, format!("t{sequence}"));
        }
        match self.rows[sequence as usize - 1].in_lane {
            true => self.place(lane),
            false => self.promote(lane),
        }
        true
    }

    fn is_held(&self, i: usize) -> bool {
        matches!(self.rows[i].status, Status::Parked | Status::Dead)
    }

    /// True if a worker has an event of the lane.
    fn in_hand(&self, lane: u8) -> bool {
        self.rows.iter().any(|row| row.lane == lane && row.in_lane && row.status == Status::Delivering)
    }

    /// An event that came back goes before those accepted later, but not before one in hand.
    fn place(&mut self, lane: u8) {
        if self.in_hand(lane) {
            return;
        }
        let head = self.head(lane);
        for (i, row) in self.rows.iter_mut().enumerate() {
            if row.lane == lane && row.in_lane && Some(i) != head {
                row.due = None;
            }
        }
        self.promote(lane);
    }

    fn replay(&mut self, i: usize) -> bool {
        let (held, now) = (self.is_held(i), self.now);
        if held {
            let row = &mut self.rows[i];
            (row.status, row.due, row.tried, row.fresh) = (Status::Accepted, None, 0, now);
            row.in_lane = true;
            self.place(self.rows[i].lane);
        }
        held
    }

    fn discard(&mut self, i: usize) -> bool {
        let held = self.is_held(i);
        if held {
            (self.rows[i].status, self.rows[i].in_lane) = (Status::Discarded, false);
            self.place(self.rows[i].lane);
        }
        held
    }

    /// What was in hand is due at once. Where the lease has ended it is due already, since that end.
    fn reopen(&mut self) {
        if !RECOVERS_AT_ONCE {
            return;
        }
        let now = self.now;
        self.rows
            .iter_mut()
            .filter(|row| row.status == Status::Delivering && row.due > Some(now))
            .for_each(|row| row.due = Some(now));
    }
}

/// The store and the model side by side, and every attempt that was ever handed out.
struct Both {
    desk: Option<Desk>,
    model: Model,
    handed_out: Vec<Claimed>,
}

impl Both {
    fn desk(&self) -> &Desk {
        self.desk.as_ref().expect("the store is open")
    }

    async fn take(&mut self, step: Step) {
        let now = at(self.model.now);
        match step {
            Step::Accept { lane } => {
                let sequence = self.model.accept(lane);
                let accepted = self.desk().store.accept(event(&lane.to_string(), &name(sequence)), now).await;
                assert_eq!(accepted.unwrap(), Accepted::New { sequence });
            }
            Step::AcceptAgain { which, same_bytes } => self.accept_again(which, same_bytes).await,
            Step::Claim { limit, lease_ms } => {
                let lease = Duration::from_millis(lease_ms);
                let claimed = self.desk().store.claim(CONNECTION, limit, lease, now).await.unwrap();
                let found = claimed.iter().map(|c| {
                    let fresh = c.fresh_at.as_millisecond() - at(0).as_millisecond();
                    (
                        c.sequence,
                        c.attempt,
                        c.tried,
                        fresh,
                        c.link.as_ref().map(|link| link.target_id.clone()),
                    )
                });
                assert_eq!(found.collect::<Vec<_>>(), self.model.claim(limit, lease_ms));
                self.handed_out.extend(claimed);
            }
            Step::Settle { which, how } => self.settle(which, how).await,
            Step::Wait { ms } => self.model.now += ms,
            Step::Replay { which } if !self.model.rows.is_empty() => {
                let i = which.index(self.model.rows.len());
                let done = self.desk().store.replay(CONNECTION, &id(i), Replay::default(), now).await;
                assert_eq!(allowed(done), self.model.replay(i));
            }
            Step::Discard { which } if !self.model.rows.is_empty() => {
                let i = which.index(self.model.rows.len());
                let done = self.desk().store.discard(CONNECTION, &id(i), now).await;
                assert_eq!(allowed(done), self.model.discard(i));
            }
            Step::Replay { .. } | Step::Discard { .. } => {}
            Step::Reopen => {
                self.model.reopen();
                self.desk = Some(self.desk.take().expect("the store is open").reopen(now).await.unwrap());
            }
        }
    }

    async fn accept_again(&self, which: Index, same_bytes: bool) {
        if self.model.rows.is_empty() {
            return;
        }
        let i = which.index(self.model.rows.len());
        let sequence = i as i64 + 1;
        let body = if same_bytes { name(sequence) } else { "other bytes".into() };
        let again = event_with(&self.model.rows[i].lane.to_string(), &name(sequence), &body);
        let accepted = self.desk().store.accept(again, at(self.model.now)).await.unwrap();
        let expected = if same_bytes { Accepted::Duplicate { sequence } } else { Accepted::Conflict };
        assert_eq!(accepted, expected);
    }

    async fn settle(&mut self, which: Index, how: How) {
        if self.handed_out.is_empty() {
            return;
        }
        let claimed = &self.handed_out[which.index(self.handed_out.len())];
        let target = format!("t{}", claimed.sequence);
        let outcome = match how {
            How::Delivered => Outcome::Delivered(TargetRef { kind: "ticket".into(), id: target.clone() }),
            How::Skipped => Outcome::Skipped(reason()),
            How::Retry { in_ms } => Outcome::Retry(reason(), at(self.model.now + in_ms)),
            How::Parked => Outcome::Parked(reason()),
            How::Dead { .. } => Outcome::Dead(reason()),
        };
        let mut ended = settlement(claimed, outcome, self.model.now);
        ended.hold_lane = matches!(how, How::Dead { hold_lane: true });
        let key = LinkKey::from(&claimed.event.lane);
        let link = Link { key, target_id: target, version: None, written: None };
        ended.links.extend(matches!(how, How::Delivered).then_some(link));
        let settled = self.desk().store.settle(ended).await;
        assert_eq!(allowed(settled), self.model.settle(claimed.sequence, claimed.attempt, how));
    }

    /// Everything that can be seen from outside is the same.
    async fn compare(&self) {
        let all = Filter { limit: 1000, ..Filter::default() };
        let events = self.desk().store.events(CONNECTION, all).await.unwrap();
        let found = events.iter().rev().map(|event| (event.sequence, event.status, event.attempts));
        let rows = self.model.rows.iter().zip(1i64..);
        let expected: Vec<_> = rows.map(|(row, sequence)| (sequence, row.status, row.tried)).collect();
        assert_eq!(found.collect::<Vec<_>>(), expected);
        let due = self.model.rows.iter().filter_map(|row| row.due).min();
        assert_eq!(self.desk().store.next_due(CONNECTION).await.unwrap(), due.map(at));
        let open = self.model.rows.iter().filter(|row| row.in_lane).count() as u64;
        let backlog = self.desk().store.backlog().await.unwrap();
        assert_eq!(backlog.iter().map(|row| row.events).sum::<u64>(), open);
    }
}

/// Whether it was done; refused is all that it can be besides.
fn allowed(result: Result<(), StoreError>) -> bool {
    match result {
        Ok(()) => true,
        Err(StoreError::LeaseLost | StoreError::WrongStatus { .. }) => false,
        Err(other) => panic!("{other:?}"),
    }
}

fn name(sequence: i64) -> String {
    format!("e{sequence}")
}

fn id(i: usize) -> EventId {
    EventId::stored(name(i as i64 + 1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_journal_is_a_list_in_memory_that_survives(steps in proptest::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut both = Both { desk: Some(Desk::new().await), model: Model::default(), handed_out: Vec::new() };
            for step in steps {
                both.take(step).await;
                both.compare().await;
            }
        });
    }
}
