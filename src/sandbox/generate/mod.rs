//! Rows by the million that nobody stores: each is computed from the seed and its index whenever it is asked
//! for, so the same seed always shows the same desk and a page costs what a page is long.
//!
//! What a row says is common to both vendors; how they write it is theirs. Rows of a kind stand in the order of
//! their times, both of creation and of update, and what lists filter by repeats with [`PERIOD`], so that the
//! n-th match is arithmetic ([`indices`]) and not a search.

mod dice;
pub(crate) mod indices;
pub(crate) mod merge;
mod words;

use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

pub(crate) use dice::Dice;
use words::{ANSWERS, BRANDS, DETAILS, GIVEN, PLACES, SURNAMES, THINGS, TRADES, TROUBLES};

/// Id of the generated row 0 of every kind, far above any id that is stored or assigned.
pub(crate) const FIRST_ID: u64 = 1_000_000_000;
/// After so many rows, what lists filter by begins again.
pub(crate) const PERIOD: u64 = 40;
/// Most rows of a kind, so that ids and times stay in bounds.
pub const MAX_ROWS: u64 = 10_000_000;

/// 2023-01-01 08:00:00 in Shanghai.
const BEGIN: i64 = 1_672_531_200;
/// A row each ten seconds: a million take four months, and ten million end in 2026.
const SPACING_S: u64 = 10;
/// An update comes so long after the creation.
const UPDATED_AFTER_S: u64 = 3 * 3600;

/// How the name of every company ends.
const COMPANY: &str = "有限公司";

/// How many rows of each kind there are beside the seed data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tickets of each vendor.
    pub tickets: u64,
    /// Companies (Bangwo8) and organizations (Udesk).
    pub companies: u64,
    /// Contacts (Bangwo8) and customers (Udesk).
    pub contacts: u64,
    /// Replies, spread over the tickets.
    pub replies: u64,
    /// Ticket views of Bangwo8, which have equal shares of the tickets.
    pub views: u64,
}

impl Counts {
    /// Reads `tickets=1000000,companies=200`; kinds left out have none. The error names what exists.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut counts = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (kind, number) = part.split_once('=').ok_or_else(|| format!("{part:?} has no number"))?;
            let number = number.parse().ok().filter(|number| *number <= MAX_ROWS);
            *counts.kind(kind)? = number.ok_or_else(|| format!("{kind}: must be from 0 to {MAX_ROWS}"))?;
        }
        Ok(counts)
    }

    fn kind(&mut self, kind: &str) -> Result<&mut u64, String> {
        match kind {
            "tickets" => Ok(&mut self.tickets),
            "companies" => Ok(&mut self.companies),
            "contacts" => Ok(&mut self.contacts),
            "replies" => Ok(&mut self.replies),
            "views" => Ok(&mut self.views),
            _ => Err(format!(
                "there is no kind {kind:?}; there are tickets, companies, contacts, replies, views"
            )),
        }
    }
}

/// Tells what any row says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Generator {
    pub(crate) seed: u64,
    pub(crate) counts: Counts,
}

/// Throws for different kinds must differ.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Ticket = 1,
    Contact = 2,
    Company = 3,
    Reply = 4,
}

/// What a generated ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TicketRow {
    pub(crate) index: u64,
    pub(crate) subject: String,
    pub(crate) text: String,
    /// Index of its contact; `None` while there are none.
    pub(crate) contact: Option<u64>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What a generated contact or customer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactRow {
    pub(crate) index: u64,
    pub(crate) name: String,
    pub(crate) mobile: String,
    pub(crate) email: String,
    /// Index of their company; `None` while there are none.
    pub(crate) company: Option<u64>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What a generated company or organization says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompanyRow {
    pub(crate) index: u64,
    /// Unlike any other generated name.
    pub(crate) name: String,
    pub(crate) province: &'static str,
    pub(crate) city: &'static str,
    pub(crate) address: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// What a generated reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplyRow {
    /// Index among all replies.
    pub(crate) index: u64,
    pub(crate) text: &'static str,
    pub(crate) by_agent: bool,
    pub(crate) created: Timestamp,
}

impl Generator {
    /// The ticket of an index; the caller keeps to [`Counts::tickets`].
    pub(crate) fn ticket(&self, index: u64) -> TicketRow {
        let mut dice = self.dice(Kind::Ticket, index);
        let (thing, trouble) = (dice.pick(THINGS), dice.pick(TROUBLES));
        let text = format!("{thing}{trouble}。{}{}", dice.pick(DETAILS), dice.pick(DETAILS));
        let subject = format!("{thing}{trouble}(第 {} 号)", index + 1);
        let contact = index.checked_rem(self.counts.contacts);
        let created = begun(index, &mut dice, 0);
        TicketRow {
            index,
            subject,
            text,
            contact,
            created,
            updated: begun(index, &mut dice, UPDATED_AFTER_S),
        }
    }

    /// The contact of an index; the caller keeps to [`Counts::contacts`].
    pub(crate) fn contact(&self, index: u64) -> ContactRow {
        let mut dice = self.dice(Kind::Contact, index);
        let name = format!("{}{}", dice.pick(SURNAMES), dice.pick(GIVEN));
        // No Chinese mobile number begins with 100, so nobody has these.
        let (mobile, email) = (format!("100{index:08}"), format!("u{index}@example.com"));
        let company = index.checked_rem(self.counts.companies);
        let created = begun(index, &mut dice, 0);
        let updated = begun(index, &mut dice, UPDATED_AFTER_S);
        ContactRow { index, name, mobile, email, company, created, updated }
    }

    /// The company of an index; the caller keeps to [`Counts::companies`].
    pub(crate) fn company(&self, index: u64) -> CompanyRow {
        let mut dice = self.dice(Kind::Company, index);
        let place = usize::try_from(dice.below(PLACES.len() as u64)).unwrap_or_default();
        let (province, city) = PLACES.get(place).copied().unwrap_or_default();
        let (brand, trade) = (dice.pick(BRANDS), dice.pick(TRADES));
        let name = format!("{city}{brand}{trade}{}{COMPANY}", index + 1);
        let address = format!("{province}{city}人民路{}号", dice.below(900) + 1);
        let created = begun(index, &mut dice, 0);
        let updated = begun(index, &mut dice, UPDATED_AFTER_S);
        CompanyRow { index, name, province, city, address, created, updated }
    }

    /// The index of the company with this name. A company's name tells its index.
    pub(crate) fn company_named(&self, name: &str) -> Option<u64> {
        let before = name.strip_suffix(COMPANY)?;
        let digits = before.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let index = digits.parse::<u64>().ok()?.checked_sub(1)?;
        (index < self.counts.companies && self.company(index).name == name).then_some(index)
    }

    /// The indices of a view's tickets. All views together have each ticket once; the caller keeps to
    /// [`Counts::views`].
    pub(crate) fn share_of(&self, view: u64) -> Range<u64> {
        let Counts { tickets, views, .. } = self.counts;
        let begin = |view: u64| (view * tickets).checked_div(views).unwrap_or(0);
        begin(view)..begin(view + 1)
    }

    /// How many replies a ticket has: as even a share as can be.
    pub(crate) fn replies_of(&self, ticket: u64) -> u64 {
        let Counts { tickets, replies, .. } = self.counts;
        let rest = replies.checked_rem(tickets).unwrap_or(0);
        replies.checked_div(tickets).unwrap_or(0) + u64::from(ticket < rest)
    }

    /// A ticket's n-th reply, oldest first. All lie between the ticket's creation and its update.
    pub(crate) fn reply(&self, ticket: u64, n: u64) -> ReplyRow {
        let index = n * self.counts.tickets + ticket;
        let mut dice = self.dice(Kind::Reply, index);
        let share = UPDATED_AFTER_S * (n + 1) / (self.replies_of(ticket) + 1);
        let created = at(ticket * SPACING_S + SPACING_S.max(share));
        ReplyRow { index, text: dice.pick(ANSWERS), by_agent: n.is_multiple_of(2), created }
    }

    fn dice(&self, kind: Kind, index: u64) -> Dice {
        Dice::thrown(self.seed, kind as u64, index)
    }
}

/// A second of the row's own ten, so that the rows' times ascend strictly.
fn begun(index: u64, dice: &mut Dice, later: u64) -> Timestamp {
    at(index * SPACING_S + dice.below(SPACING_S) + later)
}

fn at(seconds: u64) -> Timestamp {
    let since = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let begin = Timestamp::from_second(BEGIN).unwrap_or(Timestamp::UNIX_EPOCH);
    begin.saturating_add(since).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
