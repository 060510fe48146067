//! Tickets and their replies.

use jiff::Timestamp;

use super::{Progress, Work, as_write, called, doubt, request_id};
use crate::{
    bangwo8::{Client, Error, RequestId, TicketId, TicketWrite},
    dispatch::{failure::Failure, plan::Then},
    event::{Ignored, Outcome, Reason},
    mapping::{Fields, Reply},
    store::{Link, LinkKey},
};

/// Kind of the links that remember which replies were added.
const REPLY: &str = "reply";
/// Kind of the links that remember it of replies without an id, by the event that brought them.
const REPLY_OF_EVENT: &str = "reply_of_event";

impl Work<'_> {
    pub(super) async fn create_ticket(&mut self, fields: &Fields, then: Then) -> Result<Outcome, Failure> {
        let id = self.created(&as_write(fields)?).await?;
        self.linked(id.as_str());
        // What an attempt before has made can be of another reading.
        if self.reread && self.is_doubtful() {
            self.keep_link().await?;
            return self.update_ticket(id.as_str().to_owned(), fields, then).await;
        }
        self.wrote(fields);
        if !then.is_empty() {
            self.keep_link().await?;
        }
        self.follow(&id, then).await
    }

    /// The id of a new ticket, or of the one that an attempt before made whose answer never came.
    async fn created(&self, write: &TicketWrite) -> Result<TicketId, Failure> {
        if let Some(since) = doubt::since(&self.claimed.former)
            && let Some(id) = self.made_before(write, since).await?
        {
            return Ok(id);
        }
        let started = Timestamp::now();
        match called(self.client.create_ticket(write, &self.once("create")?)).await {
            Err(error @ Error::CreatedIdUnknown { .. }) => {
                self.made_before(write, started).await?.ok_or_else(|| error.into())
            }
            // What was sent before may have been another reading, which the look-up didn't know.
            Err(error @ Error::Rejected { .. }) if self.reread && self.is_doubtful() => {
                Err(doubt::refused(&error))
            }
            created => Ok(created?),
        }
    }

    pub(super) async fn update_ticket(
        &mut self,
        target: String,
        fields: &Fields,
        then: Then,
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
        self.follow(&id, then).await
    }

    /// What goes with a ticket, after its own fields.
    async fn follow(&mut self, id: &TicketId, then: Then) -> Result<Outcome, Failure> {
        let Then { reply, company } = then;
        let nothing_else = self.fields == Progress::Untouched && company.is_none();
        if let Some(reply) = reply {
            let added = self.add_reply(id, reply, company.is_some()).await?;
            if !added && nothing_else {
                let message = "the reply was added by an event before this one";
                return Ok(Outcome::Skipped(Reason::new("already_added", message)));
            }
        }
        if let Some(step) = company {
            self.write_company_of_ticket(step).await?;
        }
        Ok(self.delivered(id.as_str()))
    }

    /// Adds the reply and returns true, unless an earlier event has: two events can carry one reply. If another call
    /// follows, what was added goes to disk before it, so that a retry doesn't add it again.
    async fn add_reply(&mut self, id: &TicketId, reply: Reply, followed: bool) -> Result<bool, Failure> {
        let key = self.reply_key(reply.id.as_deref());
        if self.store.link(&self.claimed.event.connection, &key).await?.is_some() {
            return Ok(false);
        }
        let request_id = self.reply_request_id(&reply, &key)?;
        match called(self.client.reply_ticket(id, &reply.text, &request_id)).await {
            // Replies can't be looked for: it may be the repetition that is refused.
            Err(error @ Error::Rejected { .. }) if self.is_doubtful() => return Err(doubt::refused(&error)),
            added => added?,
        }
        if self.is_doubtful() {
            let (pointer, reason) = ("/reply".to_owned(), "possibly_twice".to_owned());
            self.notes.push(Ignored { pointer, reason });
        }
        let link = Link { key, target_id: id.as_str().to_owned(), version: None, written: None };
        match (followed, reply.id) {
            (true, _) => self.keep(link).await?,
            (false, Some(_)) => self.others.push(link),
            (false, None) => {}
        }
        Ok(true)
    }

    /// A source may number the replies of each ticket from one.
    fn reply_key(&self, reply_id: Option<&str>) -> LinkKey {
        let event = &self.claimed.event;
        let (kind, source_id) = match reply_id {
            Some(reply_id) => (REPLY, format!("{}/{reply_id}", event.lane.source_id())),
            None => (REPLY_OF_EVENT, event.id.as_str().to_owned()),
        };
        LinkKey { kind: kind.to_owned(), source_id }
    }

    /// One for all events that carry the reply, if it can be told from others.
    fn reply_request_id(&self, reply: &Reply, key: &LinkKey) -> Result<RequestId, Failure> {
        match reply.id {
            Some(_) => Ok(request_id(&[&self.claimed.event.connection, &key.kind, &key.source_id])?),
            None => self.once("reply"),
        }
    }
}
