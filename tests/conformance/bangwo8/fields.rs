//! The definitions of fields (§7.1, §7.3, §8.7) and templates (§7.5).

use deskbridge::bangwo8::{Field, FieldOption, field_type};
use serde_json::json;

use super::desk::Desk;
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    ticket_fields_are_the_custom_ones,
    ticket_fields_share_a_key,
    ticket_fields_have_options_on_several_levels,
    ticket_fields_tell_who_may_not_change_them,
    ticket_fields_of_an_undocumented_type_are_read,
    ticket_fields_with_system_are_all,
    company_fields_are_read,
    ticket_templates_are_read,
];

async fn ticket_fields_are_the_custom_ones(desk: &Desk) {
    let fields = desk.agent().ticket_fields().await.unwrap();
    assert_eq!(fields.len(), 37);
    assert!(fields.iter().all(|field| field.system != Some(true)));
    let stage = of_id(&fields, "8769563");
    assert_eq!((stage.name.as_deref(), stage.key.as_deref()), (Some("销售阶段"), Some("field_12")));
    assert_eq!((stage.field_type, stage.is_required), (Some(field_type::DROPDOWN), Some(0)));
    assert_eq!(texts(&stage.options), ["需求确认", "报价谈判", "合同制定", "赢单"]);
    assert_eq!(stage.options[1].key, "1197544");
    assert_eq!(of_id(&fields, "8769482").is_required, Some(1));
}

/// §13, 22.
async fn ticket_fields_share_a_key(desk: &Desk) {
    let fields = desk.agent().ticket_fields().await.unwrap();
    let shared = fields.iter().filter(|field| field.key.as_deref() == Some("field_24"));
    let ids: Vec<&str> = shared.map(|field| field.id.as_str()).collect();
    assert_eq!(ids, ["9481693", "24139508"]);
}

async fn ticket_fields_have_options_on_several_levels(desk: &Desk) {
    let fields = desk.agent().ticket_fields().await.unwrap();
    let cascade = of_id(&fields, "24139508");
    assert_eq!(cascade.field_type, Some(field_type::CASCADE));
    assert_eq!(texts(&cascade.options), ["北京市", "吉林省"]);
    let beijing = &cascade.options[0];
    assert_eq!(texts(&beijing.subset), ["海淀", "丰台", "朝阳"]);
    assert_eq!(texts(&beijing.subset[0].subset), ["中关村", "清华大学"]);
    assert_eq!(beijing.subset[0].subset[1].key, "33");
    assert_eq!(beijing.subset[1].subset, []);
}

async fn ticket_fields_tell_who_may_not_change_them(desk: &Desk) {
    let fields = desk.agent().ticket_fields().await.unwrap();
    let contract = of_id(&fields, "9481705");
    assert_eq!((contract.is_readonly, contract.readonly_range), (Some(true), Some(2)));
    assert_eq!(contract.readonly_support.as_deref(), Some("344125"));
    assert_eq!(of_id(&fields, "8769563").is_readonly, Some(false));
}

/// §13, 21: type 23 is in the samples and not in the list.
async fn ticket_fields_of_an_undocumented_type_are_read(desk: &Desk) {
    let fields = desk.agent().ticket_fields().await.unwrap();
    assert_eq!(of_id(&fields, "8769569").field_type, Some(field_type::SIGNATURE));
    let form = of_id(&fields, "9481713");
    assert_eq!((form.field_type, &form.table), (Some(field_type::FORM), &Some(json!([]))));
}

async fn ticket_fields_with_system_are_all(desk: &Desk) {
    let all = desk.agent().ticket_fields_with_system().await.unwrap();
    let (system, custom): (Vec<Field>, Vec<Field>) =
        all.into_iter().partition(|field| field.system == Some(true));
    let keys: Vec<&str> = system.iter().map(|field| field.key.as_deref().unwrap()).collect();
    assert_eq!(keys, ["subject", "descript", "ticketStatus", "ticketType", "priorityLevel"]);
    let listed = desk.agent().ticket_fields().await.unwrap();
    assert_eq!(ids(&custom), ids(&listed));
}

async fn company_fields_are_read(desk: &Desk) {
    let fields = desk.admin().company_fields().await.unwrap();
    assert_eq!(ids(&fields), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let product = of_id(&fields, "1");
    assert_eq!((product.name.as_deref(), product.key.as_deref()), (Some("产品类型"), Some("field_10")));
    assert_eq!((product.field_type, product.system), (Some(field_type::DROPDOWN), Some(false)));
    assert_eq!((product.options[0].key.as_str(), product.options[0].value.as_str()), ("231", "在线客服模块"));
}

async fn ticket_templates_are_read(desk: &Desk) {
    let templates = desk.admin().ticket_templates().await.unwrap();
    let ids: Vec<&str> = templates.iter().map(|template| template.id.as_str()).collect();
    assert_eq!(ids, ["4", "8", "9"]);
    let visit = &templates[1];
    assert_eq!(visit.name.as_deref(), Some("上门维修"));
    assert_eq!(visit.description.as_deref(), Some("需要上门处理的报修"));
    assert_eq!((visit.visible_range, visit.released), (Some(2), Some(true)));
    assert_eq!((visit.servicer_group_id.as_deref(), &visit.servicer_id), (Some("344124"), &None));
    assert_eq!(visit.creator_id.as_deref(), Some("565123"));
    assert_eq!(visit.created_at, Some(desk.at("2019-09-02 10:21:45")));
    assert_eq!((templates[0].description.as_deref(), templates[0].released), (None, Some(false)));
    assert!(visit.url.as_deref().unwrap().ends_with("/api/v1/tickettemplates/8.json"));
}

pub(crate) fn of_id<'a>(fields: &'a [Field], id: &str) -> &'a Field {
    fields.iter().find(|field| field.id == id).unwrap()
}

pub(crate) fn texts(options: &[FieldOption]) -> Vec<&str> {
    options.iter().map(|option| option.value.as_str()).collect()
}

fn ids(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.id.as_str()).collect()
}
