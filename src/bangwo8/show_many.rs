//! Reading several resources by their ids.

use serde_json::Value;

use super::{client::Client, error::Error, query::Query, request::Request};

/// How many ids one call names, so that its address stays short; the vendor documents no limit.
pub(super) const MAX_IDS: usize = 100;

impl Client {
    /// The elements with the given ids from `GET /{plural}/show_many.json?ids=…`, in the vendor's order.
    pub(super) async fn show_many<T>(
        &self,
        plural: &'static str,
        ids: &[&str],
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MAX_IDS) {
            let request = Request::read(&[plural, "show_many"], Query::new().ids(ids.iter().copied()));
            found.extend(self.send(&request, |answer| answer.list(plural, &read)).await?);
        }
        Ok(found)
    }
}
