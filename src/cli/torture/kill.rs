//! Deaths: at random moments, and at the places where one would hurt most.

use std::{collections::BTreeMap, time::Duration};

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
/// How a death by a signal is counted.
const AT_RANDOM: &str = "at a random moment";

/// How often a process died of what.
pub(super) type Kills = BTreeMap<String, u32>;

/// Lets the processes die in turn, so often in all; `each` hears of every death. They live on after that.
pub(super) async fn cycles(
    stage: &mut Stage,
    count: u32,
    dice: &mut StdRng,
    mut each: impl FnMut(String),
) -> Result<(), Failure> {
    let replicas = u32::try_from(stage.replicas.len()).unwrap_or(u32::MAX);
    for cycle in 0..count {
        let turn = usize::try_from(cycle % replicas).unwrap_or_default();
        let Some(replica) = stage.replicas.get_mut(turn) else { continue };
        let place = if let Death::At(place, _) = &replica.death { Some(place.clone()) } else { None };
        let reached = replica.end().await?;
        let place = place.filter(|_| reached);
        each(
            place.and_then(|place| Some(place.split_once(':')?.0.to_owned())).unwrap_or(AT_RANDOM.to_owned()),
        );
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
