//! The page of the vendor's screens that a company field's external extension opens (§12), against what the client
//! says of it.

use std::num::NonZeroU64;

use deskbridge::{
    bangwo8::{AssetExtension, AssetTableId, CustomFieldWrite, PageContext},
    sandbox::credentials as known,
};
use serde_json::{Map, Value};

use super::{desk::Desk, lists::all};
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![extension_address_opens_the_page_with_the_rows_offered];

/// 电梯台账, where two of its rows are this owner's and have a model that contains the text.
const LIFTS: u64 = 1021;
const CONFIGURED: &str = "tableName=elevators&cPara=field_1:deptid,_id:field_6&display=field_1\
                          &filter=field_2:800,ownerType:company,owner:14650146";

async fn extension_address_opens_the_page_with_the_rows_offered(desk: &Desk) {
    let extension = AssetExtension::from_query(CONFIGURED).unwrap();
    let mut address = extension.address(&desk.url);
    assert_eq!(AssetExtension::from_address(address.as_str()).unwrap(), extension);
    assert_eq!(AssetExtension::from_query(&extension.query()).unwrap(), extension);
    let table = AssetTableId::new(NonZeroU64::new(LIFTS).unwrap());
    let rows = all(desk.agent().extension_rows(&extension, table, &PageContext::default())).await;
    address.set_username(known::BANGWO8_AGENT_ACCOUNT).unwrap();
    address.set_password(Some(known::BANGWO8_AGENT_PASSWORD)).unwrap();
    let page = desk.download(address.as_str()).await;
    let filled: Vec<Value> = rows.iter().map(|row| object(extension.company_fields(row))).collect();
    assert_eq!(filled.len(), 2);
    assert_eq!(shown(std::str::from_utf8(&page).unwrap()), filled);
}

/// What each row of the page would fill in.
fn shown(page: &str) -> Vec<Value> {
    let fills = page.split("data-fill=\"").skip(1).filter_map(|rest| rest.split('"').next());
    fills.map(|fill| serde_json::from_str(&fill.replace("&quot;", "\"")).unwrap()).collect()
}

fn object(fields: Vec<CustomFieldWrite>) -> Value {
    fields.into_iter().map(|field| (field.key, field.value)).collect::<Map<_, _>>().into()
}
