//! How late an answer is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Dice;

/// Longest delay a fault may ask for.
const MAX_DELAY_MS: u64 = 120_000;

/// Milliseconds, by what distribution.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Latency {
    /// Always the same.
    #[serde(rename = "constant_ms")]
    Constant(u64),
    /// Anything between two bounds, both included.
    #[serde(rename = "uniform_ms")]
    Uniform(u64, u64),
    /// Mostly short and now and then long, as networks are.
    #[serde(rename = "exponential_ms")]
    Exponential { mean: u64, cap: u64 },
}

impl Latency {
    pub(super) fn check(&self) -> Result<(), String> {
        let longest = match self {
            Self::Constant(delay) => *delay,
            Self::Uniform(from, to) if from > to => {
                return Err("latency.uniform_ms: must be [from, to]".to_owned());
            }
            Self::Uniform(_, to) => *to,
            Self::Exponential { mean, cap } if mean > cap => {
                return Err("latency.exponential_ms: cap must not be below mean".to_owned());
            }
            Self::Exponential { cap, .. } => *cap,
        };
        if longest > MAX_DELAY_MS { Err(format!("must be at most {MAX_DELAY_MS} ms")) } else { Ok(()) }
    }

    pub(super) fn throw(&self, dice: &mut Dice) -> Duration {
        match self {
            Self::Constant(delay) => Duration::from_millis(*delay),
            Self::Uniform(from, to) => Duration::from_millis(from + dice.below(to - from + 1)),
            Self::Exponential { mean, cap } => {
                // 1 - unit is never 0, so the logarithm is finite.
                let factor = -(1.0 - dice.unit()).ln();
                Duration::from_millis(*mean).mul_f64(factor).min(Duration::from_millis(*cap))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_throw_stays_in_its_bounds_and_the_mean_is_about_right() {
        let mut dice = Dice::thrown(1, 2, 3);
        let uniform = Latency::Uniform(20, 30);
        let exponential = Latency::Exponential { mean: 100, cap: 5_000 };
        let mut total = Duration::ZERO;
        for _ in 0..10_000 {
            let delay = uniform.throw(&mut dice).as_millis();
            assert!((20..=30).contains(&delay), "{delay}");
            total += exponential.throw(&mut dice);
        }
        let mean = (total / 10_000).as_millis();
        assert!((90..=110).contains(&mean), "{mean}");
    }
}
