//! Tickets and their replies.

use super::{Work, as_write};
use crate::{
    bangwo8::TicketId,
    dispatch::failure::Failure,
    event::Outcome,
    mapping::{Fields, Reply},
    store::{Link, LinkKey},
};

/// Kind of the links that remember which replies were added.
const REPLY: &str = "reply";

impl Work<'_> {
    pub(super) async fn create_ticket(
        &mut self,
        fields: &Fields,
        reply: Option<Reply>,
    ) -> Result<Outcome, Failure> {
        let id = self.client.create_ticket(&as_write(fields)?, &self.request_id("create")?).await?;
        self.linked(id.as_str());
        self.wrote(fields);
        if reply.is_some() {
            self.keep_link().await?;
        }
        self.reply(&id, reply).await
    }

    pub(super) async fn update_ticket(
        &mut self,
        target: String,
        fields: &Fields,
        reply: Option<Reply>,
    ) -> Result<Outcome, Failure> {
        let id = TicketId::new(target);
        if !fields.is_empty() {
            self.client.update_ticket(&id, &as_write(fields)?, &self.request_id("update")?).await?;
            self.wrote(fields);
        }
        self.reply(&id, reply).await
    }

    /// Adds the reply unless an earlier event has: two events can carry one reply.
    async fn reply(&mut self, id: &TicketId, reply: Option<Reply>) -> Result<Outcome, Failure> {
        if let Some(reply) = reply {
            let key = reply.id.map(|source_id| LinkKey { kind: REPLY.to_owned(), source_id });
            if !self.is_added(key.as_ref()).await? {
                self.client.reply_ticket(id, &reply.text, &self.request_id("reply")?).await?;
            }
            let target_id = id.as_str().to_owned();
            self.others.extend(key.map(|key| Link { key, target_id, version: None, written: None }));
        }
        Ok(self.delivered(id.as_str()))
    }

    async fn is_added(&self, key: Option<&LinkKey>) -> Result<bool, Failure> {
        match key {
            Some(key) => Ok(self.store.link(&self.claimed.event.connection, key).await?.is_some()),
            None => Ok(false),
        }
    }
}
