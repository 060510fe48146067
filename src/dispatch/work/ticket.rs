//! Tickets and their replies.

use jiff::Timestamp;

use super::{Work, as_write, doubt};
use crate::{
    bangwo8::{Error, TicketId, TicketWrite},
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
        let id = self.created(&as_write(fields)?).await?;
        self.linked(id.as_str());
        self.wrote(fields);
        if reply.is_some() {
            self.keep_link().await?;
        }
        self.reply(&id, reply).await
    }

    /// The id of a new ticket, or of the one that an attempt before made whose answer never came.
    async fn created(&self, write: &TicketWrite) -> Result<TicketId, Failure> {
        if let Some(since) = doubt::since(&self.claimed.former)
            && let Some(id) = self.made_before(write, since).await?
        {
            return Ok(id);
        }
        let started = Timestamp::now();
        match self.client.create_ticket(write, &self.request_id("create")?).await {
            Err(error @ Error::CreatedIdUnknown { .. }) => {
                self.made_before(write, started).await?.ok_or_else(|| error.into())
            }
            created => Ok(created?),
        }
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
