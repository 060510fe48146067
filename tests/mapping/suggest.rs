//! What is proposed from two field lists: which names belong together, which only seem to, and the file that says so.

use std::{collections::BTreeSet, sync::LazyLock};

use deskbridge::{
    diagnostic::Diagnostic,
    mapping::{
        Mapping, Parameters,
        suggest::{BaseRow, Field, FieldOption, Fields, Glossary, Header, Kind, Proposal, Seen, file},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{apply, library, told};

fn field(name: &str, label: &str, kind: Kind) -> Field {
    Field {
        name: name.into(),
        label: Some(label.into()),
        kind,
        options: Vec::new(),
        mandatory: false,
        unwritable: None,
    }
}

fn text(name: &str, label: &str) -> Field {
    field(name, label, Kind::Text)
}

fn option(index: impl ToString, name: &str) -> FieldOption {
    FieldOption { index: index.to_string(), name: name.into(), hidden: false, subs: Vec::new() }
}

/// A field with options, numbered from 0.
fn choice(name: &str, label: &str, options: &[&str]) -> Field {
    let options = options.iter().enumerate().map(|(index, name)| option(index, name)).collect();
    Field { options, ..field(name, label, Kind::Choice) }
}

fn fields(source: Vec<Field>, target: Vec<Field>) -> Fields {
    Fields { section: "ticket".into(), at: None, source, target, base: Vec::new() }
}

fn written(fields: &[Fields]) -> String {
    static GLOSSARY: LazyLock<Glossary> = LazyLock::new(|| Glossary::shipped().expect("the glossary"));
    let proposals: Vec<Proposal<'_>> = fields.iter().map(|it| Proposal::of(it, &GLOSSARY)).collect();
    let header = Header {
        connection: "acme".into(),
        source: "udesk".into(),
        target: "bangwo8".into(),
        base: "udesk-bangwo8".into(),
    };
    file(&header, &proposals)
}

fn proposed(source: Vec<Field>, target: Vec<Field>) -> String {
    written(&[fields(source, target)])
}

/// The rows that are in force.
fn rows(text: &str) -> Value {
    let file: Value = serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    file.pointer("/ticket/custom_fields/rows").cloned().unwrap_or(json!({}))
}

/// True if a text field of the first name is proposed for one of the second.
fn belong_together(one: &str, other: &str) -> bool {
    rows(&proposed(vec![text("TextField_1", one)], vec![text("field_1", other)])) != json!({})
}

#[test]
fn the_same_thing_is_found_under_another_name() {
    for (one, other) in [
        ("所在城市", "城市"),
        ("城市", "City"),
        ("City", "所在城市"),
        ("联系电话", "手机号码"),
        ("手机", "Mobile phone"),
        ("手机", "客户手机号码"),
        ("產品型號", "产品型号"),
        ("ＰＲＯＤＵＣＴ　ｍｏｄｅｌ", "产品型号"),
        ("productModel", "产品型号"),
        ("Model (product)", "产品型号"),
        ("故障的原因", "故障原因"),
        ("Serial No.", "序列号"),
        ("E-mail", "邮箱"),
        ("维修费用（自定义字段）", "维修费用"),
        ("Maintenance fees", "维修费用"),
        ("预约日期", "预约上门日期"),
        ("客户级别", "Customer level"),
        ("Distributor", "Distributer"),
        ("地址1", "地址 1"),
    ] {
        assert!(belong_together(one, other), "{one} is {other}");
        assert!(belong_together(other, one), "{other} is {one}");
    }
}

#[test]
fn what_only_looks_alike_is_not_taken() {
    for (one, other) in [
        ("开始日期", "结束日期"),
        ("Start date", "结束日期"),
        ("安装日期", "维修日期"),
        ("开单日期", "日期"),
        ("产品型号", "产品名称"),
        ("客户电话", "客户邮箱"),
        ("客户名称", "客服名称"),
        ("省份", "城市"),
        ("地址1", "地址2"),
        ("地址1", "地址12"),
        ("问题描述", "解决方案"),
        ("发货时间", "收货时间"),
        ("付款金额", "退款金额"),
        ("市场", "城市"),
        ("文本", "备注"),
        ("Remark", "Market"),
        ("字段", "自定义"),
        ("——", "……"),
    ] {
        assert!(!belong_together(one, other), "{one} is not {other}");
        assert!(!belong_together(other, one), "{other} is not {one}");
    }
}

#[test]
fn names_that_a_vendor_gives_say_nothing() {
    let given = Field { label: None, ..text("TextField_1", "") };
    assert_eq!(rows(&proposed(vec![given], vec![Field { label: None, ..text("field_1", "") }])), json!({}));
    let telling = Field { label: None, ..text("city", "") };
    assert_eq!(
        rows(&proposed(vec![telling], vec![text("field_1", "所在城市")])),
        json!({ "city": { "to": "field_1" } })
    );
}

#[test]
fn the_surest_pair_has_the_field_and_the_other_one_is_told() {
    let source = vec![text("TextField_1", "手机"), text("TextField_2", "客户手机")];
    let target = vec![text("field_1", "手机号"), text("field_2", "客户手机号码")];
    assert_eq!(
        rows(&proposed(source, target)),
        json!({ "TextField_1": { "to": "field_1" }, "TextField_2": { "to": "field_2" } })
    );
    let text = proposed(
        vec![text("TextField_1", "手机"), text("TextField_2", "客户手机号码")],
        vec![text("field_1", "客户手机号码")],
    );
    assert_eq!(rows(&text), json!({ "TextField_2": { "to": "field_1" } }));
    assert!(text.contains("but TextField_2 is likelier"), "{text}");
}

#[test]
fn two_that_are_equally_likely_are_left_to_the_reader() {
    let text = proposed(
        vec![text("TextField_1", "区域")],
        vec![text("field_1", "区域"), text("field_2", "区域"), text("field_3", "大区")],
    );
    assert_eq!(rows(&text), json!({}));
    assert!(text.contains("# TextField_1: { to: field_1 }"), "{text}");
    assert!(text.contains("but field_2 is just as likely: choose"), "{text}");
}

#[test]
fn sorts_of_values_decide_how_a_row_reads() {
    let made = |from: Kind, to: Kind| {
        let options = if from.has_options() { vec![option(0, "高")] } else { Vec::new() };
        let source = Field { options: options.clone(), ..field("a", "级别", from) };
        let options = if to.has_options() { options } else { Vec::new() };
        let target = Field { options, ..field("b", "级别", to) };
        rows(&proposed(vec![source], vec![target]))["a"].clone()
    };
    assert_eq!(made(Kind::Text, Kind::Text), json!({ "to": "b" }));
    assert_eq!(
        made(Kind::Date, Kind::Date),
        json!({ "to": "b", "as": "date", "lossy": "the time of day is dropped" })
    );
    assert_eq!(
        made(Kind::DateTime, Kind::Date),
        json!({ "to": "b", "as": "date", "lossy": "the time of day is dropped" })
    );
    assert_eq!(made(Kind::Integer, Kind::Decimal), json!({ "to": "b" }));
    assert_eq!(
        made(Kind::Text, Kind::Phone),
        json!({ "to": "b", "as": "phone", "lossy": "what stands between the digits is dropped" })
    );
    assert_eq!(
        made(Kind::YesNo, Kind::YesNo),
        json!({ "to": "b", "as": "yes_no", "lossy": "several spellings are one truth" })
    );
    for (from, to, word) in [
        (Kind::Choice, Kind::Choice, "choice"),
        (Kind::Choice, Kind::Choices, "choices"),
        (Kind::Choice, Kind::Text, "choice"),
        (Kind::Choices, Kind::Choices, "choices"),
        (Kind::Cascade, Kind::Cascade, "cascade"),
    ] {
        assert_eq!(made(from, to), json!({ "to": "b", "as": word, "options": { "0": "高" } }));
    }
    for (from, to) in [
        (Kind::Text, Kind::Choice),
        (Kind::Text, Kind::Integer),
        (Kind::Decimal, Kind::Integer),
        (Kind::Choices, Kind::Choice),
        (Kind::Cascade, Kind::Choice),
        (Kind::Other("calculate".into()), Kind::Text),
        (Kind::Text, Kind::Other("signature".into())),
    ] {
        assert_eq!(made(from.clone(), to.clone()), Value::Null, "{from} to {to}");
    }
}

#[test]
fn options_are_found_in_another_order_and_language() {
    let source = choice("SelectField_1", "紧急程度", &["High", "中", "低"]);
    let target = choice("field_9", "Urgency", &["低", "普通", "高"]);
    let text = proposed(vec![source], vec![target]);
    assert_eq!(rows(&text)["SelectField_1"]["options"], json!({ "0": "高", "1": "普通", "2": "低" }));
    assert!(text.contains("3 of 3 options are there"), "{text}");
    assert!(text.contains("# High at the source"), "{text}");
}

#[test]
fn an_option_that_the_target_lacks_is_a_comment() {
    let mut source = choice("SelectField_1", "所在城市", &["北京", "成都", "长春", "已停用"]);
    source.options[3].hidden = true;
    let target = choice("field_9", "城市", &["北京", "长春市"]);
    let text = proposed(vec![source], vec![target]);
    assert_eq!(rows(&text)["SelectField_1"]["options"], json!({ "0": "北京" }));
    assert!(text.contains("1 of 4 options are there"), "{text}");
    for comment in [
        "# 1: 成都 ",
        "the target lacks it: add it there first",
        "# 2: 长春市 ",
        "alike: 长春 at the source",
        "# 3: 已停用 ",
        "no longer offered",
    ] {
        assert!(text.contains(comment), "{comment} in {text}");
    }
}

#[test]
fn a_choice_of_which_the_target_has_no_option_is_no_row() {
    let source = choice("SelectField_1", "城市", &["甲", "乙"]);
    let text = proposed(vec![source.clone()], vec![choice("field_9", "城市", &["丙", "丁"])]);
    assert_eq!(rows(&text), json!({}));
    assert!(text.contains("but it has none of the options"), "{text}");
    let unknown = Field { options: Vec::new(), ..source };
    let text = proposed(vec![unknown], vec![choice("field_9", "城市", &["甲"])]);
    assert_eq!(rows(&text), json!({}));
    assert!(text.contains("the field list doesn't tell its options"), "{text}");
}

#[test]
fn a_comma_in_a_name_would_make_two_choices_of_one() {
    let several = |name: &str| Field {
        kind: Kind::Choices,
        ..choice(name, "联系方式", &["电话", "电话，邮件均可"])
    };
    let text = proposed(vec![several("SelectField_1")], vec![several("field_9")]);
    assert_eq!(rows(&text)["SelectField_1"]["options"], json!({ "0": "电话" }));
    assert!(text.contains("its comma would make it two"), "{text}");
}

#[test]
fn two_options_of_one_name_say_that_they_cannot_be_told_apart_any_more() {
    let source = choice("SelectField_1", "渠道", &["网络", "门店", "网络"]);
    let text = proposed(vec![source], vec![choice("field_9", "渠道", &["门店", "网络"])]);
    let row = &rows(&text)["SelectField_1"];
    assert_eq!(row["options"], json!({ "0": "网络", "1": "门店", "2": "网络" }));
    assert_eq!(row["lossy"], "several options have one name at the target");
}

#[test]
fn a_cascade_is_compared_by_its_paths() {
    let below = |index: usize, name: &str, subs: &[&str]| FieldOption {
        subs: subs.iter().enumerate().map(|(index, name)| option(index, name)).collect(),
        ..option(index, name)
    };
    let cascade = |name: &str, options: Vec<FieldOption>| Field {
        options,
        ..field(name, "所在地区", Kind::Cascade)
    };
    let source = vec![below(0, "北京市", &["朝阳", "海淀"]), below(1, "长春市", &["朝阳"])];
    let target = vec![below(7, "长春市", &["南关"]), below(8, "北京市", &["海淀", "朝阳"])];
    let text = proposed(vec![cascade("SelectField_4", source)], vec![cascade("field_12", target)]);
    let options = json!({ "0": "北京市", "0,0": "朝阳", "0,1": "海淀", "1": "长春市" });
    assert_eq!(rows(&text)["SelectField_4"]["options"], options);
    assert!(text.contains("# \"1,0\": 朝阳 "), "长春 has no 朝阳: {text}");
}

#[test]
fn a_field_that_can_not_be_written_is_no_row() {
    let target = Field { unwritable: Some("it is read-only".into()), ..text("field_26", "合同编号") };
    let text = proposed(vec![text("TextField_1", "合同编号")], vec![target]);
    assert_eq!(rows(&text), json!({}));
    assert!(text.contains("(same label), but it is read-only"), "{text}");
}

#[test]
fn what_the_target_insists_on_is_told_first() {
    let mandatory = Field { mandatory: true, ..text("field_9", "合同编号") };
    let text = proposed(vec![text("TextField_1", "城市")], vec![text("field_1", "备注"), mandatory]);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
    assert!(at("field_9 合同编号 (text, mandatory)") < at("field_1 备注 (text)"));
}

/// A row of the base, for `stands` the tenant's own.
fn base(source: &str, target: &str, stands: bool) -> BaseRow {
    BaseRow { source: source.into(), target: target.into(), stands }
}

#[test]
fn sample_rows_of_the_base_are_replaced_or_removed() {
    let mut fields = fields(
        vec![text("TextField_1", "城市"), text("TextField_2", "甲")],
        vec![text("field_1", "地址"), text("field_2", "城市")],
    );
    fields.base = ["TextField_1", "TextField_2", "TextField_3"].map(|it| base(it, "field_1", false)).into();
    let rows = rows(&written(&[fields]));
    assert_eq!(rows, json!({ "TextField_1": { "to": "field_2" }, "TextField_2": null, "TextField_3": null }));
}

#[test]
fn rows_of_a_mapping_of_ones_own_stay_and_keep_their_fields() {
    let mut fields = fields(
        vec![text("TextField_1", "甲"), text("TextField_2", "城市"), text("TextField_3", "地址")],
        vec![text("field_1", "城市"), text("field_2", "地址")],
    );
    fields.base = vec![base("TextField_1", "field_1", true), base("TextField_9", "field_9", true)];
    let text = written(&[fields]);
    assert_eq!(rows(&text), json!({ "TextField_3": { "to": "field_2" } }));
    assert!(text.contains("#   TextField_1 → field_1"), "{text}");
    assert!(text.contains("no such field:\n      #   TextField_9 → field_9"), "{text}");
}

#[test]
fn a_row_of_ones_own_gives_way_when_its_field_is_gone_and_another_one_has_its_place() {
    let mut fields = fields(vec![text("TextField_2", "城市")], vec![text("field_1", "城市")]);
    fields.base = vec![base("TextField_1", "field_1", true)];
    assert_eq!(rows(&written(&[fields])), json!({ "TextField_1": null, "TextField_2": { "to": "field_1" } }));
}

#[test]
fn a_section_without_rows_leaves_that_of_the_base_alone() {
    let text = proposed(vec![text("TextField_1", "甲")], vec![text("field_1", "乙")]);
    let file: Value = serde_saphyr::from_str(&text).unwrap();
    assert_eq!(file, json!({ "extends": "udesk-bangwo8" }));
}

/// A field list of each side in which every sort of options has its counterpart.
fn two_desks() -> Fields {
    let below = |index: usize, name: &str, subs: &[&str]| FieldOption {
        subs: subs.iter().enumerate().map(|(index, name)| option(index, name)).collect(),
        ..option(index, name)
    };
    let cascade = |name: &str, options| Field { options, ..field(name, "所在地区", Kind::Cascade) };
    let several =
        |name: &str, options: &[&str]| Field { kind: Kind::Choices, ..choice(name, "联系方式", options) };
    let source = vec![
        choice("SelectField_1", "紧急程度", &["高", "低", "特急"]),
        several("SelectField_2", &["电话", "邮件"]),
        cascade("SelectField_3", vec![below(0, "北京市", &["朝阳", "海淀"])]),
        field("TextField_1", "预约上门日期", Kind::DateTime),
        text("TextField_2", "甲"),
    ];
    let target = vec![
        choice("field_1", "Urgency", &["Low", "High"]),
        several("field_2", &["邮件", "电话"]),
        cascade("field_3", vec![below(7, "北京市", &["海淀", "朝阳"])]),
        field("field_4", "预约上门日期", Kind::Date),
    ];
    Fields { base: samples(), ..fields(source, target) }
}

fn compiled(text: &str) -> Result<Mapping, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("mappings")).expect("a folder");
    std::fs::write(folder.path().join("mappings/acme.yaml"), text).expect("a file");
    library(folder.path()).compile("acme")
}

#[test]
fn a_proposed_file_is_a_mapping_that_sends_what_the_target_has() {
    let mapping = compiled(&written(&[two_desks()])).unwrap();
    let custom = json!({
        "SelectField_1": "0", "SelectField_2": "1,0", "SelectField_3": "0,1", "TextField_1": "2024-03-01 10:00",
        "TextField_2": "乙",
    });
    let data = json!({ "id": 1, "custom_fields": custom });
    let told = told(apply(&mapping, &data, &Parameters::new()));
    let sent = told.pointer("/fields/custom_fields").cloned().unwrap_or_else(|| panic!("{told}"));
    assert_eq!(
        sent,
        json!([
            { "key": "field_1", "value": "High" },
            { "key": "field_2", "value": "邮件,电话" },
            { "key": "field_3", "value": ["北京市", "海淀"] },
            { "key": "field_4", "value": "2024-03-01" },
        ])
    );
    let lacking = json!({ "id": 1, "custom_fields": { "SelectField_1": "2" } });
    assert_eq!(apply(&mapping, &lacking, &Parameters::new()).unwrap_err().code, "unknown_option");
}

#[test]
fn options_that_no_event_is_read_as_are_comments() {
    let source = Field {
        options: vec![
            option("0", "高"),
            option("1,2", "中"),
            option(" 3", "低"),
            option("", "无"),
            option("0", "很高"),
        ],
        ..choice("SelectField_1", "级别", &[])
    };
    let text = proposed(vec![source], vec![choice("field_9", "级别", &["高", "中", "低", "无", "很高"])]);
    assert_eq!(rows(&text)["SelectField_1"]["options"], json!({ "0": "高" }), "{text}");
    for (line, why) in [
        ("# \"1,2\": 中", "the comma in its index would make it two"),
        ("# \" 3\": 低", "values lose the blanks around its index"),
        ("# \"\": 无", "it has no index"),
        ("# 0: 很高", "another option has its index"),
    ] {
        let told =
            |it: &str| it.trim().split_once("  #").is_some_and(|(l, w)| (l.trim(), w.trim()) == (line, why));
        assert!(text.lines().any(told), "{line}: {text}");
    }
}

#[test]
fn only_a_cascade_has_options_below_others() {
    let tree = |name: &str, kind| Field {
        options: vec![FieldOption { subs: vec![option(0, "海淀")], ..option(0, "北京") }],
        ..field(name, "城市", kind)
    };
    let flat = proposed(vec![tree("SelectField_1", Kind::Choice)], vec![tree("field_9", Kind::YesNo)]);
    assert_eq!(rows(&flat)["SelectField_1"]["options"], json!({ "0": "北京" }), "{flat}");
    let deep = proposed(vec![tree("SelectField_1", Kind::Cascade)], vec![tree("field_9", Kind::Cascade)]);
    assert_eq!(rows(&deep)["SelectField_1"]["options"], json!({ "0": "北京", "0,0": "海淀" }), "{deep}");
}

/// 城市 and City mean the same, and the target has one of them: what stands below the other goes nowhere.
#[test]
fn an_option_below_another_goes_where_that_one_goes() {
    let side = |name: &str, labels: &[(&str, &str)]| {
        let top = |(at, (name, below)): (usize, &(&str, &str))| FieldOption {
            subs: vec![option(0, below)],
            ..option(at, name)
        };
        let options = labels.iter().enumerate().map(top).collect();
        vec![Field { options, ..field(name, "类别", Kind::Cascade) }]
    };
    let text = proposed(
        side("SelectField_1", &[("城市", "甲"), ("City", "手机")]),
        side("field_9", &[("城市", "Mobile phone")]),
    );
    assert_eq!(rows(&text)["SelectField_1"]["options"], json!({ "0": "城市" }), "{text}");
}

#[test]
fn a_file_stands_in_columns_whatever_the_width_of_its_characters() {
    let text = proposed(
        vec![text("TextField_1", "城市"), choice("SelectField_1", "级别", &["高", "低"])],
        vec![text("field_1", "City"), choice("field_9", "等级", &["高", "低"])],
    );
    let rows = "
ticket:
  custom_fields:
    rows:
      SelectField_1: { to: field_9, as: choice, options: { 0: 高, 1: 低 } }  # 0.94: 级别 = 等级 (same meaning); 2 of 2 options are there
      TextField_1: { to: field_1 }                                           # 0.92: 城市 = City (same meaning)
";
    assert!(text.ends_with(rows), "{text}");
}

#[test]
fn fields_are_told_from_what_events_hold() {
    let mut seen = Seen::default();
    for day in 1..=9 {
        seen.note(&json!({
            "city": if day % 2 == 0 { "北京" } else { "上海" },
            "since": format!("2024-01-0{day}"), "at": format!("2024-01-0{day}T10:00:00+08:00"), "count": day,
            "price": f64::from(day) + 0.5, "vip": day > 3, "phone": format!("1380013800{day}"),
            "page": format!("https://example.com/{day}"), "word": format!("第{day}次"), "empty": null,
            "note": format!("第{day}次\n上门"), "langs": ["中文"], "spoken": "中文,English",
        }));
        seen.note(
            &json!([{ "id": 360001, "value": "甲" }, { "id": 360002, "value": null }, { "name": "x" }]),
        );
    }
    let kinds: Vec<(String, String)> =
        seen.fields().into_iter().map(|field| (field.name, field.kind.to_string())).collect();
    let kinds: Vec<String> = kinds.into_iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
    assert_eq!(
        kinds,
        [
            "360001: one option",
            "360002: text",
            "at: date and time",
            "city: one option",
            "count: whole number",
            "empty: text",
            "langs: several options",
            "note: text of several lines",
            "page: link",
            "phone: telephone number",
            "price: decimal number",
            "since: date",
            "spoken: text",
            "vip: yes or no",
            "word: text",
        ]
    );
    let city = &seen.fields()[3];
    assert_eq!(city.options.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["上海", "北京"]);
}

fn any_label() -> impl Strategy<Value = String> {
    let words = [
        "城市", "City", "手机", "号码", "开始", "结束", "日期", "产品", "型号", "的", "1", "2", " ", "，",
        "甲",
    ];
    let spoken =
        proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..5).prop_map(|it| it.concat());
    prop_oneof![4 => spoken, 1 => any::<String>()]
}

fn any_field() -> impl Strategy<Value = Field> {
    let kinds = vec![
        Kind::Text,
        Kind::LongText,
        Kind::Date,
        Kind::DateTime,
        Kind::Integer,
        Kind::YesNo,
        Kind::Choice,
        Kind::Choices,
        Kind::Cascade,
        Kind::Other("签字\n#".into()),
    ];
    let tree = any_label().prop_map(|it| option(0, &it)).prop_recursive(2, 6, 3, |inner| {
        (any_label(), proptest::collection::vec(inner, 0..3))
            .prop_map(|(name, subs)| FieldOption { subs, ..option(0, &name) })
    });
    let options = proptest::collection::vec(tree, 0..5);
    let options = (options, any::<bool>()).prop_map(|(it, own)| if own { named(it) } else { numbered(it) });
    (any_label(), proptest::sample::select(kinds), options, any::<bool>())
        .prop_map(|(label, kind, options, mandatory)| Field { options, mandatory, ..field("", &label, kind) })
}

/// Options below one parent have different indexes, as vendors number them.
fn numbered(options: Vec<FieldOption>) -> Vec<FieldOption> {
    let options = options.into_iter().enumerate();
    options.map(|(at, it)| FieldOption { index: at.to_string(), subs: numbered(it.subs), ..it }).collect()
}

/// … or whatever a list of somebody's own has: their names, or the same index twice.
fn named(options: Vec<FieldOption>) -> Vec<FieldOption> {
    let own = |it: FieldOption| FieldOption { index: it.name.clone(), subs: named(it.subs), ..it };
    options.into_iter().map(own).collect()
}

fn any_side(name: &'static str) -> impl Strategy<Value = Vec<Field>> {
    proptest::collection::vec(any_field(), 0..12).prop_map(move |fields| {
        let fields = fields.into_iter().enumerate();
        fields.map(|(at, field)| Field { name: format!("{name}_{at}"), ..field }).collect()
    })
}

/// The rows that udesk-bangwo8 has for a desk of samples.
fn samples() -> Vec<BaseRow> {
    let names =
        (1..=8).map(|at| format!("TextField_{at}")).chain((1..=3).map(|at| format!("SelectField_{at}")));
    names.map(|name| base(&name, "field_1", false)).collect()
}

/// How many rows or comments begin with this name.
fn mentions(text: &str, name: &str) -> usize {
    let begins = |line: &&str| {
        let line = line.strip_prefix("      ").unwrap_or_default();
        let line = line.trim_start_matches(['#', ' ']);
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ' ']))
    };
    text.lines().filter(begins).count()
}

proptest! {
    #[test]
    fn no_field_is_filled_twice_and_none_is_forgotten(source in any_side("Src"), target in any_side("dst")) {
        let text = proposed(source.clone(), target.clone());
        let rows = rows(&text);
        let rows = rows.as_object().unwrap();
        let filled: Vec<&str> = rows.values().map(|row| row["to"].as_str().unwrap()).collect();
        prop_assert_eq!(filled.iter().collect::<BTreeSet<_>>().len(), filled.len());
        for field in &source {
            prop_assert_eq!(mentions(&text, &field.name), 1, "{} in {}", field.name, text);
        }
        for field in &target {
            let open = usize::from(!filled.contains(&field.name.as_str()));
            prop_assert_eq!(mentions(&text, &field.name), open, "{} in {}", field.name, text);
        }
    }

    #[test]
    fn options_keep_their_names_whatever_they_are(name in any::<String>(), label in any_label()) {
        let source = choice("SelectField_1", &format!("级别{label}"), &[name.as_str(), "甲"]);
        let target = choice("field_9", &format!("级别{label}"), &["甲", name.as_str()]);
        let options = rows(&proposed(vec![source], vec![target]))["SelectField_1"]["options"].clone();
        prop_assert_eq!(options, json!({ "0": name, "1": "甲" }));
    }

    #[test]
    fn the_order_of_the_lists_changes_nothing(source in any_side("Src"), target in any_side("dst")) {
        let (mut other, mut way) = (source.clone(), target.clone());
        other.reverse();
        way.reverse();
        prop_assert_eq!(proposed(source, target), proposed(other, way));
    }
}

proptest! {
    // Each case compiles the base too.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_is_proposed_compiles(source in any_side("Src"), target in any_side("dst")) {
        let fields = Fields { base: samples(), ..fields(source, target) };
        let text = written(&[fields]);
        if let Err(problems) = compiled(&text) {
            prop_assert!(false, "{problems:#?}\n{text}");
        }
    }
}
