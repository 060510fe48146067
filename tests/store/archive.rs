//! A store that is looked at while somebody works with it.

use deskbridge::store::{Archive, Link, LinkKey, };
use jiff::Timestamp;

use super::support::*;

fn ids(archive: &Archive, since: Option<Timestamp>, after: i64, limit: usize) -> Vec<String> {
    let page = archive.page(CONNECTION, since, after, limit).unwrap();
    page.into_iter().map(|(_, event)| event.id.to_string()).collect()
}

#[tokio::test]
async fn an_archive_pages_through_the_events_of_a_connection_while_more_come() {
    let desk = Desk::new().await;
    for id in ["c", "a", "b"] {
        desk.accept("1", id).await;
    }
    let mut elsewhere = event("1", "elsewhere");
    elsewhere.connection = "other".into();
    desk.store.accept(elsewhere, at(0)).await.unwrap();
    let archive = Archive::open(&desk.url()).unwrap();
    assert_eq!(ids(&archive, None, 0, 2), ["c", "a"], "in the order of acceptance");
    let second = archive.page(CONNECTION, None, 0, 2).unwrap()[1].0;
    desk.store.accept(event("1", "d"), at(500)).await.unwrap();
    assert_eq!(ids(&archive, None, second, 9), ["b", "d"]);
    assert_eq!(ids(&archive, Some(at(500)), 0, 9), ["d"]);
    assert_eq!(archive.page(CONNECTION, None, 0, 1).unwrap()[0].1.data(), b"c");
}

#[tokio::test]
async fn an_archive_tells_links_and_outlives_the_service() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    let link = Link { key: key.clone(), target_id: "5237431".into(), version: None, written: None };
    desk.store.put_link(CONNECTION, link.clone(), at(1)).await.unwrap();
    desk.store.close();
    let archive = Archive::open(&desk.url()).unwrap();
    assert_eq!(archive.link(CONNECTION, &key).unwrap(), Some(link));
    assert_eq!(archive.link("other", &key).unwrap(), None);
    assert_eq!(ids(&archive, None, 0, 9), ["a"]);
}
