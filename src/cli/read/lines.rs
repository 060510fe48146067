//! Whatever a client returns as a stream of lines: a list, several elements, or one.

use std::future::{self, Future};

use futures_util::{
    FutureExt, Stream, StreamExt, TryFutureExt, TryStreamExt,
    stream::{self, BoxStream},
};
use serde::Serialize;

use super::super::Failure;

/// Elements as JSON, each on one line, as they are asked for.
pub(super) type Lines = BoxStream<'static, Result<String, Failure>>;

/// The elements of a list that is read page by page.
pub(super) fn each<T, E>(items: impl Stream<Item = Result<T, E>> + Send + 'static) -> Lines
where
    T: Serialize,
    E: Into<Failure> + 'static,
{
    items.map_err(E::into).and_then(|item| future::ready(line(&item))).boxed()
}

/// The elements of a list that comes at once.
pub(super) fn all<T, E>(items: impl Future<Output = Result<Vec<T>, E>> + Send + 'static) -> Lines
where
    T: Serialize + Send + 'static,
    E: Into<Failure> + Send + 'static,
{
    each(items.map_ok(|items| stream::iter(items.into_iter().map(Ok))).try_flatten_stream())
}

/// One element.
pub(super) fn one<T, E>(item: impl Future<Output = Result<T, E>> + Send + 'static) -> Lines
where
    T: Serialize,
    E: Into<Failure> + 'static,
{
    each(item.into_stream())
}

fn line(item: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(item).map_err(Failure::work)
}
