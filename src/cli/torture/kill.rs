//! Deaths: at random moments, and at the places where one would hurt most.

use std::{collections::BTreeMap, fmt, time::Duration};

use rand::{RngExt, rngs::StdRng};

use super::{super::Failure, replica::Death, stage::Stage};
use crate::fault::Point;

/// The share of deaths at a named place.
const NAMED: f64 = 0.5;
/// How long a process lives that dies by a signal, in milliseconds after it is ready.
const LIFE_MS: std::ops::Range<u64> = 0..600;
/// How long one lives that doesn't come to its place.
const LONGEST_LIFE: Duration = Duration::from_millis(2000);
/// At which passing of its place a process dies, at most.
const PASSINGS: std::ops::Range<u32> = 1..30;
/// After so many deaths, a database of our own dies too.
const SERVER_EVERY: u32 = 10;

/// How often what died of what.
pub(super) type Kills = BTreeMap<Cause, u32>;

/// What somebody died of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// A process, at a moment that chance chose.
    Chance,
    /// A process, at a named place.
    Place(String),
    /// The database beneath the processes.
    Database,
}

impl Cause {
    /// True for the death of a process.
    pub(super) fn is_cycle(&self) -> bool {
        !matches!(self, Self::Database)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chance => f.write_str("at a random moment"),
            Self::Place(name) => write!(f, "at {name}"),
            Self::Database => f.write_str("with its database"),
        }
    }
}

/// Lets the processes die in turn, so often in all; `each` hears of every death. They live on after that.
pub(super) async fn cycles(
    stage: &mut Stage,
    count: u32,
    dice: &mut StdRng,
    mut each: impl FnMut(Cause),
) -> Result<(), Failure> {
    let replicas = u32::try_from(stage.replicas.len()).unwrap_or(u32::MAX);
    for cycle in 0..count {
        let turn = usize::try_from(cycle % replicas).unwrap_or_default();
        let Some(replica) = stage.replicas.get_mut(turn) else { continue };
        let place = match &replica.death {
            Death::At(place, _) => place.split(':').next().map(str::to_owned),
            Death::None | Death::After(_) => None,
        };
        let reached = replica.end().await?;
        each(place.filter(|_| reached).map_or(Cause::Chance, Cause::Place));
        if cycle % SERVER_EVERY == SERVER_EVERY - 1
            && let Some(postgres) = &mut stage.postgres
        {
            postgres.kill().await?;
            each(Cause::Database);
        }
        let last = cycle + replicas >= count;
        replica.start(if last { Death::None } else { next(dice) }).await?;
    }
    Ok(())
}

fn next(dice: &mut StdRng) -> Death {
    if dice.random_bool(NAMED) {
        let (name, _) = Point::IN_SERVICE[dice.random_range(0..Point::IN_SERVICE.len())];
        Death::At(format!("{name}:{}", dice.random_range(PASSINGS)), LONGEST_LIFE)
    } else {
        Death::After(Duration::from_millis(dice.random_range(LIFE_MS)))
    }
}
