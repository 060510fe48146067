//! Customer groups, support agents and templates.

use deskbridge::bangwo8::{
    CustomerGroup, CustomerGroupWrite, Order, SupportAgent, SupportAgentFilter, Window,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    documents::{document, document_json},
    vendor::{Seen, Vendor, json as answer, request_id},
};

fn vip() -> CustomerGroup {
    CustomerGroup {
        id: "1".into(),
        url: None,
        name: Some("VIP客户".into()),
        kind: Some(CustomerGroup::OF_COMPANIES),
    }
}

fn call(seen: &Seen) -> String {
    format!("{} {}?{}", seen.method, seen.path, seen.query)
}

#[tokio::test]
async fn the_documented_customer_groups_are_read() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/customergroups/1.json" => answer(document("customer_group_one")),
        _ => answer(document("customer_groups_list")),
    });
    let client = vendor.client();
    assert_eq!(client.customer_groups().await.unwrap(), [vip()]);
    assert_eq!(client.customer_group("1").await.unwrap(), vip());
    assert_eq!(client.customer_groups_by_id(&["1", "2"]).await.unwrap(), [vip()]);
    let calls: Vec<String> = vendor.seen().iter().map(call).collect();
    assert_eq!(
        calls,
        [
            "GET /api/v1/customergroups.json?",
            "GET /api/v1/customergroups/1.json?",
            "GET /api/v1/customergroups/show_many.json?ids=1%2C2"
        ]
    );
}

#[tokio::test]
async fn a_customer_group_is_created_and_changed_as_in_the_document() {
    let vendor = Vendor::start(|_, _| answer(document("customer_group_created")));
    let client = vendor.client();
    let group =
        CustomerGroupWrite { name: Some("VIP客户".into()), kind: Some(CustomerGroup::OF_COMPANIES) };
    assert_eq!(client.create_customer_group(&group, &request_id()).await.unwrap(), "1");
    let renamed = CustomerGroupWrite { name: Some("普通客户".into()), kind: None };
    client.update_customer_group("1", &renamed, &request_id()).await.unwrap();

    let seen = vendor.seen();
    assert_eq!(call(&seen[0]), "POST /api/v1/customergroups.json?");
    assert_eq!(call(&seen[1]), "PUT /api/v1/customergroups/1.json?");
    assert_eq!(seen[0].json(), document_json("customer_group_create_request"));
    assert_eq!(seen[1].json(), json!({"customergroup": {"groupName": "普通客户"}}));
    assert!(seen.iter().all(|seen| seen.header("requestid") == Some("evt-1")));
}

#[tokio::test]
async fn a_group_under_the_singular_key_is_a_created_one_too() {
    let vendor = Vendor::start(|_, _| answer(document("customer_group_one")));
    let id = vendor.client().create_customer_group(&CustomerGroupWrite::default(), &request_id()).await;
    assert_eq!(id.unwrap(), "1");
}

#[tokio::test]
async fn the_documented_support_agents_are_read_and_asked_for_in_the_tenants_time() {
    let vendor = Vendor::start(|_, _| answer(document("support_agents_list")));
    let filter = SupportAgentFilter {
        created: Window {
            start: Some("2025-12-31T16:00:00Z".parse().unwrap()),
            end: Some("2026-01-31T15:59:59Z".parse().unwrap()),
        },
        created_order: Some(Order::Descending),
    };
    let page = vendor.client().support_agents_page(&filter, 1, 1).await.unwrap();
    assert_eq!((page.count, page.more), (Some(10), true));
    assert_eq!((page.items[0].id.as_str(), page.items[0].name.as_deref()), ("1", Some("客服一")));
    assert_eq!(
        call(&vendor.seen()[0]),
        "GET /api/v1/supports.json?created_start=2026-01-01+00%3A00%3A00&created_end=2026-01-31+23%3A59%3A59\
         &created_order=desc&page=1&per_page=1"
    );
}

#[tokio::test]
async fn every_attribute_of_a_support_agent_is_read_and_none_is_shown() {
    let vendor = Vendor::start(|_, _| {
        answer(
            r#"{"support":{"sId":"565123","url":"https://www.bangwo8.com/api/v1/supports/565123.json",
            "sPassportName":"wang","password":"hush","groupId":"123,234","sNum":"007","name":"王小明","gnder":"2",
            "email":"wang@example.com","fixnumber":"010-1","mobile":"13800000000","QQ":"10001","isAdmin":"1",
            "isStat":1,"createDT":"2020-01-01 08:00:00","custom_fields":[{"key":"field_1","value":"北京"}]}}"#,
        )
    });
    let agent = vendor.client().support_agent("565123").await.unwrap();
    assert_eq!(vendor.seen()[0].path, "/api/v1/supports/565123.json");
    assert_eq!(agent.group_ids, ["123", "234"]);
    assert_eq!((agent.login.as_deref(), agent.staff_number.as_deref()), (Some("wang"), Some("007")));
    assert_eq!(
        (agent.gender, agent.is_admin, agent.status),
        (Some(2), Some(true), Some(SupportAgent::IN_SERVICE))
    );
    assert_eq!(
        (agent.email.as_deref(), agent.landline.as_deref()),
        (Some("wang@example.com"), Some("010-1"))
    );
    assert_eq!((agent.mobile.as_deref(), agent.qq.as_deref()), (Some("13800000000"), Some("10001")));
    assert_eq!(agent.created_at.unwrap().to_string(), "2020-01-01T00:00:00Z");
    assert_eq!(agent.custom_fields, [("field_1".to_owned(), json!("北京"))]);
    let told = format!("{agent:?}");
    for personal in ["王小明", "wang", "138", "hush", "北京"] {
        assert!(!told.contains(personal), "{told}");
    }
}

#[tokio::test]
async fn support_agents_are_streamed_by_their_count() {
    let vendor = Vendor::start(|_, before| {
        let agents: Vec<Value> =
            (before * 100..(before * 100 + 100).min(150)).map(|id| json!({"sId": id + 1})).collect();
        answer(json!({"supports": agents, "count": "150"}).to_string())
    });
    let agents: Vec<SupportAgent> =
        vendor.client().support_agents(&SupportAgentFilter::default()).try_collect().await.unwrap();
    assert_eq!((agents.len(), vendor.seen().len()), (150, 2));
}

#[tokio::test]
async fn every_attribute_of_a_template_is_read() {
    let vendor = Vendor::start(|_, _| {
        answer(
            r#"{"tickettemplates":[{"tId":"4","url":"https://www.bangwo8.com/api/v1/tickettemplates/4.json",
            "ticketTemplateName":"默认","ticketTemplateDescription":"","visibleRange":"2",
            "servicerGroupId":"344124","servicerId":"0","isReleased":"1","creatorId":"565123",
            "createDT":"2019-08-16 00:00:08"}]}"#,
        )
    });
    let template = vendor.client().ticket_templates().await.unwrap().remove(0);
    assert_eq!(
        (template.id.as_str(), template.name.as_deref(), template.description),
        ("4", Some("默认"), None)
    );
    assert!(template.url.unwrap().ends_with("/4.json"));
    assert_eq!((template.visible_range, template.servicer_id), (Some(2), None));
    assert_eq!(template.servicer_group_id.as_deref(), Some("344124"));
    assert_eq!((template.creator_id.as_deref(), template.released), (Some("565123"), Some(true)));
    assert_eq!(template.created_at.unwrap().to_string(), "2019-08-15T16:00:08Z");
}
