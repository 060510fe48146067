//! A creation whose answer never came: was it carried out? The target is asked before it is tried again.

use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};

use super::Work;
use crate::{
    bangwo8::{Error, Order, Retry, Ticket, TicketFilter, TicketId, TicketWrite, Window},
    dispatch::failure::Failure,
    store::Former,
};

/// How far the vendor's clock may be behind ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);
/// Tickets looked at, newest first. A desk that makes more while an answer is awaited leaves the matter open.
const MAX_LOOKED_AT: usize = 5_000;
/// What an attempt can end with although its creation was carried out, as the record names it.
const DOUBTFUL: [&str; 7] =
    ["unanswered", "unavailable", "bad_answer", "too_large", "created_id_unknown", "out_of_time", "store"];

/// When the earliest attempt began that may have had an effect nobody knows of.
pub(super) fn since(former: &[Former]) -> Option<Timestamp> {
    let doubtful = |attempt: &&Former| match &attempt.code {
        Some(code) => DOUBTFUL.contains(&code.as_str()),
        None => !attempt.settled,
    };
    former.iter().find(doubtful).map(|attempt| attempt.started_at)
}

impl Work<'_> {
    /// The ticket that an earlier attempt made: of the same content, no older than the attempt, and standing for no
    /// other source ticket. Two such tickets are alike, so that either will do.
    pub(super) async fn made_before(
        &self,
        write: &TicketWrite,
        since: Timestamp,
    ) -> Result<Option<TicketId>, Failure> {
        let start = since.checked_sub(CLOCK_SKEW).unwrap_or(since);
        let created = Window { start: Some(start), end: None };
        let filter =
            TicketFilter { created, created_order: Some(Order::Descending), ..TicketFilter::default() };
        let mut tickets = std::pin::pin!(self.client.tickets(&filter).take(MAX_LOOKED_AT + 1));
        let mut looked_at = 0;
        while let Some(ticket) = tickets.next().await {
            let ticket = match ticket {
                // A plain agent may not list tickets (§3.3): the Requestid has to do.
                Err(Error::Forbidden { .. }) => return Ok(None),
                // Whatever is wrong with the list, it says nothing of the event.
                Err(error) if error.retry() == Retry::Never => return Err(unknown(&error.to_string())),
                ticket => ticket?,
            };
            looked_at += 1;
            if looked_at > MAX_LOOKED_AT {
                return Err(unknown("too many tickets were made since"));
            }
            if is_made_of(&ticket, write) && !self.is_taken(&ticket.id).await? {
                return Ok(Some(ticket.id));
            }
        }
        Ok(None)
    }

    async fn is_taken(&self, id: &TicketId) -> Result<bool, Failure> {
        let event = &self.claimed.event;
        Ok(self.store.is_linked(&event.connection, event.lane.kind(), id.as_str()).await?)
    }
}

/// It is said, not guessed.
fn unknown(why: &str) -> Failure {
    let message = format!(
        "a creation was not answered, and whether it was carried out can't be told: {why}. Look for the ticket in \
         Bangwo8: discard the event if it is there, replay it if not"
    );
    Failure::Stuck("outcome_unknown", message)
}

fn is_made_of(ticket: &Ticket, write: &TicketWrite) -> bool {
    same(ticket.subject.as_deref(), write.subject.as_deref())
        && same(ticket.descript.as_deref(), write.descript.as_deref())
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
    }

    #[test]
    fn white_space_makes_no_difference_and_anything_else_does() {
        assert!(same(Some("内容1\r\n内容2 "), Some("内容1\n内容2")));
        assert!(same(None, Some("")));
        assert!(!same(Some("打印机离线"), Some("打印机脱机")));
    }
}
