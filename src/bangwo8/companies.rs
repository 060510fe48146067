//! Listing, reading, creating and changing companies (§8), the customers of a tenant in 2B mode. Searching them
//! has its own file.

use futures_util::Stream;
use jiff::civil::Date;
use serde::Serialize;

use super::{
    client::Client,
    company::{Company, CompanyId},
    company_write::CompanyWrite,
    created,
    error::Error,
    page::{self, PER_PAGE, Page},
    query::{Order, Query, Window},
    request::{Endpoint, Request, RequestId},
};

/// Which companies to list, and in what order; by default all that are not deleted, by ascending id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyFilter {
    /// The days on which they were created, in the tenant's zone.
    pub created: Window<Date>,
    /// The days on which they were last changed, in the tenant's zone.
    pub updated: Window<Date>,
    /// To sort by the time of creation.
    pub created_order: Option<Order>,
    /// To sort by the time of the last change.
    pub updated_order: Option<Order>,
    /// Whether to list deleted ones too.
    pub with_deleted: bool,
}

impl CompanyFilter {
    fn query(&self) -> Query {
        Query::new()
            .days(["created_start", "created_end"], &self.created)
            .days(["updated_start", "updated_end"], &self.updated)
            .with("created_order", self.created_order)
            .with("updated_order", self.updated_order)
            .with("deStat", with_deleted(self.with_deleted))
    }
}

/// `deStat` as the vendor counts it: 1 is everything; 0, the default, leaves deleted companies out.
pub(super) fn with_deleted(with_deleted: bool) -> Option<u8> {
    with_deleted.then_some(1)
}

/// The envelope of every company write.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    company: &'a CompanyWrite,
}

impl Client {
    /// One page of the companies: `GET /companies.json` (§8.2), for any support agent. Pages count from 1, and more
    /// than 100 a page is against the vendor's advice. The vendor names neither a count nor a next page here, so a
    /// full page is taken to have a successor.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn companies_page(
        &self,
        filter: &CompanyFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Company>, Error> {
        let request = Request::read(&["companies"], filter.query().page(page, per_page));
        self.send(&request, |answer| {
            answer.page("companies", page, per_page, |company| Company::read(company, self.time_zone()))
        })
        .await
    }

    /// The companies, page after page of [`companies_page`](Client::companies_page) as they are asked for. The
    /// first error ends the stream. A company that moves to an earlier page meanwhile is missed: to follow changes,
    /// use a window on `updated` with an ascending order.
    pub fn companies(
        &self,
        filter: &CompanyFilter,
    ) -> impl Stream<Item = Result<Company, Error>> + Send + use<> {
        let (client, filter) = (self.clone(), filter.clone());
        page::walk(Endpoint::get(&["companies"]), company_id, move |page| {
            let (client, filter) = (client.clone(), filter.clone());
            async move { client.companies_page(&filter, page, PER_PAGE).await }
        })
    }

    /// One company: `GET /companies/{id}.json` (§8.3), for any support agent.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without a company; any other [`Error`] of a read.
    pub async fn company(&self, id: &CompanyId) -> Result<Company, Error> {
        let request = Request::read(&["companies", id.as_str()], Query::new());
        self.send(&request, |answer| {
            answer.one("company", |company| Company::read(company, self.time_zone()))
        })
        .await
    }

    /// Several companies: `GET /companies/show_many.json` (§8.3), for any support agent, a hundred ids a call. One
    /// that the vendor does not know is missing from the result.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn companies_by_id(&self, ids: &[CompanyId]) -> Result<Vec<Company>, Error> {
        let ids: Vec<&str> = ids.iter().map(CompanyId::as_str).collect();
        self.show_many("companies", &ids, |company| Company::read(company, self.time_zone())).await
    }

    /// Creates a company and returns its id: `POST /companies.json` (§8.5), for any support agent. Keep
    /// `request_id` for every retry of the same creation.
    ///
    /// # Errors
    /// [`AlreadyExists`](Error::AlreadyExists) with the id of the company that has the name, so that creating is
    /// also finding; [`CreatedIdUnknown`](Error::CreatedIdUnknown) means that the company is there all the same;
    /// any other [`Error`].
    pub async fn create_company(
        &self,
        company: &CompanyWrite,
        request_id: &RequestId,
    ) -> Result<CompanyId, Error> {
        let (endpoint, body) = creation(company);
        let request = Request::write(endpoint, &body, request_id)?;
        let id = self.send(&request, |answer| created::id(answer, &["company"], &["uId", "companyId"]));
        id.await.map(CompanyId::new)
    }

    /// Changes the given fields of a company: `PUT /companies/{id}.json` (§8.6), for any support agent. The sample
    /// sends a part of the fields, so the others are likely to stay as they are.
    ///
    /// # Errors
    /// [`AlreadyExists`](Error::AlreadyExists) may stand for a new name that is taken; any other [`Error`] but
    /// those of a creation.
    pub async fn update_company(
        &self,
        id: &CompanyId,
        company: &CompanyWrite,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        let (endpoint, body) = change(id, company);
        let request = Request::write(endpoint, &body, request_id)?;
        self.send(&request, |_| Ok(())).await
    }
}

/// What a creation sends.
pub(super) fn creation(company: &CompanyWrite) -> (Endpoint, Envelope<'_>) {
    (Endpoint::post(&["companies"]), Envelope { company })
}

/// What a change sends.
pub(super) fn change<'a>(id: &CompanyId, company: &'a CompanyWrite) -> (Endpoint, Envelope<'a>) {
    (Endpoint::put(&["companies", id.as_str()]), Envelope { company })
}

/// What tells companies apart in a walk.
pub(super) fn company_id(company: &Company) -> &str {
    company.id.as_str()
}
