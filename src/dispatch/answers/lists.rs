//! The lists that both vendors have, each read as a whole.

use futures_util::TryStreamExt;

use super::LookUpError;
use crate::{
    bangwo8::{self, Field, SupportAgent, SupportAgentFilter, TicketTemplate},
    dispatch::calls::Calls,
    mapping::FieldsOf,
    udesk::{self, Category, FieldDefinitions},
};

pub(super) async fn agents(target: &bangwo8::Client) -> Result<Vec<SupportAgent>, LookUpError> {
    Ok(target.support_agents(&SupportAgentFilter::default()).try_collect().await?)
}

pub(super) async fn templates(target: &bangwo8::Client) -> Result<Vec<TicketTemplate>, LookUpError> {
    Ok(target.ticket_templates().await?)
}

pub(super) async fn target_fields(target: &bangwo8::Client, of: FieldsOf) -> Result<Vec<Field>, LookUpError> {
    match of {
        FieldsOf::Tickets => Ok(target.ticket_fields().await?),
        FieldsOf::Companies => Ok(target.company_fields().await?),
    }
}

/// The definitions of the source's fields: of v2 where its credentials are configured, since v1 has the options of
/// cascades wrong and no companies. None without either.
pub(super) async fn source_fields(
    source: Option<&udesk::Client>,
    of: FieldsOf,
    calls: &Calls,
) -> Result<FieldDefinitions, LookUpError> {
    match (source, of) {
        (Some(source), of) if source.has_v2() => {
            let category = if of == FieldsOf::Tickets { Category::Ticket } else { Category::Organization };
            let (path, v2) = ("/open_api_v1/custom_fields", source.v2());
            Ok(calls.read(path.into(), v2.custom_fields(category)).await?)
        }
        (Some(source), FieldsOf::Tickets) if source.has_v1() => {
            let (path, v1) = ("/api/v2/ticket_fields.json", source.v1());
            Ok(calls.read(path.into(), v1.ticket_fields()).await?)
        }
        _ => Ok(FieldDefinitions::default()),
    }
}
