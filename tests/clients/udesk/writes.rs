//! One draft in the four spellings, and what each of them cannot say.

use deskbridge::udesk::{
    Assignee, Current, CustomerKey, Error, FieldValue, Followers, Group, Priority, Status, Ticket,
    TicketDraft,
};
use serde_json::{Value, json, value::to_raw_value};

use crate::vendor::{Vendor, json as answer};

use super::{client, some_definitions};

fn any() -> Vendor {
    Vendor::start(|_, _| answer(r#"{"status":0,"code":1000,"ticket_id":2}"#))
}

fn chosen(indexes: &[&str]) -> FieldValue {
    FieldValue::Chosen(indexes.iter().map(|index| (*index).to_owned()).collect())
}

/// A draft that every call but a v2 change can say.
fn draft() -> TicketDraft {
    TicketDraft {
        subject: Some("打印机离线".into()),
        content: Some("三楼打印机无法连接".into()),
        status: Some(Status::Open),
        priority: Some(Priority::Urgent),
        customer: CustomerKey { cellphone: Some("13123456789".into()), ..CustomerKey::default() },
        assignee: Assignee { id: Some(3), email: Some("agent@sample.com".into()), name: None },
        group: Group { id: Some(1), name: Some("售后1组".into()) },
        fields: [("SelectField_1".to_owned(), chosen(&["1"]))].into(),
        ..TicketDraft::default()
    }
}

async fn why(draft: TicketDraft, call: &str) -> String {
    let vendor = any();
    let (client, fields) = (client(&vendor.url), some_definitions());
    let error = match call {
        "v1 create" => client.v1().create_ticket(&draft, &fields).await.unwrap_err(),
        "v1 update" => client.v1().update_ticket(2, &draft, &Current::default(), &fields).await.unwrap_err(),
        "v2 create" => client.v2().create_ticket(&draft, &fields).await.unwrap_err(),
        _ => client.v2().update_ticket(2, &draft, &fields).await.unwrap_err(),
    };
    assert!(vendor.seen().is_empty());
    let Error::Inexpressible { source, .. } = &error else { panic!("{error}") };
    assert_eq!((error.code(), error.is_temporary(), error.effect_unknown()), ("inexpressible", false, false));
    source.to_string()
}

#[tokio::test]
async fn one_draft_has_four_spellings() {
    let vendor = any();
    let (client, fields, draft) = (client(&vendor.url), some_definitions(), draft());
    client.v1().create_ticket(&draft, &fields).await.unwrap();
    client.v1().update_ticket(2, &draft, &Current::default(), &fields).await.unwrap();
    client.v2().create_ticket(&draft, &fields).await.unwrap();
    let change = TicketDraft {
        subject: draft.subject.clone(),
        assignee: draft.assignee.clone(),
        fields: draft.fields.clone(),
        ..TicketDraft::default()
    };
    client.v2().update_ticket(2, &change, &fields).await.unwrap();

    let sent: Vec<Value> = vendor.seen().iter().map(|seen| seen.json()["ticket"].clone()).collect();
    let text = json!({"subject": "打印机离线", "content": "三楼打印机无法连接"});
    let with = |extra: Value| {
        let mut object = text.as_object().unwrap().clone();
        object.extend(extra.as_object().unwrap().clone());
        Value::Object(object)
    };
    assert_eq!(
        sent[0],
        with(json!({"cellphone": "13123456789", "status": "打开", "priority": "紧急",
        "assignee": {"email": "agent@sample.com"}, "agent_group_name": "售后1组",
        "ticket_field": {"SelectField_1": "1"}}))
    );
    assert_eq!(
        sent[1],
        with(json!({"status": "open", "priority": "urgency", "agent_id": 3, "agent_group_id": 1,
        "custom_fields": {"SelectField_1": "打印机"}}))
    );
    assert_eq!(
        sent[2],
        with(json!({"type": "cellphone", "type_content": "13123456789", "priority": "紧急",
        "status_id": 1, "assignee_email": "agent@sample.com", "agent_group_name": "售后1组",
        "ticket_field": {"SelectField_1": "1"}}))
    );
    assert_eq!(
        sent[3],
        json!({"subject": "打印机离线", "agent_id": 3, "custom_fields": {"SelectField_1": "1"}})
    );
    assert_eq!(vendor.seen()[3].method, "PUT");
    assert_eq!(vendor.seen()[3].path, "/open_api_v1/tickets/2");
}

#[tokio::test]
async fn a_change_repeats_the_current_status_and_priority() {
    let vendor = any();
    let raw = json!({"id": 2, "status": "等待客户", "priority": "低"});
    let ticket = Ticket::read(&to_raw_value(&raw).unwrap()).unwrap();
    let draft = TicketDraft { tags: vec!["网络".into(), "VIP".into()], ..TicketDraft::default() };
    let v1 = client(&vendor.url).v1();
    v1.update_ticket(2, &draft, &ticket.current(), &some_definitions()).await.unwrap();
    assert_eq!(
        vendor.seen()[0].json(),
        json!({"ticket": {"status": "等待客户", "priority": "low", "tags": "网络,VIP"}})
    );
}

#[tokio::test]
async fn what_was_read_is_written_back_as_it_was() {
    let raw = json!({"id": 2, "subject": "打印机离线", "content": "三楼", "status": "solving", "priority": "紧急",
        "assignee": "李娜", "assignee_id": 3, "user_group_id": 1, "user_group_name": "售后1组",
        "custom_fields": {"TextField_1": "文本", "SelectField_1": "1", "SelectField_3": "0", "SelectField_9": ""}});
    let ticket = Ticket::read(&to_raw_value(&raw).unwrap()).unwrap();
    let (vendor, fields) = (any(), some_definitions());
    let draft = TicketDraft::of(&ticket, &fields);
    let v1 = client(&vendor.url).v1();
    v1.update_ticket(2, &draft, &ticket.current(), &fields).await.unwrap();
    v1.create_ticket(&draft, &fields).await.unwrap();
    assert_eq!(
        vendor.seen()[0].json()["ticket"],
        json!({"subject": "打印机离线", "content": "三楼", "status": "solving", "priority": "urgency",
            "agent_id": 3, "agent_group_id": 1,
            "custom_fields": {"TextField_1": "文本", "SelectField_1": "打印机", "SelectField_3": "上午"}})
    );
    assert_eq!(
        vendor.seen()[1].json()["ticket"],
        json!({"subject": "打印机离线", "content": "三楼", "status": "解决中", "priority": "紧急",
            "assignee": {"name": "李娜"}, "agent_group_name": "售后1组",
            "ticket_field": {"TextField_1": "文本", "SelectField_1": "1", "SelectField_3": "0"}})
    );
}

#[tokio::test]
async fn followers_are_sent_by_id_or_by_email() {
    let vendor = any();
    let v1 = client(&vendor.url).v1();
    for followers in [Followers::Ids(vec![3, 4]), Followers::Emails(vec!["a@e.cn".into(), "b@e.cn".into()])] {
        let draft = TicketDraft { followers: Some(followers), ..TicketDraft::default() };
        v1.update_ticket(2, &draft, &Current::default(), &some_definitions()).await.unwrap();
    }
    let seen = vendor.seen();
    assert_eq!(seen[0].json(), json!({"ticket": {"follower_ids": "3,4"}}));
    assert_eq!(seen[1].json(), json!({"ticket": {"follower_emails": "a@e.cn,b@e.cn"}}));
}

#[tokio::test]
async fn an_agent_and_a_group_without_an_id_are_sent_by_email_and_name() {
    let vendor = any();
    let assignee = Assignee { email: Some("a@e.cn".into()), name: Some("李娜".into()), id: None };
    let group = Group { id: None, name: Some("售后1组".into()) };
    let draft = TicketDraft { assignee, group, ..TicketDraft::default() };
    let v1 = client(&vendor.url).v1();
    v1.update_ticket(2, &draft, &Current::default(), &some_definitions()).await.unwrap();
    let expected = json!({"ticket": {"agent_email": "a@e.cn", "agent_group_name": "售后1组"}});
    assert_eq!(vendor.seen()[0].json(), expected);
    let nameless =
        TicketDraft { assignee: Assignee { name: Some("李娜".into()), ..Assignee::default() }, ..draft };
    assert_eq!(why(nameless, "v1 update").await, "assignee: a v1 change needs the id or the e-mail");
}

#[tokio::test]
async fn a_selection_that_a_call_cannot_say_is_not_sent() {
    let with =
        |name: &str, value: FieldValue| TicketDraft { fields: [(name.to_owned(), value)].into(), ..draft() };
    for (draft, call, expected) in [
        (
            with("SelectField_3", chosen(&["1"])),
            "v1 update",
            "SelectField_3: an option's name has a comma in it",
        ),
        (with("SelectField_3", chosen(&["3"])), "v1 update", "SelectField_3: two options have the same name"),
        (with("SelectField_3", chosen(&["9"])), "v1 create", "SelectField_3: it has no such option"),
        (with("SelectField_1", chosen(&["0", "1"])), "v2 create", "SelectField_1: it takes one option only"),
        (
            with("SelectField_1", FieldValue::Text("网络".into())),
            "v1 create",
            "SelectField_1: it takes options, not text",
        ),
        (with("SelectField_7", chosen(&["0"])), "v1 create", "SelectField_7: it has no definition"),
        (
            with("SelectField_7", FieldValue::Text("0".into())),
            "v1 update",
            "SelectField_7: it has no definition",
        ),
        (
            with("SelectField_4", chosen(&["0", "1"])),
            "v1 create",
            "SelectField_4: how v1 writes a cascade is not documented",
        ),
        (with("SelectField_4", chosen(&["0", "2"])), "v2 create", "SelectField_4: it has no such path"),
    ] {
        assert_eq!(why(draft, call).await, expected);
    }
}

#[tokio::test]
async fn the_same_boxes_go_by_index_where_their_names_are_ambiguous() {
    let vendor = any();
    let fields = [
        ("SelectField_3".to_owned(), chosen(&["1", "3"])),
        ("SelectField_4".to_owned(), chosen(&["0", "1"])),
    ];
    let draft = TicketDraft { fields: fields.into(), ..TicketDraft::default() };
    client(&vendor.url).v2().update_ticket(2, &draft, &some_definitions()).await.unwrap();
    let sent = &vendor.seen()[0].json()["ticket"]["custom_fields"];
    assert_eq!(sent, &json!({"SelectField_3": "1,3", "SelectField_4": "0,1"}));
}

#[tokio::test]
async fn a_part_that_a_call_has_no_field_for_is_not_left_out_in_silence() {
    let plain = || TicketDraft { assignee: Assignee::default(), ..draft() };
    let tagged = TicketDraft { tags: vec!["网络".into()], ..draft() };
    let comma = TicketDraft { tags: vec!["网络,打印机".into()], ..draft() };
    let own = TicketDraft { priority: Some(Priority::Other("特急".into())), ..draft() };
    let waiting = TicketDraft { status: Some(Status::Other("等待客户".into())), ..draft() };
    let by_id = CustomerKey { id: Some(5), ..CustomerKey::default() };
    let by_token = CustomerKey { token: Some("t-1".into()), ..CustomerKey::default() };
    let agent = Assignee { id: Some(3), ..Assignee::default() };
    for (draft, call, expected) in [
        (tagged, "v1 create", "tags: a v1 creation has no field for it; a change afterwards has"),
        (comma, "v1 update", "tags: one of them has a comma in it"),
        (own, "v1 update", "priority: its English name is not known"),
        (waiting, "v2 create", "status: its status_id is not known"),
        (draft(), "v2 update", "content: no field of a v2 change is known for it"),
        (
            TicketDraft { customer: by_id, ..plain() },
            "v1 create",
            "customer: v1 does not look customers up by id",
        ),
        (
            TicketDraft { customer: by_token, ..plain() },
            "v2 create",
            "customer: how v2 looks a customer up by token is not known",
        ),
        (
            TicketDraft { assignee: agent.clone(), ..draft() },
            "v1 create",
            "assignee: a v1 creation needs the name or the e-mail",
        ),
        (TicketDraft { assignee: agent, ..draft() }, "v2 create", "assignee: a v2 creation needs the e-mail"),
        (TicketDraft { subject: None, ..draft() }, "v1 create", "subject: a creation needs it"),
        (
            TicketDraft { subject: Some("工".repeat(256)), ..draft() },
            "v2 create",
            "subject: it is longer than 255 characters",
        ),
    ] {
        assert_eq!(why(draft, call).await, expected, "{call}");
    }
}
