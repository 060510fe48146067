//! Hours of ordinary work: what a process takes must not grow with what it has done.

use std::{path::PathBuf, time::Duration};

use super::{super::Failure, stage::Stage};

/// Growth that is no growth: what an allocator holds back, and a cache that was not full yet.
const SLACK_SHARE: f64 = 0.15;
const SLACK_BYTES: u64 = 16 * 1024 * 1024;
/// Samples below which nothing can be said.
const ENOUGH: usize = 4;

/// What the processes and the store took at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// Resident bytes of all processes.
    pub(super) memory: u64,
    /// Bytes of the store's files; zero if it isn't a file.
    pub(super) store: u64,
    /// Events acknowledged until then.
    pub(super) events: u64,
}

/// Looks at the processes and files.
pub(super) fn sample(stage: &Stage, events: usize) -> Result<Sample, Failure> {
    let memory = stage.replicas.iter().filter_map(|replica| replica.process()).map(resident);
    let memory = memory.sum::<Option<u64>>().ok_or_else(|| Failure::work("/proc tells no memory"))?;
    let store =
        stage.store_files().iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    Ok(Sample { memory, store, events: events as u64 })
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(PathBuf::from(format!("/proc/{process}/status"))).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}

/// What grew, as sentences; none if all stayed flat. The first quarter is for warming up.
pub(super) fn growth(samples: &[Sample], budget: Option<u64>) -> Vec<String> {
    let quarter = samples.len() / ENOUGH;
    if quarter == 0 {
        return Vec::new();
    }
    let (Some(early), Some(late)) =
        (samples.get(quarter..2 * quarter), samples.get(samples.len() - quarter..))
    else {
        return Vec::new();
    };
    let highest = |part: &[Sample], of: fn(&Sample) -> u64| part.iter().map(of).max().unwrap_or_default();
    let (before, after) = (highest(early, |it| it.memory), highest(late, |it| it.memory));
    let mut grown = Vec::new();
    if after > before + SLACK_BYTES.max(share_of(before)) {
        grown.push(format!("memory grew from {} to {} MiB", mib(before), mib(after)));
    }
    let taken = highest(late, |it| it.store);
    if let Some(budget) = budget.filter(|budget| taken > *budget) {
        grown.push(format!("the store took {} MiB of a budget of {}", mib(taken), mib(budget)));
    }
    grown
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share"
)]
fn share_of(bytes: u64) -> u64 {
    (bytes as f64 * SLACK_SHARE) as u64
}

pub(super) fn mib(bytes: u64) -> u64 {
    bytes.div_ceil(1024 * 1024)
}

/// A time as people write it: `90s`, `30m`, `2h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "must be a number of s, m or h, such as 30m".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: u32 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(memory: impl Fn(u64) -> u64) -> Vec<Sample> {
        (0..20).map(|n| Sample { memory: memory(n) * 1024 * 1024, store: n, events: n }).collect()
    }

    #[test]
    fn what_warms_up_and_stays_is_flat_and_what_goes_on_growing_is_not() {
        assert_eq!(growth(&samples(|n| 80 + n.min(3) * 20), None), Vec::<String>::new());
        assert_eq!(growth(&samples(|n| 80 + n * 5), None), ["memory grew from 125 to 175 MiB"]);
    }

    #[test]
    fn a_store_beyond_its_budget_is_told() {
        let flat = samples(|_| 80);
        assert_eq!(growth(&flat, Some(19)), Vec::<String>::new());
        assert_eq!(growth(&flat, Some(18)), ["the store took 1 MiB of a budget of 1"]);
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "30", "m", "1d", "-1s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
