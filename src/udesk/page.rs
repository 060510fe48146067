//! Lists: one page, or all of them one after the other, in the three styles of the vendor (§8.1).

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use serde_json::value::RawValue;

use super::{
    answer::Answer,
    client::Client,
    error::Error,
    request::{Body, Endpoint, Request},
    scalar,
};

/// Elements of a page in a walk: the most that every list allows.
const PER_PAGE: u32 = 100;
/// Pages of one walk. A vendor whose pages do not end is given up on after ten million elements.
const MAX_PAGES: u32 = 100_000;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The elements in the vendor's order, which is not documented.
    pub items: Vec<T>,
    /// How many there are on all pages, if the vendor said so.
    pub total: Option<u64>,
    /// How many pages there are, if the vendor said so.
    pub total_pages: Option<u64>,
    /// Whether another page is to be expected.
    pub more: bool,
}

/// How a list is asked for and counted.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// `per_page`; `total` and `total_pages` at the top level.
    V1,
    /// `per_page`; `total_count` and `total_pages` in `meta`.
    V2,
    /// As v2, but `page_size` (§5.2).
    Customers,
}

/// How far a list can be read.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// To its end.
    All,
    /// So many records (§5.2).
    Records(u64),
    /// So many pages (§5.3).
    Pages(u32),
}

/// One list of the vendor.
#[derive(Clone)]
pub(super) struct List<T> {
    pub(super) endpoint: Endpoint,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Body>,
    pub(super) style: Style,
    pub(super) reach: Reach,
    /// The key of the elements.
    pub(super) key: &'static str,
    /// Reads one element; nothing spoils the page.
    pub(super) read: fn(&RawValue) -> Option<T>,
}

impl<T> List<T> {
    /// A list without parameters of its own that can be read to its end.
    pub(super) fn new(
        endpoint: Endpoint,
        style: Style,
        key: &'static str,
        read: fn(&RawValue) -> Option<T>,
    ) -> List<T> {
        List { endpoint, query: vec![], body: None, style, reach: Reach::All, key, read }
    }

    fn request(&self, page: u32, per_page: u32) -> Request {
        let size = match self.style {
            Style::V1 | Style::V2 => "per_page",
            Style::Customers => "page_size",
        };
        let mut query = self.query.clone();
        query.extend([("page", page.to_string()), (size, per_page.to_string())]);
        Request { endpoint: self.endpoint.clone(), query, body: self.body.clone() }
    }

    /// Whether the page lies beyond what the vendor shows. It is not asked for then: what it would answer is
    /// not documented, and an empty page would look like the end.
    fn check_reach(&self, page: u32, per_page: u32) -> Result<(), Error> {
        let before = u64::from(page.saturating_sub(1)) * u64::from(per_page);
        let reach = match self.reach {
            Reach::All => return Ok(()),
            Reach::Records(records) if before < records => return Ok(()),
            Reach::Pages(pages) if page <= pages => return Ok(()),
            Reach::Records(records) => records,
            Reach::Pages(pages) => u64::from(pages) * u64::from(per_page),
        };
        Err(Error::OutOfReach { call: self.endpoint.clone(), reach })
    }

    fn page(&self, answer: &Answer<'_>, page: u32, per_page: u32) -> Result<Page<T>, Error> {
        let items = answer.list(self.key, self.read)?;
        let (total, total_pages) = self.totals(answer);
        let before = u64::from(page.saturating_sub(1)) * u64::from(per_page);
        let more = match (total_pages, total) {
            (Some(pages), _) => u64::from(page) < pages,
            // The v1 customers have no total_pages in their sample (§2.2).
            (None, Some(total)) => before + (items.len() as u64) < total,
            (None, None) => !items.is_empty() && items.len() as u64 >= u64::from(per_page),
        };
        if more && items.is_empty() {
            // An error, because a list that was cut short would look complete.
            return Err(self.endpoint.bad_answer("its page is empty before the end"));
        }
        Ok(Page { items, total, total_pages, more })
    }

    fn totals(&self, answer: &Answer<'_>) -> (Option<u64>, Option<u64>) {
        let count = |value: Option<&serde_json::Value>| scalar::integer(value)?.try_into().ok();
        match self.style {
            Style::V1 => (count(answer.value("total").as_ref()), count(answer.value("total_pages").as_ref())),
            Style::V2 | Style::Customers => {
                let meta = answer.value("meta").unwrap_or_default();
                // A very old sample has `count` (§5.0).
                let total = count(meta.get("total_count")).or_else(|| count(meta.get("count")));
                (total, count(meta.get("total_pages")))
            }
        }
    }
}

impl Client {
    /// One page; pages count from 1.
    pub(super) async fn page<T>(&self, list: &List<T>, page: u32, per_page: u32) -> Result<Page<T>, Error> {
        list.check_reach(page, per_page)?;
        let request = list.request(page, per_page);
        self.send(&request, |answer| list.page(answer, page, per_page)).await
    }

    /// All elements, page after page as they are asked for; no more than one page is in memory. The first error
    /// ends the stream.
    ///
    /// Elements that move between pages while they are read come twice or not at all. Telling repeats apart
    /// takes memory without limit, so it is left to the caller, as is walking again until nothing is new
    /// (§2.3).
    pub(super) fn walk<T: Send>(
        &self,
        list: List<T>,
    ) -> impl Stream<Item = Result<T, Error>> + Send + use<T> {
        let walk = Walk { client: self.clone(), list, page: 1, ready: VecDeque::new(), done: false };
        stream::unfold(walk, |mut walk| async move { walk.next().await.map(|item| (item, walk)) })
    }
}

/// A walk over the pages of one list.
struct Walk<T> {
    client: Client,
    list: List<T>,
    page: u32,
    ready: VecDeque<T>,
    done: bool,
}

impl<T> Walk<T> {
    async fn next(&mut self) -> Option<Result<T, Error>> {
        while self.ready.is_empty() && !self.done {
            if let Err(error) = self.fetch().await {
                self.done = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }

    async fn fetch(&mut self) -> Result<(), Error> {
        if self.page > MAX_PAGES {
            // An error for the same reason as an empty page.
            return Err(self.list.endpoint.bad_answer("its pages do not end"));
        }
        let page = self.client.page(&self.list, self.page, PER_PAGE).await?;
        self.done = !page.more;
        self.ready.extend(page.items);
        self.page += 1;
        Ok(())
    }
}
