use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, id_of};

async fn create_with(desk: &Desk, key: &str, value: Value) -> Value {
    let custom_fields = json!([{"key": key, "value": value}]);
    let ticket =
        json!({"subject": "测试", "ticketStatus": 1, "ticketTemplateId": 4, "custom_fields": custom_fields});
    desk.create(ticket).await.1
}

fn value_in(body: &Value, key: &str) -> Value {
    let values = body["ticket"]["custom_fields"].as_array().unwrap();
    values.iter().find(|field| field["key"] == key).unwrap()["value"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn field_lists_are_bare_arrays_of_text_with_every_kind() {
    let desk = Desk::start().await;
    let body = desk.get("/tickets/ticket_fields.json").await;
    let fields = body.as_array().unwrap();
    for kind in ["1", "2", "3", "4", "5", "8", "14", "18", "23"] {
        assert!(fields.iter().any(|field| field["type"] == kind), "type {kind}");
    }
    assert_eq!(fields.iter().filter(|field| field["key"] == "field_24").count(), 2);
    assert!(fields.iter().all(|field| field["id"].is_string() && field.get("system").is_none()));
    let second = desk.get("/tickets/ticket_fields2.json").await;
    assert_eq!(second.as_array().unwrap().len(), fields.len() + 5);
    let status = second.as_array().unwrap().iter().find(|field| field["key"] == "ticketStatus").unwrap();
    assert_eq!((&status["system"], &status["type"]), (&json!("1"), &json!("1")));
    assert_eq!(status["custom_field_options"][3], json!({"key": "4", "value": "已解决"}));
    assert!(second.as_array().unwrap().iter().all(|field| field["system"] == "0" || field["system"] == "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_has_every_attribute_as_text() {
    let desk = Desk::start().await;
    let body = desk.get("/tickettemplates.json").await;
    let url = format!("{}/api/v1/tickettemplates/8.json", desk.sandbox.bangwo8_url());
    assert_eq!(
        body["tickettemplates"][1],
        json!({"tId": "8", "url": url, "ticketTemplateName": "上门维修",
            "ticketTemplateDescription": "需要上门处理的报修", "visibleRange": "2", "servicerGroupId": "344124",
            "servicerId": "0", "isReleased": "1", "creatorId": "565123", "createDT": "2019-09-02 10:21:45"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_and_agents_are_listed() {
    let desk = Desk::start().await;
    let templates = desk.get("/tickettemplates.json").await["tickettemplates"].clone();
    let ids: Vec<&str> =
        templates.as_array().unwrap().iter().map(|template| template["tId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["4", "8", "9"]);
    assert!(templates[0].get("fields").is_none());
    let supports = desk.get("/supports.json?per_page=1").await;
    assert_eq!(supports["supports"][0]["sId"], "565123");
    assert_eq!(supports["count"], "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_every_simple_kind_is_stored_and_read_back() {
    let desk = Desk::start().await;
    for (key, value) in [
        ("field_1", "普通文本"),
        ("field_2", "第一行\r\n第二行"),
        ("field_3", "2016-08-11"),
        ("field_4", "14:44:36"),
        ("field_5", "2017-05-03 14:44"),
        ("field_6", "https://www.sample.com"),
        ("field_7", "13"),
        ("field_8", "13.33"),
    ] {
        let body = create_with(&desk, key, json!(value)).await;
        assert_eq!(value_in(&body, key), value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_may_be_named_by_its_text_or_its_id() {
    let desk = Desk::start().await;
    for value in ["下拉选项2", "1197504"] {
        let body = create_with(&desk, "field_9", json!(value)).await;
        assert_eq!(value_in(&body, "field_9"), "下拉选项2");
        let v2 = desk.get(&format!("/tickets/{}_v2.json", id_of(&body))).await;
        assert_eq!(value_in(&v2, "field_9"), "1197504");
    }
    for value in ["多选框选项1,多选框选项4", "4672422,4672431"] {
        let body = create_with(&desk, "field_11", json!(value)).await;
        assert_eq!(value_in(&body, "field_11"), "4672422,4672431");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fields_may_share_a_key() {
    let desk = Desk::start().await;
    let dropdown = create_with(&desk, "field_24", json!("普通uv")).await;
    assert_eq!(value_in(&dropdown, "field_24"), "普通uv");
    let path = json!(["北京市", "海淀", "中关村"]);
    let cascade = create_with(&desk, "field_24", path.clone()).await;
    assert_eq!(value_in(&cascade, "field_24"), path);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_do_not_suit_their_field_are_rejected() {
    let desk = Desk::start().await;
    for (key, value) in [
        ("field_99", json!("a")),
        ("field_9", json!("下拉选项9")),
        ("field_11", json!("多选框选项1,其他")),
        ("field_7", json!("-1")),
        ("field_8", json!("abc")),
        ("field_3", json!("2016-13-01")),
        ("field_1", json!(["a"])),
        ("field_22", json!("sign1")),
    ] {
        let body = create_with(&desk, key, value.clone()).await;
        assert_eq!(body["state"], "403", "{key} {value}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_shows_the_fields_of_its_template_even_when_unset() {
    let desk = Desk::start().await;
    let body = create_with(&desk, "field_1", json!("a")).await;
    assert_eq!(body["ticket"]["custom_fields"].as_array().unwrap().len(), 11);
    assert_eq!(value_in(&body, "field_2"), "");
    assert_eq!(value_in(&body, "field_7"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_values_needs_the_template_too() {
    let desk = Desk::start().await;
    let values = json!([{"key": "field_1", "value": "新值"}]);
    assert_eq!(desk.update("5101465", json!({"custom_fields": values})).await.1["state"], "403");
    let (_, body) = desk.update("5101465", json!({"ticketTemplateId": 4, "custom_fields": values})).await;
    assert_eq!(value_in(&body, "field_1"), "新值");
    assert_eq!(value_in(&body, "field_2"), "步骤:\r\n1. 打开报表\r\n2. 导出");
    let writes = desk.requests("?method=PUT&path=/api/v1/tickets/5101465").await;
    assert_eq!(writes.len(), 2);
    assert_eq!(desk.control(Method::DELETE, "requests", json!({})).await.1, json!({"cleared": 3 - 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn mandatory_fields_are_enforced_in_either_reading_when_switched_on() {
    let desk = Desk::start().await;
    let create = || create_with(&desk, "field_1", json!("a"));
    desk.switch("required_fields", json!("as-documented")).await;
    assert_eq!(create().await["message"], "field_9 cannot be empty");
    desk.switch("required_fields", json!("inverted")).await;
    assert_eq!(create().await["message"], "field_2 cannot be empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropdown_may_be_read_as_its_id_by_the_first_version_too() {
    let desk = Desk::start().await;
    desk.switch("dropdown_on_v1_read", json!("id")).await;
    let body = create_with(&desk, "field_9", json!("下拉选项1")).await;
    assert_eq!(value_in(&body, "field_9"), "1197501");
}
