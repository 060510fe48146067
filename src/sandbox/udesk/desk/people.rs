//! Customers, their organizations, and the staff.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::vocabulary::Platform;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Customer {
    pub(crate) id: u64,
    pub(crate) nick_name: String,
    #[serde(default)]
    pub(crate) level: Level,
    pub(crate) description: Option<String>,
    pub(crate) owner_id: Option<u64>,
    pub(crate) owner_group_id: Option<u64>,
    /// Selections are arrays of index strings here, `["0","1"]` (§5.2).
    #[serde(default)]
    pub(crate) custom_fields: Map<String, Value>,
    /// The customer's id in somebody else's system; v1 calls it `customer_token`.
    pub(crate) open_api_token: Option<String>,
    pub(crate) organization_id: Option<u64>,
    #[serde(default)]
    pub(crate) is_blocked: bool,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) other_emails: Vec<Entry>,
    #[serde(default)]
    pub(crate) cellphones: Vec<Entry>,
    pub(crate) platform: Platform,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    #[default]
    Normal,
    Vip,
}

/// A phone number or a further e-mail address, which have ids of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) content: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Organization {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) domains: String,
    pub(crate) level: Level,
    pub(crate) custom_fields: Map<String, Value>,
    pub(crate) updated_at: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) cellphones: Vec<Entry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agent {
    pub(crate) id: u64,
    pub(crate) email: String,
    pub(crate) nick_name: String,
    pub(crate) profile: String,
    /// The name that customers see, spelled as the vendor spells it.
    pub(crate) aliase: String,
    pub(crate) cellphone: Option<String>,
    pub(crate) role_name: String,
    pub(crate) duty: String,
    pub(crate) im_ability_value: u64,
    pub(crate) user_group_ids: Vec<u64>,
    /// Has left; old tickets may still point to them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) disabled: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) id: u64,
    pub(crate) name: String,
}

impl Customer {
    /// A customer of whom nothing is known but the channel.
    pub(crate) fn unnamed(id: u64, platform: Platform, now: Timestamp) -> Self {
        Self {
            id,
            nick_name: String::new(),
            level: Level::Normal,
            description: None,
            owner_id: None,
            owner_group_id: None,
            custom_fields: Map::new(),
            open_api_token: None,
            organization_id: None,
            is_blocked: false,
            tags: Vec::new(),
            email: None,
            other_emails: Vec::new(),
            cellphones: Vec::new(),
            platform,
            created_at: now,
            updated_at: now,
        }
    }

    pub(crate) fn has_email(&self, email: &str) -> bool {
        self.email.as_deref() == Some(email) || self.other_emails.iter().any(|entry| entry.content == email)
    }

    pub(crate) fn has_cellphone(&self, number: &str) -> bool {
        self.cellphones.iter().any(|entry| entry.content == number)
    }

    pub(crate) fn cellphone(&self) -> Option<&str> {
        self.cellphones.first().map(|entry| entry.content.as_str())
    }
}
