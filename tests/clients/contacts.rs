//! Contacts as the vendor's documents describe them.

use deskbridge::bangwo8::{CompanyId, Contact, ContactFilter, ContactId, Order, Window};
use futures_util::TryStreamExt;
use jiff::civil::date;
use serde_json::json;

use crate::{
    documents::document,
    vendor::{Vendor, json as answer, paths, queries},
};

#[tokio::test]
async fn the_contacts_are_listed() {
    let vendor = Vendor::start(|_, _| answer(document("contacts_list")));
    let contacts: Vec<Contact> =
        vendor.client().contacts(&ContactFilter::default()).try_collect().await.unwrap();
    assert_eq!((contacts[0].id.as_str(), contacts[0].name.as_deref()), ("21130282", Some("张三")));
    assert_eq!((contacts[0].mobile.as_deref(), &contacts[0].fixnumber), (Some("13800000000"), &None));
    assert_eq!(
        (&contacts[0].company_id, &contacts[0].support_id),
        (&Some(CompanyId::new("14650146")), &None)
    );
    let landline = &contacts[1];
    assert_eq!((&landline.mobile, landline.fixnumber.as_deref()), (&None, Some("010-00000000")));
    assert_eq!((landline.qq.as_deref(), landline.note.as_deref()), (Some("10001"), Some("只有座机")));
    assert_eq!(
        (paths(&vendor), queries(&vendor)),
        (vec!["GET /api/v1/users.json".into()], vec!["page=1&per_page=100".into()])
    );
}

#[tokio::test]
async fn every_filter_and_order_is_sent_in_days() {
    let vendor = Vendor::start(|_, _| answer(r#"{"users":[]}"#));
    let filter = ContactFilter {
        created: Window { start: Some(date(2019, 12, 1)), end: Some(date(2019, 12, 31)) },
        updated: Window { start: None, end: Some(date(2020, 1, 1)) },
        created_order: Some(Order::Ascending),
        updated_order: Some(Order::Descending),
        with_deleted: true,
    };
    vendor.client().contacts_page(&filter, 2, 10).await.unwrap();
    assert_eq!(
        queries(&vendor),
        ["created_start=2019-12-01&created_end=2019-12-31&updated_end=2020-01-01\
          &created_order=asc&updated_order=desc&deStat=1&page=2&per_page=10"]
    );
}

#[tokio::test]
async fn one_contact_is_read_in_the_new_style_and_shows_nothing_of_the_person() {
    let vendor = Vendor::start(|_, _| answer(document("contacts_v2")));
    let contact = vendor.client().contact_v2(&ContactId::new("1")).await.unwrap();
    assert_eq!(paths(&vendor), ["GET /api/v1/users_v2/1.json"]);
    assert_eq!((contact.id.as_str(), contact.state, contact.is_default), ("1", Some(1), Some(true)));
    assert_eq!(contact.unique_ids, [json!({"uniqueId": "100200300", "remark": "办公室电脑"})]);
    assert_eq!((&contact.user_group, contact.table_name.as_deref()), (&None, Some("vip客户,普通客户")));
    assert_eq!(contact.custom_fields[0], ("field_1".into(), json!(["北京市", "二级1", "三级1"])));
    assert_eq!(contact.created_at.unwrap().to_string(), "2019-12-10T08:09:39Z");
    let shown = format!("{contact:?}");
    for personal in ["张三", "13800000000", "zhangsan", "经理", "10001", "办公室"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[tokio::test]
async fn the_one_remote_id_of_the_old_style_is_read_too() {
    let vendor = Vendor::start(|_, _| answer(r#"{"user":[{"cId":"1","uniqueId":"100200300"}]}"#));
    let contact = vendor.client().contact_v2(&ContactId::new("1")).await.unwrap();
    assert_eq!(contact.unique_ids, [json!("100200300")]);
}

#[tokio::test]
async fn a_success_without_a_contact_is_nothing_found() {
    let vendor = Vendor::start(|_, _| answer(r#"{"user":[]}"#));
    let error = vendor.client().contact_v2(&ContactId::new("1")).await.unwrap_err();
    assert_eq!(error.code(), "not_found");
}
