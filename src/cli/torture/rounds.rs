//! A run, round by round: load and deaths, then quiet, then judgement. Each round has lanes of its own, so that what
//! was judged can be forgotten.

use std::{
    io::{IsTerminal, Write},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};
use tokio::time::Instant;

use super::{
    super::{Failure, say},
    effects::Effects,
    kill::{self, Cause, Kills},
    load::{Load, Sent},
    operator::Operator,
    replica::Death,
    soak::{self, Sample},
    stage::Stage,
    trouble,
};
use crate::{
    plural::counted,
    torture::{History, Verdict, judge},
};

/// Deaths in a round.
const ROUND: u32 = 50;
/// How long a round without deaths is.
const SOAK_ROUND: Duration = Duration::from_secs(20);

/// What is done in a run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    /// So many deaths.
    Kill(u32),
    /// Ordinary work, for so long.
    Soak(Duration),
}

/// What a run is to do.
pub(super) struct Plan {
    pub(super) task: Task,
    pub(super) disk_budget: Option<u64>,
    pub(super) lanes: u32,
    pub(super) rate: u32,
    pub(super) faults: f64,
    pub(super) seed: u64,
}

/// What a run came to.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) kills: Kills,
    /// What was taken at the end of each round.
    pub(super) samples: Vec<Sample>,
    /// What grew.
    pub(super) growth: Vec<String>,
    /// From the start of a process to the first answer to a sender.
    pub(super) first_answer: Duration,
    /// From the start of a process to the first effect at the target.
    pub(super) first_effect: Duration,
}

pub(super) async fn run(stage: &mut Stage, plan: &Plan) -> Result<Outcome, Failure> {
    for replica in &mut stage.replicas {
        replica.start(Death::None).await?;
    }
    let operator = Operator::of(stage)?;
    if !operator.is_new().await? {
        return Err(Failure::usage("the store holds events already: the run needs one of its own"));
    }
    let effects = Effects::of(stage.folder.requests());
    let dice = StdRng::seed_from_u64(plan.seed);
    let (begun, outcome) = (Instant::now(), Outcome::default());
    let mut run = Run { plan, operator, effects, dice, floor: 0, done: 0, begun, outcome };
    let mut round = 0;
    while !run.is_over() && run.outcome.verdict.violations.is_empty() {
        run.round(stage, round).await?;
        round += 1;
    }
    if let Task::Soak(_) = plan.task {
        run.outcome.growth = soak::growth(&run.outcome.samples, plan.disk_budget);
    }
    Ok(run.outcome)
}

struct Run<'a> {
    plan: &'a Plan,
    operator: Operator,
    effects: Effects,
    dice: StdRng,
    /// The last place in the order of acceptance that was judged.
    floor: i64,
    /// Deaths so far.
    done: u32,
    begun: Instant,
    outcome: Outcome,
}

impl Run<'_> {
    fn is_over(&self) -> bool {
        match self.plan.task {
            Task::Kill(cycles) => self.done >= cycles,
            Task::Soak(time) => self.begun.elapsed() >= time,
        }
    }

    async fn round(&mut self, stage: &mut Stage, round: u32) -> Result<(), Failure> {
        let Plan { lanes, rate, faults, seed, .. } = *self.plan;
        self.effects.begin();
        trouble::begin(stage, faults, round).await?;
        let (first, ticks) = (1 + round * lanes, Arc::new(AtomicU64::new(1)));
        let load = Load::start(stage, first..first + lanes, rate, seed, &ticks)?;
        match self.plan.task {
            Task::Kill(cycles) => self.kill(stage, cycles).await?,
            Task::Soak(time) => tokio::time::sleep(time.min(SOAK_ROUND)).await,
        }
        let sent = load.stop().await?;
        trouble::end(stage).await?;
        progress(&format!(
            "{}: waiting for {} to be settled",
            self.stand(),
            counted(sent.posts.len(), "event")
        ));
        self.operator.settle(&mut self.effects).await?;
        self.judge(stage, sent).await?;
        self.outcome.samples.push(soak::sample(stage, self.outcome.verdict.acknowledged)?);
        self.report();
        Ok(())
    }

    async fn kill(&mut self, stage: &mut Stage, cycles: u32) -> Result<(), Failure> {
        let (done, kills) = (&mut self.done, &mut self.outcome.kills);
        let count = ROUND.min(cycles - *done);
        let each = |cause: Cause| {
            *done += u32::from(cause.is_cycle());
            progress(&format!("cycle {done} of {cycles}: killed {cause}"));
            *kills.entry(cause).or_default() += 1;
        };
        kill::cycles(stage, count, &mut self.dice, each).await
    }

    /// How far the run has come.
    fn stand(&self) -> String {
        match self.plan.task {
            Task::Kill(cycles) => format!("cycle {} of {cycles}", self.done),
            Task::Soak(time) => format!("{} s of {} s", self.begun.elapsed().as_secs(), time.as_secs()),
        }
    }

    async fn judge(&mut self, stage: &mut Stage, sent: Sent) -> Result<(), Failure> {
        self.effects.look()?;
        let records = self.operator.records(self.floor, &self.effects).await?;
        self.floor = records.iter().map(|record| record.sequence).max().unwrap_or(self.floor);
        let lives: Vec<_> =
            stage.replicas.iter_mut().flat_map(|replica| replica.lives.split_off(0)).collect();
        let outcome = &mut self.outcome;
        outcome.first_answer = outcome.first_answer.max(longest_wait(&lives, sent.answers));
        outcome.first_effect = outcome.first_effect.max(longest_wait(&lives, self.effects.times.clone()));
        let history = History { posts: sent.posts, effects: self.effects.seen.clone(), records };
        outcome.verdict.add(judge(&history));
        Ok(())
    }

    fn report(&self) {
        let verdict = &self.outcome.verdict;
        let line = format!(
            "{}: {} acknowledged, {}",
            self.stand(),
            counted(verdict.acknowledged, "event"),
            counted(verdict.violations.len(), "violation")
        );
        progress("");
        say(line);
    }
}

/// The longest time from the beginning of a life to the first of `moments` in it.
fn longest_wait(lives: &[(Timestamp, Option<Timestamp>)], mut moments: Vec<Timestamp>) -> Duration {
    moments.sort_unstable();
    let waits = lives.iter().filter_map(|(begun, ended)| {
        let first = moments.get(moments.partition_point(|moment| moment < begun))?;
        let within = ended.is_none_or(|ended| *first <= ended);
        Duration::try_from(begun.until(*first).ok()?).ok().filter(|_| within)
    });
    waits.max().unwrap_or_default()
}

/// A line that the next one replaces, for whoever watches.
fn progress(line: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // Nobody is there to hear that nobody is there.
        write!(terminal, "\r\x1b[K{line}").and_then(|()| terminal.flush()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_counts_within_its_life() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let lives = [(at(10), Some(at(20))), (at(20), Some(at(25))), (at(30), None)];
        let moments = vec![at(41), at(13), at(14), at(29)];
        assert_eq!(longest_wait(&lives, moments), Duration::from_secs(11));
        assert_eq!(longest_wait(&lives[..2], vec![at(29)]), Duration::ZERO);
    }
}
