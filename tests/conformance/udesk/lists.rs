//! Lists of several pages: what a stream gives is what the pages hold, each element once (§2.3, §8.1).

use std::fmt::Debug;

use deskbridge::{
    sandbox::{Counts, Switches},
    udesk::{Error, Page, Search},
};
use futures_util::Stream;

use super::desk::*;
use crate::support::{Check, checks};

pub(super) const CHECKS: &[Check<Desk>] = checks![
    v1_streams_are_the_whole_lists,
    v2_streams_are_the_whole_lists,
    v2_customers_reach_ten_thousand,
    v2_organizations_reach_a_hundred_pages,
];

/// Not a multiple of any page size, and more than one page of the largest.
const ROWS: u64 = 117;
/// Pages of the other reading.
const PER_PAGE: u32 = 40;

async fn many(desk: &Desk) -> Desk {
    desk.generated(Counts { tickets: ROWS, companies: ROWS, contacts: ROWS, replies: 0, ..Counts::default() })
        .await
}

/// Reads a list page by page and as a stream.
async fn same<T, K: Debug + Ord>(
    stream: impl Stream<Item = Result<T, Error>>,
    mut page: impl AsyncFnMut(u32) -> Result<Page<T>, Error>,
    key: impl Fn(&T) -> K,
) -> usize {
    let mut paged = Vec::new();
    for number in 1.. {
        let page = page(number).await.unwrap();
        paged.extend(page.items.iter().map(&key));
        if !page.more {
            assert_eq!(page.total, Some(paged.len() as u64));
            break;
        }
    }
    let streamed: Vec<K> = all(stream).await.iter().map(&key).collect();
    assert_eq!(streamed, paged);
    assert!(streamed.is_sorted_by(|one, next| one < next), "each once, by id");
    streamed.len()
}

async fn v1_streams_are_the_whole_lists(desk: &Desk) {
    let v1 = many(desk).await;
    let v1 = v1.v1();
    let tickets = same(v1.tickets(), async |page| v1.tickets_page(page, PER_PAGE).await, |t| t.id).await;
    assert_eq!(tickets, 12 + 117);
    let customers =
        same(v1.customers(), async |page| v1.customers_page(page, PER_PAGE).await, |c| c.id).await;
    assert_eq!(customers, 13 + 117);
    let open = async |page| v1.filter_tickets_page(2, None, page, PER_PAGE).await;
    assert_eq!(same(v1.filter_tickets(2, None), open, |t| t.id).await, 8 + 59);
}

async fn v2_streams_are_the_whole_lists(desk: &Desk) {
    let v2 = many(desk).await;
    let v2 = v2.v2();
    let tickets = same(v2.tickets(), async |page| v2.tickets_page(page, PER_PAGE).await, |t| t.id).await;
    assert_eq!(tickets, 12 + 117);
    let open = async |page| v2.filter_tickets_page(2, page, PER_PAGE).await;
    assert_eq!(same(v2.filter_tickets(2), open, |t| t.id).await, 8 + 59);
    let customers = async |page| v2.customers_page(Search::default(), page, PER_PAGE).await;
    assert_eq!(same(v2.customers(Search::default()), customers, |c| c.id).await, 13 + 117);
    let organizations = async |page| v2.organizations_page(Search::default(), page, PER_PAGE).await;
    assert_eq!(same(v2.organizations(Search::default()), organizations, |o| o.id).await, 2 + 117);
}

/// The last page that can be read says that there are more, and the next one is refused by the client before it is
/// asked for, and by the vendor too (§5.2).
async fn v2_customers_reach_ten_thousand(desk: &Desk) {
    let desk = desk.generated(Counts { contacts: 10_000, ..Counts::default() }).await;
    let last = desk.v2().customers_page(Search::default(), 100, 100).await.unwrap();
    assert_eq!((last.items.len(), last.total, last.more), (100, Some(10_013), true));
    let error = refused(desk.v2().customers_page(Search::default(), 101, 100).await);
    assert!(matches!(error, Error::OutOfReach { reach: 10_000, .. }), "{error}");
    assert_eq!(desk.requests("/open_api_v1/customers").await.len(), 1);
    desk.switch("udesk_v2_sign", "off".into()).await;
    let path = "/open_api_v1/customers?page=101&page_size=100";
    let (_, answer) = desk.raw(reqwest::Method::GET, path, None).await;
    assert_ne!(answer["code"], 1000, "{answer}");
}

async fn v2_organizations_reach_a_hundred_pages(desk: &Desk) {
    let desk = desk.generated(Counts { companies: 300, ..Counts::default() }).await;
    let last = desk.v2().organizations_page(Search::default(), 100, 3).await.unwrap();
    assert_eq!((last.items.len(), last.total, last.more), (3, Some(302), true));
    let error = refused(desk.v2().organizations_page(Search::default(), 101, 3).await);
    assert!(matches!(error, Error::OutOfReach { reach: 300, .. }), "{error}");
    desk.switch("udesk_v2_sign", "off".into()).await;
    let path = "/open_api_v1/organizations?page=101&per_page=3";
    let (_, answer) = desk.raw(reqwest::Method::GET, path, None).await;
    assert_ne!(answer["code"], 1000, "{answer}");
}

/// Once is enough for the hundred pages.
#[tokio::test(flavor = "multi_thread")]
async fn the_stream_of_customers_ends_with_an_error_where_the_vendor_shows_no_more() {
    use futures_util::StreamExt;

    let desk = Desk::start(Switches::default()).await;
    let desk = desk.generated(Counts { contacts: 10_000, ..Counts::default() }).await;
    let mut read: Vec<_> = desk.v2().customers(Search::default()).collect().await;
    let last = read.pop().unwrap();
    assert!(matches!(refused(last), Error::OutOfReach { reach: 10_000, .. }));
    assert_eq!(read.iter().filter(|customer| customer.is_ok()).count(), 10_000);
}
