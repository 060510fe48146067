//! Writing and removing options of ticket fields (§7.3, §7.4), and each documented failure of that (§5).

use deskbridge::bangwo8::{Error, Field, FieldOption, OptionParent, OptionRef, OptionWrite, WrittenOption};

use super::{
    desk::{Desk, code},
    fields::{of_id, texts},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    replace_field_options_leaves_only_what_is_sent,
    replace_field_options_keeps_zeros_of_external_ids,
    replace_field_options_keeps_the_ids_of_what_stays,
    replace_field_options_takes_no_parent,
    replace_field_options_of_a_cascade_is_refused,
    upsert_field_options_adds_and_keeps_the_rest,
    upsert_field_options_renames_by_the_external_id,
    upsert_field_options_below_a_parent,
    upsert_field_options_below_a_parent_of_the_same_request,
    upsert_field_options_below_nothing_is_rejected,
    delete_field_option_by_its_id,
    delete_field_option_by_its_external_id,
    delete_field_option_prefers_the_external_id,
    delete_field_option_falls_back_to_the_id,
    delete_field_option_takes_what_is_below,
    field_options_of_an_unknown_field,
    field_options_of_a_field_that_has_none,
    field_options_without_a_name,
    field_options_with_one_name_twice,
    field_options_refused_change_nothing,
    delete_field_option_unknown,
    delete_field_option_without_an_id,
];

/// 紧急程度: a dropdown of 低 (001), 中 (002) and 高.
const DROPDOWN: &str = "9481737";
/// 所在地区: a cascade.
const CASCADE: &str = "24917015";
/// 备注: a line of text.
const TEXT: &str = "8769572";

fn option(name: &str, extend_id: Option<&str>) -> OptionWrite {
    OptionWrite { option_name: name.to_owned(), extend_id: extend_id.map(str::to_owned), parent: None }
}

fn below(parent: OptionParent, name: &str, extend_id: &str) -> OptionWrite {
    OptionWrite { parent: Some(parent), ..option(name, Some(extend_id)) }
}

async fn replace(desk: &Desk, field: &str, options: &[OptionWrite]) -> Result<Vec<WrittenOption>, Error> {
    let written = desk.admin().replace_field_options(field, options, &desk.request_id()).await?;
    assert_eq!(written.column_id, field);
    Ok(written.options)
}

async fn upsert(desk: &Desk, field: &str, options: &[OptionWrite]) -> Result<Vec<WrittenOption>, Error> {
    let written = desk.admin().upsert_field_options(field, options, &desk.request_id()).await?;
    assert_eq!(written.column_id, field);
    Ok(written.options)
}

async fn delete(desk: &Desk, field: &str, option: OptionRef) -> Result<WrittenOption, Error> {
    desk.admin().delete_field_option(field, &option, &desk.request_id()).await
}

async fn field(desk: &Desk, id: &str) -> Field {
    of_id(&desk.agent().ticket_fields().await.unwrap(), id).clone()
}

async fn options(desk: &Desk, field_id: &str) -> Vec<FieldOption> {
    field(desk, field_id).await.options
}

async fn replace_field_options_leaves_only_what_is_sent(desk: &Desk) {
    let sent = [option("选项1", Some("001")), option("选项2", Some("002")), option("高", None)];
    let request_id = desk.request_id();
    let written = desk.admin().replace_field_options(DROPDOWN, &sent, &request_id).await.unwrap();
    assert_eq!((written.name.as_deref(), written.key.as_deref()), (Some("紧急程度"), Some("field_34")));
    assert_eq!(written.field_type, Some(1));
    let names: Vec<&str> = written.options.iter().map(|option| option.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["选项1", "选项2", "高"]);
    assert_eq!(texts(&options(desk, DROPDOWN).await), ["选项1", "选项2", "高"]);
}

/// §13, 23: said to be a number, and is text.
async fn replace_field_options_keeps_zeros_of_external_ids(desk: &Desk) {
    let written = replace(desk, DROPDOWN, &[option("甲", Some("007")), option("乙", None)]).await.unwrap();
    assert_eq!(written[0].extend_id.as_deref(), Some("007"));
    assert_eq!(written[1].extend_id, None);
}

/// So that tickets keep the value they have. What makes an option the same is not documented (§7.3); the simulator
/// goes by the external id, then by the name.
async fn replace_field_options_keeps_the_ids_of_what_stays(desk: &Desk) {
    let written = replace(desk, DROPDOWN, &[option("特急", Some("002")), option("高", None)]).await.unwrap();
    let ids: Vec<&str> = written.iter().map(|option| option.id.as_str()).collect();
    assert_eq!(ids, ["1328994", "1328997"]);
}

async fn replace_field_options_takes_no_parent(desk: &Desk) {
    let replaced = replace(desk, DROPDOWN, &[below(OptionParent::Root, "甲", "1")]).await;
    assert_eq!(code(replaced), "configuration");
    assert_eq!(texts(&options(desk, DROPDOWN).await), ["低", "中", "高"]);
}

async fn replace_field_options_of_a_cascade_is_refused(desk: &Desk) {
    assert_eq!(code(replace(desk, CASCADE, &[option("甲", None)]).await), "not_a_drop_down");
}

async fn upsert_field_options_adds_and_keeps_the_rest(desk: &Desk) {
    let written = upsert(desk, DROPDOWN, &[option("紧急", Some("004"))]).await.unwrap();
    assert_eq!((written.len(), written[0].name.as_deref()), (1, Some("紧急")));
    let now = options(desk, DROPDOWN).await;
    assert_eq!(texts(&now), ["低", "中", "高", "紧急"]);
    assert_eq!(now[3].key, written[0].id);
}

async fn upsert_field_options_renames_by_the_external_id(desk: &Desk) {
    let written = upsert(desk, DROPDOWN, &[option("不急", Some("001"))]).await.unwrap();
    assert_eq!((written[0].id.as_str(), written[0].extend_id.as_deref()), ("1328991", Some("001")));
    assert_eq!(texts(&options(desk, DROPDOWN).await), ["不急", "中", "高"]);
}

async fn upsert_field_options_below_a_parent(desk: &Desk) {
    let sent = [
        below(OptionParent::Root, "上海市", "31"),
        below(OptionParent::Id("26".to_owned()), "上地", "110108"),
    ];
    upsert(desk, CASCADE, &sent).await.unwrap();
    let now = options(desk, CASCADE).await;
    assert_eq!(texts(&now), ["北京市", "吉林省", "上海市"]);
    assert_eq!(texts(&now[0].subset[0].subset), ["中关村", "清华大学", "上地"]);
}

async fn upsert_field_options_below_a_parent_of_the_same_request(desk: &Desk) {
    let external = |id: &str| OptionParent::ExtendId(id.to_owned());
    let sent = [
        below(OptionParent::Root, "上海市", "31"),
        below(external("31"), "浦东", "3101"),
        below(external("3101"), "张江", "310101"),
    ];
    upsert(desk, CASCADE, &sent).await.unwrap();
    let now = options(desk, CASCADE).await;
    assert_eq!(now[2].subset[0].value, "浦东");
    assert_eq!(texts(&now[2].subset[0].subset), ["张江"]);
}

async fn upsert_field_options_below_nothing_is_rejected(desk: &Desk) {
    let sent = [below(OptionParent::ExtendId("404".to_owned()), "无处", "1")];
    assert_eq!(code(upsert(desk, CASCADE, &sent).await), "rejected");
}

async fn delete_field_option_by_its_id(desk: &Desk) {
    let deleted = delete(desk, DROPDOWN, OptionRef::Id("1328997".to_owned())).await.unwrap();
    assert_eq!(
        (deleted.id.as_str(), deleted.name.as_deref(), deleted.extend_id),
        ("1328997", Some("高"), None)
    );
    assert_eq!(texts(&options(desk, DROPDOWN).await), ["低", "中"]);
}

async fn delete_field_option_by_its_external_id(desk: &Desk) {
    let deleted = delete(desk, DROPDOWN, OptionRef::ExtendId("002".to_owned())).await.unwrap();
    assert_eq!((deleted.id.as_str(), deleted.extend_id.as_deref()), ("1328994", Some("002")));
    assert_eq!(texts(&options(desk, DROPDOWN).await), ["低", "高"]);
}

/// §7.4, and against the text of the error (§13, 24).
async fn delete_field_option_prefers_the_external_id(desk: &Desk) {
    let both = OptionRef::Either { id: "1328997".to_owned(), extend_id: "001".to_owned() };
    assert_eq!(delete(desk, DROPDOWN, both).await.unwrap().id, "1328991");
    assert_eq!(texts(&options(desk, DROPDOWN).await), ["中", "高"]);
}

async fn delete_field_option_falls_back_to_the_id(desk: &Desk) {
    let both = OptionRef::Either { id: "1328997".to_owned(), extend_id: "404".to_owned() };
    assert_eq!(delete(desk, DROPDOWN, both).await.unwrap().id, "1328997");
}

async fn delete_field_option_takes_what_is_below(desk: &Desk) {
    delete(desk, CASCADE, OptionRef::Id("1".to_owned())).await.unwrap();
    let now = options(desk, CASCADE).await;
    assert_eq!(texts(&now), ["吉林省"]);
    assert_eq!(texts(&now[0].subset), ["长春", "吉林", "四平"]);
}

async fn field_options_of_an_unknown_field(desk: &Desk) {
    assert_eq!(code(replace(desk, "404", &[option("甲", None)]).await), "field_not_found");
    assert_eq!(code(upsert(desk, "404", &[option("甲", None)]).await), "field_not_found");
    assert_eq!(code(delete(desk, "404", OptionRef::Id("1".to_owned())).await), "field_not_found");
}

async fn field_options_of_a_field_that_has_none(desk: &Desk) {
    assert_eq!(code(replace(desk, TEXT, &[option("甲", None)]).await), "not_a_drop_down");
    assert_eq!(code(upsert(desk, TEXT, &[option("甲", None)]).await), "not_a_drop_down");
}

async fn field_options_without_a_name(desk: &Desk) {
    assert_eq!(code(replace(desk, DROPDOWN, &[option("", None)]).await), "option_name_empty");
    assert_eq!(code(upsert(desk, DROPDOWN, &[option("", Some("1"))]).await), "option_name_empty");
}

async fn field_options_with_one_name_twice(desk: &Desk) {
    let twice = [option("甲", Some("1")), option("甲", Some("2"))];
    assert_eq!(code(replace(desk, DROPDOWN, &twice).await), "option_name_repeated");
    assert_eq!(code(upsert(desk, DROPDOWN, &twice).await), "option_name_repeated");
}

async fn field_options_refused_change_nothing(desk: &Desk) {
    let before = options(desk, DROPDOWN).await;
    let half = [option("甲", None), option("", None)];
    assert_eq!(code(replace(desk, DROPDOWN, &half).await), "option_name_empty");
    assert_eq!(code(upsert(desk, DROPDOWN, &half).await), "option_name_empty");
    assert_eq!(options(desk, DROPDOWN).await, before);
}

async fn delete_field_option_unknown(desk: &Desk) {
    assert_eq!(code(delete(desk, DROPDOWN, OptionRef::Id("404".to_owned())).await), "option_not_found");
    assert_eq!(code(delete(desk, DROPDOWN, OptionRef::ExtendId("404".to_owned())).await), "option_not_found");
}

async fn delete_field_option_without_an_id(desk: &Desk) {
    assert_eq!(code(delete(desk, DROPDOWN, OptionRef::Id(String::new())).await), "option_id_missing");
}
