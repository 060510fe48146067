use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Desk, parsed};

async fn search(desk: &Desk, params: &[(&str, &str)]) -> Answer {
    parsed(desk.agent(Method::GET, "/api/v1/companies/search.json").query(params)).await
}

/// Names of the matches, in their order.
async fn names(desk: &Desk, query: &str) -> Vec<String> {
    let (status, body) = search(desk, &[("query", query)]).await;
    assert_eq!(status, 200, "{query}: {body}");
    names_in(&body)
}

fn names_in(body: &Value) -> Vec<String> {
    let results = body["results"].as_array().unwrap();
    results.iter().map(|company| company["companyName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_found_by_a_part_of_it() {
    let desk = Desk::start().await;
    assert_eq!(names(&desk, "companyName:金万维").await, ["金万维", "金万维测试"]);
    assert_eq!(names(&desk, "companyName:测试").await, ["金万维测试", "测试公司2", "测试公司a"]);
    assert_eq!(names(&desk, "companyName:万达").await, [""; 0]);
    let (_, body) = search(&desk, &[("query", "companyName:金万维测试")]).await;
    let hit = &body["results"][0];
    assert_eq!(hit["uId"], "112");
    assert_eq!(hit["createDT"], "2010-07-13 10:07:08");
    assert_eq!(hit["updateDT"], "2011-07-13 11:11:12");
    assert_eq!(hit["url"], format!("{}/api/v1/companies/112.json", desk.sandbox.bangwo8_url()));
    assert!(hit["custom_fields"].is_array());
    assert_eq!(hit.as_object().unwrap().len(), 6);
    assert_eq!(body["count"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_found_exactly_and_a_custom_field_by_a_part() {
    let desk = Desk::start().await;
    assert_eq!(names(&desk, "serviceaccount:gnkefu").await, ["金万维"]);
    assert_eq!(names(&desk, "serviceaccount:gnkef").await, [""; 0]);
    assert_eq!(names(&desk, "field_6:10014850").await, ["长春华信电梯有限公司"]);
    assert_eq!(names(&desk, "field_1:三级").await, ["123", "测试公司a"]);
    assert_eq!(names(&desk, "gjfx:4672423").await, ["测试公司a"]);
    assert_eq!(names(&desk, "field_77:a").await, [""; 0]);
    assert_eq!(names(&desk, "address:丰台").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_text_is_sought_in_names_and_accounts() {
    let desk = Desk::start().await;
    assert_eq!(names(&desk, "金万维").await, ["金万维", "金万维测试"]);
    assert_eq!(names(&desk, "002").await, ["测试公司2"]);
    assert_eq!(names(&desk, "12 createDT>2017-07-03").await, ["123"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_filter_has_five_forms_for_either_time() {
    let desk = Desk::start().await;
    for (filter, expected) in [
        ("createDT<2022-12-01", vec![]),
        ("createDT>2022-12-01", vec!["长春华信电梯有限公司"]),
        ("createDT:2022-12-01", vec!["华信 电梯"]),
        ("createDT<=2022-12-01", vec!["华信 电梯"]),
        ("createDT>=2022-12-01", vec!["华信 电梯", "长春华信电梯有限公司"]),
        ("updateDT<2023-02-10", vec!["华信 电梯"]),
        ("updateDT>2023-02-10", vec![]),
        ("updateDT:2023-02-10", vec!["长春华信电梯有限公司"]),
        ("updateDT<=2023-02-10", vec!["华信 电梯", "长春华信电梯有限公司"]),
        ("updateDT>=2023-02-10", vec!["长春华信电梯有限公司"]),
    ] {
        assert_eq!(names(&desk, &format!("companyName:华信 {filter}")).await, expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_grammar_does_not_have_finds_nothing() {
    let desk = Desk::start().await;
    for query in [
        "companyName:华信 电梯",
        "companyName:",
        "createDT>2001-01-01",
        "companyName:华信 createDT>2001-01-01 updateDT>2001-01-01",
        "companyName:华信 createDT>2001-1-1",
        "companyName:华信 createDT=2022-12-01",
        "companyName:华信 companyName:电梯",
        "createDT>2001-01-01 companyName:华信",
    ] {
        assert_eq!(names(&desk, query).await, [""; 0], "{query}");
    }
    let missing = json!({"state": "403", "message": "query cannot be empty"});
    assert_eq!(search(&desk, &[]).await, (StatusCode::OK, missing.clone()));
    assert_eq!(search(&desk, &[("query", "")]).await.1, missing);
}

#[tokio::test(flavor = "multi_thread")]
async fn matches_are_sorted_by_a_time_newest_first_unless_told_otherwise() {
    let desk = Desk::start().await;
    let query = ("query", "companyName:测试");
    let sorted =
        async |params: &[(&str, &str)]| names_in(&search(&desk, &[&[query], params].concat()).await.1);
    let newest = ["测试公司a", "测试公司2", "金万维测试"];
    let oldest = ["金万维测试", "测试公司2", "测试公司a"];
    assert_eq!(sorted(&[("sort_by", "createDT")]).await, newest);
    assert_eq!(sorted(&[("sort_by", "updateDT"), ("sort_order", "desc")]).await, newest);
    assert_eq!(sorted(&[("sort_by", "updateDT"), ("sort_order", "asc")]).await, oldest);
    assert_eq!(sorted(&[("sort_by", "companyName")]).await, oldest);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_companies_are_found_only_when_asked() {
    let desk = Desk::start().await;
    assert_eq!(names(&desk, "companyName:注销").await, [""; 0]);
    let (_, all) = search(&desk, &[("query", "companyName:注销"), ("deStat", "1")]).await;
    assert_eq!(names_in(&all), ["已注销的公司"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_the_next_page_is_not_escaped() {
    let desk = Desk::start().await;
    let params = [
        ("query", "companyName:测试 createDT>2009-07-03"),
        ("sort_by", "createDT"),
        ("sort_order", "desc"),
        ("per_page", "2"),
    ];
    let (_, first) = search(&desk, &params).await;
    assert_eq!(names_in(&first), ["测试公司a", "测试公司2"]);
    assert_eq!(first["count"], "3");
    assert_eq!(first["previous_page"], "");
    let link = "/api/v1/companies/search.json?query=companyName:测试 createDT>2009-07-03&sort_by=createDT\
        &sort_order=desc&per_page=2&page=2";
    assert_eq!(first["next_page"], format!("{}{link}", desk.sandbox.bangwo8_url()));
    let (_, second) = search(&desk, &[params.as_slice(), &[("page", "2")]].concat()).await;
    assert_eq!(names_in(&second), ["金万维测试"]);
    assert_eq!(second["next_page"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_ids_and_empty_links_follow_the_switches() {
    let desk = Desk::start().await;
    desk.switch("counts", json!("number")).await;
    desk.switch("empty_page_link", json!("null")).await;
    let (_, body) = search(&desk, &[("query", "serviceaccount:gnkefu")]).await;
    assert_eq!((&body["count"], &body["results"][0]["uId"]), (&json!(1), &json!(111)));
    assert!(body["next_page"].is_null() && body.get("next_page").is_some());
    desk.switch("empty_page_link", json!("missing")).await;
    let (_, body) = search(&desk, &[("query", "serviceaccount:gnkefu")]).await;
    assert!(body.get("next_page").is_none() && body.get("previous_page").is_none());
}
