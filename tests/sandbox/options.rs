use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, id_of, parsed};

/// 紧急程度, a dropdown: 低 has the external id 001, 中 has 002, 高 has none.
const URGENCY: &str = "9481737";
/// 所在地区, a cascade.
const REGION: &str = "24917015";

async fn replace(desk: &Desk, column: &str, options: Value) -> Answer {
    desk.write(Method::PUT, &format!("/tickets/ticket_fields/{column}/allOptions.json"), options).await
}

async fn upsert(desk: &Desk, column: &str, options: Value) -> Answer {
    desk.write(Method::PUT, &format!("/tickets/ticket_fields/{column}/options.json"), options).await
}

async fn delete(desk: &Desk, column: &str, query: &str) -> Answer {
    let path = format!("/api/v1/tickets/ticket_fields/{column}/options.json{query}");
    parsed(desk.admin(Method::DELETE, &path).header("content-type", "multipart/form-data")).await
}

/// The options as the list of fields shows them.
async fn listed(desk: &Desk, column: &str) -> Value {
    let fields = desk.get("/tickets/ticket_fields.json").await;
    let field = fields.as_array().unwrap().iter().find(|field| field["id"] == column).unwrap();
    field["custom_field_options"].clone()
}

async fn last_effect(desk: &Desk) -> Value {
    desk.requests("").await.last().unwrap()["effect"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_options_are_replaced_and_those_known_keep_their_ids() {
    let desk = Desk::start().await;
    let sent = json!([
        {"optionName": "特急", "extendId": "009"},
        {"optionName": "较低", "extendId": "001"},
        {"optionName": "高"}
    ]);
    let (status, body) = replace(&desk, URGENCY, sent).await;
    assert_eq!(status, 200);
    let new = body["custom_field_options"][0]["optionId"].as_str().unwrap().to_owned();
    assert_eq!(
        body,
        json!({"columnId": URGENCY, "name": "紧急程度", "key": "field_34", "type": "1", "custom_field_options": [
            {"optionId": new, "optionName": "特急", "extendId": "009"},
            {"optionId": "1328991", "optionName": "较低", "extendId": "001"},
            {"optionId": "1328997", "optionName": "高", "extendId": ""}
        ]})
    );
    let read = json!([
        {"key": new, "value": "特急"}, {"key": "1328991", "value": "较低"}, {"key": "1328997", "value": "高"}
    ]);
    assert_eq!(listed(&desk, URGENCY).await, read);
    let writes = desk.requests("?method=PUT").await;
    let ids = json!([new, "1328991", "1328997"]);
    assert_eq!(
        writes[0]["effect"],
        json!({"kind": "options_replaced", "columnId": URGENCY, "optionIds": ids})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_updated_by_external_id_or_name_and_others_stay() {
    let desk = Desk::start().await;
    let sent = json!([
        {"optionName": "中等", "extendId": "002"},
        {"optionName": "高", "extendId": 3},
        {"optionName": "特急"}
    ]);
    let (_, body) = upsert(&desk, URGENCY, sent).await;
    let options = body["custom_field_options"].as_array().unwrap();
    assert_eq!(options.len(), 3);
    assert_eq!(options[0], json!({"optionId": "1328994", "optionName": "中等", "extendId": "002"}));
    assert_eq!(options[1], json!({"optionId": "1328997", "optionName": "高", "extendId": "3"}));
    let read = listed(&desk, URGENCY).await;
    let names: Vec<&str> =
        read.as_array().unwrap().iter().map(|option| option["value"].as_str().unwrap()).collect();
    assert_eq!(names, ["低", "中等", "高", "特急"]);
    assert_eq!(read[3]["key"], options[2]["optionId"]);
    assert!(read[0].get("extendId").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_takes_a_new_option_and_shows_a_renamed_one() {
    let desk = Desk::start().await;
    let value = |body: &Value| {
        let values = body["ticket"]["custom_fields"].as_array().unwrap();
        values.iter().find(|field| field["key"] == "field_34").unwrap()["value"].clone()
    };
    upsert(&desk, URGENCY, json!([{"optionName": "特急", "extendId": "009"}])).await;
    let custom_fields = json!([{"key": "field_34", "value": "特急"}]);
    let ticket =
        json!({"subject": "停电", "ticketStatus": 1, "ticketTemplateId": 8, "custom_fields": custom_fields});
    let (_, created) = desk.create(ticket).await;
    assert_eq!(value(&created), "特急");
    upsert(&desk, URGENCY, json!([{"optionName": "非常紧急", "extendId": "009"}])).await;
    let read = desk.get(&format!("/tickets/{}.json", id_of(&created))).await;
    assert_eq!(value(&json!({"ticket": read["ticket"][0]})), "非常紧急");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_grows_under_parents_of_the_same_request() {
    let desk = Desk::start().await;
    let sent = json!([
        {"parentId": "0", "optionName": "广东省", "extendId": "44"},
        {"extendParentId": "44", "optionName": "深圳", "extendId": "4403"},
        {"extendParentId": "4403", "optionName": "南山", "extendId": "440305"},
        {"parentId": "26", "optionName": "上地"},
        {"parentId": "29", "optionName": "南山"}
    ]);
    let (status, body) = upsert(&desk, REGION, sent).await;
    assert_eq!(status, 200);
    assert_eq!((&body["type"], &body["key"]), (&json!("18"), &json!("field_36")));
    assert_eq!(body["custom_field_options"].as_array().unwrap().len(), 5);
    let read = listed(&desk, REGION).await;
    assert_eq!(read[2]["value"], "广东省");
    assert_eq!(read[2]["subset_value"][0]["value"], "深圳");
    assert_eq!(read[2]["subset_value"][0]["subset_value"][0]["value"], "南山");
    assert_eq!(read[0]["subset_value"][0]["subset_value"][2]["value"], "上地");
    assert_eq!(read[1]["subset_value"][0]["subset_value"][0]["value"], "南山");
    assert!(read[0]["subset_value"][1].get("subset_value").is_none());
    let effect = desk.requests("?method=PUT").await[0]["effect"].clone();
    assert_eq!((&effect["kind"], &effect["columnId"]), (&json!("options_upserted"), &json!(REGION)));
    assert_eq!(effect["optionIds"][3], read[0]["subset_value"][0]["subset_value"][2]["key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_of_a_cascade_moves_to_the_parent_that_is_sent() {
    let desk = Desk::start().await;
    upsert(&desk, REGION, json!([{"parentId": "1", "optionName": "通州", "extendId": "t"}])).await;
    let (_, body) =
        upsert(&desk, REGION, json!([{"parentId": "6", "optionName": "通州区", "extendId": "t"}])).await;
    let read = listed(&desk, REGION).await;
    assert_eq!(read[0]["subset_value"].as_array().unwrap().len(), 3);
    assert_eq!(
        read[1]["subset_value"][3],
        json!({"key": body["custom_field_options"][0]["optionId"], "value": "通州区"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_cannot_stand_under_an_unknown_parent_or_itself() {
    let desk = Desk::start().await;
    let before = listed(&desk, REGION).await;
    for (sent, message) in [
        (json!([{"parentId": "77", "optionName": "甲"}]), "parentId does not exist"),
        (json!([{"extendParentId": "x", "optionName": "甲"}]), "extendParentId does not exist"),
        (json!([{"parentId": "x", "optionName": "甲"}]), "parentId does not exist"),
        (
            json!([{"parentId": "0", "optionName": "北京市", "extendId": "b"}, {"parentId": "26", "optionName": "北京市", "extendId": "b"}]),
            "parentId does not exist",
        ),
    ] {
        let (_, body) = upsert(&desk, REGION, sent.clone()).await;
        assert_eq!(body, json!({"state": "403", "message": message}), "{sent}");
    }
    assert_eq!(listed(&desk, REGION).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_has_a_deepest_level() {
    let desk = Desk::start().await;
    let level = |number: u32| json!({"extendParentId": (number > 0).then(|| number.to_string()), "optionName": "级", "extendId": (number + 1).to_string()});
    let deep: Vec<Value> = (0..20).map(level).collect();
    assert_eq!(upsert(&desk, REGION, json!(deep)).await.1["type"], "18");
    let (_, body) = upsert(&desk, REGION, json!([level(20)])).await;
    assert_eq!(body["state"], "403", "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_option_is_answered_and_gone() {
    let desk = Desk::start().await;
    let (status, body) = delete(&desk, URGENCY, "?extendId=002").await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({"optionId": "1328994", "optionName": "中", "extendId": "002"}));
    let effect = json!({"kind": "option_deleted", "columnId": URGENCY, "optionId": "1328994"});
    assert_eq!(last_effect(&desk).await, effect);
    assert_eq!(listed(&desk, URGENCY).await.as_array().unwrap().len(), 2);
    assert_eq!(delete(&desk, REGION, "?optionId=26").await.1["optionName"], "海淀");
    assert_eq!(listed(&desk, REGION).await[0]["subset_value"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_ids_the_external_one_decides_which_option_is_deleted() {
    let desk = Desk::start().await;
    assert_eq!(delete(&desk, URGENCY, "?optionId=1328997&extendId=001").await.1["optionName"], "低");
    assert_eq!(delete(&desk, URGENCY, "?optionId=1328997&extendId=999").await.1["optionName"], "高");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_failure_of_options_has_its_exact_text() {
    let desk = Desk::start().await;
    let before = listed(&desk, URGENCY).await;
    let state = |state: &str, message: &str| json!({"state": state, "message": message});
    let no_column = state("403", "columnId does not exist");
    let empty = state("403", "optionName cannot be empty");
    let one = json!([{"optionName": "选项1"}]);
    for (column, sent, expected) in [
        ("", one.clone(), &no_column),
        ("1", one.clone(), &no_column),
        ("8769407", one.clone(), &no_column),
        (URGENCY, json!([{"extendId": "001"}]), &empty),
        (URGENCY, json!([{"optionName": ""}]), &empty),
        (URGENCY, json!([{"optionName": null}]), &empty),
        (URGENCY, json!([]), &empty),
        (URGENCY, json!({"optionName": "选项1"}), &empty),
        (
            URGENCY,
            json!([{"optionName": "选项1"}, {"optionName": "选项1"}]),
            &state("403", "optionName cannot repeat"),
        ),
        (
            URGENCY,
            json!([{"optionName": "选项1", "extendId": "a"}, {"optionName": "选项1", "extendId": "b"}]),
            &state("403", "optionName cannot repeat"),
        ),
        ("8769561", one.clone(), &state("10001", "This field is not a drop-down field")),
        ("8769479", one.clone(), &state("10001", "This field is not a drop-down field")),
    ] {
        for answer in [replace(&desk, column, sent.clone()).await, upsert(&desk, column, sent.clone()).await]
        {
            assert_eq!(answer, (reqwest::StatusCode::OK, expected.clone()), "{column} {sent}");
        }
    }
    let cascade = replace(&desk, REGION, one).await.1;
    assert_eq!(cascade, state("10001", "This field is not a drop-down field"));
    let neither = state("403", "Fill in at least one of optionId and extendId, but not both");
    for (column, query, expected) in [
        ("", "?optionId=1", &no_column),
        ("1", "?optionId=1", &no_column),
        (URGENCY, "?optionId=5", &state("403", "optionId or extendId not exist")),
        (URGENCY, "?extendId=5", &state("403", "optionId or extendId not exist")),
        (URGENCY, "", &neither),
        (URGENCY, "?optionId=&extendId=", &neither),
    ] {
        assert_eq!(&delete(&desk, column, query).await.1, expected, "{column} {query}");
    }
    assert_eq!(listed(&desk, URGENCY).await, before);
    desk.switch("business_error_status", json!(400)).await;
    assert_eq!(delete(&desk, URGENCY, "").await, (reqwest::StatusCode::BAD_REQUEST, neither));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_to_the_name_of_another_option_is_a_repetition() {
    let desk = Desk::start().await;
    let (_, body) = upsert(&desk, URGENCY, json!([{"optionName": "中", "extendId": "001"}])).await;
    assert_eq!(body["message"], "optionName cannot repeat");
    let swap = json!([{"optionName": "中", "extendId": "001"}, {"optionName": "低", "extendId": "002"}]);
    assert_eq!(upsert(&desk, URGENCY, swap).await.1["key"], "field_34");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_written_by_administrators_as_json() {
    let desk = Desk::start().await;
    let path = format!("/api/v1/tickets/ticket_fields/{URGENCY}/options.json");
    let sent = json!([{"optionName": "特急"}]);
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(parsed(desk.agent(method, &path).json(&sent)).await.0, 403);
    }
    let put = desk.admin(Method::PUT, &path).header("content-type", "text/plain").body(sent.to_string());
    assert_eq!(parsed(put).await.0, 400);
    assert_eq!(listed(&desk, URGENCY).await.as_array().unwrap().len(), 3);
}
