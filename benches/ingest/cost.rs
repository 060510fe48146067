//! What the parts of an accept cost, each alone on one thread, over the bodies that the rounds send.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use hmac::Mac;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Result;
use crate::request::{Signed, Template};

/// Different events, so that no part is measured with a branch predictor that knows the only body by heart.
const EVENTS: usize = 1000;
const MEASURE_FOR: Duration = Duration::from_millis(500);

const DISK_WRITES: usize = 200;
const DISK_WRITE_BYTES: usize = 4096;

pub(crate) struct Cost {
    pub(crate) part: &'static str,
    pub(crate) each: Duration,
}

pub(crate) fn measure(template: &mut Template, folder: &Path) -> Result<Vec<Cost>> {
    let events: Vec<Signed> = (0..EVENTS).map(|_| template.next()).collect();
    Ok(vec![
        per_event("HMAC-SHA256 verify", &events, verify),
        per_event("SHA-256 of the body", &events, hash),
        per_event("JSON parse", &events, parse),
        Cost { part: "append 4 KiB, fdatasync", each: append_and_sync(folder)? },
    ])
}

fn verify(event: &Signed) -> bool {
    event.mac().verify_slice(&event.signature).is_ok()
}

fn hash(event: &Signed) -> bool {
    !Sha256::digest(black_box(&event.body)).is_empty()
}

fn parse(event: &Signed) -> bool {
    serde_json::from_str::<Value>(&event.body).is_ok_and(|value| black_box(value).is_object())
}

fn per_event(part: &'static str, events: &[Signed], does: impl Fn(&Signed) -> bool) -> Cost {
    let start = Instant::now();
    let mut done = 0;
    while start.elapsed() < MEASURE_FOR {
        let right = events.iter().filter(|event| black_box(does(event))).count();
        assert_eq!(right, events.len(), "{part} failed");
        done += events.len();
    }
    Cost { part, each: start.elapsed().div_f64(done as f64) }
}

/// The median: what a commit can't be faster than, however many events share it.
fn append_and_sync(folder: &Path) -> Result<Duration> {
    let mut file = File::create(folder.join("append"))?;
    let mut times = Vec::with_capacity(DISK_WRITES);
    for _ in 0..DISK_WRITES {
        let start = Instant::now();
        file.write_all(&[0; DISK_WRITE_BYTES])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[DISK_WRITES / 2])
}
