//! The definitions of the fields of tickets (§7.3) and of companies (§8.7).

use super::{answer::Answer, client::Client, error::Error, field::Field, query::Query, request::Request};

impl Client {
    /// The custom fields of tickets, without the system's own: `GET /tickets/ticket_fields.json` (§7.3), for any
    /// support agent. It is not paged.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticket_fields(&self) -> Result<Vec<Field>, Error> {
        let request = Request::read(&["tickets", "ticket_fields"], Query::new());
        self.send(&request, |answer| self.bare_fields(answer)).await
    }

    /// The fields of tickets, the system's own included: `GET /tickets/ticket_fields2.json` (§7.3), for any support
    /// agent. It is not paged. Cascades are missing from its list of types, so their options may be too.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticket_fields_with_system(&self) -> Result<Vec<Field>, Error> {
        let request = Request::read(&["tickets", "ticket_fields2"], Query::new());
        self.send(&request, |answer| self.bare_fields(answer)).await
    }

    /// The fields of companies: `GET /companies/company_fields.json` (§8.7); needs an administrator. It is not
    /// paged.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn company_fields(&self) -> Result<Vec<Field>, Error> {
        let request = Request::read(&["companies", "company_fields"], Query::new());
        self.send(&request, |answer| {
            answer.list("company_fields", |field| Field::read(field, self.time_zone()))
        })
        .await
    }

    /// A bare array, unlike every other list (§4.2).
    fn bare_fields(&self, answer: &Answer) -> Result<Vec<Field>, Error> {
        let items = answer.body.as_array().ok_or_else(|| answer.endpoint.bad_answer("it is not an array"))?;
        answer.items(items, |field| Field::read(field, self.time_zone()))
    }
}
