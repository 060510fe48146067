//! A ticket as it is stored: codes and ids as numbers, whatever form an endpoint gives them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::enums;

/// `0` in an id or a code stands for "none", and `""` for no time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ticket {
    pub(crate) ticket_id: u64,
    pub(crate) subject: String,
    pub(crate) descript: String,
    /// 0 stands for the workbench, which has a label but no code.
    pub(crate) ticket_source: u8,
    pub(crate) ticket_type: u8,
    pub(crate) priority_level: u8,
    pub(crate) ticket_status: u8,
    pub(crate) cust_user_id: u64,
    pub(crate) servicer_user_id: u64,
    pub(crate) servicer_group_id: u64,
    pub(crate) cc_user_id_list: String,
    pub(crate) cc_group_id_list: String,
    pub(crate) creater_id: u64,
    /// 0 agent, 1 customer.
    pub(crate) creater_type: u8,
    pub(crate) ticket_template_id: u64,
    pub(crate) custom_template_id: u64,
    pub(crate) tag_list: String,
    #[serde(rename = "createDT")]
    pub(crate) create_dt: String,
    #[serde(rename = "updateDT")]
    pub(crate) update_dt: String,
    #[serde(rename = "openDT")]
    pub(crate) open_dt: String,
    #[serde(rename = "waitDT")]
    pub(crate) wait_dt: String,
    #[serde(rename = "solveDT")]
    pub(crate) solve_dt: String,
    #[serde(rename = "closeDT")]
    pub(crate) close_dt: String,
    #[serde(rename = "custom_fields")]
    pub(crate) custom_fields: Vec<CustomValue>,
    /// Those added by updates. The first reply is `descript` itself and not listed.
    pub(crate) replies: Vec<TicketReply>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomValue {
    pub(crate) key: String,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TicketReply {
    pub(crate) ticket_reply_id: u64,
    pub(crate) reply_msg: String,
    #[serde(rename = "createDT")]
    pub(crate) create_dt: String,
}

impl Ticket {
    /// Notes when the present status was reached.
    pub(crate) fn stamp_status(&mut self, now: &str) {
        let reached = match self.ticket_status {
            enums::OPEN => &mut self.open_dt,
            enums::AWAITING => &mut self.wait_dt,
            enums::SOLVED => &mut self.solve_dt,
            5 | 6 => &mut self.close_dt,
            _ => return,
        };
        now.clone_into(reached);
    }

    pub(crate) fn is_unsolved(&self) -> bool {
        self.ticket_status < enums::SOLVED
    }

    pub(crate) fn has_tag(&self, tag: &str) -> bool {
        self.tag_list.split(',').any(|own| own.trim() == tag)
    }
}
