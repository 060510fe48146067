//! Behaviour that the vendors' documents leave open or state in two ways. A client that is right passes its
//! tests under every value.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::guard::lock;

/// All switches, each at its most likely value by default. On the wire they are a JSON object of these names,
/// values in kebab case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// How Bangwo8 writes a ticket's status, type, priority and source.
    pub ticket_enums: TicketEnums,
    /// How Bangwo8 writes a dropdown value outside the `_v2` endpoint, which always gives ids.
    pub dropdown_on_v1_read: DropdownForm,
    /// Page size of Bangwo8 ticket lists when the caller sends none; the documents say 10 and 100.
    pub tickets_per_page: NonZeroU32,
    /// What a Bangwo8 list says when there is no next or previous page.
    pub empty_page_link: EmptyPageLink,
    /// How Bangwo8 writes counts.
    pub counts: CountForm,
    /// The envelope of `GET /tickets/{id}.json`.
    pub single_ticket_v1: SingleTicketForm,
    /// What a successful Bangwo8 write answers.
    pub write_result: WriteResult,
    /// HTTP status of Bangwo8 error bodies whose status the documents do not tell.
    pub business_error_status: BusinessErrorStatus,
    /// What a repeated `Requestid` gets.
    pub duplicate_requestid: DuplicateRequestid,
    /// The body of Bangwo8's 401.
    pub unauthorized_body: UnauthorizedBody,
    /// Whether a create must set the fields that its template marks as mandatory.
    pub required_fields: RequiredFields,
    /// The zone of Bangwo8's timestamps.
    pub time_zone: TimeZoneName,
    /// How the Udesk v1 signature is checked.
    pub udesk_sign: SignCheck,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            ticket_enums: TicketEnums::default(),
            dropdown_on_v1_read: DropdownForm::default(),
            tickets_per_page: NonZeroU32::MIN.saturating_add(9),
            empty_page_link: EmptyPageLink::default(),
            counts: CountForm::default(),
            single_ticket_v1: SingleTicketForm::default(),
            write_result: WriteResult::default(),
            business_error_status: BusinessErrorStatus::default(),
            duplicate_requestid: DuplicateRequestid::default(),
            unauthorized_body: UnauthorizedBody::default(),
            required_fields: RequiredFields::default(),
            time_zone: TimeZoneName::default(),
            udesk_sign: SignCheck::default(),
        }
    }
}

/// How Bangwo8 writes a ticket's status, type, priority and source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketEnums {
    /// Labels in lists and views, codes in a single ticket.
    #[default]
    MixedPerEndpoint,
    /// `"1"` everywhere.
    CodeAsText,
    /// `"新建"` everywhere.
    Label,
}

/// How a dropdown value is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DropdownForm {
    /// The option's text.
    #[default]
    Text,
    /// The option's id.
    Id,
}

/// What stands for "no such page".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyPageLink {
    /// `""`.
    #[default]
    Empty,
    /// `null`.
    Null,
    /// No member at all.
    Missing,
}

/// How counts are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountForm {
    /// `"8"`.
    #[default]
    Text,
    /// `8`.
    Number,
}

/// The envelope of a single ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SingleTicketForm {
    /// `{"ticket":[{…}]}`.
    #[default]
    Array,
    /// `{"ticket":{…}}`.
    Object,
}

/// What a successful write answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteResult {
    /// The resource, with `Location` on create.
    #[default]
    Resource,
    /// `{"status":"0","message":"Insert ok","data":false}`, with `Location` on create.
    StatusMessage,
}

/// HTTP status of an error body whose status is not documented.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum BusinessErrorStatus {
    /// 200.
    #[default]
    Ok,
    /// 400.
    BadRequest,
    /// 403.
    Forbidden,
}

impl TryFrom<u16> for BusinessErrorStatus {
    type Error = String;

    fn try_from(status: u16) -> Result<Self, String> {
        match status {
            200 => Ok(Self::Ok),
            400 => Ok(Self::BadRequest),
            403 => Ok(Self::Forbidden),
            other => Err(format!("business_error_status: {other} is not one of 200, 400, 403")),
        }
    }
}

impl From<BusinessErrorStatus> for u16 {
    fn from(status: BusinessErrorStatus) -> Self {
        match status {
            BusinessErrorStatus::Ok => 200,
            BusinessErrorStatus::BadRequest => 400,
            BusinessErrorStatus::Forbidden => 403,
        }
    }
}

/// What a repeated `Requestid` gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateRequestid {
    /// The first answer again; nothing happens twice.
    #[default]
    Replay,
    /// An error; nothing happens twice.
    Error,
    /// A second effect.
    Ignored,
}

/// The body of a 401.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnauthorizedBody {
    /// `{"error":"invalid_token",…}`.
    #[default]
    Oauth,
    /// `{"errcode":…,"errmsg":…}`.
    Errcode,
    /// None.
    Empty,
}

/// How a field's `isRequired` is enforced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequiredFields {
    /// Not at all.
    #[default]
    Off,
    /// `"0"` is mandatory.
    AsDocumented,
    /// `"1"` is mandatory.
    Inverted,
}

/// A time zone the vendor may mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeZoneName {
    /// UTC+8.
    #[default]
    #[serde(rename = "Asia/Shanghai")]
    Shanghai,
    /// UTC.
    #[serde(rename = "UTC")]
    Utc,
}

/// How a signature is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignCheck {
    /// Over the encoded query, in the order received or sorted.
    #[default]
    Strict,
    /// Also over the decoded query, and in capitals.
    Lenient,
    /// Not at all.
    Off,
}

/// The switches that both simulators look at.
#[derive(Debug, Clone)]
pub(crate) struct SharedSwitches(Arc<Mutex<Switches>>);

impl SharedSwitches {
    pub(crate) fn new(switches: Switches) -> Self {
        Self(Arc::new(Mutex::new(switches)))
    }

    pub(crate) fn get(&self) -> Switches {
        *lock(&self.0)
    }

    /// Changes the members given and leaves the others; a mistake changes nothing.
    pub(crate) fn change(&self, changes: Map<String, Value>) -> Result<Switches, String> {
        let mut current = lock(&self.0);
        let mut all = json!(*current);
        if let Some(members) = all.as_object_mut() {
            members.extend(changes);
        }
        *current = serde_json::from_value(all).map_err(|error| error.to_string())?;
        Ok(*current)
    }
}
