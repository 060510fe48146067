//! The events that wait, and those that come on top: all different, all of one size.

use std::ops::Range;

use deskbridge::event::{Event, EventId, EventType, Lane};
use sha2::{Digest, Sha256};

use crate::Result;

/// As `Connections` names the first one.
pub(crate) const CONNECTION: &str = "c0";
/// Half of a SHA-256 in hex: as long as most senders' ids.
const ID_DIGITS: usize = 32;

/// How the events lie.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) lanes: u64,
    pub(crate) ordered_ids: bool,
}

/// What is sent of an event, and where it belongs.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) event_type: EventType,
    /// `ticket:100000`
    pub(crate) lane: String,
    pub(crate) body: String,
    pub(crate) data: Range<usize>,
    pub(crate) digest: [u8; 32],
}

impl Shape {
    /// The event number `number`, from 0, of those that wait: the first of each lane makes its ticket.
    pub(crate) fn waiting(&self, number: u64) -> Row {
        let event_type =
            if number < self.lanes { EventType::TicketCreated } else { EventType::TicketUpdated };
        self.row(number, number % self.lanes, event_type)
    }

    /// An event of the lane number `lane`. No two have one `number`.
    pub(crate) fn row(&self, number: u64, lane: u64, event_type: EventType) -> Row {
        let id = self.id(number);
        let ticket = 100_000 + lane;
        let start = format!(r#"{{"id":"{id}","type":"{}","data":"#, event_type.as_str());
        let data = format!(
            r#"{{"id":{ticket},"subject":"打印机离线 {ticket}","content":"重启以后也没有恢复 {number}","platform":"邮件","priority":"紧急","status":"solving"}}"#
        );
        let range = start.len()..start.len() + data.len();
        let body = format!("{start}{data}}}");
        let digest = Sha256::digest(&body).into();
        Row { id, event_type, lane: format!("ticket:{ticket}"), body, data: range, digest }
    }

    fn id(&self, number: u64) -> String {
        if self.ordered_ids {
            return format!("{number:0ID_DIGITS$}");
        }
        let mut id = hex::encode(Sha256::digest(number.to_be_bytes()));
        id.truncate(ID_DIGITS);
        id
    }
}

impl Row {
    /// As the intake hands it to the journal.
    pub(crate) fn event(&self) -> Result<Event> {
        let (kind, source_id) = self.lane.split_once(':').ok_or("a lane has a kind")?;
        Ok(Event {
            connection: CONNECTION.into(),
            id: EventId::plain(&self.id)?,
            event_type: self.event_type,
            lane: Lane::new(kind, source_id)?,
            time: None,
            traceparent: None,
            body: self.body.clone().into(),
            digest: None,
            data: self.data.clone(),
            hint: false,
            version: None,
            verified_by: None,
        })
    }
}
