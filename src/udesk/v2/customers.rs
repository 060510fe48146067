//! Customers of family v2 (§5.2).

use futures_util::Stream;
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::{V2, search::Search};
use crate::udesk::{
    answer::Answer,
    draft::{Inexpressible, joined},
    error::Error,
    page::{List, Page, Reach, Style},
    redact::debug_only,
    request::{Endpoint, Operation, Request},
    scalar::{self, Fields},
};

/// Records that the list shows at most; for more the vendor has an export call that is not known.
const REACH: u64 = 10_000;

/// A customer. `Debug` shows nobody's name or address.
#[derive(Clone, Serialize)]
pub struct Customer {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: Option<String>,
    /// `normal` or `vip`.
    pub level: Option<String>,
    /// What agents noted.
    pub description: Option<String>,
    /// The agent in charge.
    pub owner_id: Option<u64>,
    /// The group in charge.
    pub owner_group_id: Option<u64>,
    /// The organization.
    pub organization_id: Option<u64>,
    /// `open_api_token`: the id in another system. It has only its name in common with the API token.
    pub token: Option<String>,
    /// Whether the customer is barred.
    pub is_blocked: Option<bool>,
    /// Tag names.
    pub tags: Vec<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Further e-mail addresses; no sample shows how they are read.
    pub other_emails: Vec<String>,
    /// Telephone numbers.
    pub cellphones: Vec<String>,
    /// The channel the customer came through, in Chinese.
    pub platform: Option<String>,
    /// Values by identifier; selections are lists of indexes.
    pub custom_fields: Map<String, Value>,
    /// The customer byte for byte as the vendor sent it.
    #[serde(skip)]
    pub raw: Box<RawValue>,
}

/// What to look a customer up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// By telephone number: the only one that has been seen in this call.
    Cellphone(String),
    /// By another `type`, named as the vendor names it.
    Other {
        /// The `type`.
        by: &'static str,
        /// Its value.
        content: String,
    },
}

/// A customer to create, or what to change of one. `Debug` shows nobody's name or address.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CustomerDraft {
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Further e-mail addresses.
    pub other_emails: Vec<String>,
    /// Telephone numbers.
    pub cellphones: Vec<String>,
    /// What agents should know.
    pub description: Option<String>,
    /// The organization.
    pub organization_id: Option<u64>,
    /// The agent in charge.
    pub owner_id: Option<u64>,
    /// The group in charge.
    pub owner_group_id: Option<u64>,
    /// `normal` or `vip`.
    pub level: Option<String>,
    /// Tag names.
    pub tags: Vec<String>,
    /// Values by identifier: text, or a list of indexes for a selection.
    pub custom_fields: Map<String, Value>,
}

/// What is written: telephones and e-mails as pairs of id and value, tags and other e-mails beside the
/// customer.
#[derive(Serialize)]
struct Written<'a> {
    customer: WrittenCustomer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_emails: Vec<(Option<u64>, &'a str)>,
}

#[derive(Serialize)]
struct WrittenCustomer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_group_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cellphones: Vec<(Option<u64>, &'a str)>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    custom_fields: &'a Map<String, Value>,
}

impl Customer {
    /// Reads a customer as lists, look-ups and pushes show one; nothing if it is not an object with an id.
    pub fn read(raw: &RawValue) -> Option<Customer> {
        let mut fields = Fields::of(raw)?;
        Some(Customer {
            id: fields.id("id")?,
            name: fields.text("nick_name"),
            level: fields.text("level"),
            description: fields.text("description"),
            owner_id: fields.id("owner_id"),
            owner_group_id: fields.id("owner_group_id"),
            organization_id: fields.id("organization_id"),
            token: fields.text("open_api_token"),
            is_blocked: fields.flag("is_blocked"),
            tags: fields.names("tags"),
            email: fields.text("email"),
            other_emails: fields.contents("other_emails"),
            cellphones: fields.contents("cellphones"),
            platform: fields.text("platform"),
            custom_fields: fields.custom_fields(),
            raw: raw.to_owned(),
        })
    }
}

impl CustomerDraft {
    fn written(&self) -> Result<Written<'_>, Inexpressible> {
        Ok(Written {
            customer: WrittenCustomer {
                email: self.email.as_deref(),
                nick_name: self.name.as_deref(),
                description: self.description.as_deref(),
                organization_id: self.organization_id,
                owner_id: self.owner_id,
                owner_group_id: self.owner_group_id,
                level: self.level.as_deref(),
                cellphones: new_pairs(&self.cellphones),
                custom_fields: &self.custom_fields,
            },
            tags: joined(&self.tags, "tags")?,
            other_emails: new_pairs(&self.other_emails),
        })
    }
}

debug_only!(Customer { id });
debug_only!(CustomerDraft { organization_id });

impl V2 {
    /// One page of the customers, those that are searched for: `GET /open_api_v1/customers` (§5.2).
    /// `page_size` is 1 to 100.
    ///
    /// # Errors
    /// Any [`Error`] of a read; [`OutOfReach`](Error::OutOfReach) beyond 10,000 records.
    pub async fn customers_page(
        &self,
        search: Search<'_>,
        page: u32,
        page_size: u32,
    ) -> Result<Page<Customer>, Error> {
        self.0.page(&customers(search), page, page_size).await
    }

    /// The customers, page after page as they are asked for. If there are more than the list shows,
    /// [`Error::OutOfReach`] is the last element.
    pub fn customers(
        &self,
        search: Search<'_>,
    ) -> impl Stream<Item = Result<Customer, Error>> + Send + use<> {
        self.0.walk(customers(search))
    }

    /// One customer: `GET /open_api_v1/customers/get_customer` (§5.2).
    ///
    /// # Errors
    /// Any [`Error`] of a read. The code for "nobody" is not documented, so that is
    /// [`Rejected`](Error::Rejected) unless the answer is a success without a customer.
    pub async fn customer(&self, look_up: &LookUp) -> Result<Customer, Error> {
        let endpoint = Endpoint::v2("GET", "/customers/get_customer", Operation::Read);
        let request = Request::read(endpoint, look_up.parameters());
        self.0.send(&request, |answer| answer.one("customer", Customer::read)).await
    }

    /// Creates a customer and returns the id: `POST /open_api_v1/customers` (§5.2).
    ///
    /// # Errors
    /// Any [`Error`]. Ask [`effect_unknown`](Error::effect_unknown) before repeating it.
    pub async fn create_customer(&self, draft: &CustomerDraft) -> Result<u64, Error> {
        let endpoint = Endpoint::v2("POST", "/customers", Operation::CreateCustomer);
        self.0.send(&written(endpoint, draft)?, created_id).await
    }

    /// Changes the customer whom the look-up finds: `PUT /open_api_v1/customers/update_customer` (§5.2). What the
    /// draft does not say stays as it is. Whether telephone numbers, further e-mails and tags replace those that
    /// are there, or are added to them, is not documented.
    ///
    /// # Errors
    /// Any [`Error`]; [`Rejected`](Error::Rejected) if there is nobody, whose code is not documented.
    pub async fn update_customer(&self, look_up: &LookUp, draft: &CustomerDraft) -> Result<(), Error> {
        let endpoint = Endpoint::v2("PUT", "/customers/update_customer", Operation::UpdateCustomer);
        let request = Request { query: look_up.parameters(), ..written(endpoint, draft)? };
        self.0.send(&request, |_| Ok(())).await
    }
}

impl LookUp {
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let (by, content) = match self {
            LookUp::Cellphone(number) => ("cellphone", number),
            LookUp::Other { by, content } => (*by, content),
        };
        vec![("type", by.to_owned()), ("content", content.clone())]
    }
}

fn customers(search: Search<'_>) -> List<Customer> {
    let endpoint = Endpoint::v2("GET", "/customers", Operation::Read);
    let list = List::new(endpoint, Style::Customers, "customers", Customer::read);
    List { query: search.parameters(), reach: Reach::Records(REACH), ..list }
}

fn written(endpoint: Endpoint, draft: &CustomerDraft) -> Result<Request, Error> {
    match draft.written() {
        Ok(customer) => Request::write(endpoint, &customer),
        Err(source) => Err(Error::Inexpressible { call: endpoint, source }),
    }
}

/// Values without an id are new.
fn new_pairs(values: &[String]) -> Vec<(Option<u64>, &str)> {
    values.iter().map(|value| (None, value.as_str())).collect()
}

/// What the answer holds is not documented: the customer, as in other answers, or the id alone, as for tickets.
fn created_id(answer: &Answer<'_>) -> Result<u64, Error> {
    let customer = answer.value("customer");
    let id = scalar::id(customer.as_ref().and_then(|customer| customer.get("id")))
        .or_else(|| scalar::id(answer.value("customer_id").as_ref()))
        .or_else(|| scalar::id(answer.value("id").as_ref()));
    id.ok_or_else(|| Error::CreatedIdUnknown { call: answer.endpoint.clone() })
}
