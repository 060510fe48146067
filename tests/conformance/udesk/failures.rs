//! What goes wrong between here and the vendor (§6.3): told apart, and a write whose effect is open says so.

use deskbridge::udesk::{
    Client, Comment, Error, FieldDefinitions, LookUp, Options, Retry, TicketDraft, Visibility,
};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    failing_vendor,
    page_instead_of_json,
    lost_answer,
    lost_answer_of_a_read,
    answer_cut_short,
    answer_too_large,
    slow_answer,
    creation_without_its_id,
    failure_in_a_stream,
    personal_data_in_no_error,
];

async fn create(desk: &Desk) -> Result<u64, Error> {
    desk.v1().create_ticket(&draft(), &FieldDefinitions::default()).await
}

async fn failing_vendor(desk: &Desk) {
    for status in [500, 502, 503] {
        desk.fault(json!({"status": status, "headers": {"retry-after": "3"}, "body": "<html>"})).await;
        let error = refused(create(desk).await);
        assert!(matches!(error, Error::Unavailable { status: told, .. } if told == status), "{error}");
        let after = Some(std::time::Duration::from_secs(3));
        assert_eq!((error.retry(), error.effect_unknown()), (Retry::Later { after }, true));
    }
    desk.fault(json!({"maintenance": true})).await;
    assert!(matches!(refused(desk.v2().ticket(1).await), Error::Unavailable { status: 503, .. }));
}

async fn page_instead_of_json(desk: &Desk) {
    desk.fault(json!({"status": 200, "body": "<html><body>登录</body></html>"})).await;
    let error = refused(create(desk).await);
    assert!(matches!(error, Error::NotJson { status: 200, .. }), "{error}");
    assert_eq!((error.is_temporary(), error.effect_unknown()), (true, true));
}

/// It has been made, and repeating it would make another.
async fn lost_answer(desk: &Desk) {
    for (fault, made) in [("after", 1), ("before", 0)] {
        let before = desk.stored("tickets").len();
        desk.fault(json!({ "reset": fault })).await;
        let error = refused(create(desk).await);
        assert!(matches!(error, Error::Unanswered { .. }), "{error}");
        assert_eq!((error.is_temporary(), error.effect_unknown()), (true, true));
        assert_eq!(desk.stored("tickets").len(), before + made);
    }
}

async fn lost_answer_of_a_read(desk: &Desk) {
    desk.fault(json!({"reset": "before"})).await;
    let error = refused(desk.v2().customer(&LookUp::Cellphone("13900000004".into())).await);
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
    assert_eq!((error.is_temporary(), error.effect_unknown()), (true, false));
}

async fn answer_cut_short(desk: &Desk) {
    desk.fault(json!({"cut": {"share": 0.5}})).await;
    assert!(matches!(refused(desk.v1().ticket(1).await), Error::Unanswered { .. }));
    desk.fault(json!({"cut": {"share": 0.5, "complete": true}})).await;
    assert!(matches!(refused(desk.v1().ticket(1).await), Error::NotJson { .. }));
}

async fn answer_too_large(desk: &Desk) {
    let options = Options { max_response_bytes: 100_000, ..desk.options() };
    let client = Client::new(options).unwrap();
    desk.fault(json!({"repeat_bytes": 1_000_000})).await;
    let error = refused(client.v1().ticket(1).await);
    assert!(matches!(error, Error::TooLarge { limit: 100_000, .. }), "{error}");
}

async fn slow_answer(desk: &Desk) {
    desk.fault(json!({"slow": {"bytes": 400, "interval_ms": 1}})).await;
    assert_eq!(desk.v1().ticket(1).await.unwrap().subject.as_deref(), Some("演示工单"));
}

async fn creation_without_its_id(desk: &Desk) {
    desk.fault(json!({"status": 200, "body": {"status": 0, "message": "工单创建成功"}})).await;
    let error = refused(create(desk).await);
    assert!(matches!(error, Error::CreatedIdUnknown { .. }) && !error.is_temporary(), "{error}");
}

/// What came before it is kept, and nothing comes after it.
async fn failure_in_a_stream(desk: &Desk) {
    let counts = deskbridge::sandbox::Counts { tickets: 250, ..Default::default() };
    let desk = desk.generated(counts).await;
    let mut tickets = Box::pin(desk.v1().tickets());
    for _ in 0..100 {
        tickets.next().await.unwrap().unwrap();
    }
    desk.fault(json!({"status": 502, "body": "<html>"})).await;
    assert!(matches!(refused(tickets.next().await.unwrap()), Error::Unavailable { status: 502, .. }));
    assert!(tickets.next().await.is_none());
}

async fn personal_data_in_no_error(desk: &Desk) {
    let author_email = "li.na@example.com".to_owned();
    let comment = Comment { visibility: Visibility::Internal, author_email, body: "机密".into() };
    let draft = TicketDraft { comment: Some(comment), content: Some("机密".into()), ..draft() };
    let mut told = format!("{draft:?} {:?}", desk.client);
    let outcomes =
        [desk.update_v1(1, &draft).await, desk.v1().reply_as_customer(1, "li.na@example.com", "机密").await];
    for outcome in outcomes {
        let error = refused(outcome);
        told.push_str(&format!("{error} {error:?}"));
    }
    for value in ["li.na", "机密", "sign="] {
        assert!(!told.contains(value), "{value} in {told}");
    }
    let logged = desk.requests("/api").await;
    let query = |request: &Value| request["query"].as_str().unwrap().to_owned();
    assert!(logged.iter().map(query).all(|query| !query.replace("sign=[redacted]", "").contains("sign=")));
}
