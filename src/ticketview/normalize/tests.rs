use jiff::tz;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::bangwo8::{Field, FieldOption, TicketId, field_type};

fn zone() -> TimeZone {
    tz::offset(8).to_time_zone()
}

fn field(key: &str, field_type: u8, options: Vec<FieldOption>) -> Field {
    Field {
        id: "8781221".into(),
        url: None,
        key: Some(key.into()),
        name: Some("确认情况".into()),
        field_type: Some(field_type),
        system: None,
        is_required: None,
        is_readonly: None,
        readonly_range: None,
        readonly_support: None,
        options,
        table: None,
    }
}

fn option(key: &str, value: &str) -> FieldOption {
    FieldOption { key: key.into(), value: value.into(), subset: Vec::new() }
}

fn regions() -> Vec<FieldOption> {
    let haidian = FieldOption { subset: vec![option("32", "中关村")], ..option("26", "海淀") };
    vec![FieldOption { subset: vec![haidian], ..option("1", "北京市") }, option("6", "吉林省")]
}

/// A ticket with these custom fields as it is served.
fn served(fields: &[Field], values: &[(&str, Value)]) -> Value {
    let ticket = Ticket {
        id: TicketId::new("5237431"),
        subject: None,
        descript: None,
        ticket_status: None,
        ticket_type: None,
        priority_level: None,
        ticket_source: None,
        cust_user_id: None,
        servicer_user_id: None,
        servicer_group_id: None,
        cc_user_id_list: None,
        cc_group_id_list: None,
        agent_id: None,
        creater_id: None,
        creater_type: None,
        ticket_template_id: None,
        custom_template_id: None,
        tag_list: None,
        created_at: None,
        updated_at: None,
        opened_at: None,
        waiting_at: None,
        solved_at: None,
        closed_at: None,
        custom_fields: values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
    };
    let json = super::ticket(&ticket, &FieldBook::new(fields), &zone()).unwrap();
    serde_json::from_str(json.get()).unwrap()
}

/// What becomes of one value of a field of this type.
fn value_of(field_type: u8, options: Vec<FieldOption>, sent: Value) -> Value {
    let served = served(&[field("field_1", field_type, options)], &[("field_1", sent)]);
    let field = served["custom_fields"]["field_1"].clone();
    assert_eq!(field.get("undecoded"), None, "{field}");
    field["value"].clone()
}

/// Whether a value of a field of this type is passed on as it came, and marked.
fn is_passed_on(field_type: u8, sent: Value) -> bool {
    let served = served(&[field("field_1", field_type, vec![])], &[("field_1", sent.clone())]);
    let field = &served["custom_fields"]["field_1"];
    field["value"] == sent && field["undecoded"] == true
}

#[test]
fn a_field_has_its_name_and_type_from_the_list() {
    let served = served(&[field("field_15", field_type::TEXT, vec![])], &[("field_15", json!("好"))]);
    let expected = json!({ "field_15": { "name": "确认情况", "type": "text", "value": "好" } });
    assert_eq!(served["custom_fields"], expected);
}

#[test]
fn a_field_that_the_list_does_not_know_has_neither() {
    let served = served(&[], &[("field_99", json!("1"))]);
    let expected = json!({ "field_99": { "name": null, "type": null, "value": "1" } });
    assert_eq!(served["custom_fields"], expected);
    assert!(!FieldBook::default().knows("field_99"));
    assert!(FieldBook::new(&[field("field_99", 1, vec![])]).knows("field_99"));
}

#[test]
fn a_type_that_no_document_tells_of_goes_by_its_number() {
    let served = served(&[field("field_1", 21, vec![])], &[("field_1", json!("随便"))]);
    assert_eq!(
        served["custom_fields"]["field_1"],
        json!({ "name": "确认情况", "type": "type_21", "value": "随便" })
    );
}

#[test]
fn nothing_is_null_in_every_type() {
    for field_type in 1..=23 {
        for nothing in
            [json!(""), json!("  "), json!(null), json!("0000-00-00"), json!("0000-00-00 00:00:00")]
        {
            assert_eq!(value_of(field_type, vec![], nothing), Value::Null, "{field_type}");
        }
    }
}

#[test]
fn text_stays_text_whatever_it_looks_like() {
    for field_type in [field_type::TEXT, field_type::TEXT_AREA, field_type::PATTERN, field_type::TELEPHONE] {
        for text in ["0", "007", "a:0:{}", "i:5;", "是", "13800000000"] {
            assert_eq!(value_of(field_type, vec![], json!(text)), text);
        }
        assert_eq!(value_of(field_type, vec![], json!(5)), "5");
        assert!(is_passed_on(field_type, json!(["一", "二"])));
    }
}

#[test]
fn numbers_are_numbers_as_long_as_none_of_their_digits_is_lost() {
    assert_eq!(value_of(field_type::INTEGER, vec![], json!("0")), 0);
    assert_eq!(value_of(field_type::INTEGER, vec![], json!("123")), 123);
    assert_eq!(value_of(field_type::INTEGER, vec![], json!("99999999999999999999")), "99999999999999999999");
    assert_eq!(value_of(field_type::DECIMAL, vec![], json!("123.00")), 123.0);
    assert_eq!(value_of(field_type::DECIMAL, vec![], json!("-0.10")), -0.1);
    assert_eq!(value_of(field_type::DECIMAL, vec![], json!(7.5)), 7.5);
    for digits in ["12345678901234567.89", "0.1234567890123456789"] {
        assert_eq!(value_of(field_type::DECIMAL, vec![], json!(digits)), digits);
    }
    for odd in ["三", "1e5", "1,234.5", ".5", "-", "inf"] {
        assert!(
            is_passed_on(field_type::INTEGER, json!(odd)) && is_passed_on(field_type::DECIMAL, json!(odd)),
            "{odd}"
        );
    }
}

#[test]
fn no_stars_is_a_rating_that_nobody_gave() {
    assert_eq!(value_of(field_type::STARS, vec![], json!("0")), Value::Null);
    assert_eq!(value_of(field_type::STARS, vec![], json!("5")), 5);
    assert_eq!(value_of(field_type::STARS, vec![], json!("4.5")), 4.5);
    assert!(is_passed_on(field_type::STARS, json!("五星")));
}

#[test]
fn a_checkbox_is_true_or_false() {
    for yes in [json!("是"), json!("1"), json!(1), json!(true)] {
        assert_eq!(value_of(field_type::CHECKBOX, vec![], yes), true);
    }
    for no in [json!("否"), json!("0"), json!(0), json!(false)] {
        assert_eq!(value_of(field_type::CHECKBOX, vec![], no), false);
    }
    assert!(is_passed_on(field_type::CHECKBOX, json!("也许")));
}

#[test]
fn a_date_is_a_day_and_a_time_has_its_offset() {
    assert_eq!(value_of(field_type::DATE, vec![], json!("2019-12-20")), "2019-12-20");
    assert_eq!(value_of(field_type::DATE, vec![], json!("2019-12-20 08:30:00")), "2019-12-20T08:30:00+08:00");
    for odd in ["2019-02-30", "下周", "2019年12月20日"] {
        assert!(is_passed_on(field_type::DATE, json!(odd)), "{odd}");
    }
}

#[test]
fn a_dropdown_is_found_by_its_text_and_by_its_id() {
    let options = || vec![option("1197569", "安装局确认"), option("1197572", "2")];
    let first = json!({ "id": 1_197_569, "label": "安装局确认" });
    for sent in [json!("安装局确认"), json!(" 安装局确认 "), json!("1197569"), json!(1_197_569)] {
        assert_eq!(value_of(field_type::DROPDOWN, options(), sent), first);
    }
    assert_eq!(
        value_of(field_type::DROPDOWN, options(), json!("2")),
        json!({ "id": 1_197_572, "label": "2" })
    );
}

#[test]
fn an_option_that_has_vanished_is_told_as_far_as_it_is_known() {
    let options = || vec![option("1197569", "安装局确认")];
    let by_id = value_of(field_type::DROPDOWN, options(), json!("68958"));
    assert_eq!(by_id, json!({ "id": 68_958, "label": null }));
    let by_text = value_of(field_type::DROPDOWN, options(), json!("以前的选项"));
    assert_eq!(by_text, json!({ "id": null, "label": "以前的选项" }));
    let mixed = value_of(field_type::MULTI_CHOICE, options(), json!("1197569,68958"));
    assert_eq!(mixed, json!([{ "id": 1_197_569, "label": "安装局确认" }, { "id": 68_958, "label": null }]));
}

#[test]
fn an_id_is_not_guessed_at_where_two_options_have_one_text() {
    let options = || vec![option("1", "其他"), option("2", "其他")];
    assert_eq!(
        value_of(field_type::DROPDOWN, options(), json!("其他")),
        json!({ "id": null, "label": "其他" })
    );
    assert_eq!(value_of(field_type::DROPDOWN, options(), json!("2")), json!({ "id": 2, "label": "其他" }));
}

#[test]
fn zero_is_no_option_unless_it_is_one() {
    for field_type in [field_type::DROPDOWN, field_type::MULTI_CHOICE, field_type::CASCADE] {
        for none in [json!("0"), json!(0), json!([])] {
            assert_eq!(value_of(field_type, vec![option("1", "一")], none), Value::Null, "{field_type}");
        }
    }
    assert_eq!(
        value_of(field_type::DROPDOWN, vec![option("0", "无")], json!("0")),
        json!({ "id": 0, "label": "无" })
    );
}

#[test]
fn several_choices_come_joined_or_in_an_array_as_ids_or_texts() {
    let options = || vec![option("71", "电话"), option("72", "邮件,传真"), option("73", "上门")];
    let expected = json!([{ "id": 71, "label": "电话" }, { "id": 72, "label": "邮件,传真" }]);
    for sent in [
        json!("71,72"),
        json!("电话,邮件,传真"),
        json!(["71", "邮件,传真"]),
        json!([71, 72]),
        json!("71, 72,"),
    ] {
        assert_eq!(value_of(field_type::MULTI_CHOICE, options(), sent.clone()), expected, "{sent}");
    }
    assert!(is_passed_on(field_type::MULTI_CHOICE, json!([{ "id": 71 }])));
}

#[test]
fn a_cascade_is_followed_from_its_root_by_text_or_id() {
    let haidian = json!([{ "id": 1, "label": "北京市" }, { "id": 26, "label": "海淀" }, { "id": 32, "label": "中关村" }]);
    for sent in [json!(["北京市", "海淀", "中关村"]), json!(["1", "26", "32"]), json!([1, "海淀", 32])]
    {
        assert_eq!(value_of(field_type::CASCADE, regions(), sent), haidian);
    }
    assert_eq!(
        value_of(field_type::CASCADE, regions(), json!("吉林省")),
        json!([{ "id": 6, "label": "吉林省" }])
    );
}

#[test]
fn below_a_step_of_a_cascade_that_has_vanished_no_id_is_known() {
    let sent = json!(["北京市", "二级1", "中关村"]);
    let expected = json!([
        { "id": 1, "label": "北京市" }, { "id": null, "label": "二级1" }, { "id": null, "label": "中关村" }
    ]);
    assert_eq!(value_of(field_type::CASCADE, regions(), sent), expected);
}

#[test]
fn attachments_have_their_times_and_lose_nothing() {
    let sent = json!([
        { "name": "照片.jpg", "uri": "386279/snNyQASjsh.jpg", "datetime": "2019-12-19 14:28:48", "size": "12" },
        { "name": "", "uri": "386279/x", "datetime": "0000-00-00 00:00:00" },
        { "uri": "386279/y", "datetime": "昨天" }
    ]);
    let expected = json!([
        { "name": "照片.jpg", "uri": "386279/snNyQASjsh.jpg", "uploaded_at": "2019-12-19T14:28:48+08:00", "size": "12" },
        { "name": null, "uri": "386279/x", "uploaded_at": null },
        { "name": null, "uri": "386279/y", "uploaded_at": "昨天" }
    ]);
    assert_eq!(value_of(field_type::ATTACHMENT, vec![], sent.clone()), expected);
    assert_eq!(value_of(field_type::ATTACHMENT, vec![], sent[1].clone()), json!([expected[1]]));
    assert_eq!(value_of(field_type::ATTACHMENT, vec![], json!([])), json!([]));
    assert!(is_passed_on(field_type::ATTACHMENT, json!("386279/snNyQASjsh.jpg")));
    assert!(is_passed_on(field_type::ATTACHMENT, json!(["386279/snNyQASjsh.jpg"])));
}

#[test]
fn rows_are_arrays_of_clean_objects() {
    let sent =
        json!([{ "rowId": 1, "field_1": "螺丝", "field_2": "" }, { "rowId": 2, "field_1": "0000-00-00" }]);
    let expected =
        json!([{ "rowId": 1, "field_1": "螺丝", "field_2": null }, { "rowId": 2, "field_1": null }]);
    for field_type in [field_type::FORM, field_type::PRODUCTS, field_type::ASSETS] {
        assert_eq!(value_of(field_type, vec![], sent.clone()), expected);
        assert_eq!(value_of(field_type, vec![], json!([])), json!([]));
        assert_eq!(value_of(field_type, vec![], json!("0")), Value::Null);
        assert!(is_passed_on(field_type, json!("三行")));
    }
}

#[test]
fn what_php_serialised_is_json_wherever_people_do_not_write() {
    let sent = json!("a:3:{s:2:\"SN\";s:16:\"0oi3ov3jne6l7fuu\";s:5:\"total\";i:0;s:4:\"data\";a:0:{}}");
    let expected = json!({ "SN": "0oi3ov3jne6l7fuu", "total": 0, "data": [] });
    for field_type in [field_type::SATISFACTION, field_type::PRODUCTS, field_type::SIGNATURE, 21] {
        assert_eq!(value_of(field_type, vec![], sent.clone()), expected);
    }
    let served = served(&[], &[("field_99", sent)]);
    assert_eq!(served["custom_fields"]["field_99"]["value"], expected);
    let photos = json!("a:1:{i:0;a:2:{s:4:\"name\";s:10:\"照片.jpg\";s:3:\"uri\";s:1:\"x\";}}");
    let expected = json!([{ "name": "照片.jpg", "uri": "x", "uploaded_at": null }]);
    assert_eq!(value_of(field_type::ATTACHMENT, vec![], photos), expected);
}

#[test]
fn what_only_looks_serialised_is_passed_on_and_marked() {
    for text in [
        "a:1:{i:0;O:8:\"stdClass\":0:{}}",
        "O:8:\"stdClass\":0:{}",
        "a:2:{i:0;i:1;",
        "s:3:\"中\";x",
        "C:1:\"A\":0:{}",
    ] {
        for field_type in [field_type::SATISFACTION, field_type::PRODUCTS, field_type::SIGNATURE, 9] {
            assert!(is_passed_on(field_type, json!(text)), "{text}");
        }
    }
    assert_eq!(value_of(field_type::SIGNATURE, vec![], json!("sign0")), "sign0");
    assert_eq!(value_of(21, vec![], json!("a: 3 Stück")), "a: 3 Stück");
}

#[test]
fn of_two_fields_with_one_key_the_one_that_knows_the_value_is_meant() {
    let mut dropdown = field("field_24", field_type::DROPDOWN, vec![option("1328981", "转轮uv")]);
    dropdown.name = Some("印刷方式".into());
    let mut cascade = field("field_24", field_type::CASCADE, regions());
    cascade.name = Some("所在地区".into());
    let name = |sent: Value| {
        let served = served(&[dropdown.clone(), cascade.clone()], &[("field_24", sent)]);
        served["custom_fields"]["field_24"]["name"].clone()
    };
    assert_eq!(name(json!("转轮uv")), "印刷方式");
    assert_eq!(name(json!("北京市")), "所在地区");
    assert_eq!(name(json!(["北京市", "海淀"])), "所在地区");
    assert_eq!(name(json!("谁也不认识")), "印刷方式");
    assert_eq!(name(json!("")), "印刷方式");
}

#[test]
fn two_values_under_one_key_are_both_served() {
    let fields = [
        field("field_24", field_type::DROPDOWN, vec![option("1328981", "转轮uv")]),
        field("field_24", field_type::CASCADE, regions()),
    ];
    let sent = [("field_24", json!(["吉林省"])), ("field_12", json!("")), ("field_24", json!("转轮uv"))];
    let both = served(&fields, &sent)["custom_fields"]["field_24"].clone();
    assert_eq!(
        (&both["type"], &both["value"]),
        (&json!("cascade"), &json!([{ "id": 6, "label": "吉林省" }]))
    );
    let also =
        json!([{ "name": "确认情况", "type": "dropdown", "value": { "id": 1_328_981, "label": "转轮uv" } }]);
    assert_eq!(both["also"], also);
    let one_unset = [("field_24", json!("")), ("field_24", json!(["吉林省"]))];
    let one = served(&fields, &one_unset)["custom_fields"]["field_24"].clone();
    assert_eq!((&one["type"], one.get("also")), (&json!("cascade"), None));
    let unset = served(&fields, &[("field_24", json!("")), ("field_24", json!(""))]);
    assert_eq!(
        unset["custom_fields"]["field_24"],
        json!({ "name": "确认情况", "type": "dropdown", "value": null })
    );
}

/// Any JSON of a few levels, most of it of the kinds that fields have.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[0-9]{0,4}[-.:, ]?[0-9]{0,30}".prop_map(Value::from),
        "[aOsCE]:[0-9]{1,2}:[{\"][is0-9:;}\"]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["是", "0", "北京市", "海淀", "1,26", "2019-12-20", "0000-00-00"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let key = prop::sample::select(vec!["name", "uri", "datetime", "rowId", "field_1"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    /// Whatever is sent: it is read or passed on as it was, and says which.
    #[test]
    fn no_value_is_lost(field_type in 0_u8..=25, sent in any_value()) {
        let served = served(&[field("field_1", field_type, regions())], &[("field_1", sent.clone())]);
        let field = &served["custom_fields"]["field_1"];
        match field.get("undecoded") {
            Some(undecoded) => prop_assert_eq!((undecoded, &field["value"]), (&json!(true), &sent)),
            None => prop_assert!(field["value"].is_null() == says_nothing(field_type, &sent), "{} {}", sent, field),
        }
    }
}

/// Only what is nothing by the documents may become `null`.
fn says_nothing(field_type: u8, sent: &Value) -> bool {
    let chooses = matches!(field_type, field_type::DROPDOWN | field_type::MULTI_CHOICE | field_type::CASCADE);
    let has_parts = matches!(
        field_type,
        field_type::FORM | field_type::PRODUCTS | field_type::SATISFACTION | field_type::ASSETS
    );
    let zero = chooses || has_parts;
    let text = match sent {
        Value::Null => return true,
        Value::Array(items) => return chooses && items.is_empty(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    matches!(text.as_str(), "" | "0000-00-00" | "0000-00-00 00:00:00")
        || zero && text == "0"
        || field_type == field_type::STARS && text.parse() == Ok(0.0)
}

#[test]
fn ids_are_numbers_only_where_nothing_of_them_is_lost() {
    for (text, id) in [("15", json!(15)), ("007", json!("007")), ("+5", json!("+5")), ("wx_1", json!("wx_1"))]
    {
        assert_eq!(json!(Id::new(text)), id);
        assert_eq!(serde_json::from_value::<Id>(id).unwrap(), Id::new(text));
    }
}

#[test]
fn a_view_has_its_times_with_their_offset() {
    let sent = TicketView {
        id: "15".into(),
        title: Some("售中".into()),
        active: Some(true),
        ticket_count: Some(7),
        created_at: "2019-12-08T08:14:41Z".parse().ok(),
        updated_at: None,
    };
    let expected = json!({
        "id": 15, "title": "售中", "active": true, "created_at": "2019-12-08T16:14:41+08:00", "updated_at": null
    });
    assert_eq!(json!(view(&sent, &zone())), expected);
    assert_eq!(serde_json::from_value::<About>(expected).unwrap(), view(&sent, &zone()));
}
