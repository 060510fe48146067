//! Bindings of contacts to users of other systems.

use deskbridge::bangwo8::{AccountSource, BindingKey, ContactId};
use serde_json::json;

use crate::{
    documents::document,
    vendor::{Vendor, json as answer, paths, queries, request_id},
};

#[tokio::test]
async fn a_contact_is_bound_and_bound_to_another() {
    let vendor = Vendor::start(|_, _| answer(document("bindings_bound")));
    let (client, contact) = (vendor.client(), ContactId::new("30851821"));
    client.bind_contact(&contact, "10014850", AccountSource::Open, None, &request_id()).await.unwrap();
    client.bind_contact(&contact, "wx-1", AccountSource::WeChat, Some("gh_1"), &request_id()).await.unwrap();
    client
        .rebind_contact(&contact, Some("10014851"), AccountSource::WorkWeChat, &request_id())
        .await
        .unwrap();
    client.rebind_contact(&contact, None, AccountSource::DingTalk, &request_id()).await.unwrap();

    let path = "/api/v1/user/relationship/cid.json";
    assert_eq!(
        paths(&vendor),
        [format!("POST {path}"), format!("POST {path}"), format!("PUT {path}"), format!("PUT {path}")]
    );
    let bodies: Vec<_> = vendor.seen().iter().map(|seen| seen.json()).collect();
    assert_eq!(
        bodies,
        [
            json!({"cId": 30_851_821, "openId": "10014850", "account_source": "open"}),
            json!({"cId": 30_851_821, "openId": "wx-1", "appId": "gh_1", "account_source": "wechat"}),
            json!({"cId": 30_851_821, "openId": "10014851", "account_source": "workWechat"}),
            json!({"cId": 30_851_821, "account_source": "dingding"}),
        ]
    );
    assert!(vendor.seen().iter().all(|seen| seen.header("requestid") == Some("evt-1")));
}

#[tokio::test]
async fn a_binding_is_found_by_the_contact_by_the_other_id_or_by_both() {
    let vendor = Vendor::start(|_, _| answer(document("bindings_list")));
    let (client, contact) = (vendor.client(), ContactId::new("30851821"));
    for key in [
        BindingKey::Contact(&contact),
        BindingKey::OpenId("10014850"),
        BindingKey::Both(&contact, "10014850"),
    ] {
        assert!(!format!("{key:?}").contains("10014850"));
        let bindings = client.bindings(AccountSource::DingTalk, key).await.unwrap();
        assert_eq!((&bindings[0].contact_id, bindings[0].open_id.as_deref()), (&contact, Some("10014850")));
        assert_eq!(bindings[0].account_source.as_deref(), Some("dingding"));
        assert_eq!((bindings[0].agent_id.as_deref(), &bindings[0].template_id), (Some("601993"), &None));
        assert!(!format!("{bindings:?}").contains("10014850"));
    }
    assert_eq!(
        queries(&vendor),
        [
            "cId=30851821&account_source=dingding",
            "openId=10014850&account_source=dingding",
            "cId=30851821&openId=10014850&account_source=dingding",
        ]
    );
}

#[tokio::test]
async fn nothing_bound_is_an_empty_list_however_it_is_spelled() {
    for data in ["[]", "false", "null", r#""""#] {
        let vendor = Vendor::start(move |_, _| answer(format!(r#"{{"data":{data},"msg":"success"}}"#)));
        let bindings = vendor.client().bindings(AccountSource::Open, BindingKey::OpenId("1")).await.unwrap();
        assert!(bindings.is_empty());
    }
}

#[tokio::test]
async fn a_refused_binding_says_why() {
    for (message, code) in [("user error", "contact_not_found"), ("Bind Already exists", "already_bound")] {
        let vendor =
            Vendor::start(move |_, _| answer(json!({"state": "403", "message": message}).to_string()));
        let (client, contact) = (vendor.client(), ContactId::new("1"));
        let error =
            client.bind_contact(&contact, "1", AccountSource::Open, None, &request_id()).await.unwrap_err();
        assert_eq!((error.code(), error.effect_unknown()), (code, false));
        let error =
            client.rebind_contact(&contact, None, AccountSource::Open, &request_id()).await.unwrap_err();
        assert_eq!(error.code(), code);
        let error = client.bindings(AccountSource::Open, BindingKey::Contact(&contact)).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn a_binding_that_is_not_confirmed_is_not_taken_for_made() {
    let vendor = Vendor::start(|_, _| answer(r#"{"data":false,"msg":"fail"}"#));
    let error = vendor
        .client()
        .bind_contact(&ContactId::new("1"), "1", AccountSource::Open, None, &request_id())
        .await
        .unwrap_err();
    assert_eq!((error.code(), error.effect_unknown()), ("bad_answer", true));
}
