//! Reading tickets one at a time (§6.4), under every spelling of their values.

use deskbridge::{
    bangwo8::{Code, Ticket, TicketId},
    sandbox::DropdownForm,
};
use serde_json::{Value, json};

use super::desk::{Desk, code};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    ticket_reads_its_fields,
    ticket_v2_reads_its_fields,
    ticket_dropdown_is_text_or_id,
    ticket_v2_dropdown_is_id,
    ticket_custom_values_keep_their_shapes,
    ticket_without_values_has_none,
    ticket_from_the_workbench_has_a_source_without_a_code,
    ticket_unknown_is_not_found,
    ticket_v2_unknown_is_not_found,
];

async fn ticket_reads_its_fields(desk: &Desk) {
    let ticket = desk.agent().ticket(&TicketId::new("4988240")).await.unwrap();
    assert_printer_ticket(desk, &ticket);
}

async fn ticket_v2_reads_its_fields(desk: &Desk) {
    let ticket = desk.agent().ticket_v2(&TicketId::new("4988240")).await.unwrap();
    assert_printer_ticket(desk, &ticket);
}

fn assert_printer_ticket(desk: &Desk, ticket: &Ticket) {
    assert_eq!(ticket.id.as_str(), "4988240");
    assert_eq!(ticket.subject.as_deref(), Some("打印机脱机"));
    assert_eq!(ticket.descript.as_deref(), Some("早上开机后一直显示脱机,重启无效。"));
    assert_eq!(ticket.ticket_status, known(4, "已解决", "solved"));
    assert_eq!(ticket.ticket_type, known(3, "故障", "incident"));
    assert_eq!(ticket.priority_level, known(2, "正常", "normal"));
    assert_eq!(ticket.ticket_source, known(3, "呼叫中心", "call_centre"));
    assert_eq!(ticket.creater_type, known(0, "客服", "agent"));
    assert_eq!(ticket.cust_user_id.as_deref(), Some("21130282"));
    assert_eq!(ticket.servicer_user_id.as_deref(), Some("565124"));
    assert_eq!(ticket.servicer_group_id.as_deref(), Some("344124"));
    assert_eq!(ticket.creater_id.as_deref(), Some("565124"));
    assert_eq!(ticket.agent_id.as_deref(), Some("601993"));
    assert_eq!(ticket.ticket_template_id.as_deref(), Some("4"));
    assert_eq!(
        (&ticket.custom_template_id, &ticket.cc_user_id_list, &ticket.cc_group_id_list),
        (&None, &None, &None)
    );
    assert_eq!(ticket.tag_list.as_deref(), Some("售后"));
    assert_eq!(ticket.created_at, Some(desk.at("2019-11-05 08:41:09")));
    assert_eq!(ticket.updated_at, Some(desk.at("2019-11-05 17:20:31")));
    assert_eq!(ticket.solved_at, ticket.updated_at);
    assert_eq!((ticket.opened_at, ticket.waiting_at, ticket.closed_at), (None, None, None));
    assert_eq!(custom(ticket, "field_1"), json!("三楼财务室"));
    assert_eq!(custom(ticket, "field_3"), json!("2019-11-05"));
    assert_eq!(ticket.custom_fields.len(), 11, "the template decides which fields there are, set or not");
}

async fn ticket_dropdown_is_text_or_id(desk: &Desk) {
    let ticket = desk.agent().ticket(&TicketId::new("4988240")).await.unwrap();
    let expected = match desk.switches.dropdown_on_v1_read {
        DropdownForm::Text => "单选框选项1",
        DropdownForm::Id => "1197521",
    };
    assert_eq!(custom(&ticket, "field_10"), json!(expected));
}

async fn ticket_v2_dropdown_is_id(desk: &Desk) {
    let ticket = desk.agent().ticket_v2(&TicketId::new("4988240")).await.unwrap();
    assert_eq!(custom(&ticket, "field_10"), json!("1197521"));
}

/// §4.5: an attachment, PHP-serialised text, a signature, an integer and a decimal; and a cascade.
async fn ticket_custom_values_keep_their_shapes(desk: &Desk) {
    let sample = desk.agent().ticket_v2(&TicketId::new("5237431")).await.unwrap();
    let photo = json!([{"name": "195151szk8umd8or8fmfa5.jpg", "uri": "386279/snNyQASjsh.jpg", "datetime": "2019-12-19 14:28:48"}]);
    assert_eq!(custom(&sample, "field_16"), photo);
    assert!(custom(&sample, "field_25").as_str().unwrap().starts_with("a:4:{s:2:\"SN\";s:16:"));
    assert_eq!(custom(&sample, "field_22"), json!("sign0"));
    assert_eq!((custom(&sample, "field_17"), custom(&sample, "field_29")), (json!("0"), json!("123.00")));
    assert_eq!(custom(&sample, "field_19"), json!(""));
    let lift = desk.agent().ticket_v2(&TicketId::new("5010076")).await.unwrap();
    assert_eq!(custom(&lift, "field_36"), json!(["北京市", "海淀", "中关村"]));
}

async fn ticket_without_values_has_none(desk: &Desk) {
    let ticket = desk.agent().ticket(&TicketId::new("5188027")).await.unwrap();
    assert_eq!((&ticket.subject, &ticket.descript, &ticket.tag_list), (&None, &None, &None));
    assert_eq!((&ticket.ticket_type, &ticket.priority_level), (&None, &None));
    assert_eq!(
        (&ticket.cust_user_id, &ticket.servicer_user_id, &ticket.servicer_group_id),
        (&None, &None, &None)
    );
    assert_eq!((&ticket.creater_id, &ticket.ticket_template_id), (&None, &None));
    assert_eq!(ticket.custom_fields, []);
    assert_eq!(ticket.ticket_status, known(1, "新建", "new"));
}

/// §13, 3: the label is in no list of codes, and the code that stands for it is 0.
async fn ticket_from_the_workbench_has_a_source_without_a_code(desk: &Desk) {
    let ticket = desk.agent().ticket(&TicketId::new("5120683")).await.unwrap();
    let source = ticket.ticket_source.unwrap();
    assert_eq!(source.name, None);
    assert!(source.label == "工单工作台" || (source.code, source.label.as_str()) == (Some(0), "0"));
}

async fn ticket_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().ticket(&TicketId::new("999")).await), "not_found");
}

async fn ticket_v2_unknown_is_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().ticket_v2(&TicketId::new("999")).await), "not_found");
}

pub(crate) fn known(code: u8, label: &str, name: &'static str) -> Option<Code> {
    Some(Code { code: Some(code), name: Some(name), label: label.to_owned() })
}

/// The value of a custom field, which the ticket must have.
pub(crate) fn custom(ticket: &Ticket, key: &str) -> Value {
    ticket.custom_fields.iter().find(|(own, _)| own == key).unwrap().1.clone()
}
