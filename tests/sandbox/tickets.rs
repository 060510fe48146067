use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, id_of, parsed, ticket};

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_has_an_id_times_and_a_location() {
    let desk = Desk::start().await;
    let sent = json!({"ticket": {
        "subject": "打印机脱机", "descript": "早上开机后脱机", "ticketStatus": 2, "ticketType": "3",
        "priorityLevel": 4, "ticketSource": 7, "custUserId": 21_130_282, "servicerUserId": "565123",
        "servicerGroupId": 344_124, "ticketTemplateId": 4, "tagList": "售后",
        "custom_fields": [{"key": "field_1", "value": "三楼"}]
    }});
    let response = desk.agent(Method::POST, "/api/v1/tickets.json").json(&sent).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    let id = id_of(&body);
    assert_eq!(id, 5_237_432);
    assert_eq!(location, format!("{}/api/v1/tickets/{id}.json", desk.sandbox.bangwo8_url()));
    assert_eq!(body["ticket"]["ticketStatus"], "2");
    assert_eq!(body["ticket"]["createrId"], "565124");
    assert_eq!(body["ticket"]["createDT"].as_str().unwrap().len(), 19);
    assert_eq!(body["ticket"]["openDT"], body["ticket"]["createDT"]);
    assert_eq!(body["ticket"]["closeDT"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_ticket_is_an_array_of_one_and_an_object_in_its_second_version() {
    let desk = Desk::start().await;
    let v1 = desk.get("/tickets/5237431.json").await;
    assert_eq!(v1["ticket"].as_array().unwrap().len(), 1);
    assert_eq!(v1["ticket"][0]["ticketId"], "5237431");
    assert_eq!(v1["ticket"][0]["ticketStatus"], "1");
    assert_eq!(v1["ticket"][0]["custom_fields"][0], json!({"key": "field_12", "value": "合同制定"}));
    let v2 = desk.get("/tickets/5237431_v2.json").await;
    assert_eq!(v2["ticket"]["custom_fields"][0], json!({"key": "field_12", "value": "1197547"}));
    desk.switch("single_ticket_v1", json!("object")).await;
    assert!(desk.get("/tickets/5237431.json").await["ticket"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_with_bad_content_is_rejected_in_a_successful_answer() {
    let desk = Desk::start().await;
    let cases = [
        (json!({"ticketStatus": 1}), "subject"),
        (json!({"subject": " "}), "subject"),
        (json!({"subject": "a", "ticketStatus": null}), "ticketStatus"),
        (json!({"ticketStatus": 7}), "ticketStatus"),
        (json!({"priorityLevel": 0}), "priorityLevel"),
        (json!({"ticketType": 5}), "ticketType"),
        (json!({"ticketSource": 6}), "ticketSource"),
        (json!({"ticketTemplateId": 5}), "ticketTemplateId"),
        (json!({"servicerUserId": 1}), "servicerUserId"),
        (json!({"servicerGroupId": 1}), "servicerGroupId"),
        (json!({"custUserId": 1}), "custUserId"),
        (json!({"custom_fields": [{"key": "field_1", "value": "a"}]}), "ticketTemplateId"),
    ];
    for (changes, named) in cases {
        let mut sent = if changes.get("subject").is_some() { json!({}) } else { ticket() };
        if named == "subject" {
            sent = json!({"ticketStatus": 1});
        }
        sent.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let (status, body) = desk.create(sent.clone()).await;
        assert_eq!(status, 200);
        assert_eq!(body["state"], "403", "{sent}: {body}");
        assert!(body["message"].as_str().unwrap().starts_with(named), "{sent}: {body}");
    }
    assert!(desk.requests("?method=POST").await.iter().all(|request| request["effect"].is_null()));
    desk.switch("business_error_status", json!(403)).await;
    assert_eq!(desk.create(json!({"subject": "a"})).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_needs_the_json_content_type_and_a_ticket_envelope() {
    let desk = Desk::start().await;
    let post = || desk.admin(Method::POST, "/api/v1/tickets.json");
    assert_eq!(parsed(post().body(r#"{"ticket":{}}"#)).await.0, 400);
    assert_eq!(parsed(post().header("content-type", "application/json").body("{")).await.0, 400);
    assert_eq!(parsed(post().json(&json!({}))).await.1["state"], "403");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_was_sent_and_nothing_else() {
    let desk = Desk::start().await;
    let (status, body) = desk.update("5101465", json!({"ticketStatus": 4, "priorityLevel": "3"})).await;
    assert_eq!(status, 200, "{body}");
    let stored = desk.stored(5_101_465).await.unwrap();
    assert_eq!(stored["ticketStatus"], 4);
    assert_eq!(stored["priorityLevel"], 3);
    assert_eq!(stored["subject"], "报表导出乱码");
    assert_eq!(stored["solveDT"], stored["updateDT"]);
    assert_eq!(stored["createDT"], "2019-12-09 16:03:28");
    assert_eq!(desk.requests("?method=PUT").await[0]["effect"]["kind"], "ticket_updated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_update_changes_nothing() {
    let desk = Desk::start().await;
    let before = desk.stored(5_101_465).await;
    let sent = json!({"subject": "新标题", "ticketReply": {"replyMsg": "好"}, "ticketStatus": 9});
    assert_eq!(desk.update("5101465", sent).await.1["state"], "403");
    let empty_reply = json!({"subject": "新标题", "ticketReply": {"replyMsg": ""}});
    assert_eq!(desk.update("5101465", empty_reply).await.1["state"], "403");
    assert_eq!(desk.stored(5_101_465).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_appended_by_an_update() {
    let desk = Desk::start().await;
    for text in ["第一条", "第二条"] {
        let (_, body) = desk.update("5101465", json!({"ticketReply": {"replyMsg": text}})).await;
        assert_eq!(body["ticket"]["ticketId"], "5101465");
    }
    let replies = desk.stored(5_101_465).await.unwrap()["replies"].clone();
    assert_eq!(replies[0]["replyMsg"], "第一条");
    assert_eq!(replies[1]["replyMsg"], "第二条");
    assert_ne!(replies[0]["ticketReplyId"], replies[1]["ticketReplyId"]);
    assert_eq!(desk.requests("?method=PUT").await[1]["effect"]["kind"], "reply_added");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_ticket_is_not_found() {
    let desk = Desk::start().await;
    for path in ["/api/v1/tickets/1.json", "/api/v1/tickets/1_v2.json", "/api/v1/tickets/x.json"] {
        let (status, body) = parsed(desk.admin(Method::GET, path)).await;
        assert_eq!(status, 404);
        assert!(body["errcode"].is_string());
    }
    assert_eq!(desk.update("1", ticket()).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_paged_with_text_counts_and_unescaped_links() {
    let desk = Desk::start().await;
    let first = desk.get("/tickets.json").await;
    assert_eq!(first["count"], "23");
    assert_eq!(first["tickets"].as_array().unwrap().len(), 10);
    assert_eq!(first["previous_page"], "");
    let query = "created_start=2019-12-01%2000%3A00%3A00&per_page=4&page=2&created_order=desc";
    let second = desk.get(&format!("/tickets.json?{query}")).await;
    let base = format!("{}/api/v1/tickets.json", desk.sandbox.bangwo8_url());
    assert_eq!(
        second["next_page"],
        format!("{base}?created_start=2019-12-01 00:00:00&per_page=4&created_order=desc&page=3")
    );
    assert!(second["previous_page"].as_str().unwrap().ends_with("&page=1"));
    let past_the_end = desk.get("/tickets.json?page=9").await;
    assert_eq!(past_the_end["tickets"], json!([]));
    assert_eq!(past_the_end["next_page"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_bounded_and_ordered_by_its_time_windows() {
    let desk = Desk::start().await;
    let query = "updated_start=2019-12-16+11:11:11&updated_end=2019-12-18+09:45:02&updated_order=desc";
    let body = desk.get(&format!("/tickets.json?{query}")).await;
    let times: Vec<&str> = body["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| ticket["updateDT"].as_str().unwrap())
        .collect();
    assert_eq!(times, ["2019-12-18 09:45:02", "2019-12-17 15:45:12", "2019-12-16 11:11:11"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_requestid_gets_the_first_answer_and_has_one_effect() {
    let desk = Desk::start().await;
    let (_, first) = desk.create_once("r-1", ticket()).await;
    let (_, second) = desk.create_once("r-1", json!({"subject": "其他", "ticketStatus": 2})).await;
    assert_eq!(first, second);
    assert_eq!(desk.get("/tickets.json").await["count"], "24");
    let effects = desk.requests("?method=POST").await;
    assert_eq!(effects[0]["effect"], json!({"kind": "ticket_created", "ticketId": 5_237_432}));
    assert_eq!(effects[1]["effect"], json!({"kind": "replayed", "ticketId": 5_237_432}));
    assert_eq!(effects[1]["requestid"], "r-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_requestid_may_be_an_error_or_ignored() {
    let desk = Desk::start().await;
    desk.create_once("r-1", ticket()).await;
    desk.switch("duplicate_requestid", json!("error")).await;
    assert_eq!(desk.create_once("r-1", ticket()).await.1["state"], "403");
    desk.switch("duplicate_requestid", json!("ignored")).await;
    assert_eq!(id_of(&desk.create_once("r-1", ticket()).await.1), 5_237_433);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_requests_with_one_requestid_have_one_effect() {
    let desk = Desk::start().await;
    let same = || desk.create_once("r-1", ticket());
    let (one, two, three, four) = tokio::join!(same(), same(), same(), same());
    assert!([two.1, three.1, four.1].iter().all(|body| *body == one.1));
    assert_eq!(desk.get("/tickets.json").await["count"], "24");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_request_may_be_corrected_under_its_requestid() {
    let desk = Desk::start().await;
    assert_eq!(desk.create_once("r-1", json!({"subject": "a", "ticketStatus": 9})).await.1["state"], "403");
    assert_eq!(id_of(&desk.create_once("r-1", ticket()).await.1), 5_237_432);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_may_answer_with_a_status_message() {
    let desk = Desk::start().await;
    desk.switch("write_result", json!("status-message")).await;
    let (_, body) = desk.create(ticket()).await;
    assert_eq!(body, json!({"status": "0", "message": "Insert ok", "data": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_those_of_shanghai_unless_switched_to_utc() {
    let desk = Desk::start().await;
    let (_, shanghai) = desk.create(ticket()).await;
    desk.switch("time_zone", json!("UTC")).await;
    let (_, utc) = desk.create(ticket()).await;
    let time =
        |body: &Value| body["ticket"]["createDT"].as_str().unwrap().parse::<jiff::civil::DateTime>().unwrap();
    let hours = (time(&shanghai) - time(&utc)).total(jiff::Unit::Hour).unwrap();
    assert!((hours - 8.0).abs() < 0.1, "{hours}");
}
