//! Reading by v2 (contract §5.1, §5.3 to §5.6).

use serde_json::{Value, json};

use super::{Udesk, refused};

fn ids(items: &Value) -> Vec<u64> {
    items.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ticket_of_a_list_is_wrapped() {
    let desk = Udesk::start().await;
    let body = desk.get("/open_api_v1/tickets?page=2&per_page=5").await;
    assert_eq!(body["code"], 1000);
    assert_eq!(body["meta"], json!({"current_page": 2, "total_pages": 3, "total_count": 12}));
    let wrapped: Vec<&Value> =
        body["contents"].as_array().unwrap().iter().map(|one| &one["ticket"]).collect();
    assert_eq!(
        wrapped.iter().map(|ticket| ticket["id"].as_u64().unwrap()).collect::<Vec<_>>(),
        [6, 7, 8, 9, 10]
    );
    let past = desk.get("/open_api_v1/tickets?page=9").await;
    assert_eq!((&past["contents"], &past["meta"]["total_count"]), (&json!([]), &json!(12)));
    let out_of_range = desk.get("/open_api_v1/tickets?per_page=101").await;
    assert_eq!(out_of_range, refused(2000, "per_page should be between 1 and 100"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_has_other_words_and_more_members_than_in_v1() {
    let desk = Udesk::start().await;
    let body = desk.get("/open_api_v1/tickets/detail?id=2").await;
    let ticket = &body["ticket"];
    assert_eq!((&ticket["status"], &ticket["status_en"]), (&json!("开启"), &json!("open")));
    assert_eq!((&ticket["user_id"], &ticket["organization_id"]), (&json!(2), &json!(1)));
    assert_eq!(ticket["created_at"], "2017-05-05T09:12:44.000+08:00");
    assert_eq!((&ticket["solving_at"], &ticket["assignee_name"]), (&Value::Null, &Value::Null));
    let body = desk.get("/open_api_v1/tickets/detail?id=3").await;
    let ticket = &body["ticket"];
    assert_eq!((&ticket["tags"], &ticket["status"]), (&json!("退款,财务"), &json!("解决中")));
    assert_eq!(ticket["solving_at"], "2017-05-06T15:30:00.000+08:00");
    assert_eq!(ticket["agent_replied_at"], "2017-05-07T10:22:31.000+08:00");
    assert_eq!(ticket["customer_replied_at"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_displayed_number_is_not_the_id_and_both_find_the_ticket() {
    let desk = Udesk::start().await;
    for query in ["id=7", "num=20007", "num=%2320007"] {
        let body = desk.get(&format!("/open_api_v1/tickets/detail?{query}")).await;
        assert_eq!((&body["ticket"]["id"], &body["ticket"]["field_num"]), (&json!(7), &json!("#20007")));
    }
    for query in ["id=20007", "num=7", "id=x"] {
        let body = desk.get(&format!("/open_api_v1/tickets/detail?{query}")).await;
        assert_eq!(body, refused(2000, "未找到相应工单"), "{query}");
    }
    assert_eq!(desk.get("/open_api_v1/tickets/detail").await, refused(2062, "id is missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_used_as_the_administrator() {
    let desk = Udesk::start().await;
    let path = "/open_api_v1/tickets/tickets_in_filter";
    let body = desk.get(&format!("{path}?filter_id=2&per_page=3")).await;
    assert_eq!(body["meta"], json!({"current_page": 1, "total_pages": 3, "total_count": 8}));
    assert_eq!(body["contents"][2]["ticket"]["id"], 3);
    assert_eq!(desk.get(&format!("{path}?filter_id=99")).await, refused(2000, "未找到指定过滤器"));
    assert_eq!(desk.get(path).await, refused(2062, "filter_id is missing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_come_newest_first_and_without_notes() {
    let desk = Udesk::start().await;
    let body = desk.get("/open_api_v1/tickets/1/replies").await;
    assert_eq!(ids(&body["replies"]), [2, 1]);
    let agent = json!({"id": 1, "user_type": "agent", "email": "agent@sample.com", "nick_name": "测试客服"});
    let customer =
        json!({"id": 5, "user_type": "customer", "email": "test@sample.com", "nick_name": "测试客户"});
    assert_eq!((&body["replies"][0]["author"], &body["replies"][1]["author"]), (&agent, &customer));
    assert_eq!(body["replies"][0]["created_at"], "2017-05-04T14:26:18.000+08:00");
    assert_eq!(ids(&desk.get("/open_api_v1/tickets/3/replies").await["replies"]), [5, 3]);
    assert_eq!(desk.get("/open_api_v1/tickets/99/replies").await, refused(2000, "未找到相应工单"));
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_are_listed_by_a_hundred_and_shown_by_three_keys() {
    let desk = Udesk::start().await;
    let body = desk.get("/open_api_v1/organizations").await;
    let first = json!({
        "id": 1, "name": "测试公司1", "domains": "https://www.test1.com", "level": "normal",
        "custom_fields": {"TextField_1": "测试文本", "SelectField_1": ["0"]},
        "updated_at": "2017-08-18T12:06:02.000+08:00", "description": "该公司仅用来举例",
        "token": "123456s7hgfd", "cellphones": [{"id": 173, "content": "13111111111"}]
    });
    assert_eq!(body["organizations"][0], first);
    assert_eq!(body["meta"], json!({"current_page": 1, "total_pages": 1, "total_count": 2}));
    assert_eq!(ids(&desk.get("/open_api_v1/organizations?query=海淀").await["organizations"]), [2]);
    let path = "/open_api_v1/organizations/show_org";
    for query in ["type=id&content=1", "type=name&content=测试公司1", "type=token&content=123456s7hgfd"] {
        assert_eq!(desk.get(&format!("{path}?{query}")).await["organization"], first, "{query}");
    }
    assert_eq!(desk.get(&format!("{path}?type=id&content=9")).await, refused(2000, "未找到相应公司"));
    assert_eq!(desk.get(&format!("{path}?type=domain&content=9")).await, refused(2000, "type 错误"));
    assert_eq!(desk.get(&format!("{path}?type=id")).await, refused(2062, "content is missing"));
    let far = desk.get("/open_api_v1/organizations?page=101").await;
    assert_eq!(far, refused(2000, "page should be between 1 and 100"));
}

#[tokio::test(flavor = "multi_thread")]
async fn leavers_are_listed_only_if_asked_for() {
    let desk = Udesk::start().await;
    assert_eq!(ids(&desk.get("/open_api_v1/agents").await["agents"]), [1, 2, 4]);
    let body = desk.get("/open_api_v1/agents?with_disabled=true&per_page=3").await;
    assert_eq!(ids(&body["agents"]), [1, 2, 3]);
    assert_eq!(body["meta"], json!({"current_page": 1, "total_pages": 2, "total_count": 4}));
    let leaver = &body["agents"][2];
    assert_eq!((&leaver["aliase"], &leaver["profile"]), (&json!("李凯"), &json!("ticket")));
    assert!(leaver.get("disabled").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_have_members_in_few_words_and_a_group_in_more() {
    let desk = Udesk::start().await;
    let body = desk.get("/open_api_v1/user_groups").await;
    assert_eq!(ids(&body["user_groups"]), [1, 2, 3]);
    let members = json!([{"id": 1, "nick_name": "测试客服"}, {"id": 4, "nick_name": "管理员"}]);
    assert_eq!(body["user_groups"][0]["agents"], members);
    let body = desk.get("/open_api_v1/user_groups/2/agents").await;
    assert_eq!(body["user_group"]["agents"][0]["email"], "xiaowang@example.com");
    assert_eq!(desk.get("/open_api_v1/user_groups/9/agents").await, refused(2000, "客服组错误"));
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_by_category_and_an_unknown_one_is_that_of_tickets() {
    let desk = Udesk::start().await;
    let fields =
        async |query: &str| desk.get(&format!("/open_api_v1/custom_fields{query}")).await["fields"].clone();
    let ticket = fields("").await;
    assert_eq!(fields("?category=ticket").await, ticket);
    assert_eq!(fields("?category=nonsense").await, ticket);
    let of = |name: &str| {
        let all = ticket.as_array().unwrap().iter();
        all.into_iter().find(|field| field["field_name"] == name).unwrap().clone()
    };
    assert_eq!(of("TextField_10")["calculate_result_type"], "duration");
    assert_eq!(of("TextField_9")["content_type"], "location");
    let hidden = json!({"title": "已停用选项", "value": "3", "default": false, "is_hide": true});
    assert_eq!(of("SelectField_1")["options"][3], hidden);
    let cascade = of("SelectField_4");
    assert_eq!(cascade["options"][1]["subs"][0]["subs"][1]["title"], "朝阳区");
    assert!(of("TextField_1").get("options").is_none());
    for (category, present, absent) in [
        ("ticket", "customer_permission", "agent_permission"),
        ("organization", "agent_permission", "customer_permission"),
    ] {
        let first = &fields(&format!("?category={category}")).await[0];
        assert!(first.get(present).is_some() && first.get(absent).is_none(), "{first}");
    }
    let customer = fields("?category=customer").await;
    assert!(
        customer[0].get("customer_permission").is_some() && customer[0].get("agent_permission").is_some()
    );
    assert_eq!(desk.get("/open_api_v1/custom_fields/12").await["field"], cascade);
    assert_eq!(desk.get("/open_api_v1/custom_fields/99").await, refused(2000, "未找到自定义字段"));
}
