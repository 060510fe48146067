//! Creating, changing and answering tickets (§6.5, §6.6).

use deskbridge::{
    bangwo8::{CustomFieldWrite, TicketId, TicketWrite},
    sandbox::{DuplicateRequestid, RequiredFields},
};
use serde_json::{Value, json};

use super::{
    desk::{Desk, code, declined, rejection},
    tickets::{custom, known},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    create_ticket_reads_back_as_written,
    create_ticket_takes_dropdowns_by_text_and_by_id,
    create_ticket_stamps_the_vendors_time,
    create_ticket_without_a_subject_is_rejected,
    create_ticket_without_a_status_is_rejected,
    create_ticket_with_an_unknown_status_is_rejected,
    create_ticket_with_an_unknown_contact_is_rejected,
    create_ticket_with_an_unknown_template_is_rejected,
    create_ticket_with_an_unknown_field_is_rejected,
    create_ticket_with_an_unknown_option_is_rejected,
    create_ticket_needs_the_template_for_custom_fields,
    create_ticket_needs_the_mandatory_fields,
    create_ticket_again_with_one_request_id,
    create_ticket_that_was_rejected_keeps_its_request_id_free,
    update_ticket_changes_what_is_sent_and_nothing_else,
    update_ticket_stamps_the_new_status,
    update_ticket_unknown_is_not_found,
    update_ticket_rejected_changes_nothing,
    reply_ticket_adds_a_reply,
    reply_ticket_without_words_is_rejected,
    reply_ticket_unknown_is_not_found,
];

/// A ticket with every custom field of its template, so that no reading of `isRequired` misses one.
pub(crate) fn whole_ticket() -> TicketWrite {
    TicketWrite {
        subject: Some("打印机卡纸".to_owned()),
        descript: Some("第一行\n第二行 <b>& 100%</b>".to_owned()),
        ticket_status: Some(2),
        ticket_type: Some(3),
        priority_level: Some(4),
        ticket_source: Some(7),
        cust_user_id: Some(21_130_282),
        servicer_user_id: Some(565_125),
        servicer_group_id: Some(344_125),
        ticket_template_id: Some(4),
        custom_template_id: Some(12),
        cc_user_id_list: Some("565123,565124".to_owned()),
        cc_group_id_list: Some("344124,344125".to_owned()),
        tag_list: Some("售后,vip客户".to_owned()),
        custom_fields: TEMPLATE_FIELDS.iter().map(|(key, value)| field(key, value)).collect(),
        ..TicketWrite::default()
    }
}

const TEMPLATE_FIELDS: &[(&str, &str)] = &[
    ("field_1", "三楼"),
    ("field_2", "第一行\n第二行"),
    ("field_3", "2024-02-29"),
    ("field_4", "08:30:00"),
    ("field_5", "2024-02-29 08:30"),
    ("field_6", "https://example.com/?a=1&b=2"),
    ("field_7", "50"),
    ("field_8", "13.33"),
    ("field_9", "1197504"),
    ("field_10", "单选框选项2"),
    ("field_11", "4672422,4672428"),
];

fn field(key: &str, value: &str) -> CustomFieldWrite {
    CustomFieldWrite { key: key.to_owned(), value: Value::from(value) }
}

async fn create(desk: &Desk, ticket: &TicketWrite) -> Result<TicketId, deskbridge::bangwo8::Error> {
    desk.agent().create_ticket(ticket, &desk.request_id()).await
}

async fn create_ticket_reads_back_as_written(desk: &Desk) {
    let id = create(desk, &whole_ticket()).await.unwrap();
    let ticket = desk.agent().ticket_v2(&id).await.unwrap();
    assert_eq!(ticket.id, id);
    assert_eq!(ticket.subject.as_deref(), Some("打印机卡纸"));
    assert_eq!(ticket.descript.as_deref(), Some("第一行\n第二行 <b>& 100%</b>"));
    assert_eq!(ticket.ticket_status, known(2, "已开启", "open"));
    assert_eq!(ticket.ticket_type, known(3, "故障", "incident"));
    assert_eq!(ticket.priority_level, known(4, "紧急", "urgent"));
    assert_eq!(ticket.ticket_source, known(7, "API", "api"));
    assert_eq!(ticket.cust_user_id.as_deref(), Some("21130282"));
    assert_eq!(ticket.servicer_user_id.as_deref(), Some("565125"));
    assert_eq!(ticket.servicer_group_id.as_deref(), Some("344125"));
    assert_eq!(ticket.ticket_template_id.as_deref(), Some("4"));
    assert_eq!(ticket.custom_template_id.as_deref(), Some("12"));
    assert_eq!(ticket.cc_user_id_list.as_deref(), Some("565123,565124"));
    assert_eq!(ticket.cc_group_id_list.as_deref(), Some("344124,344125"));
    assert_eq!(ticket.tag_list.as_deref(), Some("售后,vip客户"));
    assert_eq!(ticket.creater_id.as_deref(), Some("565124"));
    for (key, value) in TEMPLATE_FIELDS.iter().filter(|(key, _)| *key != "field_10") {
        assert_eq!(custom(&ticket, key), json!(value), "{key}");
    }
}

async fn create_ticket_takes_dropdowns_by_text_and_by_id(desk: &Desk) {
    let id = create(desk, &whole_ticket()).await.unwrap();
    let ticket = desk.agent().ticket_v2(&id).await.unwrap();
    assert_eq!(custom(&ticket, "field_9"), json!("1197504"));
    assert_eq!(custom(&ticket, "field_10"), json!("1197524"));
}

async fn create_ticket_stamps_the_vendors_time(desk: &Desk) {
    let id = create(desk, &whole_ticket()).await.unwrap();
    let ticket = desk.agent().ticket(&id).await.unwrap();
    assert!(desk.is_now(ticket.created_at), "{:?}", ticket.created_at);
    assert_eq!((ticket.updated_at, ticket.opened_at), (ticket.created_at, ticket.created_at));
}

async fn create_ticket_without_a_subject_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { subject: None, ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("subject cannot be empty"));
}

async fn create_ticket_without_a_status_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { ticket_status: None, ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("ticketStatus cannot be empty"));
}

async fn create_ticket_with_an_unknown_status_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { ticket_status: Some(7), ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("ticketStatus is invalid"));
}

async fn create_ticket_with_an_unknown_contact_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { cust_user_id: Some(404), ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("custUserId does not exist"));
}

async fn create_ticket_with_an_unknown_template_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { ticket_template_id: Some(404), ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("ticketTemplateId does not exist"));
}

async fn create_ticket_with_an_unknown_field_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { custom_fields: vec![field("field_404", "x")], ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("field_404 does not exist"));
}

async fn create_ticket_with_an_unknown_option_is_rejected(desk: &Desk) {
    let ticket = TicketWrite { custom_fields: vec![field("field_9", "没有的选项")], ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("field_9 option does not exist"));
}

/// §6.1: the template decides which fields a ticket has.
async fn create_ticket_needs_the_template_for_custom_fields(desk: &Desk) {
    let ticket = TicketWrite { ticket_template_id: None, ..whole_ticket() };
    assert_eq!(rejection(create(desk, &ticket).await), declined("ticketTemplateId cannot be empty"));
}

/// §13, 5: whether a field is mandatory is said in two ways, and whether that is enforced is not said.
async fn create_ticket_needs_the_mandatory_fields(desk: &Desk) {
    let created = create(desk, &TicketWrite { custom_fields: vec![], ..whole_ticket() }).await;
    match desk.switches.required_fields {
        RequiredFields::Off => assert_eq!(code(created), "ok"),
        RequiredFields::AsDocumented => assert_eq!(rejection(created), declined("field_1 cannot be empty")),
        RequiredFields::Inverted => assert_eq!(rejection(created), declined("field_2 cannot be empty")),
    }
}

/// §2.3: what a duplicate receives is not documented.
async fn create_ticket_again_with_one_request_id(desk: &Desk) {
    let (ticket, request_id) = (whole_ticket(), desk.request_id());
    let first = desk.agent().create_ticket(&ticket, &request_id).await.unwrap();
    let second = desk.agent().create_ticket(&ticket, &request_id).await;
    let stored = desk.stored_with_subject("打印机卡纸");
    match desk.switches.duplicate_requestid {
        DuplicateRequestid::Replay => assert_eq!((second.unwrap(), stored), (first, 1)),
        DuplicateRequestid::Error => {
            assert_eq!((rejection(second), stored), (declined("Requestid already exists"), 1));
        }
        DuplicateRequestid::Ignored => {
            assert_ne!(second.unwrap(), first);
            assert_eq!(stored, 2);
        }
    }
}

async fn create_ticket_that_was_rejected_keeps_its_request_id_free(desk: &Desk) {
    let request_id = desk.request_id();
    let wrong = TicketWrite { subject: None, ..whole_ticket() };
    assert_eq!(code(desk.agent().create_ticket(&wrong, &request_id).await), "rejected");
    let id = desk.agent().create_ticket(&whole_ticket(), &request_id).await.unwrap();
    assert_eq!(desk.agent().ticket(&id).await.unwrap().id, id);
}

async fn update_ticket_changes_what_is_sent_and_nothing_else(desk: &Desk) {
    let id = TicketId::new("4988240");
    let before = desk.agent().ticket_v2(&id).await.unwrap();
    let change = TicketWrite {
        priority_level: Some(1),
        ticket_template_id: Some(4),
        custom_fields: vec![field("field_8", "88.80")],
        ..TicketWrite::default()
    };
    desk.agent().update_ticket(&id, &change, &desk.request_id()).await.unwrap();
    let mut after = desk.agent().ticket_v2(&id).await.unwrap();
    assert_eq!(after.priority_level, known(1, "低", "low"));
    assert_eq!(custom(&after, "field_8"), json!("88.80"));
    assert!(desk.is_now(after.updated_at), "{:?}", after.updated_at);
    after.priority_level = before.priority_level.clone();
    after.updated_at = before.updated_at;
    after.custom_fields.retain(|(key, _)| key != "field_8");
    let mut rest = before;
    rest.custom_fields.retain(|(key, _)| key != "field_8");
    assert_eq!(after, rest);
}

async fn update_ticket_stamps_the_new_status(desk: &Desk) {
    let id = TicketId::new("5101465");
    for (status, name) in [(3, "pending"), (4, "solved"), (6, "closed")] {
        let change = TicketWrite { ticket_status: Some(status), ..TicketWrite::default() };
        desk.agent().update_ticket(&id, &change, &desk.request_id()).await.unwrap();
        let ticket = desk.agent().ticket(&id).await.unwrap();
        assert_eq!(ticket.ticket_status.unwrap().name, Some(name));
        let reached = [ticket.waiting_at, ticket.solved_at, ticket.closed_at];
        assert!(desk.is_now(reached[usize::from(status / 2 - 1)]), "{name}");
    }
}

async fn update_ticket_unknown_is_not_found(desk: &Desk) {
    let id = TicketId::new("999");
    assert_eq!(code(desk.agent().update_ticket(&id, &whole_ticket(), &desk.request_id()).await), "not_found");
}

async fn update_ticket_rejected_changes_nothing(desk: &Desk) {
    let id = TicketId::new("4988240");
    let before = desk.agent().ticket(&id).await.unwrap();
    let change =
        TicketWrite { subject: Some("新标题".to_owned()), ticket_type: Some(9), ..TicketWrite::default() };
    let changed = desk.agent().update_ticket(&id, &change, &desk.request_id()).await;
    assert_eq!(rejection(changed), declined("ticketType is invalid"));
    assert_eq!(desk.agent().ticket(&id).await.unwrap(), before);
}

/// No call reads replies, so they are looked for where the simulator stores them.
async fn reply_ticket_adds_a_reply(desk: &Desk) {
    let id = TicketId::new("4988240");
    let before = desk.agent().ticket(&id).await.unwrap();
    for text in ["已更换网卡。", "请重启 & 再试"] {
        desk.agent().reply_ticket(&id, text, &desk.request_id()).await.unwrap();
    }
    let replies = desk.stored_ticket(4_988_240)["replies"].clone();
    let texts: Vec<&Value> = replies.as_array().unwrap().iter().map(|reply| &reply["replyMsg"]).collect();
    assert_eq!(texts, ["已更换网卡。", "请重启 & 再试"]);
    let after = desk.agent().ticket(&id).await.unwrap();
    assert_eq!((&after.subject, &after.descript), (&before.subject, &before.descript));
    assert!(desk.is_now(after.updated_at));
}

async fn reply_ticket_without_words_is_rejected(desk: &Desk) {
    let replied = desk.agent().reply_ticket(&TicketId::new("4988240"), " ", &desk.request_id()).await;
    assert_eq!(rejection(replied), declined("replyMsg cannot be empty"));
}

async fn reply_ticket_unknown_is_not_found(desk: &Desk) {
    let replied = desk.agent().reply_ticket(&TicketId::new("999"), "好", &desk.request_id()).await;
    assert_eq!(code(replied), "not_found");
}
