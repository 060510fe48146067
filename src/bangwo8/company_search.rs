//! Searching companies, and finding one by its exact name (§8.4).

use std::pin::pin;

use futures_util::{Stream, TryStreamExt};

use super::{
    client::Client,
    companies::company_id,
    company::{Company, CompanyId},
    company_query::{CompanySearch, DayField, is_sign},
    error::Error,
    page::{self, PER_PAGE, Page},
    query::Order,
    request::{Endpoint, Request},
};

/// How many companies are compared with a name before it is given up: a name that so many others contain is more
/// likely a mistake than a company.
const MAX_COMPARED: usize = 10_000;

impl Client {
    /// One page of what a search finds: `GET /companies/search.json` (§8.4), for any support agent. Pages count
    /// from 1, and more than 100 a page is against the vendor's advice. The companies have fewer fields than those
    /// of a list.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn company_search_page(
        &self,
        search: &CompanySearch,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Company>, Error> {
        let request = Request::read(&["companies", "search"], search.query().page(page, per_page));
        self.send(&request, |answer| {
            answer.page("results", page, per_page, |company| Company::read(company, self.time_zone()))
        })
        .await
    }

    /// What a search finds, page after page of [`company_search_page`](Client::company_search_page) as it is asked
    /// for. The first error ends the stream.
    pub fn company_search(
        &self,
        search: &CompanySearch,
    ) -> impl Stream<Item = Result<Company, Error>> + Send + use<> {
        let (client, search) = (self.clone(), search.clone());
        page::walk(Endpoint::get(&["companies", "search"]), company_id, move |page| {
            let (client, search) = (client.clone(), search.clone());
            async move { client.company_search_page(&search, page, PER_PAGE).await }
        })
    }

    /// The company of exactly that name, spaces around it aside; deleted ones are not looked at.
    ///
    /// The vendor finds names that contain a text, and none by a text with spaces. So its longest part without
    /// spaces or signs is searched for, and every name that comes back is compared whole, letter by letter, until
    /// one is equal. Pages are read as they are needed, and no more than 10,000 companies are compared.
    ///
    /// # Errors
    /// [`BadAnswer`](Error::BadAnswer) if none of the first 10,000 companies found has the name;
    /// any other [`Error`] of a read.
    pub async fn company_named(&self, name: &str) -> Result<Option<CompanyId>, Error> {
        let name = name.trim();
        let Some(search) = longest_part(name).and_then(|part| CompanySearch::name(part).ok()) else {
            return Ok(None);
        };
        // The oldest first: one that is created meanwhile moves no other to a page that was read already.
        let search = search.sorted(DayField::Created, Order::Ascending);
        let mut found = pin!(self.company_search(&search));
        for _ in 0..MAX_COMPARED {
            match found.try_next().await? {
                Some(company) if company.company_name.as_deref().map(str::trim) == Some(name) => {
                    return Ok(Some(company.id));
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
        Err(Endpoint::get(&["companies", "search"]).bad_answer("too many companies have a name like that"))
    }
}

fn longest_part(name: &str) -> Option<&str> {
    name.split(|letter: char| letter.is_whitespace() || is_sign(letter))
        .filter(|part| !part.is_empty())
        .max_by_key(|part| part.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_part_of_a_name_is_counted_in_letters() {
        assert_eq!(longest_part("北京金万维 Ltd."), Some("北京金万维"));
        assert_eq!(longest_part("a:bcd<ef"), Some("bcd"));
        assert_eq!(longest_part(" : "), None);
    }
}
