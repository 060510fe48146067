//! Support agents (§10), contacts (§9.1, §9.2) and their bindings (§9.5).

use deskbridge::bangwo8::{
    AccountSource, BindingKey, Contact, ContactFilter, ContactId, Order, SupportAgent, SupportAgentFilter,
    Window,
};
use jiff::civil::date;
use serde_json::json;

use super::{
    desk::{Desk, GENERATED, code},
    lists::{all, ascends, descends, paged},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    support_agents_are_read,
    support_agents_created_in_a_window,
    support_agents_by_time_of_creation,
    support_agents_page_by_page,
    support_agent_reads_one,
    support_agent_unknown_is_not_found,
    contacts_pages_make_up_the_whole,
    contacts_leave_deleted_ones_out_unless_asked,
    contacts_created_in_a_window_of_days,
    contacts_updated_in_a_window_of_days,
    contacts_by_time,
    contact_v2_reads_its_fields,
    contact_v2_with_a_landline_only,
    contact_v2_unknown_is_not_found,
    bindings_are_found_by_contact_by_open_id_and_by_both,
    bindings_that_do_not_belong_together_are_none,
    bindings_of_another_source_are_none,
    bindings_of_an_unknown_contact,
    bind_contact_reads_back_as_written,
    bind_contact_twice,
    bind_contact_unknown,
    rebind_contact_changes_the_open_id,
    rebind_contact_without_an_open_id_keeps_it,
    rebind_contact_unknown,
];

async fn support_agents_are_read(desk: &Desk) {
    let agents = all(desk.admin().support_agents(&SupportAgentFilter::default())).await;
    assert_eq!(agent_ids(&agents), ["565123", "565124", "565125", "565126"]);
    assert_eq!(agents[0].group_ids, ["344124", "344125"]);
    assert_eq!((agents[0].is_admin, agents[1].is_admin), (Some(true), Some(false)));
    assert_eq!(agents[3].status, Some(SupportAgent::IN_RECYCLE_BIN));
    assert_eq!((agents[2].email.as_deref(), agents[2].landline.as_deref()), (None, Some("010-55550003")));
}

async fn support_agents_created_in_a_window(desk: &Desk) {
    let created = |start: &str, end: &str| SupportAgentFilter {
        created: Window { start: Some(desk.at(start)), end: Some(desk.at(end)) },
        created_order: None,
    };
    let found =
        all(desk.admin().support_agents(&created("2019-08-20 09:12:33", "2019-09-05 14:02:10"))).await;
    assert_eq!(agent_ids(&found), ["565124", "565125"]);
    let within =
        all(desk.admin().support_agents(&created("2019-08-20 09:12:34", "2019-09-05 14:02:09"))).await;
    assert_eq!(agent_ids(&within), Vec::<&str>::new());
}

async fn support_agents_by_time_of_creation(desk: &Desk) {
    let by = |order| SupportAgentFilter { created_order: Some(order), ..SupportAgentFilter::default() };
    let down = all(desk.admin().support_agents(&by(Order::Descending))).await;
    assert_eq!(agent_ids(&down), ["565126", "565125", "565124", "565123"]);
    let up = all(desk.admin().support_agents(&by(Order::Ascending))).await;
    assert_eq!(agent_ids(&up), ["565123", "565124", "565125", "565126"]);
}

async fn support_agents_page_by_page(desk: &Desk) {
    let filter = SupportAgentFilter::default();
    let first = desk.admin().support_agents_page(&filter, 1, 3).await.unwrap();
    assert_eq!(
        (agent_ids(&first.items), first.count, first.more),
        (vec!["565123", "565124", "565125"], Some(4), true)
    );
    let second = desk.admin().support_agents_page(&filter, 2, 3).await.unwrap();
    assert_eq!((agent_ids(&second.items), second.count, second.more), (vec!["565126"], Some(4), false));
}

async fn support_agent_reads_one(desk: &Desk) {
    let agent = desk.agent().support_agent("565124").await.unwrap();
    assert_eq!((agent.login.as_deref(), agent.name.as_deref()), (Some("lina"), Some("李娜")));
    assert_eq!((agent.staff_number.as_deref(), agent.gender), (Some("1002"), Some(1)));
    assert_eq!(
        (agent.email.as_deref(), agent.mobile.as_deref()),
        (Some("lina@example.com"), Some("13800000002"))
    );
    assert_eq!((agent.landline, agent.qq), (None, None));
    assert_eq!((agent.group_ids, agent.status), (vec!["344124".to_owned()], Some(SupportAgent::IN_SERVICE)));
    assert_eq!(agent.created_at, Some(desk.at("2019-08-20 09:12:33")));
    assert!(agent.url.unwrap().ends_with("/api/v1/supports/565124.json"));
}

async fn support_agent_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().support_agent("404").await), "not_found");
}

async fn contacts_pages_make_up_the_whole(desk: &Desk) {
    let filter = ContactFilter::default();
    let pages = paged(async |page, size| desk.agent().contacts_page(&filter, page, size).await).await;
    let walked = all(desk.agent().contacts(&filter)).await;
    assert_eq!(walked, pages);
    assert_eq!(walked.len() as u64, 4 + GENERATED);
    let numbers: Vec<u64> = walked.iter().map(|contact| contact.id.as_str().parse().unwrap()).collect();
    assert!(ascends(&numbers));
}

async fn contacts_leave_deleted_ones_out_unless_asked(desk: &Desk) {
    let has_deleted = |contacts: &[Contact]| contacts.iter().any(|contact| contact.state == Some(3));
    assert!(!has_deleted(&all(desk.agent().contacts(&ContactFilter::default())).await));
    let with_deleted = ContactFilter { with_deleted: true, ..ContactFilter::default() };
    let contacts = all(desk.agent().contacts(&with_deleted)).await;
    assert!(has_deleted(&contacts));
    assert_eq!(contacts.len() as u64, 5 + GENERATED);
}

/// Both days are included.
async fn contacts_created_in_a_window_of_days(desk: &Desk) {
    let created = Window { start: Some(date(2019, 9, 1)), end: Some(date(2019, 10, 10)) };
    let found = all(desk.agent().contacts(&ContactFilter { created, ..ContactFilter::default() })).await;
    assert_eq!(contact_ids(&found), ["21130282", "30851821"]);
}

async fn contacts_updated_in_a_window_of_days(desk: &Desk) {
    let updated = Window { start: Some(date(2019, 12, 19)), end: Some(date(2020, 1, 6)) };
    let found = all(desk.agent().contacts(&ContactFilter { updated, ..ContactFilter::default() })).await;
    assert_eq!(contact_ids(&found), ["21130282", "30851900"]);
}

async fn contacts_by_time(desk: &Desk) {
    let by_creation = ContactFilter { created_order: Some(Order::Descending), ..ContactFilter::default() };
    let created: Vec<_> =
        all(desk.agent().contacts(&by_creation)).await.iter().map(|it| it.created_at).collect();
    assert!(descends(&created));
    let by_update = ContactFilter { updated_order: Some(Order::Ascending), ..ContactFilter::default() };
    let updated: Vec<_> =
        all(desk.agent().contacts(&by_update)).await.iter().map(|it| it.updated_at).collect();
    assert!(ascends(&updated));
    assert_eq!(created.len(), updated.len());
}

async fn contact_v2_reads_its_fields(desk: &Desk) {
    let contact = desk.agent().contact_v2(&ContactId::new("21130282")).await.unwrap();
    assert_eq!((contact.name.as_deref(), contact.mobile.as_deref()), (Some("陈静"), Some("13800000011")));
    assert_eq!(
        (contact.email.as_deref(), contact.position.as_deref()),
        (Some("chenjing@example.com"), Some("财务主管"))
    );
    assert_eq!(
        (contact.state, contact.qq.as_deref(), contact.is_default),
        (Some(1), Some("10001"), Some(true))
    );
    assert_eq!(contact.company_id.unwrap().as_str(), "9516936");
    assert_eq!(
        (contact.support_id.as_deref(), contact.creater_id.as_deref()),
        (Some("565123"), Some("565123"))
    );
    assert_eq!(contact.table_name.as_deref(), Some("vip客户,普通客户"));
    assert_eq!(contact.custom_fields, [("field_1".to_owned(), json!("VIP"))]);
    assert_eq!(contact.unique_ids.len(), 2, "the new style has all of them");
    assert_eq!(contact.created_at, Some(desk.at("2019-09-01 09:00:00")));
    assert_eq!(contact.updated_at, Some(desk.at("2019-12-19 14:28:51")));
}

async fn contact_v2_with_a_landline_only(desk: &Desk) {
    let contact = desk.agent().contact_v2(&ContactId::new("30851821")).await.unwrap();
    assert_eq!((contact.mobile, contact.fixnumber.as_deref()), (None, Some("010-55550021")));
    assert_eq!((contact.support_id, contact.is_default), (None, Some(false)));
}

async fn contact_v2_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().contact_v2(&ContactId::new("404")).await), "not_found");
}

async fn bindings_are_found_by_contact_by_open_id_and_by_both(desk: &Desk) {
    let contact = ContactId::new("30851821");
    for key in [
        BindingKey::Contact(&contact),
        BindingKey::OpenId("10014850"),
        BindingKey::Both(&contact, "10014850"),
    ] {
        let found = desk.agent().bindings(AccountSource::DingTalk, key).await.unwrap();
        assert_eq!((found.len(), &found[0].contact_id), (1, &contact));
        assert_eq!(found[0].open_id.as_deref(), Some("10014850"));
        assert_eq!(found[0].account_source.as_deref(), Some("dingding"));
        assert_eq!((found[0].agent_id.as_deref(), &found[0].app_id), (Some("601993"), &None));
        assert_eq!((&found[0].remark, &found[0].template_id), (&None, &None));
    }
}

async fn bindings_that_do_not_belong_together_are_none(desk: &Desk) {
    let contact = ContactId::new("21130282");
    let key = BindingKey::Both(&contact, "10014850");
    assert_eq!(desk.agent().bindings(AccountSource::DingTalk, key).await.unwrap(), []);
}

async fn bindings_of_another_source_are_none(desk: &Desk) {
    let found = desk.agent().bindings(AccountSource::WeChat, BindingKey::OpenId("10014850")).await.unwrap();
    assert_eq!(found, []);
}

async fn bindings_of_an_unknown_contact(desk: &Desk) {
    let contact = ContactId::new("404");
    let found = desk.agent().bindings(AccountSource::Open, BindingKey::Contact(&contact)).await;
    assert_eq!(code(found), "contact_not_found");
}

async fn bind_contact_reads_back_as_written(desk: &Desk) {
    for (contact, source, app_id) in [
        ("21130282", AccountSource::Open, None),
        ("21101341", AccountSource::WeChat, Some("gh_1")),
        ("30851900", AccountSource::WorkWeChat, None),
    ] {
        let contact = ContactId::new(contact);
        desk.agent().bind_contact(&contact, "udesk-7", source, app_id, &desk.request_id()).await.unwrap();
        let found = desk.agent().bindings(source, BindingKey::Contact(&contact)).await.unwrap();
        assert_eq!((found.len(), found[0].open_id.as_deref()), (1, Some("udesk-7")));
        assert_eq!(found[0].account_source.as_deref(), Some(source.as_str()));
        assert_eq!(found[0].app_id.as_deref(), app_id);
    }
}

async fn bind_contact_twice(desk: &Desk) {
    let contact = ContactId::new("30851821");
    let bound = desk.agent().bind_contact(&contact, "1", AccountSource::Open, None, &desk.request_id()).await;
    assert_eq!(code(bound), "already_bound");
    let found = desk.agent().bindings(AccountSource::DingTalk, BindingKey::Contact(&contact)).await.unwrap();
    assert_eq!(found[0].open_id.as_deref(), Some("10014850"));
}

async fn bind_contact_unknown(desk: &Desk) {
    let contact = ContactId::new("404");
    let bound = desk.agent().bind_contact(&contact, "1", AccountSource::Open, None, &desk.request_id()).await;
    assert_eq!(code(bound), "contact_not_found");
}

async fn rebind_contact_changes_the_open_id(desk: &Desk) {
    let (contact, source) = (ContactId::new("30851821"), AccountSource::DingTalk);
    desk.agent().rebind_contact(&contact, Some("10014851"), source, &desk.request_id()).await.unwrap();
    assert_eq!(desk.agent().bindings(source, BindingKey::OpenId("10014850")).await.unwrap(), []);
    let found = desk.agent().bindings(source, BindingKey::OpenId("10014851")).await.unwrap();
    assert_eq!(found[0].contact_id, contact);
}

async fn rebind_contact_without_an_open_id_keeps_it(desk: &Desk) {
    let (contact, source) = (ContactId::new("30851821"), AccountSource::DingTalk);
    desk.agent().rebind_contact(&contact, None, source, &desk.request_id()).await.unwrap();
    let found = desk.agent().bindings(source, BindingKey::Contact(&contact)).await.unwrap();
    assert_eq!(found[0].open_id.as_deref(), Some("10014850"));
}

async fn rebind_contact_unknown(desk: &Desk) {
    let contact = ContactId::new("404");
    let rebound =
        desk.agent().rebind_contact(&contact, Some("1"), AccountSource::Open, &desk.request_id()).await;
    assert_eq!(code(rebound), "contact_not_found");
}

fn agent_ids(agents: &[SupportAgent]) -> Vec<&str> {
    agents.iter().map(|agent| agent.id.as_str()).collect()
}

fn contact_ids(contacts: &[Contact]) -> Vec<&str> {
    contacts.iter().map(|contact| contact.id.as_str()).collect()
}
