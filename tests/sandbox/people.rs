//! Contacts, their bindings, agents, and the tickets of a contact or company.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

const BINDING: &str = "/user/relationship/cid.json";

fn ids(body: &Value, list: &str, id: &str) -> Vec<String> {
    body[list].as_array().unwrap().iter().map(|row| row[id].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_listed_without_the_deleted_unless_asked() {
    let desk = Desk::start().await;
    let body = desk.get("/users.json").await;
    assert_eq!(ids(&body, "users", "cId"), ["21101341", "21130282", "30851821", "30851900"]);
    assert_eq!(body["count"], "4");
    let body = desk.get("/users.json?deStat=1&per_page=2&page=3").await;
    assert_eq!(ids(&body, "users", "cId"), ["30851901"]);
    assert_eq!((&body["count"], &body["next_page"]), (&json!("5"), &json!("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_filtered_and_ordered_by_their_times() {
    let desk = Desk::start().await;
    for (query, expected) in [
        ("created_start=2019-09-01&created_end=2019-10-10", vec!["21130282", "30851821"]),
        ("created_end=2019-10-10 16:44:59", vec!["21101341", "21130282"]),
        ("updated_start=2020-01-01", vec!["30851900"]),
        ("created_order=desc&per_page=2", vec!["30851900", "30851821"]),
        ("updated_order=asc&per_page=2", vec!["30851821", "21101341"]),
    ] {
        assert_eq!(
            ids(&desk.get(&format!("/users.json?{query}")).await, "users", "cId"),
            expected,
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_contact_has_all_remote_ids_and_the_list_only_the_first() {
    let desk = Desk::start().await;
    let user = desk.get("/users_v2/21130282.json").await["user"].clone();
    assert_eq!(user["uniqueIds"][1], json!({"uniqueId": "1000046", "remark": ""}));
    assert!(user.get("uniqueId").is_none());
    assert!(user["url"].as_str().unwrap().ends_with("/api/v1/users_v2/21130282.json"));
    assert_eq!(
        (&user["companyId"], &user["default"], &user["QQ"]),
        (&json!("9516936"), &json!("1"), &json!("10001"))
    );
    let listed = desk.get("/users.json").await["users"][1].clone();
    assert_eq!(listed["uniqueId"], "1000045");
    assert!(listed.get("uniqueIds").is_none());
    let landline = desk.get("/users_v2/30851821.json").await["user"].clone();
    assert_eq!((&landline["mobile"], &landline["fixnumber"]), (&json!(""), &json!("010-55550021")));
    assert_eq!(parsed(desk.admin(Method::GET, "/api/v1/users_v2/7.json")).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_is_made_found_and_changed() {
    let desk = Desk::start().await;
    let done = json!({"data": true, "msg": "success"});
    let bind = json!({"cId": 21_130_282, "openId": "u-1001", "account_source": "open"});
    assert_eq!(
        desk.write(Method::POST, BINDING, bind.clone()).await,
        (reqwest::StatusCode::OK, done.clone())
    );
    let found = desk.get(&format!("{BINDING}?openId=u-1001&account_source=open")).await;
    assert_eq!(found["msg"], "success");
    assert_eq!(found["data"][0]["cId"], "21130282");
    assert_eq!(found["data"][0]["aId"], "601993");
    let change = json!({"cId": "21130282", "openId": "u-1002", "account_source": "open"});
    assert_eq!(desk.write(Method::PUT, BINDING, change).await.1, done);
    let found = desk.get(&format!("{BINDING}?cId=21130282&account_source=open")).await;
    assert_eq!(found["data"][0]["openId"], "u-1002");
    let kinds: Vec<Value> =
        desk.requests("?path=/api/v1/user/").await.iter().map(|r| r["effect"]["kind"].clone()).collect();
    assert_eq!(kinds, [json!("contact_bound"), Value::Null, json!("binding_changed"), Value::Null]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_is_found_only_if_both_ids_belong_together() {
    let desk = Desk::start().await;
    for (query, count) in [
        ("cId=30851821&openId=10014850&account_source=dingding", 1),
        ("cId=30851821&account_source=dingding", 1),
        ("cId=30851821&openId=10014851&account_source=dingding", 0),
        ("cId=21130282&openId=10014850&account_source=dingding", 0),
        ("openId=10014850&account_source=wechat", 0),
    ] {
        let body = desk.get(&format!("{BINDING}?{query}")).await;
        assert_eq!(body["data"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_that_cannot_be_is_refused_in_the_documents_words() {
    let desk = Desk::start().await;
    let failure = |message: &str| json!({"state": "403", "message": message});
    for (method, body, message) in [
        (Method::POST, json!({"cId": 7, "openId": "a", "account_source": "open"}), "user error"),
        (
            Method::POST,
            json!({"cId": 30851821, "openId": "a", "account_source": "dingding"}),
            "Bind Already exists",
        ),
        (Method::POST, json!({"cId": 21130282, "account_source": "open"}), "openId cannot be empty"),
        (Method::POST, json!({"openId": "a", "account_source": "open"}), "cId cannot be empty"),
        (Method::POST, json!({"cId": 21130282, "openId": "a"}), "account_source cannot be empty"),
        (
            Method::POST,
            json!({"cId": 21130282, "openId": "a", "account_source": "qq"}),
            "account_source is invalid",
        ),
        (Method::PUT, json!({"cId": 7, "account_source": "open"}), "user error"),
        (Method::PUT, json!({"cId": 21130282, "account_source": "open"}), "user error"),
    ] {
        assert_eq!(desk.write(method, BINDING, body.clone()).await.1, failure(message), "{body}");
    }
    for (query, message) in [
        ("cId=30851821", "account_source cannot be empty"),
        ("account_source=open", "cId or openId cannot be empty"),
        ("cId=7&account_source=open", "user error"),
    ] {
        assert_eq!(desk.get(&format!("{BINDING}?{query}")).await, failure(message), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_agent_is_read_by_anyone_and_may_be_in_two_groups() {
    let desk = Desk::start().await;
    let (status, body) = parsed(desk.agent(Method::GET, "/api/v1/supports/565123.json")).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["support"]["sId"], &body["support"]["groupId"]),
        (&json!("565123"), &json!("344124,344125"))
    );
    assert_eq!(parsed(desk.agent(Method::GET, "/api/v1/supports/1.json")).await.0, 404);
    assert_eq!(parsed(desk.agent(Method::GET, "/api/v1/supports.json")).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_has_the_tickets_of_its_contacts() {
    let desk = Desk::start().await;
    let mut of_contacts = Vec::new();
    for contact in ["21130282", "21101341"] {
        let body = desk.get(&format!("/users/{contact}/tickets.json?per_page=100")).await;
        let tickets = body["tickets"].as_array().unwrap();
        assert!(!tickets.is_empty() && tickets.iter().all(|ticket| ticket["custUserId"] == contact));
        of_contacts.extend(ids(&body, "tickets", "ticketId"));
    }
    of_contacts.sort();
    let body = desk.get("/companies/9516936/tickets.json?per_page=100").await;
    assert_eq!(ids(&body, "tickets", "ticketId"), of_contacts);
    assert_eq!(desk.get("/companies/111/tickets.json").await["count"], "0");
    for path in ["companies/9516936/tickets.json", "users/21130282/tickets.json"] {
        assert_eq!(parsed(desk.agent(Method::GET, &format!("/api/v1/{path}"))).await.0, 403);
    }
    for path in ["companies/7/tickets.json", "users/7/tickets.json", "users/x/tickets.json"] {
        assert_eq!(parsed(desk.admin(Method::GET, &format!("/api/v1/{path}"))).await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_is_added_by_hand_is_in_the_list_once() {
    let desk = Desk::start().await;
    let agent = json!({"id": 565_200, "name": "赵磊", "createDT": "2024-01-02 03:04:05"});
    assert_eq!(desk.control(Method::POST, "supports", agent.clone()).await.0, 201);
    assert_eq!(desk.control(Method::POST, "supports", agent).await.0, 422);
    let listed = desk.get("/supports.json?created_order=desc").await["supports"][0].clone();
    assert_eq!((&listed["sId"], &listed["name"]), (&json!("565200"), &json!("赵磊")));
}
