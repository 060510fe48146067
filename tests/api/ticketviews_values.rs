//! What becomes of the values of custom fields, from Bangwo8's spellings to clean JSON.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

/// An app that reads its views every second.
async fn reading() -> TestApp {
    TestApp::with(Options { ticketviews: "{ refresh_s: 1 }".into(), ..Options::default() }).await
}

/// The custom fields of a ticket in view 2, once it is there.
async fn custom_fields(app: &TestApp, id: u64) -> Value {
    let ticket = eventually(async || {
        let tickets = app.get("/ticketviews/2/tickets").await;
        tickets.json["tickets"].as_array()?.iter().find(|ticket| ticket["id"] == id).cloned()
    })
    .await;
    ticket["custom_fields"].clone()
}

/// The custom fields of a new ticket that Bangwo8 sends with these values.
async fn served(app: &TestApp, id: u64, values: Value) -> Value {
    let ticket = json!({ "ticketId": id, "subject": "取值", "custom_fields": values });
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
    custom_fields(app, id).await
}

fn field(name: &str, field_type: &str, value: Value) -> Value {
    json!({ "name": name, "type": field_type, "value": value })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_the_tickets_that_the_document_prints_is_clean() {
    let app = reading().await;
    let printed = custom_fields(&app, 5_237_431).await;
    let photo = json!([{
        "name": "195151szk8umd8or8fmfa5.jpg",
        "uri": "386279/snNyQASjsh.jpg",
        "uploaded_at": "2019-12-19T14:28:48+08:00"
    }]);
    let rated = json!({ "SN": "xpt87wm7u4a64lv4", "total": 0, "data": [], "isAppraise": 0 });
    let products = json!({ "SN": "0oi3ov3jne6l7fuu", "total": 0, "data": [] });
    let expected = [
        ("field_12", field("销售阶段", "dropdown", json!({ "id": 1_197_547, "label": "合同制定" }))),
        ("field_14", field("备注", "text", json!("呃呃呃"))),
        ("field_16", field("现场照片", "attachment", photo)),
        ("field_17", field("设备数量", "integer", json!(0))),
        ("field_18", field("满意度评分", "stars", json!(null))),
        ("field_19", field("开单日期", "date", json!(null))),
        ("field_20", field("区域", "text", json!(null))),
        ("field_21", field("加急", "checkbox", json!(false))),
        ("field_22", field("工人签字", "signature", json!("sign0"))),
        ("field_23", field("楼层数", "integer", json!(0))),
        ("field_24", field("印刷方式", "dropdown", json!(null))),
        ("field_25", field("满意度评价表", "satisfaction", rated)),
        ("field_27", field("客户联系方式", "telephone", json!("vvv"))),
        ("field_29", field("维修费用", "decimal", json!(123.0))),
        ("field_30", field("故障现象", "text", json!("测试"))),
        ("field_31", field("处理过程", "text_area", json!("测试"))),
        ("field_32", field("预约上门日期", "date", json!("2019-12-20"))),
        ("field_33", field("商品表", "products", products)),
        ("field_34", field("紧急程度", "dropdown", json!({ "id": 1_328_991, "label": "低" }))),
        ("field_35", field("上门距离", "dropdown", json!({ "id": 1_329_011, "label": "近(1-15公里)" }))),
    ];
    for (key, expected) in expected {
        assert_eq!(printed[key], expected, "{key}");
    }
    let other = custom_fields(&app, 5_109_538).await;
    let expected = [
        ("field_12", field("销售阶段", "dropdown", json!({ "id": 1_197_544, "label": "报价谈判" }))),
        ("field_14", field("备注", "text", json!("23"))),
        ("field_15", field("确认情况", "dropdown", json!(null))),
        ("field_16", field("现场照片", "attachment", json!([]))),
        ("field_26", field("合同编号", "text", json!("12"))),
        ("field_27", field("客户联系方式", "telephone", json!("32"))),
    ];
    for (key, expected) in expected {
        assert_eq!(other[key], expected, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_of_the_simulators_tickets_is_left_undecoded_or_unnamed() {
    let app = reading().await;
    custom_fields(&app, 5_237_431).await;
    let tickets = app.get("/ticketviews/2/tickets").await;
    let fields: Vec<(String, Value)> = tickets.json["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|ticket| ticket["custom_fields"].as_object().unwrap().clone())
        .collect();
    assert!(fields.len() > 23);
    for (key, field) in fields {
        assert!(field["name"].is_string() && field["type"].is_string(), "{key}: {field}");
        assert_eq!(field.get("undecoded"), None, "{key}: {field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_cascades_and_rows_are_told_in_full() {
    let app = reading().await;
    let fields = served(
        &app,
        6_000_001,
        json!([
            { "key": "field_11", "value": "4672422,4672428" },
            { "key": "field_36", "value": ["北京市", "海淀", "中关村"] },
            { "key": "field_28", "value": [{ "rowId": 1, "field_1": "螺丝", "field_2": "" }] },
            { "key": "field_15", "value": "1197572" },
            { "key": "field_24", "value": ["吉林省", "长春"] },
            { "key": "field_21", "value": "是" },
            { "key": "field_18", "value": "5" },
            { "key": "field_8", "value": "12345678901234567.89" },
            { "key": "field_3", "value": "0000-00-00" }
        ]),
    )
    .await;
    let choices =
        json!([{ "id": 4_672_422, "label": "多选框选项1" }, { "id": 4_672_428, "label": "多选框选项3" }]);
    assert_eq!(fields["field_11"], field("多选框", "multi_choice", choices));
    let place = json!([{ "id": 1, "label": "北京市" }, { "id": 26, "label": "海淀" }, { "id": 32, "label": "中关村" }]);
    assert_eq!(fields["field_36"], field("所在地区", "cascade", place));
    let rows = json!([{ "rowId": 1, "field_1": "螺丝", "field_2": null }]);
    assert_eq!(fields["field_28"], field("配件清单", "form", rows));
    assert_eq!(fields["field_15"]["value"], json!({ "id": 1_197_572, "label": "安装师傅确认" }));
    let by_its_value = json!([{ "id": 6, "label": "吉林省" }, { "id": 29, "label": "长春" }]);
    assert_eq!(
        fields["field_24"],
        field("测试级联字段", "cascade", by_its_value),
        "two fields have this key"
    );
    assert_eq!((&fields["field_21"]["value"], &fields["field_18"]["value"]), (&json!(true), &json!(5)));
    assert_eq!(fields["field_8"]["value"], "12345678901234567.89");
    assert_eq!(fields["field_3"], field("日期", "date", json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decoded_is_passed_on_and_marked() {
    let app = reading().await;
    let attack = "O:8:\"stdClass\":1:{s:4:\"exec\";s:6:\"rm -rf\";}";
    let fields = served(
        &app,
        6_000_002,
        json!([
            { "key": "field_25", "value": attack },
            { "key": "field_33", "value": "a:1:{i:0;R:1;}" },
            { "key": "field_7", "value": "三台" },
            { "key": "field_9", "value": "以前的选项" },
            { "key": "field_77", "value": "7" },
            { "key": "field_14", "value": attack }
        ]),
    )
    .await;
    let mut undecoded = field("满意度评价表", "satisfaction", json!(attack));
    undecoded["undecoded"] = json!(true);
    assert_eq!(fields["field_25"], undecoded);
    assert_eq!(
        (&fields["field_33"]["value"], &fields["field_33"]["undecoded"]),
        (&json!("a:1:{i:0;R:1;}"), &json!(true))
    );
    assert_eq!(
        (&fields["field_7"]["value"], &fields["field_7"]["undecoded"]),
        (&json!("三台"), &json!(true))
    );
    let vanished = json!({ "id": null, "label": "以前的选项" });
    assert_eq!(fields["field_9"], field("下拉列表", "dropdown", vanished));
    assert_eq!(fields["field_77"], json!({ "name": null, "type": null, "value": "7" }));
    assert_eq!(fields["field_14"], field("备注", "text", json!(attack)), "people may write what they like");
}
