//! Bindings of contacts to users of other systems: the vendor's only map of external ids (§9.5). How to undo one is
//! not documented.

use std::fmt;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    answer::Answer,
    client::Client,
    contact::ContactId,
    error::Error,
    query::Query,
    redacted::Redacted,
    request::{Endpoint, Request, RequestId},
    scalar::Fields,
};

/// All three calls share one path.
const PATH: &[&str] = &["user", "relationship", "cid"];

/// The other system (`account_source`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountSource {
    /// `dingding`: DingTalk.
    DingTalk,
    /// `wechat`: a WeChat public account.
    WeChat,
    /// `workWechat`: WeCom. The look-up's own list leaves it out.
    WorkWeChat,
    /// `open`: any other system.
    Open,
}

impl AccountSource {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountSource::DingTalk => "dingding",
            AccountSource::WeChat => "wechat",
            AccountSource::WorkWeChat => "workWechat",
            AccountSource::Open => "open",
        }
    }
}

/// What to look a binding up by; `Debug` shows no id of the other system.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BindingKey<'a> {
    /// The contact.
    Contact(&'a ContactId),
    /// The user's id in the other system.
    OpenId(&'a str),
    /// Both, which finds a binding only if it is of the one to the other.
    Both(&'a ContactId, &'a str),
}

impl fmt::Debug for BindingKey<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindingKey::Contact(contact_id) => formatter.debug_tuple("Contact").field(contact_id).finish(),
            BindingKey::OpenId(_) => formatter.debug_tuple("OpenId").field(&Redacted).finish(),
            BindingKey::Both(contact_id, _) => {
                formatter.debug_tuple("Both").field(contact_id).field(&Redacted).finish()
            }
        }
    }
}

/// A binding as the vendor returned it; `Debug` shows no account.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// `cId`: the contact.
    pub contact_id: ContactId,
    /// `openId`: the user's id in the other system.
    pub open_id: Option<String>,
    /// `account_source`: the other system, as sent.
    pub account_source: Option<String>,
    /// `appId`: the WeChat public account.
    pub app_id: Option<String>,
    /// `aId`: the tenant.
    pub agent_id: Option<String>,
    /// `account`: a name that the vendor makes up.
    pub account: Option<String>,
    /// `remark`.
    pub remark: Option<String>,
    /// `templateId`.
    pub template_id: Option<String>,
}

impl Binding {
    fn read(value: &Value, time_zone: &TimeZone) -> Option<Binding> {
        let fields = Fields::of(value, time_zone)?;
        Some(Binding {
            contact_id: ContactId::new(fields.id("cId")?),
            open_id: fields.text("openId"),
            account_source: fields.text("account_source"),
            app_id: fields.text("appId"),
            agent_id: fields.id("aId"),
            account: fields.text("account"),
            remark: fields.text("remark"),
            template_id: fields.id("templateId"),
        })
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Binding")
            .field("contact_id", &self.contact_id)
            .field("account_source", &self.account_source)
            .finish_non_exhaustive()
    }
}

/// What a binding is made or changed to; the body has no envelope.
#[derive(Serialize)]
struct BindingWrite<'a> {
    #[serde(rename = "cId")]
    contact_id: Value,
    #[serde(rename = "openId", skip_serializing_if = "Option::is_none")]
    open_id: Option<&'a str>,
    #[serde(rename = "appId", skip_serializing_if = "Option::is_none")]
    app_id: Option<&'a str>,
    account_source: &'static str,
}

impl Client {
    /// Binds a contact to a user of another system: `POST /user/relationship/cid.json` (§9.5). Any support agent
    /// may. `app_id` is the public account, for WeChat.
    ///
    /// # Errors
    /// [`ContactNotFound`](Error::ContactNotFound), [`AlreadyBound`](Error::AlreadyBound); any other [`Error`] but
    /// those of a creation.
    pub async fn bind_contact(
        &self,
        contact_id: &ContactId,
        open_id: &str,
        account_source: AccountSource,
        app_id: Option<&str>,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        let account_source = account_source.as_str();
        let binding =
            BindingWrite { contact_id: number(contact_id), open_id: Some(open_id), app_id, account_source };
        self.write_binding(Endpoint::post(PATH), &binding, request_id).await
    }

    /// Changes a contact's binding: `PUT /user/relationship/cid.json` (§9.5; the document breaks off in its
    /// parameters). What leaving out `open_id` does is not documented.
    ///
    /// # Errors
    /// [`ContactNotFound`](Error::ContactNotFound); any other [`Error`] but those of a creation.
    pub async fn rebind_contact(
        &self,
        contact_id: &ContactId,
        open_id: Option<&str>,
        account_source: AccountSource,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        let account_source = account_source.as_str();
        let binding = BindingWrite { contact_id: number(contact_id), open_id, app_id: None, account_source };
        self.write_binding(Endpoint::put(PATH), &binding, request_id).await
    }

    /// The bindings to another system that `key` finds: `GET /user/relationship/cid.json` (§9.5). Any support agent
    /// may.
    ///
    /// # Errors
    /// [`ContactNotFound`](Error::ContactNotFound); any other [`Error`] of a read.
    pub async fn bindings(
        &self,
        account_source: AccountSource,
        key: BindingKey<'_>,
    ) -> Result<Vec<Binding>, Error> {
        let (contact_id, open_id) = match key {
            BindingKey::Contact(contact_id) => (Some(contact_id), None),
            BindingKey::OpenId(open_id) => (None, Some(open_id)),
            BindingKey::Both(contact_id, open_id) => (Some(contact_id), Some(open_id)),
        };
        let query = Query::new()
            .with("cId", contact_id)
            .with("openId", open_id)
            .with("account_source", Some(account_source.as_str()));
        let request = Request::read(PATH, query);
        self.send(&request, |answer| self.read_bindings(answer)).await
    }

    async fn write_binding(
        &self,
        endpoint: Endpoint,
        binding: &BindingWrite<'_>,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        let request = Request::write(endpoint, binding, request_id)?;
        self.send(&request, confirmed).await
    }

    /// What a look-up that finds nothing answers is not documented: an empty list, or one of the vendor's nothings.
    fn read_bindings(&self, answer: &Answer) -> Result<Vec<Binding>, Error> {
        match answer.body.get("data") {
            Some(Value::Null | Value::Bool(false)) => Ok(vec![]),
            Some(Value::String(text)) if text.is_empty() => Ok(vec![]),
            _ => answer.list("data", |binding| Binding::read(binding, self.time_zone())),
        }
    }
}

/// `data` is `true` after a success (§4.2), so `false` is none, whatever the vendor meant by it.
fn confirmed(answer: &Answer) -> Result<(), Error> {
    match answer.body.get("data") {
        Some(Value::Bool(false)) => Err(answer.endpoint.bad_answer("it does not confirm the binding")),
        _ => Ok(()),
    }
}

/// The document calls the id a number; an id that is none is sent as the text it is.
fn number(contact_id: &ContactId) -> Value {
    contact_id.as_str().parse::<u64>().map_or_else(|_| json!(contact_id), Value::from)
}
