//! The rate limit (§1.4): what exceeds it is refused, can be repeated and has had no effect.

use deskbridge::{
    sandbox::UdeskRateLimit,
    udesk::{Error, FieldDefinitions, Retry},
};
use serde_json::json;

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] =
    checks![rate_limit_by_family, rate_limited_write_has_no_effect, rate_limit_with_a_time];

/// As many calls as are allowed succeed, and the next of a limited family is refused.
async fn rate_limit_by_family(desk: &Desk) {
    let limit = desk.switches.udesk_rate_limit_per_minute.get();
    desk.switch("udesk_rate_limit_per_minute", json!(limit)).await;
    for _ in 0..limit {
        desk.v2().survey().await.unwrap();
    }
    let outcomes = [desk.v2().ticket(1).await, desk.v1().ticket(1).await];
    let allowed = match desk.switches.udesk_rate_limit {
        UdeskRateLimit::Off => [true, true],
        UdeskRateLimit::V2 => [false, true],
        UdeskRateLimit::Both => [false, false],
    };
    for (outcome, allowed) in outcomes.into_iter().zip(allowed) {
        match outcome {
            Ok(ticket) => assert!(allowed && ticket.id == 1),
            Err(Error::RateLimited { retry_after: None, .. }) => assert!(!allowed),
            Err(other) => panic!("{other}"),
        }
    }
}

async fn rate_limited_write_has_no_effect(desk: &Desk) {
    desk.switch("udesk_rate_limit", json!("both")).await;
    desk.switch("udesk_rate_limit_per_minute", json!(1)).await;
    desk.v1().ticket(1).await.unwrap();
    let none = FieldDefinitions::default();
    let errors = [
        refused(desk.v1().create_ticket(&draft(), &none).await),
        refused(desk.v2().create_ticket(&draft(), &none).await),
        refused(desk.v1().reply_as_customer(1, "test@sample.com", "你好").await),
    ];
    for error in errors {
        assert!(matches!(error, Error::RateLimited { .. }), "{error}");
        assert_eq!((error.retry(), error.effect_unknown()), (Retry::Later { after: None }, false));
    }
    assert_eq!(desk.stored("tickets").len(), 12);
    assert_eq!(desk.stored_one("tickets", 1)["replies"].as_array().unwrap().len(), 2);
}

/// A front server may say when.
async fn rate_limit_with_a_time(desk: &Desk) {
    desk.fault(json!({"rate_limited": {"retry_after_s": 7}})).await;
    let after = Some(std::time::Duration::from_secs(7));
    assert_eq!(refused(desk.v1().ticket(1).await).retry(), Retry::Later { after });
}
