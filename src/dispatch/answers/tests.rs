//! Each kind of question, asked of the simulators.

use std::{num::NonZeroU32, time::Duration};

use bytes::Bytes;
use serde_json::json;

use super::*;
use crate::{
    bangwo8::{Auth, ContactId, RequestId},
    dispatch::{Desk, KeptMappings},
    event::{Event, EventId, EventType, Lane},
    intake::Schemas,
    mapping::{FieldsOf, Library, Send},
    sandbox::{self, Sandbox, credentials},
    store::{Claimed, Link, Store},
    udesk,
};

/// A connection of the simulators, and an event in the hands of one of its workers.
struct Setting {
    sandbox: Sandbox,
    _folder: tempfile::TempDir,
    target: Desk,
    store: Store,
    claimed: Claimed,
}

impl Setting {
    async fn open() -> Self {
        let sandbox = sandbox::start(sandbox::Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("deskbridge.db").display());
        let store = Store::open(&url, Timestamp::now()).await.unwrap();
        let target = target(&sandbox, folder.path());
        store.accept(event(), Timestamp::now()).await.unwrap();
        let lease = Duration::from_secs(3600);
        let claimed = store.claim("acme", 1, lease, Timestamp::now()).await.unwrap().remove(0);
        Self { sandbox, _folder: folder, target, store, claimed }
    }

    async fn found(&self, question: Question) -> Found {
        let attempt = Attempt::new(&self.target, &self.store, &self.claimed, None);
        match of(&attempt, &[question]).await {
            Ok(mut answers) => answers.remove(0).1,
            Err(Failure::LookUp(error)) => panic!("{error}"),
            Err(_) => panic!("no failure of a look-up"),
        }
    }

    async fn vendor(&self, kind: Kind, by: By, value: &str) -> Found {
        self.found(Question::Vendor { kind, by, value: value.into() }).await
    }

    async fn choice(&self, field: &str, value: &str, key: &str, send: Send) -> Found {
        self.found(Question::Choice {
            field: field.into(),
            value: value.into(),
            key: key.into(),
            send,
            of: FieldsOf::Tickets,
        })
        .await
    }

    fn companies_named(&self, name: &str) -> usize {
        let state = self.sandbox.state();
        let companies = state["bangwo8"]["companies"].as_array().unwrap();
        companies.iter().filter(|company| company["companyName"] == name).count()
    }
}

fn target(sandbox: &Sandbox, folder: &std::path::Path) -> Desk {
    let id = credentials::BANGWO8_CLIENT_ID.into();
    let auth = Auth::OAuth2 { id, secret: credentials::BANGWO8_CLIENT_SECRET.into() };
    let options = bangwo8::Options::new(sandbox.bangwo8_url().parse().unwrap(), auth);
    let source = udesk::Options {
        v2: Some(udesk::V2Credentials {
            email: credentials::UDESK_ADMIN_EMAIL.into(),
            token: credentials::UDESK_API_TOKEN.into(),
        }),
        v2_requests_per_minute: NonZeroU32::MAX,
        ..udesk::Options::new(sandbox.udesk_url().parse().unwrap())
    };
    let library = Library::beside(folder, Schemas::load(folder).unwrap().whole().clone());
    let library = Arc::new(library);
    Desk {
        client: bangwo8::Client::new(options).unwrap(),
        source: Some(udesk::Client::new(source).unwrap()),
        lookups: Lookups::default(),
        mapping: Arc::new(library.compile("udesk-bangwo8").unwrap()),
        kept: Arc::new(KeptMappings::new(library)),
        parameters: crate::mapping::Parameters::default(),
        skip: super::super::Skip::default(),
        coalesce: false,
        marker: None,
        on_uncertain: crate::dispatch::OnUncertain::default(),
        redaction: crate::event::Redaction::default(),
        drift_check: Duration::ZERO,
    }
}

fn event() -> Event {
    Event {
        connection: "acme".into(),
        id: EventId::plain("e1").unwrap(),
        event_type: EventType::TicketCreated,
        lane: Lane::new("ticket", "1").unwrap(),
        time: None,
        traceparent: None,
        body: Bytes::from_static(b"{}"),
        digest: None,
        data: 0..2,
        hint: false,
        version: None,
        verified_by: None,
    }
}

fn one(id: u64) -> Found {
    Found::One(json!(id))
}

#[tokio::test]
async fn an_agent_is_found_by_whatever_tells_agents_apart_unless_gone() {
    let desk = Setting::open().await;
    for (by, value) in [
        (By::Email, " LiNa@Example.com"),
        (By::Name, "李娜 "),
        (By::Number, "1002"),
        (By::Mobile, "13800000002"),
        (By::Login, "lina"),
    ] {
        assert_eq!(desk.vendor(Kind::Agent, by, value).await, one(565_124), "{by:?}");
    }
    assert_eq!(desk.vendor(Kind::Agent, By::Name, "刘洋").await, Found::None, "in the recycle bin");
    assert_eq!(desk.vendor(Kind::Agent, By::Login, "LINA").await, Found::None);
    assert_eq!(desk.vendor(Kind::Agent, By::Mobile, "").await, Found::None);
}

#[tokio::test]
async fn a_template_is_found_by_its_name() {
    let desk = Setting::open().await;
    assert_eq!(desk.vendor(Kind::Template, By::Name, "上门维修").await, one(8));
    assert_eq!(desk.vendor(Kind::Template, By::Name, "上门").await, Found::None);
}

#[tokio::test]
async fn a_contact_is_found_by_its_binding_to_the_source() {
    let desk = Setting::open().await;
    assert_eq!(desk.vendor(Kind::Contact, By::Binding, "u-1001").await, Found::None);
    let once = RequestId::new("bind").unwrap();
    let contact = ContactId::new("21130282");
    desk.target.client.bind_contact(&contact, "u-1002", AccountSource::Open, None, &once).await.unwrap();
    assert_eq!(desk.vendor(Kind::Contact, By::Binding, " u-1002 ").await, one(21_130_282));
    assert_eq!(desk.vendor(Kind::Contact, By::Binding, " ").await, Found::None);
}

#[tokio::test]
async fn a_company_is_found_by_its_exact_name_and_made_once() {
    let desk = Setting::open().await;
    assert_eq!(desk.vendor(Kind::Company, By::Name, "华信 电梯").await, one(12_352_630));
    let (name, other) =
        ("成都新希望有限公司", desk.vendor(Kind::Company, By::Name, "成都新希望有限公司").await);
    assert_eq!(other, Found::None);
    let create = Question::Create { kind: Kind::Company, name: name.into() };
    let (first, second) = tokio::join!(desk.found(create.clone()), desk.found(create));
    assert!(matches!(first, Found::One(_)));
    assert_eq!(first, second);
    assert_eq!(desk.vendor(Kind::Company, By::Name, name).await, first, "that there was none is forgotten");
    assert_eq!(desk.companies_named(name), 1);
}

#[tokio::test]
async fn an_entity_is_found_by_its_link() {
    let desk = Setting::open().await;
    let question = Question::Link { kind: Kind::Company, source_id: "7".into() };
    assert_eq!(desk.found(question.clone()).await, Found::None);
    let key = LinkKey { kind: "company".into(), source_id: "7".into() };
    let link = Link { key, target_id: "111".into(), version: None, written: None };
    desk.store.put_link("acme", link, Timestamp::now()).await.unwrap();
    assert_eq!(desk.found(question).await, one(111));
}

#[tokio::test]
async fn a_choice_is_found_by_both_vendors_lists() {
    let desk = Setting::open().await;
    let text = |text: &str| Found::One(json!(text));
    assert_eq!(desk.choice("SelectField_1", "1", "field_9", Send::Text).await, text("下拉选项2"));
    assert_eq!(desk.choice("SelectField_1", "下拉选项2", "field_9", Send::Id).await, text("1197504"));
    assert_eq!(desk.choice("SelectField_4", "1", "field_36", Send::Id).await, text("6"), "吉林省");
    assert_eq!(desk.choice("SelectField_1", "3", "field_9", Send::Text).await, Found::None, "已停用选项");
    assert_eq!(desk.choice("SelectField_1", "1", "field_99", Send::Text).await, Found::None);
}

#[tokio::test]
async fn a_companys_choices_go_by_the_fields_of_companies() {
    let desk = Setting::open().await;
    let Desk { lookups, client, source, .. } = &desk.target;
    let read = lookups.fields(FieldsOf::Companies, client, source.as_ref(), Duration::ZERO).await.unwrap();
    let industry = read.source.value.get("SelectField_1").unwrap();
    assert_eq!(industry.label.as_deref(), Some("行业"), "not the field of tickets with the same name");
    let dropdown = read.target.value.iter().find(|field| !field.options.is_empty()).unwrap();
    let (key, option) = (dropdown.key.clone().unwrap(), dropdown.options[0].clone());
    let (field, value) = ("TextField_99".to_owned(), option.value);
    let question = Question::Choice { field, value, key, send: Send::Id, of: FieldsOf::Companies };
    assert_eq!(desk.found(question).await, Found::One(json!(option.key)), "a name of an unknown field");
}

#[tokio::test]
async fn the_field_lists_of_both_sides_are_shared_by_all_who_ask() {
    let desk = Setting::open().await;
    let Desk { lookups, client, source, .. } = &desk.target;
    let read = |age| lookups.fields(FieldsOf::Tickets, client, source.as_ref(), age);
    let first = read(Duration::from_secs(60)).await.unwrap();
    let again = read(Duration::from_secs(60)).await.unwrap();
    assert!(Arc::ptr_eq(&first.target.value, &again.target.value));
    assert!(Arc::ptr_eq(&first.source.value, &again.source.value));
    assert!(first.source.value.get("SelectField_4").is_some());
    let newer = read(Duration::ZERO).await.unwrap();
    assert!(newer.target.at > first.target.at && newer.source.at > first.source.at);
}
