//! Asset tables, and the company page's external extension that offers their rows.

use std::num::NonZeroU64;

use deskbridge::bangwo8::{
    AssetExtension, AssetRow, AssetRowWrite, AssetTableId, CompanyId, OwnedBy, OwnerType, PageContext,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::{
    documents::document,
    vendor::{Vendor, json as answer, paths, queries, request_id},
};

fn table(number: u64) -> AssetTableId {
    AssetTableId::new(NonZeroU64::new(number).unwrap())
}

fn company(id: &str) -> OwnedBy {
    OwnedBy { owner_type: OwnerType::Company, owner: Some(id.to_owned()) }
}

#[tokio::test]
async fn the_documented_rows_are_read() {
    let vendor = Vendor::start(|_, _| answer(document("assets_search")));
    let page =
        vendor.client().asset_rows_page(table(3_785_437), Some(&company("14650146")), 1, 20).await.unwrap();
    assert_eq!((page.count, page.more), (Some(2), false));
    let row = &page.items[0];
    assert_eq!((row.id.as_deref(), row.table_id.as_deref()), (Some("25"), Some("3785437")));
    assert_eq!((row.owner.as_deref(), row.owner_type.as_deref()), (Some("1331193"), Some("servicer")));
    assert_eq!(
        (row.ticket_id.as_deref(), row.relative_ticket_column_id.as_deref()),
        (Some("19665409"), Some("24441346"))
    );
    assert_eq!(row.created_at.unwrap().to_string(), "2021-11-11T06:29:36Z");
    assert_eq!(row.columns, [("field_1".to_owned(), json!("甜甜圈")), ("field_2".to_owned(), json!("60"))]);
    assert_eq!((&page.items[1].id, page.items[1].column("field_3")), (&None, Some(&json!("合同A"))));
    assert!(!format!("{row:?}").contains("甜甜圈"));
    assert_eq!(paths(&vendor), ["GET /api/v1/forms/asset_form/3785437/search.json"]);
    assert_eq!(queries(&vendor), ["query=owner%3A14650146+ownerType%3Acompany&page=1&per_page=20"]);
}

#[tokio::test]
async fn rows_are_created_in_their_own_envelope() {
    let vendor = Vendor::start(|_, before| match before {
        0 => answer(r#"{"status":"0","message":"Insert ok","data":false}"#),
        _ => answer(document("assets_refused")),
    });
    let columns = json!({"field_3": "合同A", "field_4": "2026-01-01"}).as_object().unwrap().clone();
    let row = AssetRowWrite {
        owner: "14650146".into(),
        owner_type: OwnerType::Company,
        unique_key: Some("field_3".into()),
        unique_value: Some("合同A".into()),
        columns,
    };
    let client = vendor.client();
    let create = async |rows: &[AssetRowWrite]| client.create_asset_rows(table(7), rows, &request_id()).await;
    create(std::slice::from_ref(&row)).await.unwrap();
    assert_eq!(
        create(std::slice::from_ref(&row)).await.unwrap_err().to_string(),
        "POST /api/v1/forms/asset_form/7.json was refused: 110001 owner不能为空"
    );
    assert_eq!(
        vendor.seen()[0].json(),
        json!({"items_data": [{
            "owner": "14650146", "ownerType": "company", "unique_key": "field_3", "unique_value": "合同A",
            "field_3": "合同A", "field_4": "2026-01-01",
        }]})
    );

    let mut odd = row.clone();
    odd.columns.insert("ownerType".into(), json!("contacter"));
    for rows in [vec![], vec![odd], vec![row.clone(); 101]] {
        assert_eq!(create(&rows).await.unwrap_err().code(), "configuration");
    }
    assert_eq!(vendor.seen().len(), 2);
    assert!(!format!("{row:?}").contains("合同A"));
}

/// A table of 50 rows: two companies own 20 each, the rest is a contact's. It gives the rows of the owner in the
/// query, or all.
fn contracts() -> Vendor {
    Vendor::start(|seen, _| {
        let parameter = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(seen.query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let row = |number: usize| {
            let (owner, owner_type) = match number {
                1..=20 => ("11", "company"),
                21..=40 => ("22", "company"),
                _ => ("11", "contacter"),
            };
            let kind = if number.is_multiple_of(10) { "维保合同" } else { "采购合同" };
            json!({"rId": number.to_string(), "field_1": format!("{kind}-{number}"), "field_2": "60", "owner": owner, "ownerType": owner_type})
        };
        let asked = parameter("query").unwrap_or_default();
        let rows: Vec<Value> = (1..=50)
            .map(row)
            .filter(|row| {
                let term = |key: &str| format!("{key}:{}", row[key].as_str().unwrap());
                asked.split_whitespace().all(|asked| asked == term("owner") || asked == term("ownerType"))
            })
            .collect();
        let page: usize = parameter("page").unwrap().parse().unwrap();
        let datas: Vec<&Value> = rows.iter().skip((page - 1) * 20).take(20).collect();
        answer(json!({"asset_table": {"total": rows.len().to_string(), "datas": datas}}).to_string())
    })
}

async fn offered(filter: &str, page: &PageContext) -> Vec<AssetRow> {
    let vendor = contracts();
    let query = format!("tableName=hetong&cPara=field_1:company_a,_id:company_b&filter={filter}");
    let extension = AssetExtension::from_query(&query).unwrap();
    let table = extension.table.resolve(|_| Some(table(7))).unwrap();
    vendor.client().extension_rows(&extension, table, page).try_collect().await.unwrap()
}

fn ids(rows: &[AssetRow]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.id.as_deref()).collect()
}

#[tokio::test]
async fn the_rows_of_the_company_at_hand_are_offered_and_filtered() {
    let page = PageContext { contact_id: None, company_id: Some(CompanyId::new("22")) };
    let rows = offered("field_1:维保,ownerType:company,owner:{ {company.companyId}}", &page).await;
    assert_eq!(ids(&rows), ["30", "40"]);
    let rows = offered("ownerType:company,owner:11", &page).await;
    assert_eq!(rows.len(), 20);
    assert!(rows.iter().all(|row| row.owner_type.as_deref() == Some("company")));
    assert_eq!(offered("ownerType:company", &page).await.len(), 40);
}

#[tokio::test]
async fn everybodys_rows_are_offered_where_the_owner_rule_has_no_effect() {
    let (empty, page) =
        (PageContext::default(), PageContext { contact_id: None, company_id: Some(CompanyId::new("22")) });
    assert_eq!(offered("ownerType:company,owner:{{company.companyId}}", &empty).await.len(), 50);
    assert_eq!(offered("owner:{{company.companyId}}", &page).await.len(), 50);
    assert_eq!(offered("", &page).await.len(), 50);
    assert_eq!(ids(&offered("field_1:维保", &empty).await), ["10", "20", "30", "40", "50"]);
}

#[tokio::test]
async fn a_vendor_that_ignores_the_owner_offers_nobody_elses_rows() {
    let vendor = Vendor::start(|_, _| {
        let rows = json!([
            {"rId": "1", "owner": "22", "ownerType": "company"},
            {"rId": "2", "owner": "33", "ownerType": "company"},
            {"rId": "3", "owner": 22, "ownerType": "contacter"},
            {"rId": "4", "owner": 22},
        ]);
        answer(json!({"asset_table": {"total": 4, "datas": rows}}).to_string())
    });
    let extension =
        AssetExtension::from_query("tableId=7&cPara=a:b&filter=ownerType:company,owner:22").unwrap();
    let rows: Vec<AssetRow> = vendor
        .client()
        .extension_rows(&extension, table(7), &PageContext::default())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids(&rows), ["1", "4"]);
}

#[tokio::test]
async fn a_chosen_row_fills_the_company_with_its_id_too() {
    let page = PageContext { contact_id: None, company_id: Some(CompanyId::new("11")) };
    let rows = offered("field_1:维保,ownerType:company,owner:{{company.companyId}}", &page).await;
    let extension = AssetExtension::from_query("tableId=7&cPara=field_1:company_a,_id:company_b").unwrap();
    let filled = serde_json::to_value(extension.company_fields(&rows[0])).unwrap();
    assert_eq!(
        filled,
        json!([{"key": "company_a", "value": "维保合同-10"}, {"key": "company_b", "value": "10"}])
    );
}
