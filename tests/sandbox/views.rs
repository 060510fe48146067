use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

async fn ids_in(desk: &Desk, view: &str) -> Vec<String> {
    let body = desk.get(&format!("/ticketviews/{view}/tickets.json?per_page=100")).await;
    let tickets = body["tickets"].as_array().unwrap();
    tickets.iter().map(|ticket| ticket["ticketId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_listed_in_the_text_order_of_their_ids() {
    let desk = Desk::start().await;
    let body = desk.get("/ticketviews.json").await;
    let views = body["ticketviews"].as_array().unwrap();
    let ids: Vec<&str> = views.iter().map(|view| view["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["10", "13", "15", "17", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(body["count"], "12");
    let first = json!({"id": "10", "title": "最近解决的工单", "active": "0",
        "createDT": "2019-08-16 00:00:08", "updateDT": ""});
    assert_eq!(views[0], first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_tells_its_size_only_when_asked() {
    let desk = Desk::start().await;
    assert!(desk.get("/ticketviews/2.json").await["ticketview"].get("ticket_count").is_none());
    let body = desk.get("/ticketviews/2.json?fields=show_tickets_num").await;
    assert_eq!(body["ticketview"]["ticket_count"], "23");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_arrays_whatever_their_key_says() {
    let desk = Desk::start().await;
    let one = desk.get("/ticketviews/15/count.json").await;
    assert_eq!(one, json!({"ticketview_count": [{"ticketview_id": "15", "count": "7"}]}));
    let expected = json!({"ticketview_counts": [
        {"ticketview_id": "15", "count": "7"}, {"ticketview_id": "2", "count": "23"}]});
    assert_eq!(desk.get("/ticketviews/show_many.json?ids=15,2").await, expected);
    assert_eq!(desk.get("/ticketviews/show_many.json?ids=%7B15,2%7D").await, expected);
    desk.switch("counts", json!("number")).await;
    assert_eq!(desk.get("/ticketviews/15/count.json").await["ticketview_count"][0]["count"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_of_a_view_carry_labels_and_the_quirks_of_the_vendor() {
    let desk = Desk::start().await;
    let body = desk.get("/ticketviews/2/tickets.json").await;
    assert_eq!(body["tickets"].as_array().unwrap().len(), 10);
    let newest = &body["tickets"][0];
    assert_eq!(newest["ticketId"], "5237431");
    assert_eq!(newest["ticketStatus"], "新建");
    assert_eq!(newest["ticketSource"], "工单工作台");
    assert_eq!(newest["priorityLevel"], "");
    assert!(newest.get("url").is_none());
    let values = newest["custom_fields"].as_array().unwrap();
    let value = |key: &str| values.iter().find(|field| field["key"] == key).unwrap()["value"].clone();
    assert_eq!(value("field_16")[0]["uri"], "386279/snNyQASjsh.jpg");
    assert!(value("field_25").as_str().unwrap().starts_with("a:4:{s:2:\"SN\""));
    assert_eq!(value("field_17"), "0");
    assert_eq!(value("field_19"), "");
    assert_eq!(value("field_29"), "123.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_view_hold_every_ticket_once() {
    let desk = Desk::start().await;
    let mut seen: Vec<Value> = Vec::new();
    for page in 1..=3 {
        let body = desk.get(&format!("/ticketviews/2/tickets.json?page={page}&per_page=10")).await;
        assert_eq!(body["count"], "23");
        assert_eq!(body["next_page"] == "", page == 3);
        seen.extend(body["tickets"].as_array().unwrap().iter().map(|ticket| ticket["ticketId"].clone()));
    }
    seen.dedup();
    assert_eq!(seen.len(), 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_moves_between_views_as_it_changes() {
    let desk = Desk::start().await;
    let id = "5019908".to_owned();
    for view in ["4", "5", "7", "9", "17"] {
        assert!(ids_in(&desk, view).await.contains(&id), "view {view}");
    }
    let change = json!({"ticketStatus": 4, "servicerUserId": 565_124, "tagList": "售前"});
    desk.update(&id, change).await;
    for view in ["4", "5", "7", "9", "17"] {
        assert!(!ids_in(&desk, view).await.contains(&id), "view {view}");
    }
    for view in ["13", "10", "6"] {
        assert!(ids_in(&desk, view).await.contains(&id), "view {view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn your_tickets_are_those_of_the_caller() {
    let desk = Desk::start().await;
    let path = "/api/v1/ticketviews/3/tickets.json?per_page=100";
    for (request, servicer) in
        [(desk.admin(Method::GET, path), "565123"), (desk.agent(Method::GET, path), "565124")]
    {
        let (_, body) = parsed(request).await;
        let tickets = body["tickets"].as_array().unwrap();
        assert!(!tickets.is_empty());
        assert!(tickets.iter().all(|ticket| ticket["servicerUserId"] == servicer));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_view_is_not_found() {
    let desk = Desk::start().await;
    for path in ["99.json", "99/tickets.json", "99/count.json"] {
        let (status, _) = parsed(desk.admin(Method::GET, &format!("/api/v1/ticketviews/{path}"))).await;
        assert_eq!(status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_may_add_tickets_and_switch_views_on_and_off() {
    let desk = Desk::start().await;
    let added = json!({"subject": "临时工单", "tagList": "售中"});
    let (status, body) = desk.control(Method::POST, "tickets", added).await;
    assert_eq!(status, 201, "{body}");
    let id = body["ticket"]["ticketId"].to_string();
    assert_eq!(ids_in(&desk, "15").await[0], id);

    let (status, body) = desk.control(Method::POST, "tickets", json!({"title": "x"})).await;
    assert_eq!(status, 422);
    assert!(body["error"].as_str().unwrap().contains("title"));

    assert_eq!(desk.control(Method::POST, "views/15", json!({"active": "0"})).await.0, 200);
    assert_eq!(desk.get("/ticketviews/15.json").await["ticketview"]["active"], "0");
    assert_eq!(desk.control(Method::POST, "views/15", json!({"active": 0})).await.0, 422);
    assert_eq!(desk.control(Method::POST, "views/99", json!({"active": "0"})).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_labels_and_empty_links_follow_the_switches() {
    let desk = Desk::start().await;
    desk.switch("ticket_enums", json!("code-as-text")).await;
    desk.switch("empty_page_link", json!("missing")).await;
    desk.switch("tickets_per_page", json!(100)).await;
    let body = desk.get("/ticketviews/2/tickets.json").await;
    assert_eq!(body["tickets"].as_array().unwrap().len(), 23);
    assert_eq!(body["tickets"][0]["ticketStatus"], "1");
    assert!(body.get("next_page").is_none());
    desk.switch("ticket_enums", json!("label")).await;
    assert_eq!(desk.get("/tickets/5237431.json").await["ticket"][0]["ticketStatus"], "新建");

    let (status, _) = desk.control(Method::PUT, "switches", json!({"ticket_enum": "label"})).await;
    assert_eq!(status, 422);
    let (status, _) = desk.control(Method::PUT, "switches", json!({"counts": "words"})).await;
    assert_eq!(status, 422);
}
