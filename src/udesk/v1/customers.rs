//! Customers of family v1 (§3.10).

use futures_util::Stream;
use serde::Serialize;
use serde_json::value::RawValue;

use super::V1;
use crate::udesk::{
    draft::Inexpressible,
    error::Error,
    page::{List, Page, Style},
    redact::debug_only,
    request::{Endpoint, Operation, Request},
    scalar::Fields,
};

/// A customer as v1 knows one; v2 knows more.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct V1Customer {
    /// The id.
    pub id: u64,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The landline number.
    pub telephone: Option<String>,
    /// The mobile number.
    pub cellphone: Option<String>,
}

impl V1Customer {
    fn read(raw: &RawValue) -> Option<V1Customer> {
        let fields = Fields::of(raw)?;
        Some(V1Customer {
            id: fields.id("id")?,
            email: fields.text("email"),
            name: fields.text("nick_name"),
            telephone: fields.text("telephone"),
            cellphone: fields.text("cellphone"),
        })
    }
}

debug_only!(V1Customer { id });

impl V1 {
    /// One page of all customers: `GET /api/v1/customers.json` (§3.10).
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn customers_page(&self, page: u32, per_page: u32) -> Result<Page<V1Customer>, Error> {
        self.0.page(&customers(), page, per_page).await
    }

    /// All customers, page after page as they are asked for (§3.10).
    pub fn customers(&self) -> impl Stream<Item = Result<V1Customer, Error>> + Send + use<> {
        self.0.walk(customers())
    }

    /// The customer with the id, else the one with the e-mail, else **a new one**: `GET
    /// /api/v1/customers/find_or_create_customer.json` (§3.10), which writes in spite of its method. Never use
    /// it to look whether there is one. One of the two is needed.
    ///
    /// # Errors
    /// Any [`Error`]; [`Inexpressible`](Error::Inexpressible) without either. Repeating it is safe: the second call
    /// finds what the first one created.
    pub async fn find_or_create_customer(
        &self,
        id: Option<u64>,
        email: Option<&str>,
    ) -> Result<V1Customer, Error> {
        let path = "/api/v1/customers/find_or_create_customer.json";
        let endpoint = Endpoint::v1("GET", path, Operation::FindOrCreateCustomer);
        if id.is_none() && email.is_none() {
            let source = Inexpressible { what: "customer".into(), why: "the id or the e-mail is needed" };
            return Err(Error::Inexpressible { call: endpoint, source });
        }
        let email = email.map(|email| ("email", email.to_owned()));
        let query = email.into_iter().chain(id.map(|id| ("id", id.to_string()))).collect();
        self.0.send(&Request::read(endpoint, query), |answer| answer.one("customer", V1Customer::read)).await
    }
}

fn customers() -> List<V1Customer> {
    let endpoint = Endpoint::v1("GET", "/api/v1/customers.json", Operation::Read);
    List::new(endpoint, Style::V1, "contents", V1Customer::read)
}
