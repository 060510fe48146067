//! Senders: each has lanes of its own, sends one event after the other and now and then two at once, and sends again
//! what wasn't answered. What was answered is the promise that the run is judged by.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tokio::{task::JoinSet, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::{
    super::{Failure, sign::sign},
    events::{Draft, Lane},
    stage::Stage,
};
use crate::torture::{Answer, Post};

/// Senders at once.
const SENDERS: u32 = 8;
/// The share of turns in which a lane's next two events are sent at once.
const PAIRS: f64 = 0.1;
/// The share of unanswered posts that are never sent again: whether they were taken, nobody can say.
const ABANDONED: f64 = 0.05;
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Before an unanswered post is sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// What the senders of a round did.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) posts: Vec<Post>,
    /// When each answer came.
    pub(super) answers: Vec<Timestamp>,
}

/// Senders at work.
pub(super) struct Load {
    stop: CancellationToken,
    senders: JoinSet<Result<Sent, Failure>>,
}

impl Load {
    /// Starts them on lanes of these numbers.
    pub(super) fn start(
        stage: &Stage,
        lanes: std::ops::Range<u32>,
        rate: u32,
        seed: u64,
        ticks: &Arc<AtomicU64>,
    ) -> Result<Self, Failure> {
        let (stop, mut senders) = (CancellationToken::new(), JoinSet::new());
        let client = super::super::demo::http_client(PATIENCE).map_err(Failure::work)?;
        let turn = Duration::from_secs_f64(f64::from(SENDERS) / f64::from(rate));
        for number in 0..SENDERS.min(lanes.end - lanes.start) {
            let own = lanes.clone().filter(|lane| lane % SENDERS == (lanes.start + number) % SENDERS);
            let sender = Sender {
                client: client.clone(),
                urls: stage.urls(),
                signing: stage.signing,
                lanes: own.map(Lane::new).collect(),
                dice: StdRng::seed_from_u64(seed.wrapping_add(u64::from(lanes.start + number))),
                ticks: ticks.clone(),
                sent: Sent::default(),
            };
            senders.spawn(sender.run(turn, stop.clone()));
        }
        Ok(Self { stop, senders })
    }

    /// Lets them finish what they are at, and collects what they did.
    pub(super) async fn stop(mut self) -> Result<Sent, Failure> {
        self.stop.cancel();
        let mut all = Sent::default();
        while let Some(sent) = self.senders.join_next().await {
            let sent = sent.map_err(Failure::work)??;
            all.posts.extend(sent.posts);
            all.answers.extend(sent.answers);
        }
        Ok(all)
    }
}

struct Sender {
    client: reqwest::Client,
    urls: Vec<String>,
    signing: [u8; 32],
    lanes: Vec<Lane>,
    dice: StdRng,
    /// The order of all that the senders saw.
    ticks: Arc<AtomicU64>,
    sent: Sent,
}

impl Sender {
    async fn run(mut self, turn: Duration, stop: CancellationToken) -> Result<Sent, Failure> {
        let mut turns = tokio::time::interval(turn);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() {
            turns.tick().await;
            self.turn().await?;
        }
        Ok(self.sent)
    }

    async fn turn(&mut self) -> Result<(), Failure> {
        let at = self.dice.random_range(0..self.lanes.len());
        let Some(lane) = self.lanes.get_mut(at) else { return Ok(()) };
        let pair = !lane.is_new() && self.dice.random_bool(PAIRS);
        let abandon = !lane.is_new() && self.dice.random_bool(ABANDONED);
        let first = lane.next(&mut self.dice);
        let second = pair.then(|| lane.next(&mut self.dice));
        let (urls, random) = (self.urls.clone(), self.dice.random_range(0..self.urls.len()));
        let posting = Posting { sender: self, urls, random, abandon };
        let done = match &second {
            Some(second) => {
                let (first, second) = tokio::try_join!(posting.post(&first), posting.post(second))?;
                vec![first, second]
            }
            None => vec![posting.post(&first).await?],
        };
        for (post, answered) in done {
            self.sent.posts.push(post);
            self.sent.answers.extend(answered);
        }
        Ok(())
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }
}

/// How one turn's events are sent.
struct Posting<'a> {
    sender: &'a Sender,
    urls: Vec<String>,
    random: usize,
    abandon: bool,
}

impl Posting<'_> {
    /// Sends until it is answered, at one replica after the other.
    async fn post(&self, draft: &Draft) -> Result<(Post, Option<Timestamp>), Failure> {
        let Draft { event, lane, asks, .. } = draft.clone();
        let mut post = Post { event, lane, asks, sent: self.sender.tick(), answer: None };
        let urls = self.urls.iter().cycle().skip(self.random);
        for url in urls {
            match self.once(url, draft).await? {
                Some(sequence) => {
                    post.answer = Some(Answer { at: self.sender.tick(), sequence });
                    return Ok((post, Some(Timestamp::now())));
                }
                None if self.abandon => break,
                None => tokio::time::sleep(PAUSE).await,
            }
        }
        Ok((post, None))
    }

    /// The place in the order of acceptance; nothing if it wasn't told. What is wrong with the service may pass, what
    /// is wrong with the event may not: it is the run's own.
    async fn once(&self, url: &str, draft: &Draft) -> Result<Option<i64>, Failure> {
        let second = Timestamp::now().as_second();
        let request = self
            .sender
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &draft.event)
            .header("webhook-timestamp", second)
            .header("webhook-signature", sign(&self.sender.signing, &draft.event, second, &draft.body))
            .body(draft.body.clone());
        let Ok(answer) = request.send().await else { return Ok(None) };
        let status = answer.status();
        let Ok(body) = answer.json::<Value>().await else { return Ok(None) };
        match body["sequence"].as_i64() {
            Some(sequence) if status.as_u16() == 202 => Ok(Some(sequence)),
            _ if status.is_server_error() || status.as_u16() == 429 => Ok(None),
            _ => Err(Failure::Work(format!("{} was refused with {status}: {body}", draft.event))),
        }
    }
}
