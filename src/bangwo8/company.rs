//! A company as it is read (§8.1).

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{pairs, scalar::Fields};

/// The id of a company, called `uId` on the company and `companyId` elsewhere: a number so far, kept as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CompanyId(String);

impl CompanyId {
    /// Takes the text as it is; it is encoded wherever it becomes part of a path.
    pub fn new(text: impl Into<String>) -> CompanyId {
        CompanyId(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CompanyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A company as the vendor returned it. A search returns fewer fields than a list (§8.4).
///
/// `Debug` shows no text that people wrote.
#[derive(Clone, Serialize)]
pub struct Company {
    /// `uId`: the id that the vendor assigned.
    pub id: CompanyId,
    /// `url`: the address of the resource; missing from lists.
    pub url: Option<String>,
    /// `companyName`.
    pub company_name: Option<String>,
    /// `supportId`: the support agent who is responsible for it.
    pub support_id: Option<String>,
    /// `servicestarttime`: the first day of its service.
    pub service_start: Option<Date>,
    /// `serviceendtime`: the last day of its service.
    pub service_end: Option<Date>,
    /// `userURL`: its web site.
    pub user_url: Option<String>,
    /// `serveNote`: a remark.
    pub serve_note: Option<String>,
    /// `serviceCharge`: what is left of its service fee, a decimal number as text such as `0.00`; the currency is
    /// not documented.
    pub service_charge: Option<String>,
    /// `serviceaccount`.
    pub service_account: Option<String>,
    /// `servicepassword`, which the vendor returns in clear text.
    #[serde(skip)]
    pub service_password: Option<SecretString>,
    /// `address`.
    pub address: Option<String>,
    /// `province`: the first level of its region.
    pub province: Option<String>,
    /// `city`: the second level of its region, a city or a district.
    pub city: Option<String>,
    /// `userGroup`: its customer group, in tenants of the 2B mode.
    pub user_group: Option<String>,
    /// `tableName`: tags joined by commas, in spite of the name.
    pub table_name: Option<String>,
    /// `service_groupid`: the groups of support agents that serve it, joined by commas.
    pub service_group_ids: Option<String>,
    /// `multiServiceList`, which is not documented: ids between `N`s in the samples.
    pub multi_service_list: Option<String>,
    /// `status`: 1 is there, 2 is deleted; missing from the samples.
    pub status: Option<u8>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
    /// `updateDT`.
    pub updated_at: Option<Timestamp>,
    /// Keys and values in the vendor's order; the values are of many shapes (§4.5) and untouched.
    #[serde(serialize_with = "pairs::as_entries")]
    pub custom_fields: Vec<(String, Value)>,
}

impl Company {
    /// Nothing if the value is not an object with a `uId`; everything else may be missing or odd.
    pub(super) fn read(value: &Value, time_zone: &TimeZone) -> Option<Company> {
        let fields = Fields::of(value, time_zone)?;
        Some(Company {
            id: CompanyId(fields.id("uId")?),
            url: fields.text("url"),
            company_name: fields.text("companyName"),
            support_id: fields.id("supportId"),
            service_start: fields.date("servicestarttime"),
            service_end: fields.date("serviceendtime"),
            user_url: fields.text("userURL"),
            serve_note: fields.text("serveNote"),
            service_charge: fields.text("serviceCharge"),
            service_account: fields.text("serviceaccount"),
            service_password: fields.text("servicepassword").map(SecretString::from),
            address: fields.text("address"),
            province: fields.text("province"),
            city: fields.text("city"),
            user_group: fields.id("userGroup"),
            table_name: fields.text("tableName"),
            service_group_ids: fields.text("service_groupid"),
            multi_service_list: fields.text("multiServiceList"),
            status: fields.number("status"),
            created_at: fields.time("createDT"),
            updated_at: fields.time("updateDT"),
            custom_fields: fields.custom_fields(),
        })
    }
}

impl fmt::Debug for Company {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Company")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Option<Company> {
        Company::read(value, &tz::offset(8).to_time_zone())
    }

    #[test]
    fn a_company_needs_an_id_and_nothing_else() {
        assert_eq!(read(&json!({"uId": 111})).unwrap().id, CompanyId::new("111"));
        for nameless in [json!({}), json!({"uId": "0"}), json!({"uId": null}), json!([]), json!("1")] {
            assert!(read(&nameless).is_none(), "{nameless}");
        }
    }

    #[test]
    fn zeros_are_no_agent_no_group_and_no_date() {
        let company = read(&json!({
            "uId": 1, "supportId": "0", "userGroup": 0, "servicestarttime": "0000-00-00",
            "serviceendtime": "0000-00-00 00:00:00", "servicepassword": "",
        }))
        .unwrap();
        assert_eq!((company.support_id, company.user_group), (None, None));
        assert_eq!((company.service_start, company.service_end), (None, None));
        assert!(company.service_password.is_none());
    }

    #[test]
    fn debug_shows_nothing_that_people_wrote() {
        let company = read(&json!({
            "uId": 1, "companyName": "hush", "servicepassword": "hush", "address": "hush",
            "custom_fields": [{"key": "field_1", "value": "hush"}],
        }))
        .unwrap();
        assert!(!format!("{company:?}").contains("hush"));
        assert!(!format!("{:?}", company.service_password).contains("hush"));
    }

    proptest! {
        #[test]
        fn no_scalar_makes_the_reader_fail(key in "[a-zA-Z_]{1,16}", text in "\\PC{0,12}", number in any::<i64>()) {
            for value in [json!(text), json!(number), json!([text]), json!(null)] {
                let mut company = json!({"status": value, "servicestarttime": value, key.as_str(): value});
                company["uId"] = json!("7");
                prop_assert_eq!(read(&company).unwrap().id, CompanyId::new("7"));
            }
        }
    }
}
