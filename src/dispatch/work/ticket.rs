//! Tickets and their replies.

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Progress, Work, as_write, called,
    doubt::{self, OnUncertain, SentTicket},
    request_id,
};
use crate::{
    bangwo8::{Client, Error, RequestId, TicketId, TicketWrite},
    dispatch::{failure::Failure, plan::Then},
    event::{Ignored, Outcome, Reason},
    mapping::{Fields, Reply},
    store::{Effect, Link, LinkKey},
};

/// The step that makes a ticket.
const CREATE: &str = "create";
/// The step that adds a reply. Also the kind of the links that remember which replies were added.
const REPLY: &str = "reply";
/// Kind of the links that remember it of replies without an id, by the event that brought them.
const REPLY_OF_EVENT: &str = "reply_of_event";

/// A ticket that was made.
struct Created {
    id: TicketId,
    /// True if it has what the attempt sent, and not perhaps something older.
    as_sent: bool,
}

/// A call that may have made the ticket, and nobody knows.
struct OpenCreation<'a> {
    /// The event's own intent, if it is one of its own.
    own: Option<&'a Effect>,
    meant: SentTicket,
    started_at: Timestamp,
}

/// By what a reply is told apart.
#[derive(Serialize)]
struct SentReply<'a> {
    to: &'a str,
    id: Option<&'a str>,
}

impl Work<'_> {
    pub(super) async fn create_ticket(&mut self, fields: &Fields, then: Then) -> Result<Outcome, Failure> {
        let Created { id, as_sent } = self.created(as_write(fields)?).await?;
        self.linked(id.as_str());
        if !as_sent {
            self.keep_link().await?;
            return self.update_ticket(id.as_str().to_owned(), fields, then).await;
        }
        self.wrote(fields);
        if !then.is_empty() {
            self.keep_link().await?;
        }
        self.follow(&id, then).await
    }

    /// A new ticket, or the one that an attempt before made whose answer never came.
    async fn created(&self, mut write: TicketWrite) -> Result<Created, Failure> {
        let marker = self.desk.marker.as_ref().map(|marker| (marker, marker.sign(&self.claimed.event)));
        if let Some((marker, sign)) = &marker {
            marker.put(&mut write, sign);
        }
        let sent = SentTicket::of(&write, marker.map(|(_, sign)| sign));
        let before = self.open_creations(&sent).await?;
        if let Some(created) = self.created_before(&before, &sent).await? {
            return Ok(created);
        }
        // The vendor may take it for the repetition of a call that said something else.
        let as_sent = before.iter().all(|before| before.meant == sent);
        let (once, started) = (self.once(CREATE)?, Timestamp::now());
        self.ledger.intend(CREATE, &once, &sent).await?;
        let created = match called(self.client.create_ticket(&write, &once)).await {
            Err(error @ Error::CreatedIdUnknown { .. }) => {
                self.made_before(&sent, started).await?.ok_or_else(|| error.into())
            }
            // It may be the repetition that is refused, of a ticket that no list shows yet.
            Err(error @ Error::Rejected { .. }) if !before.is_empty() => Err(doubt::refused(&error)),
            created => Ok(created.inspect_err(|error| self.ledger.failed(CREATE, error))?),
        };
        let id = created?;
        self.ledger.made(CREATE, id.as_str());
        Ok(Created { id, as_sent })
    }

    /// The calls that may have made the ticket: of this event, and of others before it in its lane, which may be dead or
    /// discarded by now.
    async fn open_creations(&self, sent: &SentTicket) -> Result<Vec<OpenCreation<'_>>, Failure> {
        let event = &self.claimed.event;
        let others =
            self.store.open_effects(&event.connection, &event.lane, CREATE, self.claimed.sequence).await?;
        let open = |effect: &Effect, own| OpenCreation {
            own,
            meant: SentTicket::meant(effect, sent),
            started_at: effect.started_at,
        };
        let own = self.ledger.open(CREATE).map(|effect| open(effect, Some(effect)));
        Ok(others.iter().map(|effect| open(effect, None)).chain(own).collect())
    }

    /// The ticket of a call that was not answered, if it is there.
    async fn created_before(
        &self,
        before: &[OpenCreation<'_>],
        sent: &SentTicket,
    ) -> Result<Option<Created>, Failure> {
        for before in before {
            if let Some(id) = self.made_before(&before.meant, before.started_at).await? {
                if let Some(own) = before.own {
                    self.ledger.found(own, id.as_str());
                }
                return Ok(Some(Created { id, as_sent: before.meant == *sent }));
            }
        }
        self.may_repeat(!before.is_empty(), "no such ticket is found").map(|()| None)
    }

    /// An error if a call was not answered before, and is not to be repeated on the mere chance.
    fn may_repeat(&self, unanswered: bool, why: &str) -> Result<(), Failure> {
        match self.desk.on_uncertain {
            OnUncertain::Park if unanswered => Err(doubt::uncertain(why)),
            _ => Ok(()),
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
        let nothing_else = matches!(self.fields, Progress::Untouched | Progress::Equal) && company.is_none();
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
        let before = self.ledger.open(REPLY).count();
        let repeated = before > 0;
        if before > 1 {
            self.possibly_twice();
        }
        self.may_repeat(repeated, "replies can't be read at the target")?;
        let request_id = self.reply_request_id(&reply, &key)?;
        self.ledger
            .intend(REPLY, &request_id, &SentReply { to: id.as_str(), id: reply.id.as_deref() })
            .await?;
        let answer = called(self.client.reply_ticket(id, &reply.text, &request_id)).await;
        // Also if this one was not answered either, and is the last that is tried.
        if before == 1 && answer.as_ref().err().is_none_or(Error::effect_unknown) {
            self.possibly_twice();
        }
        match answer {
            // Replies can't be looked for: it may be the repetition that is refused.
            Err(error @ Error::Rejected { .. }) if repeated => return Err(doubt::refused(&error)),
            added => added.inspect_err(|error| self.ledger.failed(REPLY, error))?,
        }
        self.ledger.made(REPLY, id.as_str());
        let link = Link { key, target_id: id.as_str().to_owned(), version: None, written: None };
        match (followed, reply.id) {
            (true, _) => self.keep(link).await?,
            (false, Some(_)) => self.others.push(link),
            (false, None) => {}
        }
        Ok(true)
    }

    /// Two of its calls may have been carried out.
    fn possibly_twice(&mut self) {
        let (pointer, reason) = ("/reply".to_owned(), "possibly_twice".to_owned());
        self.notes.push(Ignored { pointer, reason });
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
            Some(_) => Ok(request_id(self.claimed, &[&key.kind, &key.source_id])?),
            None => self.once(REPLY),
        }
    }
}
