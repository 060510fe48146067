//! Customers by v2 (contract §5.2).

use serde_json::{Value, json};

use super::{Udesk, refused};

const PATH: &str = "/open_api_v1/customers";

fn ids(body: &Value) -> Vec<u64> {
    body["customers"].as_array().unwrap().iter().map(|customer| customer["id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_size_has_a_name_of_its_own() {
    let desk = Udesk::start().await;
    let body = desk.get(&format!("{PATH}?page_size=5&per_page=2&page=2")).await;
    assert_eq!(ids(&body), [6, 7, 8, 9, 10]);
    assert_eq!(body["meta"], json!({"current_page": 2, "total_pages": 3, "total_count": 13}));
    assert_eq!((&body["wechat"], &body["weibo"]), (&json!([]), &json!([])));
    let refusal = refused(2000, "page_size should be between 1 and 100");
    assert_eq!(desk.get(&format!("{PATH}?page_size=101")).await, refusal);
    let far = desk.get(&format!("{PATH}?page_size=100&page=101")).await;
    assert_eq!(far, refused(2000, "最多查询前 10000 条数据"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_customer_is_as_the_documents_print_it() {
    let desk = Udesk::start().await;
    let body = desk.get(&format!("{PATH}?page_size=1")).await;
    let sample = json!({
        "id": 1, "nick_name": "测试用户", "level": "normal", "description": null, "owner_id": 1, "owner_group_id": 1,
        "custom_fields": {"SelectField_1": ["0"]}, "open_api_token": null, "organization_id": null,
        "is_blocked": false, "tags": [], "email": "customer@sample.com", "other_emails": [],
        "cellphones": [{"id": 1, "content": "13000000001"}], "platform": "手工录入"
    });
    assert_eq!(body["customers"][0], sample);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_searched_and_filtered() {
    let desk = Udesk::start().await;
    assert_eq!(ids(&desk.get(&format!("{PATH}?query=1390000010")).await), [4]);
    assert_eq!(ids(&desk.get(&format!("{PATH}?query=测试")).await), [1, 5]);
    assert_eq!(ids(&desk.get(&format!("{PATH}?filter_id=1")).await), [4, 7]);
    assert_eq!(ids(&desk.get(&format!("{PATH}?filter_id=1&query=马")).await), [7]);
    assert_eq!(desk.get(&format!("{PATH}?filter_id=9")).await, refused(2000, "未找到指定过滤器"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_got_by_what_is_known_of_them() {
    let desk = Udesk::start().await;
    let path = format!("{PATH}/get_customer");
    for query in [
        "type=id&content=4",
        "type=cellphone&content=13900000104",
        "type=email&content=zs@example.com",
        "type=token&content=customer_vip_4",
    ] {
        assert_eq!(desk.get(&format!("{path}?{query}")).await["customer"]["id"], 4, "{query}");
    }
    let unknown = desk.get(&format!("{path}?type=cellphone&content=1")).await;
    assert_eq!(unknown, refused(2000, "未找到相应客户"));
    assert_eq!(desk.get(&format!("{path}?type=name&content=1")).await, refused(2000, "type 错误"));
    assert_eq!(desk.get(&path).await, refused(2062, "type is missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_made_with_pairs_and_with_tags_beside() {
    let desk = Udesk::start().await;
    let body = json!({
        "customer": {"email": "new@example.com", "nick_name": "新客户", "level": "vip", "organization_id": 2,
            "cellphones": [[null, "13600000000"]], "custom_fields": {"SelectField_1": ["0", "1"]}},
        "tags": "a,b", "other_emails": [[null, "x@example.com"]]
    });
    let made = desk.post(PATH, body).await;
    assert_eq!(made["code"], 1000);
    let customer = &made["customer"];
    assert_eq!((&customer["id"], &customer["tags"]), (&json!(14), &json!(["a", "b"])));
    assert_eq!(customer["cellphones"][0]["content"], "13600000000");
    assert!(customer["cellphones"][0]["id"].is_u64());
    assert_eq!(customer["other_emails"][0]["content"], "x@example.com");
    assert_eq!(desk.last_effect().await, json!({"kind": "customer_created", "customerId": 14}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_of_an_update_stays() {
    let desk = Udesk::start().await;
    let path = format!("{PATH}/update_customer?type=id&content=4");
    let body = json!({"customer": {"nick_name": "郑小爽", "cellphones": [[40, "13900000004"]]}});
    let customer = desk.put(&path, body).await["customer"].clone();
    assert_eq!((&customer["nick_name"], &customer["level"]), (&json!("郑小爽"), &json!("vip")));
    assert_eq!(customer["cellphones"], json!([{"id": 40, "content": "13900000004"}]));
    assert_eq!(customer["tags"], json!(["重点", "续费"]));
    assert_eq!(desk.last_effect().await, json!({"kind": "customer_updated", "customerId": 4}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_or_has_the_wrong_form_is_refused() {
    let desk = Udesk::start().await;
    for (body, code, message) in [
        (json!({}), 2062, "customer is missing"),
        (json!({"customer": {"level": "vip"}}), 2062, "customer[nick_name] is missing"),
        (json!({"customer": {"email": "hexue@example.com"}}), 2000, "验证失败: 邮箱 已经被使用"),
        (
            json!({"customer": {"nick_name": "x", "cellphones": [[null, "13900000007"]]}}),
            2000,
            "验证失败: 电话 已经被使用",
        ),
        (json!({"customer": {"nick_name": "x", "cellphones": ["136"]}}), 2000, "cellphones 错误"),
        (json!({"customer": {"nick_name": "x", "level": "gold"}}), 2000, "level 错误"),
    ] {
        assert_eq!(desk.post(PATH, body).await, refused(code, message));
    }
    assert_eq!(desk.count("customers").await, 13);
}
