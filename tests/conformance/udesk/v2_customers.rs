//! Customers of v2: looked up, searched and made (§5.2).

use deskbridge::udesk::{Cause, CustomerDraft, LookUp, Search};
use serde_json::json;

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v2_customer_list,
    v2_customer_search,
    v2_customer_filter,
    v2_customer_look_up,
    v2_customer_create,
    v2_customer_create_the_least,
    v2_customer_create_refuses_what_is_taken,
    v2_customer_update,
    v2_customer_update_refuses_nobody,
];

async fn v2_customer_list(desk: &Desk) {
    let page = desk.v2().customers_page(Search::default(), 1, 4).await.unwrap();
    assert_eq!(page.items.iter().map(|customer| customer.id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(page.more);
    let vip = &page.items[3];
    assert_eq!((vip.name.as_deref(), vip.level.as_deref()), (Some("郑爽"), Some("vip")));
    assert_eq!((vip.organization_id, vip.token.as_deref()), (Some(2), Some("customer_vip_4")));
    assert_eq!(
        (&vip.cellphones[..], &vip.other_emails[..]),
        (&["13900000004".to_owned(), "13900000104".to_owned()][..], &["zs@example.com".to_owned()][..])
    );
    assert_eq!(
        (&vip.tags[..], vip.platform.as_deref()),
        (&["重点".to_owned(), "续费".to_owned()][..], Some("即时聊天"))
    );
    let first = &page.items[0];
    assert_eq!((first.owner_id, first.owner_group_id, first.is_blocked), (Some(1), Some(1), Some(false)));
    assert_eq!((first.platform.as_deref(), &first.token), (Some("手工录入"), &None));
    assert_eq!(page.items[1].custom_fields["SelectField_1"], json!(["0", "1"]), "lists, unlike a ticket's");
    assert_eq!(page.items[2].description.as_deref(), Some("曾重复付款"));
    let blocked = desk.v2().customer(&LookUp::Cellphone("13900000012".into())).await.unwrap();
    assert_eq!((blocked.id, blocked.is_blocked), (12, Some(true)));
}

async fn v2_customer_search(desk: &Desk) {
    for (words, expected) in
        [("郑", vec![4]), ("machao@", vec![7]), ("13900000104", vec![4]), ("无此人", vec![])]
    {
        let found = all(desk.v2().customers(Search::query(words))).await;
        assert_eq!(found.iter().map(|customer| customer.id).collect::<Vec<_>>(), expected, "{words}");
    }
}

/// The simulator's one filter is that of the important customers.
async fn v2_customer_filter(desk: &Desk) {
    let vips = all(desk.v2().customers(Search::filter(1))).await;
    assert!(!vips.is_empty() && vips.iter().all(|customer| customer.level.as_deref() == Some("vip")));
    let both = Search { filter_id: Some(1), query: Some("lintao@") };
    assert!(all(desk.v2().customers(both)).await.is_empty(), "not an important one");
    let (_, _, words) = rejection(desk.v2().customers_page(Search::filter(99), 1, 10).await);
    assert_eq!(words, "未找到指定过滤器");
}

async fn v2_customer_look_up(desk: &Desk) {
    let other = |by, content: &str| LookUp::Other { by, content: content.to_owned() };
    for look_up in [
        LookUp::Cellphone("13900000104".into()),
        other("email", "zhengshuang@example.com"),
        other("customer_id", "4"),
    ] {
        let customer = desk.v2().customer(&look_up).await.unwrap();
        assert_eq!((customer.id, customer.name.as_deref()), (4, Some("郑爽")));
    }
    for nobody in [LookUp::Cellphone("13000009999".into()), other("email", "nobody@example.com")] {
        let (_, cause, words) = rejection(desk.v2().customer(&nobody).await);
        assert_eq!((cause, words.as_str()), (Cause::Unknown, "未找到相应客户"));
    }
}

async fn v2_customer_create(desk: &Desk) {
    let custom = json!({"SelectField_1": ["0", "1"], "TextField_1": "华北区"});
    let draft = CustomerDraft {
        name: Some("赵敏".into()),
        email: Some("zhaomin@example.com".into()),
        other_emails: vec!["zm@example.com".into()],
        cellphones: vec!["13612340001".into(), "13612340002".into()],
        description: Some("续约中".into()),
        organization_id: Some(2),
        owner_id: Some(1),
        owner_group_id: Some(3),
        level: Some("vip".into()),
        tags: vec!["重点".into(), "北京".into()],
        custom_fields: custom.as_object().unwrap().clone(),
    };
    let id = desk.v2().create_customer(&draft).await.unwrap();
    let read = desk.v2().customer(&LookUp::Cellphone("13612340002".into())).await.unwrap();
    assert_eq!((read.id, &read.name, &read.email), (id, &draft.name, &draft.email));
    assert_eq!((&read.other_emails, &read.cellphones), (&draft.other_emails, &draft.cellphones));
    assert_eq!((&read.description, read.organization_id), (&draft.description, Some(2)));
    assert_eq!((read.owner_id, read.owner_group_id), (Some(1), Some(3)));
    assert_eq!((&read.level, &read.tags), (&draft.level, &draft.tags));
    assert_eq!(read.custom_fields, draft.custom_fields);
    assert_eq!((read.platform.as_deref(), read.is_blocked), (Some("API"), Some(false)));
}

async fn v2_customer_create_the_least(desk: &Desk) {
    let draft = CustomerDraft { name: Some("无联系方式".into()), ..CustomerDraft::default() };
    let id = desk.v2().create_customer(&draft).await.unwrap();
    let by_id = LookUp::Other { by: "customer_id", content: id.to_string() };
    let read = desk.v2().customer(&by_id).await.unwrap();
    assert_eq!((read.name.as_deref(), read.level.as_deref()), (Some("无联系方式"), Some("normal")));
    assert!(read.email.is_none() && read.cellphones.is_empty() && read.tags.is_empty());
}

async fn v2_customer_create_refuses_what_is_taken(desk: &Desk) {
    let before = desk.stored("customers").len();
    let named = || CustomerDraft { name: Some("同名".into()), ..CustomerDraft::default() };
    for draft in [
        CustomerDraft { email: Some("machao@example.com".into()), ..named() },
        CustomerDraft { cellphones: vec!["13900000007".into()], ..named() },
        CustomerDraft { level: Some("gold".into()), ..named() },
        CustomerDraft::default(),
    ] {
        let (_, cause, _) = rejection(desk.v2().create_customer(&draft).await);
        assert_eq!(cause, Cause::Unknown);
    }
    assert_eq!(desk.stored("customers").len(), before);
}

async fn v2_customer_update(desk: &Desk) {
    let look_up = LookUp::Cellphone("13900000007".into());
    let before = desk.v2().customer(&look_up).await.unwrap();
    let draft = CustomerDraft {
        name: Some("马超(北京)".into()),
        level: Some("normal".into()),
        tags: vec!["重点".into()],
        ..CustomerDraft::default()
    };
    desk.v2().update_customer(&look_up, &draft).await.unwrap();
    let after = desk.v2().customer(&look_up).await.unwrap();
    assert_eq!((after.id, &after.name, &after.level), (before.id, &draft.name, &draft.level));
    assert_eq!(after.tags, draft.tags);
    assert_eq!((&after.email, &after.cellphones), (&before.email, &before.cellphones), "the rest stays");
    let by_email = LookUp::Other { by: "email", content: "machao@example.com".into() };
    let moved = CustomerDraft { organization_id: Some(2), ..CustomerDraft::default() };
    desk.v2().update_customer(&by_email, &moved).await.unwrap();
    assert_eq!(desk.v2().customer(&by_email).await.unwrap().organization_id, Some(2));
}

async fn v2_customer_update_refuses_nobody(desk: &Desk) {
    let nobody = LookUp::Cellphone("13000009999".into());
    let draft = CustomerDraft { name: Some("无此人".into()), ..CustomerDraft::default() };
    let (_, cause, words) = rejection(desk.v2().update_customer(&nobody, &draft).await);
    assert_eq!((cause, words.as_str()), (Cause::Unknown, "未找到相应客户"));
    let comma = CustomerDraft { tags: vec!["重点,北京".into()], ..CustomerDraft::default() };
    assert_eq!(refused(desk.v2().update_customer(&nobody, &comma).await).code(), "inexpressible");
}
