//! A creation whose answer never came: was it carried out? The target is asked before it is tried again.

use futures_util::{Stream, StreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Work;
use crate::{
    bangwo8::{Error, Order, Retry, Ticket, TicketFilter, TicketId, TicketWrite, Window},
    dispatch::{failure::Failure, ledger, retry::table},
    store::{Effect, Former, UNCERTAIN},
};

/// How far the vendor's timestamps may be behind what its clock seems to be.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(1);
/// The view of all tickets, which a plain agent may read (§6.8): the list of tickets is an administrator's.
const ALL_TICKETS: &str = "2";
/// Tickets looked at, newest first. A desk that makes more while an answer is awaited leaves the matter open.
const MAX_LOOKED_AT: usize = 5_000;
/// Bytes of the hash that tells one request's content from another's.
const DIGEST_BYTES: usize = 16;

/// When the earliest attempt began that may have had an effect nobody knows of. An operator who replays an event
/// whose outcome could not be told has looked: what was before that leaves no doubt.
pub(in crate::dispatch) fn since(former: &[Former]) -> Option<Timestamp> {
    let told = former.iter().rposition(|attempt| attempt.code.as_deref() == Some(UNCERTAIN));
    let open = &former[told.map_or(0, |told| told + 1)..];
    let doubtful = |attempt: &&Former| match &attempt.code {
        Some(code) => table::may_have_had_effect(code),
        None => !attempt.settled,
    };
    open.iter().find(doubtful).map(|attempt| attempt.started_at)
}

/// A refusal of what may have been done already: of the repetition, perhaps.
pub(super) fn refused(error: &Error) -> Failure {
    uncertain(&format!("repeating it was refused ({error})"))
}

/// What happens when an attempt before was not answered, and looking at the target doesn't tell whether it made
/// something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnUncertain {
    /// The call is repeated under the same `Requestid`, by which the vendor can tell a repetition.
    #[default]
    Repeat,
    /// The event waits for an operator.
    Park,
}

/// By what a ticket is told again that was to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SentTicket {
    subject: Option<String>,
    descript: Option<String>,
    /// Its sign, if new tickets carry one.
    sign: Option<String>,
    /// Hash of all that was sent.
    digest: String,
}

impl SentTicket {
    pub(super) fn of(write: &TicketWrite, sign: Option<String>) -> Self {
        let whole = serde_json::to_vec(write).unwrap_or_default();
        let digest = hex::encode(&Sha256::digest(whole)[..DIGEST_BYTES]);
        Self { subject: write.subject.clone(), descript: write.descript.clone(), sign, digest }
    }

    /// What an intent says; the present attempt's, if it can't be read.
    pub(super) fn meant(effect: &Effect, now: &Self) -> Self {
        ledger::sent(effect).unwrap_or_else(|| now.clone())
    }
}

impl Work<'_> {
    /// The ticket that an intent's call made: with its sign, or else of the same content; no older than the call, and
    /// standing for no other source ticket. Two that are alike without a sign are alike in all, so that either will
    /// do.
    pub(super) async fn made_before(
        &self,
        sent: &SentTicket,
        since: Timestamp,
    ) -> Result<Option<TicketId>, Failure> {
        let there = since.checked_add(self.client.clock_ahead()).unwrap_or(since);
        let start = there.checked_sub(CLOCK_SKEW).unwrap_or(there);
        let created = Window { start: Some(start), end: None };
        let filter =
            TicketFilter { created, created_order: Some(Order::Descending), ..TicketFilter::default() };
        match self.find_made(self.client.tickets(&filter), sent, start).await {
            Err(Failure::Call(Error::Forbidden { .. })) => {
                let found = self.find_made(self.client.ticketview_tickets(ALL_TICKETS), sent, start).await;
                found.map_err(looked_in_vain)
            }
            found => found.map_err(looked_in_vain),
        }
    }

    async fn find_made(
        &self,
        tickets: impl Stream<Item = Result<Ticket, Error>>,
        sent: &SentTicket,
        start: Timestamp,
    ) -> Result<Option<TicketId>, Failure> {
        let mut tickets = std::pin::pin!(tickets.take(MAX_LOOKED_AT + 1).enumerate());
        while let Some((looked_at, ticket)) = tickets.next().await {
            if looked_at == MAX_LOOKED_AT {
                return Err(uncertain("too many tickets were made since"));
            }
            let ticket = ticket?;
            let is_new = ticket.created_at.is_none_or(|created| created >= start);
            if is_new && self.is_made_of(&ticket, sent).await? && !self.is_taken(&ticket.id).await? {
                return Ok(Some(ticket.id));
            }
        }
        Ok(None)
    }

    /// Lists may leave something out: then the ticket itself is asked, if the rest is alike.
    async fn is_made_of(&self, listed: &Ticket, sent: &SentTicket) -> Result<bool, Failure> {
        let told = self.is_of(listed, sent);
        if told.is_none() && same(listed.subject.as_deref(), sent.subject.as_deref()) {
            return Ok(self.is_of(&self.client.ticket(&listed.id).await?, sent) == Some(true));
        }
        Ok(told == Some(true))
    }

    /// Nothing if what was read of the ticket doesn't tell.
    fn is_of(&self, ticket: &Ticket, sent: &SentTicket) -> Option<bool> {
        if let (Some(marker), Some(sign)) = (&self.desk.marker, &sent.sign) {
            return marker.is_on(ticket, sign);
        }
        if !same(ticket.subject.as_deref(), sent.subject.as_deref()) {
            return Some(false);
        }
        if ticket.descript.is_none() && sent.descript.is_some() {
            return None;
        }
        Some(same(ticket.descript.as_deref(), sent.descript.as_deref()))
    }

    /// Another connection may lead to the same desk, so all are asked.
    async fn is_taken(&self, id: &TicketId) -> Result<bool, Failure> {
        Ok(self.store.is_linked(self.claimed.event.lane.kind(), id.as_str()).await?)
    }
}

/// Whatever is wrong with the look-up, it says nothing of the event. Credentials that are refused are every call's
/// trouble, and waited out.
fn looked_in_vain(failure: Failure) -> Failure {
    match failure {
        Failure::Call(Error::Unauthorized { .. } | Error::Configuration { .. }) => failure,
        Failure::Call(error) if error.retry() == Retry::Never => uncertain(&error.to_string()),
        other => other,
    }
}

/// It is said, not guessed.
pub(super) fn uncertain(why: &str) -> Failure {
    let message = format!(
        "a call was not answered, and whether it was carried out can't be told: {why}. Look for it in Bangwo8: \
         discard the event if it is there; if not, replay it under new request ids (--new-request-ids, by HTTP \
         \"key\":\"new\")"
    );
    Failure::Stuck(UNCERTAIN, message)
}

/// White space may have been touched up on the way.
fn same(there: Option<&str>, sent: Option<&str>) -> bool {
    let words = |text: Option<&str>| {
        text.unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    words(there) == words(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn former(second: i64, settled: bool, code: Option<&str>) -> Former {
        let started_at = Timestamp::from_second(second).unwrap();
        Former { started_at, settled, code: code.map(str::to_owned) }
    }

    #[test]
    fn only_an_attempt_that_may_have_had_an_effect_leaves_a_doubt() {
        let attempts = [
            former(1, true, Some("unreachable")),
            former(2, true, Some("rate_limited")),
            former(3, true, Some("unanswered")),
            former(4, false, None),
        ];
        assert_eq!(since(&attempts), Some(Timestamp::from_second(3).unwrap()));
        assert_eq!(since(&attempts[3..]), Some(Timestamp::from_second(4).unwrap()));
        assert_eq!(since(&attempts[..2]), None);
        assert_eq!(since(&[former(1, true, None)]), None);
        let replayed = [former(1, false, None), former(2, true, Some("uncertain"))];
        assert_eq!(since(&replayed), None, "the operator has looked");
    }

    #[test]
    fn white_space_makes_no_difference_and_anything_else_does() {
        assert!(same(Some("内容1\r\n内容2 "), Some("内容1\n内容2")));
        assert!(same(None, Some("")));
        assert!(!same(Some("打印机离线"), Some("打印机脱机")));
    }
}
