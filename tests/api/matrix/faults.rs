//! Every way in which the simulator can let a call go wrong, and the row of the table of failures that it belongs to.

use deskbridge::dispatch::retry::table::Case;
use serde_json::{Value, json};

/// Longer than the connection waits for an answer.
const TOO_LATE_MS: u64 = 4_000;

/// What is sure about a call that a fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    /// The call works, or is cured within its attempt.
    NoHarm,
    /// It fails so.
    Failure(Case),
    /// It finds nothing: of an entity, or of what must be there.
    Nothing,
    /// The vendor says something that may mean another thing to each call.
    Lie,
}

/// One thing that goes wrong.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// As the control endpoint takes it.
    pub(super) rule: Value,
    pub(super) meets: Meets,
}

impl Fault {
    /// True if the call that it befalls has its effect.
    pub(super) fn can_act(&self) -> bool {
        let late = ["cut", "delay_ms", "slow"].iter().any(|member| self.rule.get(member).is_some());
        late || self.rule["reset"] == "after"
    }

    /// True if it costs no time and fails, so that it can strike again and again.
    pub(super) fn can_last(&self) -> bool {
        let waits = ["delay_ms", "latency", "slow", "rate_limited", "headers"];
        matches!(self.meets, Meets::Failure(_)) && waits.iter().all(|member| self.rule.get(member).is_none())
    }
}

/// All of them.
pub(super) fn all() -> Vec<Fault> {
    let faults = [connections(), statuses(), waits(), bodies(), harmless()].concat();
    faults.into_iter().map(|(meets, rule)| Fault { rule, meets }).collect()
}

type Kinds = Vec<(Meets, Value)>;

fn connections() -> Kinds {
    let unanswered = Meets::Failure(Case::Unanswered);
    let bad_answer = Meets::Failure(Case::BadAnswer);
    vec![
        (unanswered, json!({ "reset": "before" })),
        (unanswered, json!({ "reset": "after" })),
        (unanswered, json!({ "cut": { "bytes": 1 } })),
        (unanswered, json!({ "cut": { "share": 0.5 } })),
        (bad_answer, json!({ "cut": { "share": 0.5, "complete": true } })),
        // An empty answer to a change is a success.
        (Meets::Lie, json!({ "cut": { "bytes": 0, "complete": true } })),
        (Meets::Failure(Case::TooLarge), json!({ "repeat_bytes": 10_000_000_000_u64 })),
        (Meets::Failure(Case::Timeout), json!({ "delay_ms": TOO_LATE_MS })),
        (Meets::Failure(Case::Timeout), json!({ "slow": { "bytes": 1, "interval_ms": TOO_LATE_MS } })),
    ]
}

fn statuses() -> Kinds {
    let failing = [
        (Case::Declined, &[400, 409, 422][..]),
        (Case::RequestTimeout, &[408, 425]),
        (Case::RateLimited, &[429]),
        (Case::Forbidden, &[403]),
        (Case::ServerError, &[500, 501, 520]),
        (Case::Gateway, &[502, 504]),
        (Case::Maintenance, &[503]),
    ];
    let each = failing.into_iter().flat_map(|(case, statuses)| statuses.iter().map(move |it| (case, *it)));
    let mut kinds: Kinds =
        each.map(|(case, status)| (Meets::Failure(case), json!({ "status": status }))).collect();
    kinds.push((Meets::Failure(Case::Maintenance), json!({ "maintenance": true })));
    kinds.push((Meets::Nothing, json!({ "status": 404 })));
    for status in [302, 307] {
        let fault = json!({ "status": status, "headers": { "location": "/api/v1/elsewhere.json" } });
        kinds.push((Meets::Failure(Case::BadAnswer), fault));
    }
    kinds
}

fn waits() -> Kinds {
    let after = json!({ "retry-after": "1" });
    vec![
        (Meets::Failure(Case::RateLimited), json!({ "rate_limited": { "retry_after_s": 1 } })),
        (Meets::Failure(Case::RateLimited), json!({ "rate_limited": {} })),
        (Meets::Failure(Case::Maintenance), json!({ "status": 503, "headers": after })),
    ]
}

fn bodies() -> Kinds {
    let spoilt = ["<html><body>系统维护中</body></html>", "[[[["];
    let lies = [
        json!({}),
        json!([]),
        json!(null),
        json!({ "status": "0", "message": "Insert ok", "data": false }),
        json!({ "ticket": { "ticketId": "../../x?y=1#" } }),
    ];
    let refusals = [
        json!({ "state": "403", "message": "不存在的字段" }),
        json!({ "errorMsg": "字段有误", "status": "110001" }),
    ];
    let spoilt = spoilt.map(|text| (Meets::Failure(Case::BadAnswer), json!(text)));
    let refusals = refusals.map(|body| (Meets::Failure(Case::Declined), body));
    let lies = lies.map(|body| (Meets::Lie, body));
    let all = spoilt.into_iter().chain(refusals).chain(lies);
    all.map(|(meets, body)| (meets, json!({ "status": 200, "body": body }))).collect()
}

fn harmless() -> Kinds {
    vec![
        (Meets::NoHarm, json!({ "status": 401 })),
        (Meets::NoHarm, json!({ "expire_token": true })),
        (Meets::NoHarm, json!({ "latency": { "uniform_ms": [1, 5] } })),
        (Meets::NoHarm, json!({ "slow": { "bytes": 4096, "interval_ms": 1 } })),
    ]
}
