//! What every list is asked: do its pages make up the whole, is the walk over them the same, do orders order.

use std::pin::pin;

use deskbridge::bangwo8::{Error, Page};
use futures_util::{Stream, TryStreamExt};

/// Rows to a page, small enough for several pages and unlike the vendor's own sizes.
pub(crate) const SMALL: u32 = 37;

/// All elements of a stream.
pub(crate) async fn all<T>(stream: impl Stream<Item = Result<T, Error>>) -> Vec<T> {
    pin!(stream).try_collect().await.unwrap()
}

/// All elements by asking for small pages one after the other until one says that it is the last. Every page that
/// tells a count must tell that of the whole.
pub(crate) async fn paged<T>(page: impl AsyncFn(u32, u32) -> Result<Page<T>, Error>) -> Vec<T> {
    let (mut found, mut counts) = (Vec::new(), Vec::new());
    for number in 1.. {
        let Page { items, count, more } = page(number, SMALL).await.unwrap();
        assert!(items.len() <= SMALL as usize);
        found.extend(items);
        counts.extend(count);
        if !more {
            break;
        }
    }
    assert!(counts.iter().all(|count| *count == found.len() as u64), "{counts:?} of {}", found.len());
    found
}

/// Whether what a list was sorted by ascends.
pub(crate) fn ascends<T: PartialOrd>(keys: &[T]) -> bool {
    keys.windows(2).all(|two| two[0] <= two[1])
}

/// Whether what a list was sorted by descends.
pub(crate) fn descends<T: PartialOrd>(keys: &[T]) -> bool {
    keys.windows(2).all(|two| two[0] >= two[1])
}
