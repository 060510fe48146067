//! Reading contacts (§9.2). How they are created, changed and searched for is not documented, so it is not here.

use futures_util::Stream;
use jiff::civil::Date;

use super::{
    client::Client,
    companies::with_deleted,
    contact::{Contact, ContactId},
    error::Error,
    page::{self, PER_PAGE, Page},
    query::{Order, Query, Window},
    request::{Endpoint, Request},
};

/// Which contacts, and in what order. The document says of the windows only that they include the day; days are what
/// the list of companies takes (§13, 30).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// The days on which they were created.
    pub created: Window<Date>,
    /// The days on which they were updated last.
    pub updated: Window<Date>,
    /// By time of creation.
    pub created_order: Option<Order>,
    /// By time of the last update.
    pub updated_order: Option<Order>,
    /// Whether deleted ones are among them (`deStat`).
    pub with_deleted: bool,
}

impl Client {
    /// One page of the contacts: `GET /users.json` (§9.2; the path is inferred, as is that any support agent may).
    /// Pages count from 1, and more than 100 a page is against the vendor's advice.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn contacts_page(
        &self,
        filter: &ContactFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Contact>, Error> {
        let request = Request::read(&["users"], filter.query().page(page, per_page));
        self.send(&request, |answer| {
            answer.page("users", page, per_page, |user| Contact::read(user, self.time_zone()))
        })
        .await
    }

    /// The contacts, 100 at a time as they are asked for; the first error ends the stream. See
    /// [`contacts_page`](Client::contacts_page).
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn contacts(
        &self,
        filter: &ContactFilter,
    ) -> impl Stream<Item = Result<Contact, Error>> + Send + use<> {
        let (client, filter) = (self.clone(), filter.clone());
        page::walk(
            Endpoint::get(&["users"]),
            |contact: &Contact| contact.id.as_str(),
            move |page| {
                let (client, filter) = (client.clone(), filter.clone());
                async move { client.contacts_page(&filter, page, PER_PAGE).await }
            },
        )
    }

    /// One contact with all the ids of its remote clients: `GET /users_v2/{id}.json` (§9.1). Dropdowns come as
    /// option ids (§4.6). What permission it needs is not documented.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without a contact; any other [`Error`] of a read.
    pub async fn contact_v2(&self, id: &ContactId) -> Result<Contact, Error> {
        let request = Request::read(&["users_v2", id.as_str()], Query::new());
        self.send(&request, |answer| answer.one("user", |user| Contact::read(user, self.time_zone()))).await
    }
}

impl ContactFilter {
    fn query(&self) -> Query {
        Query::new()
            .days(["created_start", "created_end"], &self.created)
            .days(["updated_start", "updated_end"], &self.updated)
            .with("created_order", self.created_order)
            .with("updated_order", self.updated_order)
            .with("deStat", with_deleted(self.with_deleted))
    }
}
