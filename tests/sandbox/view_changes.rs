//! Views that change: by control, while they are paged, and by the thousand.

use deskbridge::sandbox::{Counts, Options};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Desk, parsed};

async fn page(desk: &Desk, view: &str, page: usize) -> (Vec<String>, Value) {
    let body = desk.get(&format!("/ticketviews/{view}/tickets.json?per_page=10&page={page}")).await;
    let tickets = body["tickets"].as_array().unwrap();
    let ids = tickets.iter().map(|ticket| ticket["ticketId"].as_str().unwrap().to_owned()).collect();
    (ids, body["count"].clone())
}

async fn delete(desk: &Desk, path: &str) -> (StatusCode, Value) {
    parsed(desk.request(Method::DELETE, &format!("/_sandbox/{path}"))).await
}

async fn plan(desk: &Desk, plan: Value) {
    let (status, body) = desk.control(Method::POST, "meanwhile", plan).await;
    assert_eq!(status, 201, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_added_renamed_switched_off_and_removed() {
    let desk = Desk::start().await;
    let view = json!({"id": 31, "title": "急件", "filter": {"tag": "急件"}});
    assert_eq!(desk.control(Method::POST, "views", view.clone()).await.0, 201);
    assert_eq!(desk.control(Method::POST, "views", view).await.0, 422, "it is there already");
    let (_, added) = desk.control(Method::POST, "tickets", json!({"tagList": "急件"})).await;
    assert_eq!(page(&desk, "31", 1).await.0, [added["ticket"]["ticketId"].to_string()]);
    let change = json!({"title": "特急件", "active": "0", "filter": "awaiting"});
    assert_eq!(desk.control(Method::POST, "views/31", change).await.0, 200);
    let changed = desk.get("/ticketviews/31.json").await["ticketview"].clone();
    assert_eq!((&changed["title"], &changed["active"]), (&json!("特急件"), &json!("0")));
    assert_ne!(changed["updateDT"], "");
    assert_eq!(page(&desk, "31", 1).await, page(&desk, "8", 1).await);
    assert_eq!(delete(&desk, "views/31").await.0, 200);
    assert_eq!(delete(&desk, "views/31").await.0, 404);
    assert_eq!(desk.get("/ticketviews.json").await["count"], "12");
    let (status, _) = parsed(desk.admin(Method::GET, "/api/v1/ticketviews/31/tickets.json")).await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_changed_and_removed() {
    let desk = Desk::start().await;
    let solved = json!({"ticketStatus": 4, "tagList": "售中"});
    let (status, body) = desk.control(Method::POST, "tickets/5237431", solved).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["ticket"]["subject"], "测试工单");
    assert_eq!(body["ticket"]["solveDT"], body["ticket"]["updateDT"]);
    assert_eq!(page(&desk, "15", 1).await.0[0], "5237431");
    assert_eq!(delete(&desk, "tickets/5237431").await.0, 200);
    assert!(!page(&desk, "15", 1).await.0.contains(&"5237431".to_owned()));
    for answer in [
        delete(&desk, "tickets/5237431").await,
        desk.control(Method::POST, "tickets/5237431", json!({"subject": "x"})).await,
    ] {
        assert_eq!(answer.0, 404);
    }
    let (status, body) = desk.control(Method::POST, "tickets/5109538", json!({"subjet": "x"})).await;
    assert_eq!((status.as_u16(), body["error"].as_str().unwrap().contains("subjet")), (422, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_change_comes_between_two_pages() {
    let desk = Desk::start().await;
    let (first, _) = page(&desk, "2", 1).await;
    let (second, _) = page(&desk, "2", 2).await;
    let newest = json!({"ticketId": 6_000_001, "subject": "插队的"});
    plan(&desk, json!({"view": "2", "page": 1, "changes": [{"add": newest}]})).await;
    assert_eq!(page(&desk, "2", 2).await.0, second, "another page is not the one");
    assert_eq!(page(&desk, "15", 1).await.1, "7", "another view is not the one");
    assert_eq!(page(&desk, "2", 1).await, (first.clone(), json!("23")), "the answer itself is as it was");
    let (moved, count) = page(&desk, "2", 2).await;
    assert_eq!((&moved[0], count), (first.last().unwrap(), json!("24")), "one is shown again");
    assert_eq!(page(&desk, "2", 1).await.1, "24");
    assert_eq!(page(&desk, "2", 1).await.1, "24", "it came once");
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_are_deleted_and_retagged_meanwhile_as_often_as_planned() {
    let desk = Desk::start().await;
    let last = page(&desk, "15", 1).await.0[6].clone();
    let retag = json!({"change": {"ticketId": 5_237_431, "tagList": "售中"}});
    let delete_one = json!({"delete": last.parse::<u64>().unwrap()});
    plan(&desk, json!({"view": "15", "page": 1, "times": 2, "changes": [retag]})).await;
    plan(&desk, json!({"view": "15", "page": 1, "changes": [delete_one]})).await;
    assert_eq!(page(&desk, "15", 1).await.1, "7");
    let (ids, count) = page(&desk, "15", 1).await;
    assert_eq!((ids[0].as_str(), ids.contains(&last), count), ("5237431", false, json!("7")));
    let (_, left) = parsed(desk.request(Method::GET, "/_sandbox/meanwhile")).await;
    assert_eq!(left, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_can_change_at_every_reading_until_the_plan_is_removed() {
    let desk = Desk::start().await;
    plan(&desk, json!({"view": "15", "page": 1, "times": 0, "changes": [{"add": {"tagList": "售中"}}]}))
        .await;
    for count in ["7", "8", "9"] {
        assert_eq!(page(&desk, "15", 1).await.1, count);
    }
    assert_eq!(delete(&desk, "meanwhile").await.1, json!({"cleared": 1}));
    assert_eq!(page(&desk, "15", 1).await.1, "10");
    assert_eq!(page(&desk, "15", 1).await.1, "10");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_with_a_mistake_is_refused_with_its_reason() {
    let desk = Desk::start().await;
    for (changes, told) in [
        (json!([{"change": {"subject": "x"}}]), "ticketId"),
        (json!([{"change": {"ticketId": 1, "subjet": "x"}}]), "subjet"),
        (json!([{"drop": 1}]), "drop"),
    ] {
        let plan = json!({"view": "2", "page": 1, "changes": changes});
        let (status, body) = desk.control(Method::POST, "meanwhile", plan).await;
        assert_eq!((status.as_u16(), body["error"].as_str().unwrap().contains(told)), (422, true), "{body}");
    }
}

async fn crowd() -> Desk {
    let generate = Counts { tickets: 1_000_000, views: 1_000, ..Counts::default() };
    Desk::start_with(Options { generate, seed: 7, ..Options::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_views_of_a_thousand_tickets_are_there_without_being_stored() {
    let desk = crowd().await;
    let list = desk.get("/ticketviews.json?fields=show_tickets_num").await;
    let made: Vec<&Value> =
        list["ticketviews"].as_array().unwrap().iter().filter(|view| is_made(view)).collect();
    assert_eq!((made.len(), &list["count"]), (1_000, &json!("1012")));
    assert!(made.iter().all(|view| view["ticket_count"] == "1000" && view["active"] == "1"));
    let last = desk.get("/ticketviews/1000000999/tickets.json?per_page=100&page=10").await;
    assert_eq!(last["tickets"][99]["ticketId"], "1000999000");
    assert_eq!((last["tickets"].as_array().unwrap().len(), &last["count"]), (100, &json!("1000")));
    let state = desk.state().await;
    assert_eq!(
        (state["tickets"].as_array().unwrap().len(), state["views"].as_array().unwrap().len()),
        (23, 12)
    );
}

fn is_made(view: &Value) -> bool {
    view["id"].as_str().unwrap().parse::<u64>().unwrap() >= 1_000_000_000
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_view_and_its_tickets_change_like_stored_ones() {
    let desk = crowd().await;
    let tickets = "/ticketviews/1000000003/tickets.json";
    assert_eq!(desk.control(Method::POST, "tickets/1000003999", json!({"subject": "改过的"})).await.0, 200);
    let body = desk.get(tickets).await;
    assert_eq!((&body["tickets"][0]["subject"], &body["count"]), (&json!("改过的"), &json!("1000")));
    for ticket in ["1000003999", "1000003500"] {
        assert_eq!(delete(&desk, &format!("tickets/{ticket}")).await.0, 200);
    }
    let body = desk.get(tickets).await;
    assert_eq!((&body["tickets"][0]["ticketId"], &body["count"]), (&json!("1000003998"), &json!("998")));
    let (status, _) = parsed(desk.admin(Method::GET, "/api/v1/tickets/1000003500.json")).await;
    assert_eq!(status, 404);
    assert_eq!(desk.control(Method::POST, "views/1000000003", json!({"title": "别名"})).await.0, 200);
    assert_eq!(desk.get("/ticketviews/1000000003.json").await["ticketview"]["title"], "别名");
    assert_eq!(desk.get("/ticketviews.json").await["count"], "1012", "it is not there twice");
    assert_eq!(delete(&desk, "views/1000000003").await.0, 200);
    assert_eq!(desk.get("/ticketviews.json").await["count"], "1011");
}
