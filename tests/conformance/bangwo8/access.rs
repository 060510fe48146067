//! Who may what: signing in by token and by login (§3), administrators and other support agents (§3.3).

use deskbridge::{
    bangwo8::{
        Client, CompanyId, ContactId, CustomerGroupWrite, Error, OptionRef, OptionWrite, Retry,
        SupportAgentFilter, TicketFilter, TicketId,
    },
    sandbox::{NewToken, credentials as known},
};
use serde_json::{Value, json};

use super::desk::{Desk, code, login, oauth};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    token_is_fetched_once_for_many_calls,
    token_that_was_revoked_is_renewed,
    token_that_ended_in_the_midst_is_renewed,
    token_of_another_client_may_end_this_ones,
    token_that_is_refused_again_is_given_up,
    token_for_a_wrong_secret_is_unauthorized,
    login_with_a_wrong_password_is_unauthorized,
    write_after_a_revoked_token_takes_effect_once,
    administrators_calls_are_forbidden_to_others,
    every_agents_calls_are_allowed_to_others,
    unknown_path_is_not_found,
    unknown_path_under_a_success_is_an_invalid_uri,
];

const TOKEN: &str = "POST /api/token.php";
const VIEWS: &str = "GET /ticketviews.json";

async fn token_is_fetched_once_for_many_calls(desk: &Desk) {
    for _ in 0..3 {
        desk.admin().list_ticketviews().await.unwrap();
    }
    assert_eq!(desk.requests().await, [TOKEN, VIEWS, VIEWS, VIEWS]);
}

async fn token_that_was_revoked_is_renewed(desk: &Desk) {
    desk.admin().list_ticketviews().await.unwrap();
    desk.control("POST", "tokens/revoke", Value::Null).await;
    desk.admin().list_ticketviews().await.unwrap();
    assert_eq!(desk.requests().await, [TOKEN, VIEWS, VIEWS, TOKEN, VIEWS]);
}

async fn token_that_ended_in_the_midst_is_renewed(desk: &Desk) {
    desk.admin().list_ticketviews().await.unwrap();
    desk.plan(json!({"expire_token": true})).await;
    let (client, recording) = desk.admin().recording(None);
    client.list_ticketviews().await.unwrap();
    let codes: Vec<&str> = recording.calls().iter().map(|call| call.code).collect();
    assert_eq!(codes, ["unauthorized", "ok", "ok"]);
}

/// Whether a new token ends the older ones is not documented (§3.2).
async fn token_of_another_client_may_end_this_ones(desk: &Desk) {
    desk.admin().list_ticketviews().await.unwrap();
    desk.client(oauth(known::BANGWO8_CLIENT_SECRET)).list_ticketviews().await.unwrap();
    let (client, recording) = desk.admin().recording(None);
    client.list_ticketviews().await.unwrap();
    let calls = match desk.switches.new_token {
        NewToken::KeepsOthers => 1,
        NewToken::EndsOthers => 3,
    };
    assert_eq!(recording.calls().len(), calls);
}

async fn token_that_is_refused_again_is_given_up(desk: &Desk) {
    let refusal =
        json!({"path": "/api/v1", "times": 0, "fault": {"status": 401, "body": {"errcode": "401"}}});
    desk.control("POST", "faults", refusal).await;
    let refused = desk.admin().list_ticketviews().await.unwrap_err();
    assert_eq!((refused.code(), refused.retry()), ("unauthorized", Retry::Never));
    assert_eq!(desk.requests().await, [TOKEN, VIEWS, TOKEN, VIEWS]);
}

async fn token_for_a_wrong_secret_is_unauthorized(desk: &Desk) {
    let client = desk.client(oauth("not-the-secret"));
    assert_eq!(code(client.list_ticketviews().await), "unauthorized");
    assert_eq!(desk.requests().await, [TOKEN]);
}

async fn login_with_a_wrong_password_is_unauthorized(desk: &Desk) {
    let client = desk.client(login(known::BANGWO8_ADMIN_ACCOUNT, "not-the-password"));
    assert_eq!(code(client.list_ticketviews().await), "unauthorized");
    assert_eq!(desk.requests().await, [VIEWS], "the same login would be refused again");
}

async fn write_after_a_revoked_token_takes_effect_once(desk: &Desk) {
    desk.admin().list_ticketviews().await.unwrap();
    desk.control("POST", "tokens/revoke", Value::Null).await;
    let id = TicketId::new("4988240");
    desk.admin().reply_ticket(&id, "好的", &desk.request_id()).await.unwrap();
    assert_eq!(desk.stored_ticket(4_988_240)["replies"].as_array().unwrap().len(), 1);
}

/// §3.3, permission A of §1.
async fn administrators_calls_are_forbidden_to_others(desk: &Desk) {
    for (name, outcome) in administrators_calls(desk, desk.agent()).await {
        let error = outcome.unwrap_err();
        assert!(matches!(error, Error::Forbidden { .. }), "{name}: {error}");
        assert_eq!(error.retry(), Retry::Never, "{name}");
    }
    for (name, outcome) in administrators_calls(desk, desk.basic()).await {
        assert!(!matches!(outcome, Err(Error::Forbidden { .. })), "{name}");
    }
}

async fn administrators_calls(desk: &Desk, client: &Client) -> Vec<(&'static str, Result<(), Error>)> {
    let (tickets, agents) = (TicketFilter::default(), SupportAgentFilter::default());
    let (company, contact) = (CompanyId::new("9516936"), ContactId::new("21130282"));
    let group = CustomerGroupWrite { name: Some("甲".to_owned()), kind: Some(1) };
    let option = OptionWrite { option_name: "甲".to_owned(), extend_id: None, parent: None };
    let (field, options, id) = ("9481737", [option], || desk.request_id());
    let first = OptionRef::Id("1328991".to_owned());
    vec![
        ("tickets", client.tickets_page(&tickets, 1, 1).await.map(drop)),
        ("company_tickets", client.company_tickets_page(&company, &tickets, 1, 1).await.map(drop)),
        ("contact_tickets", client.contact_tickets_page(&contact, &tickets, 1, 1).await.map(drop)),
        ("ticket_templates", client.ticket_templates().await.map(drop)),
        ("support_agents", client.support_agents_page(&agents, 1, 1).await.map(drop)),
        ("company_fields", client.company_fields().await.map(drop)),
        ("customer_groups", client.customer_groups().await.map(drop)),
        ("customer_group", client.customer_group("1").await.map(drop)),
        ("customer_groups_by_id", client.customer_groups_by_id(&["1"]).await.map(drop)),
        ("create_customer_group", client.create_customer_group(&group, &id()).await.map(drop)),
        ("update_customer_group", client.update_customer_group("1", &group, &id()).await),
        ("replace_field_options", client.replace_field_options(field, &options, &id()).await.map(drop)),
        ("upsert_field_options", client.upsert_field_options(field, &options, &id()).await.map(drop)),
        ("delete_field_option", client.delete_field_option(field, &first, &id()).await.map(drop)),
    ]
}

/// Permission S of §1, of the calls that no other check makes as a plain support agent.
async fn every_agents_calls_are_allowed_to_others(desk: &Desk) {
    let agent = desk.agent();
    assert_eq!(code(agent.ticketview_tickets_page("2", 1, 1).await), "ok");
    assert_eq!(code(agent.ticketview_counts(&["2"]).await), "ok");
    assert_eq!(code(agent.ticket_fields_with_system().await), "ok");
    assert_eq!(code(agent.support_agent("565123").await), "ok");
}

/// As with a base address that is mistyped.
async fn unknown_path_is_not_found(desk: &Desk) {
    let elsewhere = desk.url.join("/elsewhere").unwrap();
    let client =
        desk.client_at(&elsewhere, login(known::BANGWO8_ADMIN_ACCOUNT, known::BANGWO8_ADMIN_PASSWORD));
    assert_eq!(code(client.list_ticketviews().await), "not_found");
}

/// Code 100047 (§5), whose HTTP status is not documented.
async fn unknown_path_under_a_success_is_an_invalid_uri(desk: &Desk) {
    desk.plan(json!({"status": 200, "body": {"errcode": "100047", "errmsg": "Invalid resource URI"}})).await;
    assert_eq!(code(desk.basic().list_ticketviews().await), "invalid_resource_uri");
}
