//! Whose turn it is to call: the tenant's rate and concurrency, and who has first call on them.
//!
//! Calls of the foreground share all of both and wait in the order they came. A call of the background starts only
//! while no call of the foreground waits, and all of the background together takes at most half of the rate and half
//! of the concurrency (at least one call): what nobody waits for must neither delay what somebody does, nor be found
//! in its way when it comes. Under a full load of the foreground the background therefore stands still, and
//! goes on as soon as a moment comes in which nobody waits.

use std::{future::Future, num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit, watch};

/// What the background may have of the rate and of the concurrency: one part in so many.
const BACKGROUND_SHARE: u32 = 2;

/// Both limits of a tenant.
pub(super) struct Turns {
    rate: DefaultDirectRateLimiter,
    permits: Semaphore,
    /// How many calls of the foreground wait for their turn.
    waiting: watch::Sender<usize>,
    background: Background,
}

/// The background's own, narrower limits, which it has to pass first.
struct Background {
    rate: DefaultDirectRateLimiter,
    permits: Semaphore,
    /// Held by the one call that is next, so that no more than one has passed the rate before its turn comes.
    next: Mutex<()>,
}

/// Leave to make one call; the concurrency is free again when it is dropped.
pub(super) struct Turn<'a> {
    _permits: [Option<SemaphorePermit<'a>>; 2],
}

/// Whether somebody waits for what a call brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Urgency {
    #[default]
    Foreground,
    Background,
}

impl Turns {
    /// `concurrency` is at least 1.
    pub(super) fn new(requests_per_second: NonZeroU32, concurrency: usize) -> Turns {
        Turns {
            rate: RateLimiter::direct(Quota::per_second(requests_per_second)),
            permits: Semaphore::new(concurrency),
            waiting: watch::Sender::new(0),
            background: Background::new(requests_per_second, concurrency),
        }
    }

    /// Waits for a turn. Nothing is lost if the caller gives up waiting.
    pub(super) async fn take(&self, urgency: Urgency) -> Turn<'_> {
        match urgency {
            Urgency::Foreground => self.foreground().await,
            Urgency::Background => self.background().await,
        }
    }

    async fn foreground(&self) -> Turn<'_> {
        let _waiting = Waiting::begin(&self.waiting);
        // The permit comes first: a rate slot that then waits for a permit would be spent at another time. The
        // semaphores are never closed, so there is always a permit to hold.
        let permit = self.permits.acquire().await.ok();
        self.rate.until_ready().await;
        Turn { _permits: [permit, None] }
    }

    async fn background(&self) -> Turn<'_> {
        let own = self.background.permits.acquire().await.ok();
        let _next = self.background.next.lock().await;
        self.background.rate.until_ready().await;
        loop {
            // Others wait behind whoever waits for a permit, so this wait ends when one of the foreground comes.
            let Some(permit) = self.while_nobody_waits(self.permits.acquire()).await else { continue };
            if self.is_anybody_waiting() {
                continue;
            }
            match self.rate.check() {
                Ok(()) => return Turn { _permits: [own, permit.ok()] },
                Err(not_yet) => {
                    drop(permit);
                    tokio::time::sleep(not_yet.wait_time_from(DefaultClock::default().now())).await;
                }
            }
        }
    }

    /// Waits until nobody waits, then for `work`; nothing if somebody came meanwhile.
    async fn while_nobody_waits<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut waiting = self.waiting.subscribe();
        // The sender lives as long as we do.
        let _idle = waiting.wait_for(|count| *count == 0).await.is_ok();
        tokio::select! {
            biased;
            _ = waiting.wait_for(|count| *count > 0) => None,
            done = work => Some(done),
        }
    }

    fn is_anybody_waiting(&self) -> bool {
        *self.waiting.borrow() > 0
    }
}

impl Background {
    fn new(requests_per_second: NonZeroU32, concurrency: usize) -> Background {
        let share = BACKGROUND_SHARE as usize;
        Background {
            rate: RateLimiter::direct(quota(requests_per_second)),
            permits: Semaphore::new((concurrency / share).max(1)),
            next: Mutex::new(()),
        }
    }
}

/// The background's share of a rate, also of one call a second.
fn quota(requests_per_second: NonZeroU32) -> Quota {
    let burst = NonZeroU32::new(requests_per_second.get() / BACKGROUND_SHARE).unwrap_or(NonZeroU32::MIN);
    let period = Duration::from_secs(1) * BACKGROUND_SHARE / requests_per_second.get();
    // Half of the largest rate has a period of half a nanosecond, which rounds to none.
    Quota::with_period(period.max(Duration::from_nanos(1)))
        .map_or(Quota::per_second(burst), |quota| quota.allow_burst(burst))
}

/// One call of the foreground that waits, for as long as it does.
struct Waiting<'a>(&'a watch::Sender<usize>);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a watch::Sender<usize>) -> Waiting<'a> {
        waiting.send_modify(|count| *count += 1);
        Waiting(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
