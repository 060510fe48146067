//! A ticket as it is written (§6.5, §6.6).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::redacted::Redacted;

/// The fields of a ticket to create or to change; what is `None` is left out of the request.
///
/// A create needs at least `subject`, `ticket_status` and `ticket_template_id` (§6.5), and custom fields need
/// the template id always (§6.1); the vendor judges that, not this client. `Debug` shows no content.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct TicketWrite {
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text of the first reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descript: Option<String>,
    /// Status, 1 to 6 (§6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_status: Option<u8>,
    /// Type, 1 to 4 (§6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<u8>,
    /// Priority, 1 to 4 (§6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_level: Option<u8>,
    /// Source; 7 is the API (§6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_source: Option<u8>,
    /// The contact it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cust_user_id: Option<u64>,
    /// The support agent who is to handle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servicer_user_id: Option<u64>,
    /// The group that is to handle it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servicer_group_id: Option<u64>,
    /// The template, which decides what fields the ticket has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_template_id: Option<u64>,
    /// Support agents in copy, joined by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc_user_id_list: Option<String>,
    /// Groups in copy, joined by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cc_group_id_list: Option<String>,
    /// Tag names, joined by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_list: Option<String>,
    /// The tenant, in spite of its name; the one of the credentials if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<u64>,
    /// Who is to be its creator. The document calls it writable; whether the vendor heeds it is not known (§14).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creater_id: Option<u64>,
    /// What kind of person that is: 0 a support agent, 1 a customer (§6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creater_type: Option<u8>,
    /// The customer's template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_template_id: Option<u64>,
    /// Values of table-type custom fields, which `custom_fields` cannot carry. Their structure is not documented
    /// (§4.5), so they are sent as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Value>,
    /// Custom fields to set.
    #[serde(rename = "custom_fields", skip_serializing_if = "Vec::is_empty")]
    pub custom_fields: Vec<CustomFieldWrite>,
}

/// One custom field to set; `Debug` shows only the key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldWrite {
    /// The field's `key`, not its numeric id.
    pub key: String,
    /// Text for the simple types; how the others are written is not documented (§4.5).
    pub value: Value,
}

impl fmt::Debug for TicketWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TicketWrite")
            .field("subject", &self.subject.as_ref().map(|_| Redacted))
            .field("descript", &self.descript.as_ref().map(|_| Redacted))
            .field("ticket_status", &self.ticket_status)
            .field("ticket_type", &self.ticket_type)
            .field("priority_level", &self.priority_level)
            .field("ticket_template_id", &self.ticket_template_id)
            .field("custom_fields", &self.custom_fields)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CustomFieldWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CustomFieldWrite").field("key", &self.key).field("value", &Redacted).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wire_names_are_the_vendors_and_unset_fields_are_left_out() {
        let wire = json!({
            "subject": "s", "descript": "d", "ticketStatus": 1, "ticketType": 3, "priorityLevel": 2,
            "ticketSource": 7, "custUserId": 21130282, "servicerUserId": 565123, "servicerGroupId": 344124,
            "ticketTemplateId": 4, "ccUserIdList": "1,2", "ccGroupIdList": "3", "tagList": "vip",
            "agentId": 601_993, "createrId": 565123, "createrType": 0, "customTemplateId": 9,
            "tables": [{"field_11": [{"rowId": 1, "field_1": "网卡"}]}],
            "custom_fields": [{"key": "field_14", "value": "text"}],
        });
        let ticket: TicketWrite = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&ticket).unwrap(), wire);
        assert_eq!(serde_json::to_value(TicketWrite::default()).unwrap(), json!({}));
    }

    #[test]
    fn a_misspelled_field_is_an_error() {
        assert!(serde_json::from_value::<TicketWrite>(json!({"description": "d"})).is_err());
    }

    #[test]
    fn debug_shows_no_content() {
        let ticket = TicketWrite {
            subject: Some("secret".into()),
            descript: Some("secret".into()),
            tag_list: Some("secret".into()),
            custom_fields: vec![CustomFieldWrite { key: "field_1".into(), value: "secret".into() }],
            ..TicketWrite::default()
        };
        assert!(!format!("{ticket:?}").contains("secret"));
    }
}
