//! Ticket fields and their options as the vendor's document shows them.

use actix_web::HttpResponse;
use deskbridge::bangwo8::{
    Field, OptionParent, OptionRef, OptionWrite, Retry, WrittenOption,
    field_type::{ATTACHMENT, CASCADE, DROPDOWN, SIGNATURE},
};
use serde_json::json;

use crate::{
    documents::{document, document_json},
    vendor::{Vendor, json as answer, request_id},
};

fn serving(name: &'static str) -> Vendor {
    Vendor::start(move |_, _| answer(document(name)))
}

fn option(name: &str, extend_id: &str) -> OptionWrite {
    OptionWrite { option_name: name.into(), extend_id: Some(extend_id.into()), parent: None }
}

fn written(id: &str, name: &str, extend_id: &str) -> WrittenOption {
    WrittenOption { id: id.into(), name: Some(name.into()), extend_id: Some(extend_id.into()) }
}

fn three() -> [OptionWrite; 3] {
    [option("选项1", "001"), option("选项2", "002"), option("选项3", "003")]
}

fn by_id<'a>(fields: &'a [Field], id: &str) -> &'a Field {
    fields.iter().find(|field| field.id == id).unwrap()
}

#[tokio::test]
async fn the_documented_fields_are_read() {
    let vendor = serving("ticket_fields");
    let fields = vendor.client().ticket_fields().await.unwrap();
    assert_eq!((vendor.seen()[0].path.as_str(), fields.len()), ("/api/v1/tickets/ticket_fields.json", 20));
    let first = by_id(&fields, "8769479");
    assert_eq!((first.name.as_deref(), first.key.as_deref()), (Some("新梯数据表"), Some("field_1")));
    assert_eq!(
        (first.field_type, first.is_required, first.is_readonly),
        (Some(ATTACHMENT), Some(0), Some(false))
    );
    assert_eq!((first.system, &first.readonly_support, &first.table), (None, &None, &None));
    assert_eq!(by_id(&fields, "8769563").field_type, Some(SIGNATURE));
    let choices = by_id(&fields, "8781221");
    assert_eq!(choices.field_type, Some(DROPDOWN));
    let choices: Vec<_> = choices.options.iter().map(|option| (&*option.key, &*option.value)).collect();
    assert_eq!(choices[0], ("1197569", "安装局确认"));
    assert_eq!(choices[3], ("1197578", "经理确认"));
    let cascade = by_id(&fields, "24139508");
    assert_eq!((cascade.field_type, cascade.key.as_deref()), (Some(CASCADE), Some("field_4")));
    assert_eq!(cascade.options[0].subset[0].subset[1].value, "清华大学");
    assert_eq!(cascade.options[1].subset[2].key, "31");
    assert_eq!(fields.iter().filter(|field| field.key.as_deref() == Some("field_4")).count(), 2);
}

#[tokio::test]
async fn the_documented_fields_with_the_systems_own_are_read() {
    let vendor = serving("ticket_fields2");
    let fields = vendor.client().ticket_fields_with_system().await.unwrap();
    assert_eq!((vendor.seen()[0].path.as_str(), fields.len()), ("/api/v1/tickets/ticket_fields2.json", 19));
    assert_eq!(by_id(&fields, "9481693").options[1].value, "普通uv");
}

#[tokio::test]
async fn every_attribute_of_a_field_is_read() {
    let table = json!([{"key": "field_1", "name": "数量"}]);
    let columns = table.clone();
    let field = json!([{
        "id": 7, "url": "https://www.bangwo8.com/api/v1/tickets/ticket_fields/7.json", "name": "表单",
        "key": "field_7", "system": 1, "type": 11, "isRequired": 1, "isReadonly": "1", "readonly_range": "2",
        "readonly_support": 344124, "custom_field_table": table,
    }]);
    let vendor = Vendor::start(move |_, _| answer(field.to_string()));
    let fields = vendor.client().ticket_fields_with_system().await.unwrap();
    assert!(fields[0].url.as_deref().unwrap().ends_with("/7.json"));
    assert_eq!(
        (fields[0].system, fields[0].is_required, fields[0].is_readonly),
        (Some(true), Some(1), Some(true))
    );
    assert_eq!((fields[0].readonly_range, fields[0].readonly_support.as_deref()), (Some(2), Some("344124")));
    assert_eq!(fields[0].table.as_ref(), Some(&columns));
}

#[tokio::test]
async fn all_options_of_a_drop_down_are_replaced_as_in_the_document() {
    let vendor = serving("field_options_written");
    let field = vendor.client().replace_field_options("24917015", &three(), &request_id()).await.unwrap();
    assert_eq!((field.column_id.as_str(), field.key.as_deref()), ("24917015", Some("field_14")));
    assert_eq!((field.name.as_deref(), field.field_type), (Some("ipaas下拉字段"), Some(DROPDOWN)));
    assert_eq!(field.options.len(), 3);
    assert_eq!(field.options[0], written("358769", "选项1", "001"));

    let seen = &vendor.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("PUT", "/api/v1/tickets/ticket_fields/24917015/allOptions.json")
    );
    assert_eq!(seen.json(), document_json("field_options_request"));
    assert_eq!(seen.header("requestid"), Some("evt-1"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn options_of_a_drop_down_are_upserted_as_in_the_document() {
    let vendor = serving("field_options_written");
    let field = vendor.client().upsert_field_options("24917015", &three(), &request_id()).await.unwrap();
    assert_eq!(field.options[2], written("358771", "选项3", "003"));
    let seen = &vendor.seen()[0];
    assert_eq!(seen.path, "/api/v1/tickets/ticket_fields/24917015/options.json");
    assert_eq!(seen.json(), document_json("field_options_request"));
}

#[tokio::test]
async fn options_of_a_cascade_are_upserted_as_in_the_document() {
    let vendor = serving("field_options_cascade_written");
    let root = OptionWrite { parent: Some(OptionParent::Root), ..option("选项1", "001") };
    let below = OptionWrite { parent: Some(OptionParent::Id("1".into())), ..option("选项1", "011") };
    let field =
        vendor.client().upsert_field_options("24917015", &[root, below], &request_id()).await.unwrap();
    assert_eq!(field.field_type, Some(CASCADE));
    assert_eq!(field.options, [written("0", "选项1", "001"), written("1", "选项1", "011")]);
    assert_eq!(vendor.seen()[0].json(), document_json("field_options_cascade_request"));
}

#[tokio::test]
async fn a_parent_can_be_named_by_its_external_id() {
    let vendor = serving("field_options_cascade_written");
    let parent = Some(OptionParent::ExtendId("001".into()));
    let option = OptionWrite { option_name: "海淀".into(), extend_id: None, parent };
    vendor.client().upsert_field_options("1", &[option], &request_id()).await.unwrap();
    assert_eq!(vendor.seen()[0].json(), json!([{"extendParentId": "001", "optionName": "海淀"}]));
}

#[tokio::test]
async fn a_parent_has_no_place_among_the_options_of_a_drop_down() {
    let vendor = serving("field_options_written");
    let option = OptionWrite { parent: Some(OptionParent::Root), ..option("选项1", "001") };
    let error = vendor.client().replace_field_options("1", &[option], &request_id()).await.unwrap_err();
    assert_eq!((error.code(), vendor.seen().len()), ("configuration", 0));
}

#[tokio::test]
async fn an_option_is_removed_by_either_id_or_by_both() {
    let vendor = serving("field_option_deleted");
    let client = vendor.client();
    let (id, extend_id) = ("358771".to_owned(), "003".to_owned());
    for option in [
        OptionRef::Either { id: id.clone(), extend_id: extend_id.clone() },
        OptionRef::Id(id),
        OptionRef::ExtendId(extend_id),
    ] {
        let removed = client.delete_field_option("24917015", &option, &request_id()).await.unwrap();
        assert_eq!(removed, written("358771", "选项3", "003"));
    }
    let seen = vendor.seen();
    let queries: Vec<&str> = seen.iter().map(|seen| seen.query.as_str()).collect();
    assert_eq!(queries, ["extendId=003&optionId=358771", "optionId=358771", "extendId=003"]);
    for seen in &seen {
        assert_eq!(seen.method, "DELETE");
        assert_eq!(seen.path, "/api/v1/tickets/ticket_fields/24917015/options.json");
        assert_eq!(seen.header("content-type"), Some("multipart/form-data"));
        assert_eq!((seen.body.as_str(), seen.header("requestid")), ("", Some("evt-1")));
    }
}

#[tokio::test]
async fn each_documented_failure_is_told_from_the_others_whatever_the_status() {
    let expected = [
        "field_not_found",
        "option_name_empty",
        "not_a_drop_down",
        "option_name_repeated",
        "option_not_found",
        "option_id_missing",
    ];
    for status in [200, 400, 403] {
        let vendor = Vendor::start(move |_, before| {
            let body = document_json("field_options_failures")[before].to_string();
            HttpResponse::build(status.try_into().unwrap()).body(body)
        });
        let client = vendor.client();
        for code in expected {
            let error = client.upsert_field_options("1", &three(), &request_id()).await.unwrap_err();
            assert_eq!((error.code(), error.retry(), error.effect_unknown()), (code, Retry::Never, false));
            assert!(
                error.to_string().contains("PUT /api/v1/tickets/ticket_fields/1/options.json"),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_written_field_without_an_id_leaves_the_effect_open() {
    let vendor = Vendor::start(|_, _| answer(r#"{"custom_field_options":[]}"#));
    let error = vendor.client().upsert_field_options("1", &three(), &request_id()).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("bad_answer", true));
    let option = OptionRef::Id("1".into());
    let error = vendor.client().delete_field_option("1", &option, &request_id()).await.unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("bad_answer", true));
}
