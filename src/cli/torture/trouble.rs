//! What goes wrong at the simulated vendor.

use serde_json::{Value, json};

use super::{super::Failure, stage::Stage};

use crate::json;

/// What `Requestid` does when it comes again: it is not documented, so each round believes something else.
const REPETITIONS: [&str; 3] = ["replay", "error", "ignored"];
/// Rows of a page: a look for a ticket that may have been made goes through all that are newer.
const PAGE: u32 = 100;
/// What a call may meet, and how often beside the others.
const TROUBLES: [(u32, &str); 9] = [
    (4, r#"{"reset":"before"}"#),
    (4, r#"{"reset":"after"}"#),
    (2, r#"{"cut":{"share":0.5}}"#),
    (2, r#"{"status":500}"#),
    (2, r#"{"status":502}"#),
    (1, r#"{"maintenance":true}"#),
    (1, r#"{"rate_limited":{"retry_after_s":1}}"#),
    (1, r#"{"expire_token":true}"#),
    (1, r#"{"slow":{"bytes":20,"interval_ms":20}}"#),
];
/// What every other answer takes.
const LATENCY: &str = r#"{"latency":{"exponential_ms":{"mean":5,"cap":300}}}"#;

/// Lets a share of the vendor's answers fail from now on, in the way of this round.
pub(super) async fn begin(stage: &Stage, share: f64, round: u32) -> Result<(), Failure> {
    let repetition = usize::try_from(round).unwrap_or_default() % REPETITIONS.len();
    let switches = json!({ "duplicate_requestid": REPETITIONS.get(repetition), "tickets_per_page": PAGE });
    send(stage, reqwest::Method::PUT, "switches", &switches).await?;
    for (chance, fault) in rules(share) {
        let fault: Value = json::from_str(fault).map_err(Failure::work)?;
        let rule = json!({ "path": "/api", "chance": chance, "times": 0, "fault": fault });
        send(stage, reqwest::Method::POST, "faults", &rule).await?;
    }
    Ok(())
}

/// Nothing goes wrong any more.
pub(super) async fn end(stage: &Stage) -> Result<(), Failure> {
    send(stage, reqwest::Method::DELETE, "faults", &Value::Null).await
}

/// The first rule that strikes is used, so each later one's chance is of what the earlier ones leave.
fn rules(share: f64) -> Vec<(f64, &'static str)> {
    let weights: u32 = TROUBLES.iter().map(|(weight, _)| weight).sum();
    let mut left = 1.0;
    let mut rules = Vec::new();
    for (weight, fault) in TROUBLES {
        let part = share * f64::from(weight) / f64::from(weights);
        rules.push((part / left, fault));
        left -= part;
    }
    rules.push((1.0, LATENCY));
    rules
}

async fn send(stage: &Stage, method: reqwest::Method, path: &str, body: &Value) -> Result<(), Failure> {
    let url = format!("{}/_sandbox/{path}", stage.sandbox.bangwo8_url());
    let answer =
        reqwest::Client::new().request(method, url).json(body).send().await.map_err(Failure::work)?;
    answer.error_for_status().map(drop).map_err(Failure::work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chances_come_to_the_share_that_was_asked_for() {
        let mut left = 1.0;
        for (chance, _) in &rules(0.3)[..TROUBLES.len()] {
            left *= 1.0 - chance;
        }
        assert!((0.299..0.301).contains(&(1.0 - left)), "{left}");
    }
}
