//! Udesk's fields.

use super::{Section, Side};
use crate::{
    cli::Failure,
    config::SourceApi,
    dispatch::drift::udesk::fields,
    udesk::{Category, Client},
};

/// By v2 where there is one: only it has the options of cascades (§3.9) and the fields of organizations.
pub(super) async fn read(
    client: &Client,
    api: Option<&SourceApi>,
    sections: &[Section],
) -> Result<Side, Failure> {
    let has_v2 = api.is_some_and(|api| api.v2.is_some());
    let mut side = Side::default();
    if sections.contains(&Section::Ticket) {
        side.ticket = fields(&if has_v2 {
            client.v2().custom_fields(Category::Ticket).await?
        } else {
            client.v1().ticket_fields().await?
        });
    }
    if has_v2 && sections.contains(&Section::Company) {
        side.company = fields(&client.v2().custom_fields(Category::Organization).await?);
    }
    Ok(side)
}
