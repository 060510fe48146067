//! Tickets and their replies.

use jiff::Timestamp;

use super::{Progress, Work, as_write, doubt, request_id};
use crate::{
    bangwo8::{Client, Error, RequestId, TicketId, TicketWrite},
    dispatch::failure::Failure,
    event::{Ignored, Outcome, Reason},
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
        // What an attempt before has made of a hint can be of another reading.
        if self.claimed.event.hint && self.is_doubtful() {
            self.keep_link().await?;
            return self.update_ticket(id.as_str().to_owned(), fields, reply).await;
        }
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
        match self.client.create_ticket(write, &self.once("create")?).await {
            Err(error @ Error::CreatedIdUnknown { .. }) => {
                self.made_before(write, started).await?.ok_or_else(|| error.into())
            }
            // What was sent before may have been another reading, which the look-up didn't know.
            Err(error @ Error::Rejected { .. }) if self.claimed.event.hint && self.is_doubtful() => {
                Err(doubt::refused(&error))
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
            self.sending();
            let write: TicketWrite = as_write(fields)?;
            let update = |client: Client, once: RequestId| {
                let (id, write) = (id.clone(), write.clone());
                async move { client.update_ticket(&id, &write, &once).await }
            };
            self.repeatable("update", update).await?;
            self.wrote(fields);
        }
        self.reply(&id, reply).await
    }

    /// Adds the reply unless an earlier event has: two events can carry one reply.
    async fn reply(&mut self, id: &TicketId, reply: Option<Reply>) -> Result<Outcome, Failure> {
        let Some(reply) = reply else { return Ok(self.delivered(id.as_str())) };
        let key = reply.id.as_ref().map(|reply_id| self.reply_key(reply_id));
        if self.is_added(key.as_ref()).await? {
            let nothing_else = self.fields == Progress::Untouched;
            let message = "the reply was added by an event before this one";
            let skipped = Outcome::Skipped(Reason::new("already_added", message));
            return Ok(if nothing_else { skipped } else { self.delivered(id.as_str()) });
        }
        let request_id = self.reply_request_id(key.as_ref())?;
        match self.client.reply_ticket(id, &reply.text, &request_id).await {
            // Replies can't be looked for: it may be the repetition that is refused.
            Err(error @ Error::Rejected { .. }) if self.is_doubtful() => return Err(doubt::refused(&error)),
            added => added?,
        }
        if self.is_doubtful() {
            let (pointer, reason) = ("/reply".to_owned(), "possibly_twice".to_owned());
            self.notes.push(Ignored { pointer, reason });
        }
        let target_id = id.as_str().to_owned();
        self.others.extend(key.map(|key| Link { key, target_id, version: None, written: None }));
        Ok(self.delivered(id.as_str()))
    }

    /// A source may number the replies of each ticket from one.
    fn reply_key(&self, reply_id: &str) -> LinkKey {
        let source_id = format!("{}/{reply_id}", self.claimed.event.lane.source_id());
        LinkKey { kind: REPLY.to_owned(), source_id }
    }

    /// One for all events that carry the reply, if it can be told from others.
    fn reply_request_id(&self, key: Option<&LinkKey>) -> Result<RequestId, Failure> {
        match key {
            Some(key) => request_id(&[&self.claimed.event.connection, &key.kind, &key.source_id]),
            None => self.once("reply"),
        }
    }

    async fn is_added(&self, key: Option<&LinkKey>) -> Result<bool, Failure> {
        match key {
            Some(key) => Ok(self.store.link(&self.claimed.event.connection, key).await?.is_some()),
            None => Ok(false),
        }
    }
}
