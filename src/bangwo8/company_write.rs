//! A company as it is written (§8.5, §8.6).

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{redacted::Redacted, ticket_write::CustomFieldWrite};

/// The fields of a company to create or to change; what is `None` is left out of the request.
///
/// A create needs `company_name`; the vendor judges that, not this client. `Debug` shows no content.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CompanyWrite {
    /// The name, which no other company of the tenant has (§2.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// The first day of its service.
    #[serde(rename = "servicestarttime", skip_serializing_if = "Option::is_none")]
    pub service_start: Option<Date>,
    /// The last day of its service.
    #[serde(rename = "serviceendtime", skip_serializing_if = "Option::is_none")]
    pub service_end: Option<Date>,
    /// Its web site.
    #[serde(rename = "userURL", skip_serializing_if = "Option::is_none")]
    pub user_url: Option<String>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve_note: Option<String>,
    /// What is left of its service fee, a decimal number as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_charge: Option<String>,
    /// The service account.
    #[serde(rename = "serviceaccount", skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// The service password.
    #[serde(rename = "servicepassword", skip_serializing_if = "Option::is_none")]
    pub service_password: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The first level of its region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// The second level of its region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Its customer group; 0 is none (2B mode only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_group: Option<u64>,
    /// Tags, joined by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// The groups of support agents that serve it, joined by commas.
    #[serde(rename = "service_groupid", skip_serializing_if = "Option::is_none")]
    pub service_group_ids: Option<String>,
    /// 1 is there, 2 is deleted. The only trace of a way to delete a company, and not said to be one (§8.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// Custom fields to set.
    #[serde(rename = "custom_fields", skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<CustomFieldWrite>,
}

impl fmt::Debug for CompanyWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompanyWrite")
            .field("company_name", &self.company_name.as_ref().map(|_| Redacted))
            .field("user_group", &self.user_group)
            .field("status", &self.status)
            .field("custom_fields", &self.custom_fields)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wire_names_are_the_vendors_and_unset_fields_are_left_out() {
        let wire = json!({
            "companyName": "测试公司API", "servicestarttime": "2021-09-28", "serviceendtime": "2022-01-31",
            "userURL": "https://example.com", "serveNote": "n", "serviceCharge": "0.00",
            "serviceaccount": "002", "servicepassword": "p", "address": "地址", "province": "吉林",
            "city": "长春", "userGroup": 221, "tableName": "vip", "service_groupid": "344124,344214",
            "status": 1, "custom_fields": [{"key": "field_1", "value": "华中"}],
        });
        let company: CompanyWrite = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&company).unwrap(), wire);
        assert_eq!(serde_json::to_value(CompanyWrite::default()).unwrap(), json!({}));
    }

    #[test]
    fn a_misspelled_field_is_an_error() {
        assert!(serde_json::from_value::<CompanyWrite>(json!({"name": "x"})).is_err());
    }

    #[test]
    fn debug_shows_no_content() {
        let company: CompanyWrite = serde_json::from_value(json!({
            "companyName": "hush", "servicepassword": "hush", "address": "hush",
            "custom_fields": [{"key": "field_1", "value": "hush"}],
        }))
        .unwrap();
        let told = format!("{company:?}");
        assert!(told.contains("field_1") && !told.contains("hush"), "{told}");
    }
}
