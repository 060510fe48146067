//! What goes wrong on the way, and what the client says can be done about it (§2.1, §5).

use std::time::Duration;

use deskbridge::{
    bangwo8::{Error, Retry, TicketId},
    sandbox::DuplicateRequestid,
};
use serde_json::json;

use super::{
    desk::{Desk, code, declined, rejection},
    ticket_writes::whole_ticket,
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    maintenance_can_be_repeated_and_did_nothing,
    server_error_leaves_a_write_in_doubt,
    too_many_requests_says_how_long_to_wait,
    too_many_requests_may_not_say_how_long_to_wait,
    calls_above_the_rate_are_refused,
    answer_that_ends_too_early_leaves_a_write_in_doubt,
    answer_that_is_cut_off_leaves_a_write_in_doubt,
    answer_that_is_html_is_unusable,
    answer_that_is_too_long_is_not_read,
    connection_that_closes_before_an_answer_leaves_a_write_in_doubt,
    connection_that_closes_after_the_effect_is_repeated_under_one_request_id,
    vendor_that_is_away_was_sent_nothing,
    general_error_is_a_rejection,
    general_success_without_an_id_is_created_with_its_id_unknown,
];

const LONGEST: u64 = 9 * 1024 * 1024;

async fn create(desk: &Desk) -> Result<TicketId, Error> {
    desk.agent().create_ticket(&whole_ticket(), &desk.request_id()).await
}

fn created(desk: &Desk) -> usize {
    desk.stored_with_subject("打印机卡纸")
}

async fn maintenance_can_be_repeated_and_did_nothing(desk: &Desk) {
    desk.plan(json!({"maintenance": true})).await;
    let error = create(desk).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 503, .. }), "{error}");
    assert!(matches!(error.retry(), Retry::Later { .. }) && !error.effect_unknown());
    assert_eq!(created(desk), 0);
    create(desk).await.unwrap();
}

async fn server_error_leaves_a_write_in_doubt(desk: &Desk) {
    desk.plan(json!({"status": 500, "body": "Internal Server Error"})).await;
    let error = create(desk).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 500, .. }), "{error}");
    assert!(error.effect_unknown());
    desk.plan(json!({"status": 500, "body": "Internal Server Error"})).await;
    assert!(!desk.agent().list_ticketviews().await.unwrap_err().effect_unknown(), "a read has no effect");
}

async fn too_many_requests_says_how_long_to_wait(desk: &Desk) {
    desk.plan(json!({"rate_limited": {"retry_after_s": 7}})).await;
    let error = create(desk).await.unwrap_err();
    assert_eq!(error.code(), "rate_limited");
    assert_eq!(error.retry(), Retry::Later { after: Some(Duration::from_secs(7)) });
    assert_eq!((error.effect_unknown(), created(desk)), (false, 0));
}

async fn too_many_requests_may_not_say_how_long_to_wait(desk: &Desk) {
    desk.plan(json!({"rate_limited": {}})).await;
    let error = create(desk).await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("rate_limited", Retry::Later { after: None }));
}

/// No limit is documented, so both usual answers are tried; few calls will do to come above the rate.
async fn calls_above_the_rate_are_refused(desk: &Desk) {
    let limit = desk.switches.rate_limit_per_minute.get().min(2);
    desk.control("PUT", "switches", json!({"rate_limit": 429, "rate_limit_per_minute": limit})).await;
    let (agent, mut admitted) = (desk.agent(), 0);
    let error = loop {
        match agent.list_ticketviews().await {
            Ok(_) => admitted += 1,
            Err(error) => break error,
        }
    };
    assert!(admitted <= limit, "{admitted} of {limit}");
    assert_eq!(error.code(), "rate_limited");
    assert!(matches!(error.retry(), Retry::Later { after: Some(wait) } if wait <= Duration::from_secs(61)));
    desk.control("PUT", "switches", json!({"rate_limit": 503})).await;
    let error = agent.list_ticketviews().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 503, retry_after: Some(_), .. }), "{error}");
}

async fn answer_that_ends_too_early_leaves_a_write_in_doubt(desk: &Desk) {
    desk.plan(json!({"cut": {"bytes": 20, "complete": true}})).await;
    let error = create(desk).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("bad_answer", true));
    assert_eq!(created(desk), 1);
}

async fn answer_that_is_cut_off_leaves_a_write_in_doubt(desk: &Desk) {
    desk.plan(json!({"cut": {"bytes": 20}})).await;
    let error = create(desk).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("unanswered", true));
    assert_eq!(created(desk), 1);
}

async fn answer_that_is_html_is_unusable(desk: &Desk) {
    desk.plan(json!({"status": 200, "body": "<html><body>系统升级中</body></html>"})).await;
    assert_eq!(code(desk.agent().list_ticketviews().await), "bad_answer");
}

async fn answer_that_is_too_long_is_not_read(desk: &Desk) {
    desk.plan(json!({"repeat_bytes": LONGEST})).await;
    assert_eq!(code(desk.agent().list_ticketviews().await), "too_large");
    desk.agent().list_ticketviews().await.unwrap();
}

async fn connection_that_closes_before_an_answer_leaves_a_write_in_doubt(desk: &Desk) {
    desk.plan(json!({"reset": "before"})).await;
    let error = create(desk).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("unanswered", true));
    assert_eq!(created(desk), 0);
}

/// §15.1, 6: one logical operation keeps its id through every retry.
async fn connection_that_closes_after_the_effect_is_repeated_under_one_request_id(desk: &Desk) {
    let (ticket, request_id) = (whole_ticket(), desk.request_id());
    desk.plan(json!({"reset": "after"})).await;
    let error = desk.agent().create_ticket(&ticket, &request_id).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown(), created(desk)), ("unanswered", true, 1));
    let again = desk.agent().create_ticket(&ticket, &request_id).await;
    match desk.switches.duplicate_requestid {
        DuplicateRequestid::Replay => {
            assert_eq!(desk.agent().ticket(&again.unwrap()).await.unwrap().subject, ticket.subject);
            assert_eq!(created(desk), 1);
        }
        DuplicateRequestid::Error => {
            assert_eq!((rejection(again), created(desk)), (declined("Requestid already exists"), 1));
        }
        DuplicateRequestid::Ignored => assert_eq!((code(again), created(desk)), ("ok", 2)),
    }
}

async fn vendor_that_is_away_was_sent_nothing(desk: &Desk) {
    let mut away = desk.url.clone();
    // A port of its own range that nobody may listen on without being root.
    away.set_port(Some(1)).unwrap();
    let client = desk.client_at(&away, super::desk::login("a", "b"));
    let error = client.create_ticket(&whole_ticket(), &desk.request_id()).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("unreachable", false));
}

/// Shapes E2 and E3 of §5 with codes that nobody documents.
async fn general_error_is_a_rejection(desk: &Desk) {
    for body in [
        json!({"errcode": "100001", "errmsg": "参数错误"}),
        json!({"status": "100001", "message": "参数错误", "data": false}),
        json!({"status": 100_001, "errorMsg": "参数错误"}),
        json!({"state": "100001", "message": "参数错误"}),
    ] {
        desk.plan(json!({"status": 200, "body": body})).await;
        let expected = ("100001".to_owned(), "参数错误".to_owned());
        assert_eq!(rejection(desk.agent().list_ticketviews().await), expected);
    }
}

/// §6.5: creating it again would make a second one.
async fn general_success_without_an_id_is_created_with_its_id_unknown(desk: &Desk) {
    desk.plan(json!({"status": 200, "body": {"status": "0", "message": "Insert ok", "data": false}})).await;
    let error = create(desk).await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("created_id_unknown", Retry::Never));
}
