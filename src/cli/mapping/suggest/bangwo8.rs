//! Bangwo8's fields.

use super::{Section, Side};
use crate::{bangwo8::Client, cli::Failure, dispatch::drift::bangwo8::fields};

pub(super) async fn read(client: &Client, sections: &[Section]) -> Result<Side, Failure> {
    let mut side = Side::default();
    if sections.contains(&Section::Ticket) {
        side.ticket = fields(&client.ticket_fields().await?);
    }
    if sections.contains(&Section::Company) {
        let read = client.company_fields().await;
        let hint = |error| Failure::Work(format!("{error}; --only ticket leaves companies out"));
        side.company = fields(&read.map_err(hint)?);
    }
    Ok(side)
}
