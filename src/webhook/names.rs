//! The resolver that finds only addresses that may be called. What it finds is what is connected to: the name isn't asked
//! for again in between, so that it can't say one thing to the guard and another to the connection.

use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{
    error::{Refused, Unresolved},
    guard::Guard,
};

/// See the module.
pub(super) struct GuardedNames(pub(super) Arc<Guard>);

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            // The port is the URL's.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unresolved)?;
            let (may, may_not): (Vec<_>, Vec<_>) = found.partition(|found| guard.lets(found.ip()));
            if may.is_empty() && !may_not.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}
