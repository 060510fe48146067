use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Answer, Desk, parsed};

async fn create(desk: &Desk, company: Value) -> Answer {
    desk.write(Method::POST, "/companies.json", json!({"company": company})).await
}

async fn update(desk: &Desk, id: u64, company: Value) -> Answer {
    desk.write(Method::PUT, &format!("/companies/{id}.json"), json!({"company": company})).await
}

/// The ids of a list, in its order.
async fn ids(desk: &Desk, query: &str) -> Vec<String> {
    let body = desk.get(&format!("/companies.json{query}")).await;
    let companies = body["companies"].as_array().unwrap();
    companies.iter().map(|company| company["uId"].as_str().unwrap().to_owned()).collect()
}

fn value_in<'a>(company: &'a Value, key: &str) -> &'a Value {
    let values = company["custom_fields"].as_array().unwrap();
    &values.iter().find(|field| field["key"] == key).unwrap()["value"]
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_listed_by_id_without_count_or_links() {
    let desk = Desk::start().await;
    let body = desk.get("/companies.json").await;
    assert_eq!(body.as_object().unwrap().len(), 1);
    let expected = ["111", "112", "9516936", "10722418", "12352625", "12352630", "14650146"];
    assert_eq!(ids(&desk, "").await, expected);
    assert_eq!(
        body["companies"][2],
        json!({"uId": "9516936", "companyName": "测试公司2", "province": "吉林", "city": "长春", "supportId": "0",
            "servicestarttime": "2021-09-28", "serviceendtime": "2022-01-31", "serviceCharge": "0.00",
            "serviceaccount": "002", "servicepassword": "002", "address": "", "multiServiceList": "",
            "createDT": "2021-09-28 11:38:56", "updateDT": "2022-11-15 10:33:16", "tableName": "",
            "custom_fields": [
                {"key": "field_10", "value": "0"}, {"key": "deptid", "value": ""},
                {"key": "field_1", "value": ["天津市"]}, {"key": "field_2", "value": "0"},
                {"key": "gjfx", "value": ""}, {"key": "fxk", "value": "否"}, {"key": "field_4", "value": ""},
                {"key": "field_5", "value": "0"}, {"key": "field_6", "value": ""}
            ],
            "userGroup": "", "solveDT": "", "waitDT": "", "openDT": "", "closeDT": ""})
    );
    assert_eq!(body["companies"][3]["servicestarttime"], "0000-00-00");
    assert_eq!(body["companies"][3]["multiServiceList"], "N1331193N");
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_of_a_company_list_are_days_both_included() {
    let desk = Desk::start().await;
    let created = "?created_start=2022-05-10&created_end=2022-11-16";
    assert_eq!(ids(&desk, created).await, ["10722418", "12352625"]);
    assert_eq!(ids(&desk, "?updated_start=2023-02-10&updated_end=2023-02-10").await, ["14650146"]);
    assert_eq!(ids(&desk, "?updated_end=2011-07-13").await, ["112"]);
    assert_eq!(ids(&desk, "?created_start=2023-02-11").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_ordered_when_asked() {
    let desk = Desk::start().await;
    let newest = ids(&desk, "?created_order=desc&per_page=2").await;
    assert_eq!(newest, ["14650146", "12352630"]);
    let stalest = ids(&desk, "?updated_order=asc&per_page=3").await;
    assert_eq!(stalest, ["112", "111", "10722418"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_companies_end_with_an_empty_one() {
    let desk = Desk::start().await;
    assert_eq!(ids(&desk, "?per_page=3&page=2").await, ["10722418", "12352625", "12352630"]);
    assert_eq!(ids(&desk, "?per_page=3&page=3").await, ["14650146"]);
    assert!(ids(&desk, "?per_page=3&page=4").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_company_is_listed_only_when_asked_and_read_by_its_id() {
    let desk = Desk::start().await;
    assert!(ids(&desk, "?deStat=1").await.contains(&"12352641".to_owned()));
    assert!(!ids(&desk, "?deStat=0").await.contains(&"12352641".to_owned()));
    let body = desk.get("/companies/12352641.json").await;
    assert_eq!(body["company"]["companyName"], "已注销的公司");
    assert!(body["company"].get("status").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_company_has_its_agent_groups_and_every_kind_of_value() {
    let desk = Desk::start().await;
    let company = desk.get("/companies/12352625.json").await["company"].clone();
    assert_eq!(company["uId"], "12352625");
    assert_eq!(company["service_groupid"], "344124,344125");
    assert_eq!(company["url"], format!("{}/api/v1/companies/12352625.json", desk.sandbox.bangwo8_url()));
    assert_eq!(company["servicepassword"], "12345");
    assert!(company.get("solveDT").is_none());
    assert_eq!(*value_in(&company, "deptid"), "123456789098");
    assert_eq!(*value_in(&company, "field_1"), json!(["北京市", "二级1", "三级1", "四级1", "五级2"]));
    assert_eq!(*value_in(&company, "field_2"), "重点客户");
    assert_eq!(*value_in(&company, "gjfx"), "4672422,4672423,4672424");
    assert_eq!(*value_in(&company, "fxk"), "是");
    desk.switch("dropdown_on_v1_read", json!("id")).await;
    let company = desk.get("/companies/12352625.json").await["company"].clone();
    assert_eq!(*value_in(&company, "field_2"), "4668669");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_company_is_not_found() {
    let desk = Desk::start().await;
    for path in ["/api/v1/companies/1.json", "/api/v1/companies/x.json", "/api/v1/companies/.json"] {
        let (status, body) = parsed(desk.agent(Method::GET, path)).await;
        assert_eq!((status, &body["errcode"]), (StatusCode::NOT_FOUND, &json!("100047")), "{path}");
    }
    assert_eq!(update(&desk, 1, json!({"address": "a"})).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_companies_are_shown_by_numbers_in_the_order_asked_for() {
    let desk = Desk::start().await;
    for ids in ["9516936,111,5", "{9516936,111}", "%7B9516936,%20111%7D"] {
        let body = desk.get(&format!("/companies/show_many.json?ids={ids}")).await;
        let companies = body["companies"].as_array().unwrap();
        let shown: Vec<&Value> = companies.iter().map(|company| &company["uId"]).collect();
        assert_eq!(shown, [&json!(9_516_936), &json!(111)], "{ids}");
        assert_eq!(companies[1]["companyName"], "金万维");
    }
    assert_eq!(desk.get("/companies/show_many.json").await, json!({"companies": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_company_is_answered_with_its_location_and_read_back() {
    let desk = Desk::start().await;
    let sent = json!({"company": {
        "companyName": "北京金万维科技有限公司", "address": "北京市丰台区", "servicestarttime": "2024-01-01",
        "userGroup": 2, "service_groupid": "344124, 344125", "serviceCharge": 12.5, "serviceaccount": "jwv",
        "uId": 5, "supportId": "565123", "multiServiceList": "N1N", "createDT": "2001-01-01", "未知": "x",
        "custom_fields": [{"key": "field_1", "value": ["北京市", "二级1"]}, {"key": "field_2", "value": "普通客户"},
            {"key": "gjfx", "value": "工单,4672424"}, {"key": "fxk", "value": "是"}, {"key": "field_5", "value": 30}]
    }});
    let response = desk.agent(Method::POST, "/api/v1/companies.json").json(&sent).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let url = format!("{}/api/v1/companies/14650147.json", desk.sandbox.bangwo8_url());
    assert_eq!(response.headers()["location"].to_str().unwrap(), url);
    let created: Value = response.json().await.unwrap();
    let read = desk.get("/companies/14650147.json").await;
    assert_eq!(created, read);
    let company = &read["company"];
    assert_eq!(company["uId"], "14650147");
    assert_eq!((&company["userGroup"], &company["serviceCharge"]), (&json!("2"), &json!("12.5")));
    assert_eq!((&company["supportId"], &company["multiServiceList"]), (&json!("0"), &json!("")));
    assert_eq!(company["serviceendtime"], "0000-00-00");
    assert_eq!(company["createDT"], company["updateDT"]);
    assert_eq!(company["createDT"].as_str().unwrap().len(), 19);
    assert_eq!(*value_in(company, "field_1"), json!(["北京市", "二级1"]));
    assert_eq!(*value_in(company, "gjfx"), "4672423,4672424");
    assert_eq!(*value_in(company, "field_5"), "30");
    assert!(company.get("未知").is_none());
    let effect = json!({"kind": "company_created", "uId": 14_650_147});
    assert_eq!(desk.requests("?method=POST").await[0]["effect"], effect);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_is_refused_with_the_company_that_has_it() {
    let desk = Desk::start().await;
    let taken =
        json!({"status": "110026", "errorMsg": "company already exists", "data": {"companyId": "14650146"}});
    let name = json!({"companyName": "长春华信电梯有限公司", "address": "别处"});
    for (switch, status) in [(200, 200), (400, 400), (403, 403)] {
        desk.switch("business_error_status", json!(switch)).await;
        let (got, body) = create(&desk, name.clone()).await;
        assert_eq!((got.as_u16(), &body), (status, &taken));
    }
    assert_eq!(update(&desk, 111, name).await.1, taken);
    assert_eq!(update(&desk, 14_650_146, json!({"companyName": "长春华信电梯有限公司"})).await.0, 200);
    assert_eq!(create(&desk, json!({"companyName": "华信"})).await.0, 200);
    assert_eq!(create(&desk, json!({"companyName": "已注销的公司"})).await.0, 200);
    assert_eq!(update(&desk, 12_352_641, json!({"status": 1})).await.1["status"], "110026");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_with_bad_content_is_refused_and_nothing_changes() {
    let desk = Desk::start().await;
    let before = desk.state().await["companies"].clone();
    for (change, message) in [
        (json!({"companyName": ""}), "companyName cannot be empty"),
        (json!({"companyName": "  "}), "companyName cannot be empty"),
        (json!({"companyName": ["a"]}), "companyName is invalid"),
        (json!({"servicestarttime": "2024-02-30"}), "servicestarttime is invalid"),
        (json!({"serviceendtime": "2024-02-03 00:00:00"}), "serviceendtime is invalid"),
        (json!({"userGroup": 77}), "userGroup does not exist"),
        (json!({"userGroup": "VIP客户"}), "userGroup is invalid"),
        (json!({"service_groupid": "344124,1"}), "service_groupid does not exist"),
        (json!({"service_groupid": "售后一组"}), "service_groupid is invalid"),
        (json!({"status": 3}), "status is invalid"),
        (json!({"address": {}}), "address is invalid"),
        (json!({"custom_fields": {"key": "fxk"}}), "custom_fields is invalid"),
        (json!({"custom_fields": [{"value": "是"}]}), "custom_fields is invalid"),
        (json!({"custom_fields": [{"key": "field_99", "value": "a"}]}), "field_99 does not exist"),
        (json!({"custom_fields": [{"key": "field_2", "value": "大客户"}]}), "field_2 option does not exist"),
        (json!({"custom_fields": [{"key": "fxk", "value": "true"}]}), "fxk is invalid"),
    ] {
        let expected = json!({"state": "403", "message": message});
        assert_eq!(update(&desk, 111, change.clone()).await.1, expected, "{change}");
        let mut sent = json!({"companyName": "新公司"});
        sent.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(create(&desk, sent).await.1, expected, "{change}");
    }
    let nameless = create(&desk, json!({"address": "a"})).await;
    assert_eq!(nameless.1, json!({"state": "403", "message": "companyName cannot be empty"}));
    let (_, body) = desk.write(Method::POST, "/companies.json", json!({"companyName": "新公司"})).await;
    assert_eq!(body, json!({"state": "403", "message": "company cannot be empty"}));
    assert_eq!(desk.state().await["companies"], before);
    assert!(desk.requests("").await.iter().all(|request| request["effect"].is_null()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_only_what_is_sent() {
    let desk = Desk::start().await;
    let before = desk.get("/companies/111.json").await["company"].clone();
    let change = json!({"serveNote": "已续约", "userGroup": "", "serviceendtime": "", "tableName": null,
        "custom_fields": [{"key": "fxk", "value": "否"}]});
    let (status, body) = update(&desk, 111, change).await;
    assert_eq!(status, 200);
    let mut expected = before.clone();
    expected["serveNote"] = json!("已续约");
    expected["userGroup"] = json!("");
    expected["serviceendtime"] = json!("0000-00-00");
    expected["updateDT"] = body["company"]["updateDT"].clone();
    let values = expected["custom_fields"].as_array_mut().unwrap();
    values.iter_mut().find(|field| field["key"] == "fxk").unwrap()["value"] = json!("否");
    assert_eq!(body["company"], expected);
    assert_ne!(before["updateDT"], expected["updateDT"]);
    let effect = json!({"kind": "company_updated", "uId": 111});
    assert_eq!(desk.requests("?method=PUT").await[0]["effect"], effect);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_deleted_and_restored_by_its_status() {
    let desk = Desk::start().await;
    assert_eq!(update(&desk, 112, json!({"status": "2"})).await.0, 200);
    assert!(!ids(&desk, "").await.contains(&"112".to_owned()));
    assert_eq!(update(&desk, 112, json!({"status": 1})).await.0, 200);
    assert!(ids(&desk, "").await.contains(&"112".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_may_answer_a_number_or_a_status_message() {
    let desk = Desk::start().await;
    desk.switch("counts", json!("number")).await;
    assert_eq!(create(&desk, json!({"companyName": "甲"})).await.1["company"]["uId"], 14_650_147);
    desk.switch("write_result", json!("status-message")).await;
    let sent = json!({"company": {"companyName": "乙"}});
    let response = desk.admin(Method::POST, "/api/v1/companies.json").json(&sent).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.ends_with("/api/v1/companies/14650148.json"), "{location}");
    let inserted: Value = response.json().await.unwrap();
    assert_eq!(inserted, json!({"status": "0", "message": "Insert ok", "data": false}));
    let updated = update(&desk, 111, json!({"city": "海淀"})).await.1;
    assert_eq!(updated, json!({"status": "0", "message": "Update ok", "data": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_requestid_creates_one_company_or_two_as_switched() {
    let desk = Desk::start().await;
    let create = async |id: &str, name: &str| {
        let post = desk.admin(Method::POST, "/api/v1/companies.json").header("Requestid", id);
        parsed(post.json(&json!({"company": {"companyName": name}}))).await.1
    };
    let first = create("a1", "甲").await;
    assert_eq!(create("a1", "甲").await, first);
    let effects = desk.requests("?method=POST").await;
    assert_eq!(effects[1]["effect"], json!({"kind": "replayed", "uId": 14_650_147}));
    desk.switch("duplicate_requestid", json!("error")).await;
    assert_eq!(create("a1", "甲").await["message"], "Requestid already exists");
    desk.switch("duplicate_requestid", json!("ignored")).await;
    assert_eq!(create("a1", "甲").await["status"], "110026");
    assert_eq!(create("a1", "乙").await["company"]["uId"], "14650148");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_companies_must_be_json() {
    let desk = Desk::start().await;
    for (method, path) in
        [(Method::POST, "/api/v1/companies.json"), (Method::PUT, "/api/v1/companies/111.json")]
    {
        let form =
            desk.admin(method.clone(), path).header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(parsed(form.body(r#"{"company":{"companyName":"甲"}}"#)).await.0, 400);
        let broken = desk.admin(method, path).header("content-type", "application/json; charset=utf-8");
        assert_eq!(parsed(broken.body("{")).await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_companies_are_enveloped_with_numbers_and_for_administrators() {
    let desk = Desk::start().await;
    let body = desk.get("/companies/company_fields.json").await;
    assert_eq!(
        body["company_fields"][0],
        json!({"id": 1, "name": "产品类型", "key": "field_10", "type": "1", "system": "0",
            "custom_field_options": [{"key": "231", "value": "在线客服模块"}, {"key": "232", "value": "工单模块"},
                {"key": "233", "value": "呼叫中心模块"}]})
    );
    assert!(body["company_fields"][1].get("custom_field_options").is_none());
    assert_eq!(parsed(desk.agent(Method::GET, "/api/v1/companies/company_fields.json")).await.0, 403);
    assert_eq!(parsed(desk.agent(Method::GET, "/api/v1/companies.json")).await.0, 200);
}
