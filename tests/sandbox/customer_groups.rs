use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

#[tokio::test(flavor = "multi_thread")]
async fn customer_groups_are_read_in_three_ways_with_bare_numbers() {
    let desk = Desk::start().await;
    let vip = json!({"groupId": 1, "groupName": "VIP客户", "type": 1});
    let personal = json!({"groupId": 5, "groupName": "个人用户", "type": 2});
    let all = desk.get("/customergroups.json").await;
    assert_eq!(all["customergroups"].as_array().unwrap().len(), 3);
    assert_eq!((&all["customergroups"][0], &all["customergroups"][2]), (&vip, &personal));
    for ids in ["5,77,1", "{5,1}"] {
        let many = desk.get(&format!("/customergroups/show_many.json?ids={ids}")).await;
        assert_eq!(many, json!({"customergroups": [personal, vip]}));
    }
    let url = format!("{}/api/v1/customergroups/1.json", desk.sandbox.bangwo8_url());
    let one = desk.get("/customergroups/1.json").await;
    assert_eq!(one, json!({"customergroup": {"groupId": 1, "url": url, "groupName": "VIP客户", "type": 1}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_group_is_one_object_under_the_plural_name() {
    let desk = Desk::start().await;
    let sent = json!({"customergroup": {"groupName": "代理商", "type": "1"}});
    let post = desk.admin(Method::POST, "/api/v1/customergroups.json").json(&sent);
    let response = post.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let url = format!("{}/api/v1/customergroups/6.json", desk.sandbox.bangwo8_url());
    assert_eq!(response.headers()["location"].to_str().unwrap(), url);
    let body: Value = response.json().await.unwrap();
    let group = json!({"groupId": 6, "url": url, "groupName": "代理商", "type": 1});
    assert_eq!(body, json!({"customergroups": group}));
    assert_eq!(desk.get("/customergroups/6.json").await, json!({"customergroup": group}));
    let effect = json!({"kind": "customer_group_created", "groupId": 6});
    assert_eq!(desk.requests("?method=POST").await[0]["effect"], effect);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_updated_group_keeps_what_is_not_sent() {
    let desk = Desk::start().await;
    let sent = json!({"customergroup": {"groupName": "大客户"}});
    let (status, body) = desk.write(Method::PUT, "/customergroups/1.json", sent.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["customergroup"]["groupName"], &body["customergroup"]["type"]),
        (&json!("大客户"), &json!(1))
    );
    let effect = json!({"kind": "customer_group_updated", "groupId": 1});
    assert_eq!(desk.requests("?method=PUT").await[0]["effect"], effect);
    desk.switch("write_result", json!("status-message")).await;
    let (_, body) = desk.write(Method::PUT, "/customergroups/1.json", sent).await;
    assert_eq!(body, json!({"status": "0", "message": "Update ok", "data": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_with_bad_content_is_refused_and_an_unknown_one_not_found() {
    let desk = Desk::start().await;
    let before = desk.state().await["customer_groups"].clone();
    for (group, message) in [
        (json!({"type": 1}), "groupName cannot be empty"),
        (json!({"groupName": " ", "type": 1}), "groupName cannot be empty"),
        (json!({"groupName": "代理商"}), "type cannot be empty"),
        (json!({"groupName": "代理商", "type": 3}), "type is invalid"),
    ] {
        let sent = json!({"customergroup": group});
        let (_, body) = desk.write(Method::POST, "/customergroups.json", sent).await;
        assert_eq!(body, json!({"state": "403", "message": message}));
    }
    let (_, body) = desk.write(Method::POST, "/customergroups.json", json!({"groupName": "代理商"})).await;
    assert_eq!(body["message"], "customergroup cannot be empty");
    let sent = json!({"customergroup": {"type": "公司"}});
    assert_eq!(desk.write(Method::PUT, "/customergroups/1.json", sent.clone()).await.1["state"], "403");
    assert_eq!(desk.write(Method::PUT, "/customergroups/77.json", sent).await.0, 404);
    assert_eq!(desk.state().await["customer_groups"], before);
}

#[tokio::test(flavor = "multi_thread")]
async fn customer_groups_are_for_administrators() {
    let desk = Desk::start().await;
    for (method, path) in [
        (Method::GET, "/api/v1/customergroups.json"),
        (Method::GET, "/api/v1/customergroups/1.json"),
        (Method::GET, "/api/v1/customergroups/show_many.json?ids=1"),
        (Method::POST, "/api/v1/customergroups.json"),
        (Method::PUT, "/api/v1/customergroups/1.json"),
    ] {
        let answer = parsed(desk.agent(method, path).json(&json!({}))).await;
        assert_eq!(answer.0, StatusCode::FORBIDDEN, "{path}");
    }
}
