//! What the workers of one connection have learnt of its two vendors, and share.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};

use super::{
    before,
    cached::{Cached, Reading},
    lists,
    missed::Missed,
    singles::Singles,
};
use crate::{
    bangwo8::{self, Field, InvalidRequestId, SupportAgent, TicketTemplate},
    dispatch::calls::Calls,
    mapping::{FieldsOf, Kind},
    store::StoreError,
    udesk::{self, FieldDefinitions},
};

/// What the workers of one connection know of its two vendors.
#[derive(Default)]
pub struct Lookups {
    pub(super) agents: Cached<Vec<SupportAgent>>,
    pub(super) templates: Cached<Vec<TicketTemplate>>,
    ticket_fields: BothSides,
    company_fields: BothSides,
    pub(super) singles: Singles,
    pub(super) missed: Missed,
}

#[derive(Default)]
struct BothSides {
    target: Cached<Vec<Field>>,
    source: Cached<FieldDefinitions>,
}

/// The custom fields of one kind of entity on both sides.
#[derive(Debug, Clone)]
pub struct FieldLists {
    /// The target's.
    pub target: Reading<Vec<Field>>,
    /// The source's; empty where the API that tells them is not configured.
    pub source: Reading<FieldDefinitions>,
}

/// Why something could not be looked up.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// The call to the target failed.
    #[error(transparent)]
    Target(#[from] bangwo8::Error),
    /// The call to the source failed.
    #[error(transparent)]
    Source(#[from] udesk::Error),
    /// The links could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A request's id can't be written: a defect.
    #[error(transparent)]
    Unwritable(#[from] InvalidRequestId),
}

impl Lookups {
    /// The fields of both sides, no older than `max_age`; read where that is not known yet.
    ///
    /// # Errors
    /// The failure of the call, also for those who waited for it.
    pub async fn fields(
        &self,
        of: FieldsOf,
        target: &bangwo8::Client,
        source: Option<&udesk::Client>,
        max_age: Duration,
    ) -> Result<FieldLists, Arc<LookUpError>> {
        let since = before(SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX));
        self.fields_since(of, target, source, &Calls::default(), since).await
    }

    /// The names of the target's companies are other ones now.
    pub(in crate::dispatch) fn companies_changed(&self) {
        self.singles.forget(Kind::Company);
    }

    /// As `fields`, with the calls noted.
    pub(super) async fn fields_since(
        &self,
        of: FieldsOf,
        target: &bangwo8::Client,
        source: Option<&udesk::Client>,
        calls: &Calls,
        since: Timestamp,
    ) -> Result<FieldLists, Arc<LookUpError>> {
        let of_target = self.target_fields(of, target, since);
        let of_source = self.source_fields(of, source, calls, since);
        let (target, source) = try_join(of_target, of_source).await?;
        Ok(FieldLists { target, source })
    }

    /// The target's fields as they were at `since` or later.
    pub(in crate::dispatch) async fn target_fields(
        &self,
        of: FieldsOf,
        target: &bangwo8::Client,
        since: Timestamp,
    ) -> Result<Reading<Vec<Field>>, Arc<LookUpError>> {
        self.sides(of).target.get(|read| read.at >= since, || lists::target_fields(target, of)).await
    }

    /// Likewise the source's.
    pub(in crate::dispatch) async fn source_fields(
        &self,
        of: FieldsOf,
        source: Option<&udesk::Client>,
        calls: &Calls,
        since: Timestamp,
    ) -> Result<Reading<FieldDefinitions>, Arc<LookUpError>> {
        self.sides(of).source.get(|read| read.at >= since, || lists::source_fields(source, of, calls)).await
    }

    fn sides(&self, of: FieldsOf) -> &BothSides {
        match of {
            FieldsOf::Tickets => &self.ticket_fields,
            FieldsOf::Companies => &self.company_fields,
        }
    }
}
