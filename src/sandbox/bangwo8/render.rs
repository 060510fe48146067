//! A ticket in its wire forms.

use serde_json::{Map, Value, json};

use super::desk::{Desk, TENANT_ID};
use super::enums::{self, Enumeration};
use super::ticket::Ticket;
use super::{Admitted, Switches, custom_fields};
use crate::sandbox::switches::{DropdownForm, TicketEnums};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// In lists and views: a few members only.
    List,
    Single,
    SingleV2,
}

pub(crate) fn ticket(ticket: &Ticket, desk: &Desk, admitted: &Admitted<'_>, shape: Shape) -> Value {
    let switches = &admitted.switches;
    let with_labels = with_labels(switches, shape);
    let mut wire = head(ticket, with_labels);
    if shape != Shape::List {
        wire.extend(details(ticket, &admitted.call.base_url));
    }
    let values = custom_fields::read(ticket, desk, dropdown_form(switches, shape));
    wire.insert("custom_fields".to_owned(), Value::Array(values));
    Value::Object(wire)
}

fn with_labels(switches: &Switches, shape: Shape) -> bool {
    match switches.ticket_enums {
        TicketEnums::CodeAsText => false,
        TicketEnums::Label => true,
        TicketEnums::MixedPerEndpoint => shape == Shape::List,
    }
}

fn dropdown_form(switches: &Switches, shape: Shape) -> DropdownForm {
    match shape {
        Shape::List => DropdownForm::Text,
        Shape::Single => switches.dropdown_on_v1_read,
        Shape::SingleV2 => DropdownForm::Id,
    }
}

fn head(ticket: &Ticket, with_labels: bool) -> Map<String, Value> {
    object(json!({
        "ticketId": ticket.ticket_id.to_string(),
        "subject": ticket.subject,
        "descript": ticket.descript,
        "ticketSource": source(ticket.ticket_source, with_labels),
        "ticketType": code(&enums::TYPE, ticket.ticket_type, with_labels),
        "priorityLevel": code(&enums::PRIORITY, ticket.priority_level, with_labels),
        "ticketStatus": code(&enums::STATUS, ticket.ticket_status, with_labels),
        "custUserId": ticket.cust_user_id.to_string(),
        "servicerUserId": ticket.servicer_user_id.to_string(),
        "ticketTemplateId": ticket.ticket_template_id.to_string(),
        "tagList": ticket.tag_list,
        "createDT": ticket.create_dt,
        "updateDT": ticket.update_dt,
    }))
}

fn details(ticket: &Ticket, base: &str) -> Map<String, Value> {
    object(json!({
        "url": format!("{base}/api/v1/tickets/{}.json", ticket.ticket_id),
        "servicerGroupId": ticket.servicer_group_id.to_string(),
        "ccUserIdList": ticket.cc_user_id_list,
        "ccGroupIdList": ticket.cc_group_id_list,
        "agentId": TENANT_ID.to_string(),
        "createrId": ticket.creater_id.to_string(),
        "createrType": ticket.creater_type.to_string(),
        "customTemplateId": ticket.custom_template_id.to_string(),
        "openDT": ticket.open_dt,
        "waitDT": ticket.wait_dt,
        "solveDT": ticket.solve_dt,
        "closeDT": ticket.close_dt,
    }))
}

/// `""` where there is no value.
fn code(enumeration: &Enumeration, code: u8, with_labels: bool) -> String {
    match enumeration.label(code) {
        Some(label) if with_labels => label.to_owned(),
        Some(_) => code.to_string(),
        None => String::new(),
    }
}

fn source(code_or_workbench: u8, with_labels: bool) -> String {
    match code_or_workbench {
        0 if with_labels => enums::WORKBENCH.to_owned(),
        0 => "0".to_owned(),
        known => code(&enums::SOURCE, known, with_labels),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
