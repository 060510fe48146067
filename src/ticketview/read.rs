//! One reading of one view: its pages to one state, and what of that the store doesn't have yet.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Reading,
    chunk::{self, Chunk},
    entry::{Entry, Id},
    failure::Failure,
    fields::Fields,
    gather::{Gathering, Listed, Next},
    normalize::{self, FieldBook},
    row::Drafted,
    view::{self, Card, Column, Draft, View},
};
use crate::{
    bangwo8::{AsSent, Page, Ticket, TicketView},
    store::{ContentId, Piece},
};

/// Tickets of a page: the vendor advises no more.
const PER_PAGE: u32 = 100;
/// Pieces that wait in memory to be written together.
const MOST_PIECES: usize = 500;

/// What a reading of a view came to.
pub(super) struct Read {
    pub(super) draft: Draft,
    /// True if it is a state that the view was in; if not, it changed all the time.
    pub(super) whole: bool,
}

/// A reading under way.
struct Walk<'a> {
    reading: &'a Reading,
    fields: &'a mut Fields,
    /// Rows that the store has.
    kept: HashSet<ContentId>,
    /// Rows that it is going to have.
    new: Vec<Piece>,
    /// The custom fields of the tickets, with their names.
    columns: BTreeMap<String, Option<String>>,
}

impl Reading {
    /// Reads the tickets of a view on the list. The rows and chunks that are new are in the store when it returns.
    pub(super) async fn read_view(
        &self,
        listed: &AsSent<TicketView>,
        before: Option<&View>,
        fields: &mut Fields,
    ) -> Result<Read, Failure> {
        let kept = before.into_iter().flat_map(View::entries).map(|entry| entry.row).collect();
        let mut walk = Walk { reading: self, fields, kept, new: Vec::new(), columns: BTreeMap::new() };
        let (entries, whole) = walk.gather(&listed.it.id, before).await?;
        let (mut new, columns) = (walk.new, view::columns(walk.columns));
        let known = before.map(|view| view.chunks.as_slice()).unwrap_or_default();
        let chunks = chunk::chunks(entries, known);
        new.extend(chunks.iter().filter(|chunk| !is_in(known, chunk)).map(|chunk| chunk.piece()));
        self.put_pieces(new).await?;
        let draft = Draft { id: listed.it.id.clone(), card: self.card(listed, columns), chunks };
        Ok(Read { draft, whole })
    }

    /// What the list says of a view.
    pub(super) fn card(&self, listed: &AsSent<TicketView>, columns: Arc<[Column]>) -> Card {
        let enabled = is_enabled(&listed.it);
        let mut sent = listed.sent.clone();
        if let Some(sent) = sent.as_object_mut() {
            sent.shift_remove("ticket_count");
        }
        Card {
            about: normalize::view(&listed.it, &self.source.time_zone),
            sent,
            enabled,
            listed: listed.it.ticket_count.filter(|_| !enabled),
            columns,
        }
    }

    async fn put_pieces(&self, pieces: Vec<Piece>) -> Result<(), Failure> {
        if !pieces.is_empty() {
            self.store.put_pieces(&self.source.connection, pieces, Timestamp::now()).await?;
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// The tickets of a view, and whether they are all of one moment.
    async fn gather(&mut self, id: &str, before: Option<&View>) -> Result<(Vec<Entry>, bool), Failure> {
        let known = before.into_iter().flat_map(View::entries).cloned();
        let mut gathering = Gathering::new(known, PER_PAGE as usize);
        let client = self.reading.source.client.in_background();
        loop {
            let page = match gathering.next() {
                Next::Page(page) => u32::try_from(page + 1).map_err(|_| Failure::Endless)?,
                Next::Whole => return Ok((gathering.entries(), true)),
                Next::Changing => return Ok((gathering.entries(), false)),
                Next::Endless => return Err(Failure::Endless),
            };
            self.reading.metrics.ticketview_call(&self.reading.source.connection);
            let size = u32::try_from(gathering.per_page()).unwrap_or(PER_PAGE);
            let page = client.ticketview_tickets_page_as_sent(id, page, size).await?;
            gathering.take(self.take(page).await?);
        }
    }

    async fn take(&mut self, page: Page<AsSent<Ticket>>) -> Result<Listed, Failure> {
        let book = self.fields.book();
        let entries = page.items.iter().map(|ticket| self.entry(ticket, &book)).collect::<Result<_, _>>()?;
        if self.new.len() >= MOST_PIECES {
            self.reading.put_pieces(std::mem::take(&mut self.new)).await?;
        }
        Ok(Listed { entries, count: page.count, more: page.more })
    }

    fn entry(&mut self, ticket: &AsSent<Ticket>, book: &FieldBook) -> Result<Entry, Failure> {
        for (key, _) in &ticket.it.custom_fields {
            if !self.columns.contains_key(key) {
                self.fields.met(key);
                self.columns.insert(key.clone(), book.name(key).map(str::to_owned));
            }
        }
        let normalized = normalize::ticket(&ticket.it, book, &self.reading.source.time_zone)?;
        let row = Drafted::new(&normalized, &ticket.sent)?;
        if self.kept.insert(row.id) {
            self.new.push(row.piece()?);
        }
        Ok(Entry { id: Id::new(ticket.it.id.as_str()), row: row.id })
    }
}

/// A view that doesn't say so is enabled, as the vendor's document has it.
pub(super) fn is_enabled(view: &TicketView) -> bool {
    view.active != Some(false)
}

fn is_in(known: &[Arc<Chunk>], chunk: &Arc<Chunk>) -> bool {
    known.iter().any(|known| Arc::ptr_eq(known, chunk))
}
