//! Whose ticket a new v1 ticket becomes: token, e-mail and telephone in this order, else a new customer (§3.3), and
//! the read that writes (§3.10).

use deskbridge::udesk::{CustomerKey, LookUp, TicketDraft};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    customer_by_token_first,
    customer_by_email_gets_the_telephone,
    customer_by_telephone_gets_the_email,
    customer_is_made,
    customer_keeps_what_is_somebody_elses,
    customer_is_not_needed,
    customer_by_id_is_not_known_to_v1,
    find_or_create_customer,
    find_or_create_customer_by_id_alone,
];

fn key(token: Option<&str>, email: Option<&str>, cellphone: Option<&str>) -> CustomerKey {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    CustomerKey { id: None, token: owned(token), email: owned(email), cellphone: owned(cellphone) }
}

/// The id of the customer whom a new ticket is for.
async fn customer_of(desk: &Desk, customer: CustomerKey) -> Option<u64> {
    let id = desk.create_v1(&TicketDraft { customer, ..draft() }).await.unwrap();
    desk.v2().ticket(id).await.unwrap().customer.id
}

async fn by_phone(desk: &Desk, number: &str) -> deskbridge::udesk::Customer {
    desk.v2().customer(&LookUp::Cellphone(number.to_owned())).await.unwrap()
}

async fn customer_by_token_first(desk: &Desk) {
    let all = key(Some("customer_test_13"), Some("lintao@example.com"), Some("13900000010"));
    assert_eq!(customer_of(desk, all).await, Some(13));
    let stored = desk.stored_one("customers", 13);
    assert!(stored["email"].is_null() && stored["cellphones"] == serde_json::json!([]), "{stored}");
    let unknown_token = key(Some("no_such_token"), Some("lintao@example.com"), None);
    assert_eq!(customer_of(desk, unknown_token).await, Some(9));
}

async fn customer_by_email_gets_the_telephone(desk: &Desk) {
    let both = key(None, Some("wulei@example.com"), Some("13912340001"));
    assert_eq!(customer_of(desk, both).await, Some(3));
    let customer = by_phone(desk, "13912340001").await;
    assert_eq!((customer.id, customer.email.as_deref()), (3, Some("wulei@example.com")));
    let again = TicketDraft { customer: key(None, Some("wulei@example.com"), None), ..draft() };
    let ticket = desk.v1().ticket(desk.create_v1(&again).await.unwrap()).await.unwrap();
    assert_eq!(ticket.customer.cellphone.as_deref(), Some("13912340001"));
}

async fn customer_by_telephone_gets_the_email(desk: &Desk) {
    let both = key(None, Some("only.phone@example.com"), Some("13800000011"));
    assert_eq!(customer_of(desk, both).await, Some(11));
    assert_eq!(by_phone(desk, "13800000011").await.email.as_deref(), Some("only.phone@example.com"));
    assert_eq!(customer_of(desk, key(None, Some("only.phone@example.com"), None)).await, Some(11));
}

async fn customer_is_made(desk: &Desk) {
    let all = key(Some("crm-9001"), Some("new.customer@example.com"), Some("13912340002"));
    let before = desk.stored("customers").len() as u64;
    let id = customer_of(desk, all.clone()).await.unwrap();
    assert_eq!((id, desk.stored("customers").len() as u64), (before + 1, before + 1));
    let customer = by_phone(desk, "13912340002").await;
    assert_eq!((customer.id, customer.token.as_deref()), (id, Some("crm-9001")));
    assert_eq!(customer.email.as_deref(), Some("new.customer@example.com"));
    assert_eq!(customer_of(desk, all).await, Some(id), "found the second time");
}

/// The server only tries to set the telephone.
async fn customer_keeps_what_is_somebody_elses(desk: &Desk) {
    let both = key(None, Some("hexue@example.com"), Some("13900000004"));
    assert_eq!(customer_of(desk, both).await, Some(6));
    assert_eq!(by_phone(desk, "13900000004").await.id, 4);
}

async fn customer_is_not_needed(desk: &Desk) {
    assert_eq!(customer_of(desk, CustomerKey::default()).await, None);
}

async fn customer_by_id_is_not_known_to_v1(desk: &Desk) {
    let customer = CustomerKey { id: Some(5), ..CustomerKey::default() };
    let error = refused(desk.create_v1(&TicketDraft { customer, ..draft() }).await);
    assert_eq!(error.code(), "inexpressible");
}

async fn find_or_create_customer(desk: &Desk) {
    let v1 = desk.v1();
    let by_email = v1.find_or_create_customer(None, Some("gaoyuan@example.com")).await.unwrap();
    assert_eq!((by_email.id, by_email.name.as_deref()), (10, Some("高原")));
    assert_eq!(by_email.cellphone.as_deref(), Some("13900000010"));
    let by_id = v1.find_or_create_customer(Some(2), Some("gaoyuan@example.com")).await.unwrap();
    assert_eq!(by_id.id, 2, "the id comes first");
    let before = desk.stored("customers").len();
    let made = v1.find_or_create_customer(Some(987_654), Some("unheard.of@example.com")).await.unwrap();
    assert_eq!(made.email.as_deref(), Some("unheard.of@example.com"));
    let again = v1.find_or_create_customer(None, Some("unheard.of@example.com")).await.unwrap();
    assert_eq!((again.id, desk.stored("customers").len()), (made.id, before + 1));
}

/// Nobody can be made of an id, and nothing is asked for without either.
async fn find_or_create_customer_by_id_alone(desk: &Desk) {
    let v1 = desk.v1();
    let before = desk.stored("customers").len();
    assert_eq!(v1.find_or_create_customer(Some(10), None).await.unwrap().name.as_deref(), Some("高原"));
    let error = refused(v1.find_or_create_customer(Some(987_654), None).await);
    assert_eq!(error.code(), "customer_unknown");
    let asked = desk.requests("/api/v1/customers").await.len();
    assert_eq!(refused(v1.find_or_create_customer(None, None).await).code(), "inexpressible");
    assert_eq!(
        (desk.requests("/api/v1/customers").await.len(), desk.stored("customers").len()),
        (asked, before)
    );
}
