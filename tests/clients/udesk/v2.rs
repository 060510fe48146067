//! What is particular to family v2: fresh signatures, and the resources that v1 has not.

use std::collections::BTreeMap;

use deskbridge::udesk::{CustomerDraft, LookUp, OrganizationKey, sign};
use serde_json::json;

use crate::vendor::{Seen, Vendor, json as answer};

use super::{EMAIL, TOKEN, client};

fn query(seen: &Seen) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(seen.query.as_bytes()).into_owned().collect()
}

fn assert_signed(seen: &Seen) {
    let query = query(seen);
    assert_eq!((query["email"].as_str(), query["sign_version"].as_str()), (EMAIL, "v2"));
    let timestamp = query["timestamp"].parse().unwrap();
    assert_eq!(query["sign"], sign::v2(EMAIL, &TOKEN.into(), timestamp, &query["nonce"]));
    assert!(!seen.query.contains(TOKEN) && seen.query.contains("ops%2Budesk%40example.com"));
}

#[tokio::test]
async fn a_refused_signature_is_made_once_more_with_another_nonce() {
    let vendor = Vendor::start(|_, before| match before {
        0 => answer(r#"{"code":2059,"message":"open api signature wrong"}"#),
        _ => answer(r#"{"code":1000,"ticket_id":"9"}"#),
    });
    let draft = deskbridge::udesk::TicketDraft {
        subject: Some("打印机离线".into()),
        content: Some("三楼".into()),
        ..Default::default()
    };
    let id = client(&vendor.url).v2().create_ticket(&draft, &Default::default()).await.unwrap();
    let seen = vendor.seen();
    assert_eq!((id, seen.len()), (9, 2));
    seen.iter().for_each(assert_signed);
    assert_ne!(query(&seen[0])["nonce"], query(&seen[1])["nonce"]);
    assert_eq!(seen[0].body, seen[1].body);
}

#[tokio::test]
async fn a_signature_that_stays_refused_is_the_credentials_fault() {
    let vendor = Vendor::start(|_, _| answer(r#"{"code":2059,"message":"open api signature wrong"}"#));
    let error = client(&vendor.url).v2().ticket(1).await.unwrap_err();
    assert_eq!((error.code(), error.is_temporary(), vendor.seen().len()), ("unauthorized", false, 2));
}

#[tokio::test]
async fn a_ticket_is_asked_for_by_its_id_in_the_query() {
    let vendor = Vendor::start(|seen, _| match query(seen)["id"].as_str() {
        "1" => answer(r#"{"code":1000,"ticket":{"id":1,"field_num":17}}"#),
        _ => answer(r#"{"code":1000,"ticket":null}"#),
    });
    let v2 = client(&vendor.url).v2();
    assert_eq!(v2.ticket(1).await.unwrap().number.as_deref(), Some("17"));
    assert_eq!(v2.ticket(2).await.unwrap_err().code(), "not_found");
    assert_eq!(vendor.seen()[0].path, "/open_api_v1/tickets/detail");
}

#[tokio::test]
async fn another_ticket_than_the_one_asked_for_is_refused() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/api/v1/tickets/1.json" => answer(r#"{"status":0,"contents":{"id":2}}"#),
        _ => answer(r#"{"code":1000,"ticket":{"id":2}}"#),
    });
    let client = client(&vendor.url);
    for read in [client.v1().ticket(1).await, client.v2().ticket(1).await] {
        assert_eq!(read.unwrap_err().code(), "bad_answer");
    }
}

#[tokio::test]
async fn agents_come_with_a_password_that_is_never_shown() {
    let vendor = Vendor::start(|_, _| {
        answer(
            r#"{"code":1000,"agents":[{"id":3,"email":"li.na@example.com","nick_name":"李娜","aliase":"小李",
            "profile":"ticket","user_group_ids":[1,"2"],"ucpapp_subaccount":{"number":"8001","password":"hidden"}}]}"#,
        )
    });
    let page = client(&vendor.url).v2().agents_page(false, 1, 100).await.unwrap();
    let agent = &page.items[0];
    assert_eq!(
        (agent.id, agent.alias.as_deref(), agent.group_ids.as_slice()),
        (3, Some("小李"), &[1, 2][..])
    );
    assert_eq!(agent.sip.as_ref().unwrap().number.as_deref(), Some("8001"));
    let told = format!("{page:?} {:?}", agent.sip);
    for secret in ["hidden", "8001", "li.na", "李娜"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[tokio::test]
async fn groups_organizations_customers_and_the_survey_are_read() {
    let vendor = Vendor::start(|seen, _| match seen.path.as_str() {
        "/open_api_v1/user_groups/1/agents" => answer(
            r#"{"code":1000,"user_group":{"id":1,"name":"售后1组","agents":[{"id":3,"nick_name":"李娜","email":"l@e.cn"}]}}"#,
        ),
        "/open_api_v1/organizations/show_org" => {
            answer(r#"{"code":1000,"organization":{"id":1,"name":"测试公司1"}}"#)
        }
        "/open_api_v1/customers/get_customer" => {
            answer(r#"{"code":1000,"customer":{"id":5,"tags":"重要,VIP","cellphones":["13000000001"]}}"#)
        }
        "/open_api_v1/tickets/surveys" => answer(
            r#"{"code":1000,"ticket_servey":{"title":"满意吗","enable":1,"options":[{"vote_number":"2","name":"满意"}]}}"#,
        ),
        other => panic!("{other}"),
    });
    let v2 = client(&vendor.url).v2();
    let group = v2.user_group(1).await.unwrap();
    assert_eq!(group.agents[0].email.as_deref(), Some("l@e.cn"));
    let organization = v2.organization(&OrganizationKey::Name("测试公司1".into())).await.unwrap();
    assert_eq!(organization.id, 1);
    let customer = v2.customer(&LookUp::Cellphone("13000000001".into())).await.unwrap();
    assert_eq!(customer.tags, ["重要", "VIP"]);
    assert_eq!(customer.cellphones, ["13000000001"]);
    let survey = v2.survey().await.unwrap();
    assert_eq!((survey.enabled, survey.options[0].vote_number), (Some(true), 2));
    let seen = vendor.seen();
    assert_eq!(
        (query(&seen[1])["type"].as_str(), query(&seen[1])["content"].as_str()),
        ("name", "测试公司1")
    );
    assert_eq!(query(&seen[2])["type"], "cellphone");
}

#[tokio::test]
async fn a_customer_is_written_in_pairs_with_tags_beside_it() {
    let vendor = Vendor::start(|_, _| answer(r#"{"code":1000,"customer":{"id":8}}"#));
    let draft = CustomerDraft {
        name: Some("王伟".into()),
        email: Some("wang.wei@example.com".into()),
        other_emails: vec!["w@example.com".into()],
        cellphones: vec!["13600000001".into()],
        tags: vec!["重要".into(), "VIP".into()],
        custom_fields: serde_json::from_value(json!({"SelectField_1": ["0", "1"]})).unwrap(),
        ..CustomerDraft::default()
    };
    assert_eq!(client(&vendor.url).v2().create_customer(&draft).await.unwrap(), 8);
    let expected = json!({
        "customer": {"email": "wang.wei@example.com", "nick_name": "王伟", "cellphones": [[null, "13600000001"]],
            "custom_fields": {"SelectField_1": ["0", "1"]}},
        "tags": "重要,VIP",
        "other_emails": [[null, "w@example.com"]],
    });
    assert_eq!(vendor.seen()[0].json(), expected);
    assert!(!format!("{draft:?}").contains("wang.wei"));
    let comma = CustomerDraft { tags: vec!["重要,VIP".into()], ..draft };
    assert_eq!(client(&vendor.url).v2().create_customer(&comma).await.unwrap_err().code(), "inexpressible");
}

#[tokio::test]
async fn a_reply_of_a_customer_is_plain_text() {
    let vendor = Vendor::start(|_, _| answer(r#"{"code":1000}"#));
    client(&vendor.url).v2().reply_as_customer(7, "好的", &[]).await.unwrap();
    let seen = &vendor.seen()[0];
    assert_eq!(seen.path, "/open_api_v1/tickets/customer_reply");
    assert_eq!(seen.json(), json!({"id": 7, "content_type": "text", "new_reply": "好的"}));
}
