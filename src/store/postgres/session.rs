//! The writer's way to the server with its statements compiled, and the transaction that a group of jobs becomes.

use futures_util::future::join_all;
use tokio_postgres::{Client, Statement};

use super::{
    accept,
    address::Address,
    claim,
    connect::{Purpose, answer, attend, connect, failed},
    group::Group,
    intend, lock, settle,
};
use crate::{
    fault::{self, Point},
    store::{Accepted, Claimed, Hold, StoreError},
};

/// The writer's statements go by keys, on tables of any length, and are planned once. The server would weigh what it last
/// knew of the tables, which may be that they were empty: then it reads through all of one that has grown since, or, where
/// many events are due, through all that waits to hand out a few.
const PLANS: &str =
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
                     SET enable_mergejoin = off; SET enable_material = off; SET enable_bitmapscan = off; SET jit = off";

/// Begin, lock, commit.
const OF_EACH_TRANSACTION: usize = 3;

pub(super) struct Session {
    client: Client,
    lock: Statement,
    accept: Statement,
    renew: Statement,
    intend: Statement,
    settle: Statement,
    claim: Statement,
}

/// What became of a group's jobs, kind by kind in their order.
pub(super) struct Answers {
    pub(super) accepted: Vec<Accepted>,
    pub(super) renewed: Vec<Vec<Hold>>,
    pub(super) intended: Vec<bool>,
    pub(super) settled: Vec<settle::Done>,
    pub(super) claimed: Vec<Vec<Claimed>>,
    /// How many it took, with those that begin and end the transaction.
    pub(super) statements: u64,
}

impl Session {
    /// A way to the server; what goes over it is moved by a task of this thread.
    pub(super) async fn open(address: &Address) -> Result<Self, StoreError> {
        let (client, wire) = connect(address, Purpose::Writer).await?;
        tokio::spawn(attend(wire));
        answer(client.batch_execute(PLANS)).await?;
        answer(Self::prepare(client)).await
    }

    async fn prepare(client: Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            lock: client.prepare(lock::TAKE).await?,
            accept: client.prepare(accept::SQL).await?,
            renew: client.prepare(claim::RENEW).await?,
            intend: client.prepare(intend::SQL).await?,
            settle: client.prepare(settle::SQL).await?,
            claim: client.prepare(claim::SQL).await?,
            client,
        })
    }

    /// True if the way broke: the session is of no more use.
    pub(super) fn is_broken(&self) -> bool {
        self.client.is_closed()
    }

    /// Does a group's jobs, all of them or none. The statements go out at the first poll of each future, in the order
    /// in which they stand here, without waiting for each other's answers. Claims are the last: they see what the
    /// others have made due.
    pub(super) async fn transaction(&self, group: &Group) -> Result<Answers, StoreError> {
        let client = &self.client;
        let keys = lock::keys(group.connections());
        let lock_parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&lock::NAMESPACE, &keys];
        let accepts: Vec<_> = group.accepts.iter().map(|call| &call.input).collect();
        let intents: Vec<_> = group.intents.iter().map(|call| &call.input).collect();
        let ended: Vec<_> = group.settles.iter().map(|call| &call.input).collect();
        let parts = settle::parts(&ended);
        let statements = OF_EACH_TRANSACTION
            + usize::from(!accepts.is_empty())
            + usize::from(!intents.is_empty())
            + parts.len()
            + group.renewals.len()
            + group.claims.len();
        let renewals = group.renewals.iter().map(|call| claim::renew(client, &self.renew, &call.input));
        let claims = group.claims.iter().map(|call| claim::run(client, &self.claim, &call.input));
        let (begun, locked, accepted, renewed, intended, settled, claimed, committed) = tokio::join!(
            biased;
            client.batch_execute("BEGIN"),
            client.execute(&self.lock, &lock_parameters),
            accept::run(client, &self.accept, &accepts),
            join_all(renewals),
            intend::run(client, &self.intend, &intents),
            settle::run(client, &self.settle, &parts),
            join_all(claims),
            self.commit(group),
        );
        begun.map_err(failed)?;
        locked.map_err(failed)?;
        // After an error the server turns the commit into a rollback; the error stands at the statement.
        let answers = Answers {
            accepted: accepted?,
            renewed: renewed.into_iter().collect::<Result<_, _>>()?,
            intended: intended?,
            settled: settled?,
            claimed: claimed.into_iter().collect::<Result<_, _>>()?,
            statements: statements as u64,
        };
        committed.map_err(failed)?;
        Ok(answers)
    }

    async fn commit(&self, group: &Group) -> Result<(), tokio_postgres::Error> {
        if fault::is_armed() {
            // The server has done all that stands before this.
            self.client.batch_execute("").await?;
        }
        if !group.accepts.is_empty() {
            fault::here(Point::AcceptBeforeCommit);
        }
        if !group.settles.is_empty() {
            fault::here(Point::SettleBeforeCommit);
        }
        self.client.batch_execute("COMMIT").await
    }
}
