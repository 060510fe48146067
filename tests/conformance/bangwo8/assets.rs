//! Asset tables (§11) and the company page's use of them (§12, last part of the company page).

use std::num::NonZeroU64;

use deskbridge::bangwo8::{
    AssetExtension, AssetRow, AssetRowWrite, AssetTableId, CompanyId, CompanyWrite, ContactId, Error,
    OwnedBy, OwnerType, PageContext, UnresolvedTable,
};
use serde_json::json;

use super::{
    companies::custom,
    desk::{Desk, code, declined, rejection},
    lists::{all, paged},
};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![
    asset_rows_are_read,
    asset_rows_of_an_owner,
    asset_rows_of_a_kind_of_owner,
    asset_rows_of_an_unknown_table_are_not_found,
    asset_rows_pages_make_up_the_whole,
    create_asset_rows_reads_back_as_written,
    create_asset_rows_with_an_unknown_column_is_rejected,
    create_asset_rows_of_an_unknown_owner_is_rejected,
    create_asset_rows_creates_all_or_none,
    create_asset_rows_in_an_unknown_table_is_not_found,
    create_asset_rows_needs_a_row,
    extension_rows_of_the_company_at_hand,
    extension_rows_of_the_contact_at_hand,
    extension_rows_of_a_page_without_an_owner_are_all,
    extension_rows_fulfil_every_condition,
    extension_of_a_named_table_needs_its_id,
    extension_fills_the_company_from_a_row,
];

/// 电梯台账: three rows of companies and one of a contact.
const LIFTS: u64 = 1021;
/// The company that owns two of them.
const OWNER: &str = "14650146";

fn table(id: u64) -> AssetTableId {
    AssetTableId::new(NonZeroU64::new(id).unwrap())
}

fn owned_by(owner_type: OwnerType, owner: Option<&str>) -> OwnedBy {
    OwnedBy { owner_type, owner: owner.map(str::to_owned) }
}

fn row(owner_type: OwnerType, owner: &str, number: &str) -> AssetRowWrite {
    let columns = json!({"field_1": number, "field_2": "HX-900", "field_3": "三号楼 & 地下室"});
    AssetRowWrite {
        owner: owner.to_owned(),
        owner_type,
        unique_key: None,
        unique_value: None,
        columns: columns.as_object().unwrap().clone(),
    }
}

async fn create(desk: &Desk, table_id: u64, rows: &[AssetRowWrite]) -> Result<(), Error> {
    desk.agent().create_asset_rows(table(table_id), rows, &desk.request_id()).await
}

async fn asset_rows_are_read(desk: &Desk) {
    let rows = all(desk.agent().asset_rows(table(LIFTS), None)).await;
    assert_eq!(numbers(&rows), ["DT-0001", "DT-0002", "DT-0100", "DT-0200"]);
    let contacts = &rows[3];
    assert_eq!((contacts.id.as_deref(), contacts.table_id.as_deref()), (Some("4"), Some("1021")));
    assert_eq!(
        (contacts.owner_type.as_deref(), contacts.owner.as_deref()),
        (Some("contacter"), Some("21130282"))
    );
    assert_eq!((contacts.ticket_id.as_deref(), &rows[0].ticket_id), (Some("5101465"), &None));
    assert_eq!(rows[1].created_at, Some(desk.at("2023-02-11 09:02:00")));
    assert_eq!(rows[1].updated_at, Some(desk.at("2023-03-01 10:12:45")));
    assert_eq!(rows[0].column("field_3"), Some(&json!("一号楼 东侧")));
    assert_eq!(rows[1].column("field_4"), Some(&json!("")), "a column that is not set is empty");
}

async fn asset_rows_of_an_owner(desk: &Desk) {
    let of = async |owner_type, owner| {
        let owner = owned_by(owner_type, Some(owner));
        numbers(&all(desk.agent().asset_rows(table(LIFTS), Some(&owner))).await)
    };
    assert_eq!(of(OwnerType::Company, OWNER).await, ["DT-0001", "DT-0002"]);
    assert_eq!(of(OwnerType::Contact, "21130282").await, ["DT-0200"]);
    assert_eq!(of(OwnerType::Contact, OWNER).await, Vec::<String>::new());
}

async fn asset_rows_of_a_kind_of_owner(desk: &Desk) {
    let companies = owned_by(OwnerType::Company, None);
    let rows = all(desk.agent().asset_rows(table(LIFTS), Some(&companies))).await;
    assert_eq!(numbers(&rows), ["DT-0001", "DT-0002", "DT-0100"]);
}

async fn asset_rows_of_an_unknown_table_are_not_found(desk: &Desk) {
    assert_eq!(code(desk.agent().asset_rows_page(table(404), None, 1, 20).await), "not_found");
}

/// More than two pages of twenty.
async fn asset_rows_pages_make_up_the_whole(desk: &Desk) {
    let new: Vec<_> = (0..45).map(|n| row(OwnerType::Company, OWNER, &format!("N-{n}"))).collect();
    create(desk, LIFTS, &new).await.unwrap();
    let pages =
        paged(async |page, size| desk.agent().asset_rows_page(table(LIFTS), None, page, size).await).await;
    let walked = all(desk.agent().asset_rows(table(LIFTS), None)).await;
    assert_eq!((walked.len(), walked), (49, pages));
}

async fn create_asset_rows_reads_back_as_written(desk: &Desk) {
    let new = [row(OwnerType::Contact, "21101341", "DT-1"), row(OwnerType::Servicer, "565124", "DT-2")];
    create(desk, LIFTS, &new).await.unwrap();
    let rows = all(desk.agent().asset_rows(table(LIFTS), None)).await;
    for (written, row) in new.iter().zip(&rows[4..]) {
        assert_eq!(row.owner.as_ref(), Some(&written.owner));
        assert_eq!(row.owner_type.as_deref(), Some(written.owner_type.as_str()));
        for (key, value) in &written.columns {
            assert_eq!(row.column(key), Some(value), "{key}");
        }
        assert!(desk.is_now(row.created_at) && desk.is_now(row.updated_at));
    }
    assert_eq!(rows.len(), 6);
}

async fn create_asset_rows_with_an_unknown_column_is_rejected(desk: &Desk) {
    let mut odd = row(OwnerType::Company, OWNER, "DT-1");
    odd.columns.insert("field_404".to_owned(), json!("x"));
    assert_eq!(rejection(create(desk, LIFTS, &[odd]).await), declined("field_404 does not exist"));
}

async fn create_asset_rows_of_an_unknown_owner_is_rejected(desk: &Desk) {
    let orphan = row(OwnerType::Company, "404", "DT-1");
    assert_eq!(rejection(create(desk, LIFTS, &[orphan]).await), declined("owner does not exist"));
}

async fn create_asset_rows_creates_all_or_none(desk: &Desk) {
    let half = [row(OwnerType::Company, OWNER, "DT-1"), row(OwnerType::Company, "404", "DT-2")];
    assert_eq!(code(create(desk, LIFTS, &half).await), "rejected");
    assert_eq!(all(desk.agent().asset_rows(table(LIFTS), None)).await.len(), 4);
}

async fn create_asset_rows_in_an_unknown_table_is_not_found(desk: &Desk) {
    assert_eq!(code(create(desk, 404, &[row(OwnerType::Company, OWNER, "DT-1")]).await), "not_found");
}

/// Nothing is sent then.
async fn create_asset_rows_needs_a_row(desk: &Desk) {
    assert_eq!(code(create(desk, LIFTS, &[]).await), "configuration");
    assert_eq!(desk.requests().await, Vec::<String>::new());
}

fn extension(filter: &str) -> AssetExtension {
    let query = format!("tableId=1021&cPara=field_1:deptid,_id:field_6&filter={filter}");
    AssetExtension::from_query(&query).unwrap()
}

async fn offered(desk: &Desk, extension: &AssetExtension, page: &PageContext) -> Vec<AssetRow> {
    let table = extension.table.resolve(|_| None).unwrap();
    all(desk.agent().extension_rows(extension, table, page)).await
}

async fn extension_rows_of_the_company_at_hand(desk: &Desk) {
    let page = PageContext { company_id: Some(CompanyId::new(OWNER)), contact_id: None };
    let extension = extension("ownerType:company,owner:{ {company.companyId} }");
    assert_eq!(numbers(&offered(desk, &extension, &page).await), ["DT-0001", "DT-0002"]);
}

async fn extension_rows_of_the_contact_at_hand(desk: &Desk) {
    let page = PageContext { contact_id: Some(ContactId::new("21130282")), company_id: None };
    let extension = extension("ownerType:contacter,owner:{ {user.cId} }");
    assert_eq!(numbers(&offered(desk, &extension, &page).await), ["DT-0200"]);
}

/// Note 4 of the page: the parameters have no effect while the page shows no such id.
async fn extension_rows_of_a_page_without_an_owner_are_all(desk: &Desk) {
    let extension = extension("ownerType:company,owner:{ {company.companyId} }");
    assert_eq!(offered(desk, &extension, &PageContext::default()).await.len(), 4);
}

async fn extension_rows_fulfil_every_condition(desk: &Desk) {
    let page = PageContext::default();
    assert_eq!(numbers(&offered(desk, &extension("field_2:800"), &page).await), ["DT-0001", "DT-0002"]);
    assert_eq!(numbers(&offered(desk, &extension("field_2:800,field_3:西侧"), &page).await), ["DT-0002"]);
    assert_eq!(
        numbers(&offered(desk, &extension("field_2:800,field_3:"), &page).await),
        ["DT-0001", "DT-0002"]
    );
}

/// No documented call tells the id of a name.
async fn extension_of_a_named_table_needs_its_id(desk: &Desk) {
    let extension =
        AssetExtension::from_query("tableId=1022&tableName=elevators&cPara=field_1:deptid").unwrap();
    assert!(matches!(extension.table.resolve(|_| None), Err(UnresolvedTable { .. })));
    let named = extension.table.resolve(|name| (name.as_str() == "elevators").then(|| table(LIFTS))).unwrap();
    let rows = all(desk.agent().extension_rows(&extension, named, &PageContext::default())).await;
    assert_eq!(rows.len(), 4, "the name's table, not the id's");
}

async fn extension_fills_the_company_from_a_row(desk: &Desk) {
    let (id, extension) = (CompanyId::new(OWNER), extension("field_1:DT-0002"));
    let rows = offered(desk, &extension, &PageContext::default()).await;
    let change =
        CompanyWrite { custom_fields: extension.company_fields(&rows[0]), ..CompanyWrite::default() };
    desk.agent().update_company(&id, &change, &desk.request_id()).await.unwrap();
    let company = desk.agent().company(&id).await.unwrap();
    assert_eq!((custom(&company, "deptid"), custom(&company, "field_6")), (json!("DT-0002"), json!("2")));
}

fn numbers(rows: &[AssetRow]) -> Vec<String> {
    rows.iter().map(|row| row.column("field_1").unwrap().as_str().unwrap().to_owned()).collect()
}
