//! The definitions of custom fields in family v2 (§5.6).

use super::V2;
use crate::udesk::{
    error::Error,
    fields::{FieldDefinition, FieldDefinitions},
    request::{Endpoint, Operation, Request},
};

/// What a custom field belongs to. Any other word would silently mean tickets, so there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Tickets.
    Ticket,
    /// Customers.
    Customer,
    /// Organizations.
    Organization,
}

impl V2 {
    /// The custom fields of a category: `GET /open_api_v1/custom_fields` (§5.6). The only source of the options
    /// of cascades. The list has no pages.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn custom_fields(&self, category: Category) -> Result<FieldDefinitions, Error> {
        let category = match category {
            Category::Ticket => "ticket",
            Category::Customer => "customer",
            Category::Organization => "organization",
        };
        let endpoint = Endpoint::v2("GET", "/custom_fields", Operation::Read);
        let request = Request::read(endpoint, vec![("category", category.to_owned())]);
        let fields = self.0.send(&request, |answer| answer.list("fields", FieldDefinition::read)).await?;
        Ok(FieldDefinitions::new(fields))
    }

    /// One custom field of any category: `GET /open_api_v1/custom_fields/:id` (§5.6).
    ///
    /// # Errors
    /// Any [`Error`] of a read. The code for a field that is gone is not documented, so that is
    /// [`Rejected`](Error::Rejected) unless the answer is a success without a field.
    pub async fn custom_field(&self, id: u64) -> Result<FieldDefinition, Error> {
        let endpoint = Endpoint::v2("GET", format_args!("/custom_fields/{id}"), Operation::Read);
        let request = Request::read(endpoint, vec![]);
        self.0.send(&request, |answer| answer.one("field", FieldDefinition::read)).await
    }
}
