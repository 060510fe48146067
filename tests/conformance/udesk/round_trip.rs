//! One ticket in the connector's own terms, written and read again with every kind of custom field (§4.2, §4.4).

use std::collections::BTreeMap;

use deskbridge::udesk::{
    Assignee, CustomerKey, FieldDefinitions, FieldValue, Group, Priority, Status, Ticket, TicketDraft,
};

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v1_round_trip,
    v2_round_trip,
    read_ticket_is_written_back_unchanged,
    cascade_only_in_v2,
    option_with_a_comma_only_by_index,
    unknown_field_is_passed_over,
];

/// A value of every kind that v1 can write.
fn values() -> BTreeMap<String, FieldValue> {
    let texts = [
        ("TextField_1", "普通文本,内容"),
        ("TextField_2", "第一行\r\n第二行"),
        ("TextField_3", "2016-08-11"),
        ("TextField_4", "14:44:36"),
        ("TextField_5", "2017-05-03 14:44"),
        ("TextField_6", "https://www.sample.com/?a=1&b=工单"),
        ("TextField_7", "13"),
        ("TextField_8", "13.33"),
    ];
    let selections =
        [("SelectField_1", &["1"][..]), ("SelectField_2", &["0"]), ("SelectField_3", &["0", "3"])];
    let texts = texts.map(|(name, value)| (name.to_owned(), text(value)));
    texts.into_iter().chain(selections.map(|(name, value)| (name.to_owned(), chosen(value)))).collect()
}

/// The same fields with other values.
fn other_values() -> BTreeMap<String, FieldValue> {
    let texts = [
        ("TextField_1", "改过的文本"),
        ("TextField_2", "只有一行"),
        ("TextField_3", "2017-01-01"),
        ("TextField_4", "00:00:00"),
        ("TextField_5", "2017-12-31 23:59"),
        ("TextField_6", "ftp://ftp.sample.com"),
        ("TextField_7", "1"),
        ("TextField_8", "-0.50"),
    ];
    let selections = [("SelectField_1", &["2"][..]), ("SelectField_2", &["1"]), ("SelectField_3", &["2"])];
    let texts = texts.map(|(name, value)| (name.to_owned(), text(value)));
    texts.into_iter().chain(selections.map(|(name, value)| (name.to_owned(), chosen(value)))).collect()
}

fn whole(fields: BTreeMap<String, FieldValue>) -> TicketDraft {
    TicketDraft {
        status: Some(Status::Solving),
        priority: Some(Priority::High),
        customer: CustomerKey { cellphone: Some("13900000009".into()), ..CustomerKey::default() },
        assignee: Assignee { email: Some("xiaowang@example.com".into()), ..Assignee::default() },
        group: Group { id: None, name: Some("售前组".into()) },
        fields,
        ..draft()
    }
}

/// The ticket says what the draft says.
fn assert_says(ticket: &Ticket, draft: &TicketDraft, definitions: &FieldDefinitions) {
    assert_eq!((&ticket.subject, &ticket.content), (&draft.subject, &draft.content));
    assert_eq!((&ticket.status, &ticket.priority), (&draft.status, &draft.priority));
    assert_eq!((ticket.assignee_id, ticket.group_id), (Some(2), Some(2)));
    assert_eq!(ticket.customer.name.as_deref(), Some("林涛"));
    let read = definitions.values(&ticket.custom_fields);
    assert_eq!(read.keys().collect::<Vec<_>>(), draft.fields.keys().collect::<Vec<_>>());
    for (name, value) in &draft.fields {
        assert!(read[name] == *value, "{name}: {}", ticket.custom_fields[name]);
    }
}

async fn v1_round_trip(desk: &Desk) {
    let (v1, fields) = (desk.v1(), desk.v1_fields().await);
    let draft = whole(values());
    let id = v1.create_ticket(&draft, &fields).await.unwrap();
    let read = v1.ticket(id).await.unwrap();
    assert_says(&read, &draft, &fields);
    let change = TicketDraft {
        subject: Some("改过的标题".into()),
        status: Some(Status::Resolved),
        priority: Some(Priority::Low),
        fields: other_values(),
        ..TicketDraft::of(&read, &fields)
    };
    v1.update_ticket(id, &change, &read.current(), &fields).await.unwrap();
    assert_says(&v1.ticket(id).await.unwrap(), &change, &fields);
    assert_says(&desk.v2().ticket(id).await.unwrap(), &change, &desk.v2_fields().await);
}

async fn v2_round_trip(desk: &Desk) {
    let (v2, fields) = (desk.v2(), desk.v2_fields().await);
    let with_cascade = |mut values: BTreeMap<String, FieldValue>, path: &[&str]| {
        values.insert("SelectField_4".to_owned(), chosen(path));
        values
    };
    let draft = whole(with_cascade(values(), &["0", "0", "1"]));
    let id = v2.create_ticket(&draft, &fields).await.unwrap();
    assert_says(&v2.ticket(id).await.unwrap(), &draft, &fields);
    let change = TicketDraft {
        subject: Some("改过的标题".into()),
        fields: with_cascade(other_values(), &["1", "0", "1"]),
        ..TicketDraft::default()
    };
    v2.update_ticket(id, &change, &fields).await.unwrap();
    let expected = TicketDraft { subject: change.subject, fields: change.fields, ..draft };
    assert_says(&v2.ticket(id).await.unwrap(), &expected, &fields);
    assert_says(&desk.v1().ticket(id).await.unwrap(), &expected, &fields);
}

/// It must not be sent as it was read (§4.4), and what it is turned into changes nothing but the time.
async fn read_ticket_is_written_back_unchanged(desk: &Desk) {
    let (v1, fields) = (desk.v1(), desk.v1_fields().await);
    let id = v1.create_ticket(&whole(values()), &fields).await.unwrap();
    let before = v1.ticket(id).await.unwrap();
    let same = TicketDraft::of(&before, &fields);
    v1.update_ticket(id, &same, &before.current(), &fields).await.unwrap();
    let after = v1.ticket(id).await.unwrap();
    assert_says(&after, &whole(values()), &fields);
    assert_eq!((after.custom_fields, after.created_at), (before.custom_fields, before.created_at));
    assert_eq!(after.replied_by, before.replied_by);
}

/// How v1 writes one is not documented; it can read what v2 has written.
async fn cascade_only_in_v2(desk: &Desk) {
    let fields = [("SelectField_4".to_owned(), chosen(&["0", "0", "0"]))];
    let draft = TicketDraft { fields: fields.into(), ..draft() };
    for definitions in [desk.v1_fields().await, desk.v2_fields().await] {
        let errors = [
            refused(desk.v1().create_ticket(&draft, &definitions).await),
            refused(desk.v1().update_ticket(1, &draft, &Default::default(), &definitions).await),
        ];
        assert!(errors.iter().all(|error| error.code() == "inexpressible"));
    }
    let definitions = desk.v2_fields().await;
    let id = desk.v2().create_ticket(&draft, &definitions).await.unwrap();
    assert_eq!(desk.v1().ticket(id).await.unwrap().custom_fields["SelectField_4"], "0,0,0");
    let nowhere = [("SelectField_4".to_owned(), chosen(&["0", "7"]))];
    let draft = TicketDraft { fields: nowhere.into(), ..draft };
    assert_eq!(refused(desk.v2().create_ticket(&draft, &definitions).await).code(), "inexpressible");
}

/// A change of v1 names options and separates them by commas (§4.3).
async fn option_with_a_comma_only_by_index(desk: &Desk) {
    let fields = desk.v1_fields().await;
    let draft = TicketDraft { fields: [("SelectField_3".to_owned(), chosen(&["0", "4"]))].into(), ..draft() };
    let id = desk.v1().create_ticket(&draft, &fields).await.unwrap();
    assert_eq!(desk.v1().ticket(id).await.unwrap().custom_fields["SelectField_3"], "0,4");
    let error = refused(desk.v1().update_ticket(id, &draft, &Default::default(), &fields).await);
    assert_eq!(error.code(), "inexpressible");
    let fields = [("SelectField_3".to_owned(), chosen(&["3", "4"]))].into();
    let change = TicketDraft { fields, ..TicketDraft::default() };
    desk.v2().update_ticket(id, &change, &desk.v2_fields().await).await.unwrap();
    assert_eq!(desk.v1().ticket(id).await.unwrap().custom_fields["SelectField_3"], "3,4");
}

async fn unknown_field_is_passed_over(desk: &Desk) {
    let draft = TicketDraft { fields: [("TextField_99".to_owned(), text("无此字段"))].into(), ..draft() };
    let none = FieldDefinitions::default();
    let made = [
        desk.v1().create_ticket(&draft, &none).await.unwrap(),
        desk.v2().create_ticket(&draft, &none).await.unwrap(),
    ];
    for id in made {
        assert!(desk.v1().ticket(id).await.unwrap().custom_fields.is_empty());
    }
}
