//! Stored filters (contract §3.7, §3.8).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Udesk, business};

fn ids(body: &Value) -> Vec<u64> {
    body["contents"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_company_s_filters_are_listed_with_ready_addresses() {
    let desk = Udesk::start().await;
    let body = desk.get("/api/v1/ticket_filters.json").await;
    assert_eq!((&body["status"], &body["message"], &body["count"]), (&json!(0), &json!("成功"), &json!(5)));
    assert!(body.get("total").is_none() && body.get("size").is_none());
    let url = body["contents"][1]["tickets_url"].as_str().unwrap().to_owned();
    assert!(url.ends_with("/api/v1/ticket_filters/2/tickets"), "{url}");
    let path = url.splitn(4, '/').nth(3).unwrap().to_owned();
    assert_eq!(ids(&desk.get(&format!("/{path}")).await), [1, 2, 3, 5, 7, 8, 10, 11]);
    let first = &body["contents"][0];
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    let documented =
        ["id", "name", "description", "active", "permission", "created_at", "updated_at", "tickets_url"];
    assert_eq!(keys, documented);
    assert_eq!(first["created_at"], "2017-03-17 13:30:19 +0800");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_s_list_has_what_the_agent_may_use() {
    let desk = Udesk::start().await;
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters?agent_id=2").await), [1, 2, 3, 4, 5]);
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters?agent_id=1").await), [1, 2, 3, 5]);
    assert_eq!(desk.get("/api/v1/ticket_filters?agent_id=99").await, business(1001, "未找到客服"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_shows_what_the_agent_would_see() {
    let desk = Udesk::start().await;
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters/1/tickets.json?agent_id=1").await), [1, 3, 5, 11]);
    let body = desk.get("/api/v1/ticket_filters/1/tickets.json?agent_id=1&per_page=3&page=2").await;
    assert_eq!((ids(&body), &body["total"], &body["total_pages"]), (vec![11], &json!(4), &json!(2)));
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters/1/tickets").await), [0_u64; 0]);
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters/4/tickets?agent_id=2").await), [6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_just_changed_is_found_by_the_filter_of_recent_changes() {
    let desk = Udesk::start().await;
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters/3/tickets").await), [0_u64; 0]);
    desk.put("/api/v1/tickets/6", json!({"ticket": {"tags": "文档"}})).await;
    assert_eq!(ids(&desk.get("/api/v1/ticket_filters/3/tickets").await), [6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_unknown_inactive_or_another_s_is_refused() {
    let desk = Udesk::start().await;
    let refused = business(1001, "未找到指定过滤器, 或指定客服无权限使用该过滤器");
    for path in ["99/tickets", "5/tickets", "4/tickets?agent_id=1", "x/tickets"] {
        assert_eq!(desk.get(&format!("/api/v1/ticket_filters/{path}")).await, refused, "{path}");
    }
    let unknown = desk.get("/api/v1/ticket_filters/1/tickets?agent_id=99").await;
    assert_eq!(unknown, business(1001, "未找到客服"));
    let (status, body) = desk.call(Method::GET, "/api/v1/ticket_filters/2/tickets?per_page=101", None).await;
    assert_eq!((status.as_u16(), body), (400, json!({"error": "per_page should be between 1 and 100"})));
}
