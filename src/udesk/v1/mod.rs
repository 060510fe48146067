//! Family v1: `/api/…`, signed with the shared secret (§2, §3).

mod customers;
mod filters;
mod tickets;

use super::client::Client;

pub use customers::V1Customer;
pub use filters::TicketFilter;
pub(super) use tickets::created_id;

/// The calls of family v1. Without the shared secret each of them is an
/// [`Error::Configuration`](super::Error::Configuration).
#[derive(Clone, Debug)]
pub struct V1(Client);

impl Client {
    /// The calls of family v1.
    pub fn v1(&self) -> V1 {
        V1(self.clone())
    }
}
