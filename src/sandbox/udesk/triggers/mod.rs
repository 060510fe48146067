//! Ticket triggers (§7.2): what an administrator writes in the console so that changes of tickets are pushed.
//! A push is one flat object of texts, without envelope, id or signature; nothing is sent again when it fails.
//!
//! A push tells of a change by the API and by the control endpoints alike, as the vendor's does. Whether pushes
//! are doubled or overtake each other is a switch; which ones is told by the seed that the sandbox started with.

mod deliver;
mod template;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::desk::{AuthorKind, Change, Desk};
use crate::sandbox::generate::Dice;
use crate::sandbox::switches::UdeskDelivery;
use deliver::{Courier, Delivery};

/// Most triggers at a time.
const MAX_TRIGGERS: usize = 100;
/// The dice's kind of throw, apart from those of generated rows.
const CHANCE: u64 = 0x7472_6967;

#[derive(Debug)]
pub(crate) struct Triggers {
    all: Vec<Trigger>,
    courier: Courier,
    seed: u64,
    next_id: u64,
    fired: u64,
    /// What waits to be overtaken.
    held: Option<Delivery>,
}

/// As it is registered and shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trigger {
    #[serde(default, skip_deserializing)]
    id: u64,
    url: String,
    events: Vec<Event>,
    /// Name to text; `{{ticket.id}}` and the like stand for a value.
    template: Map<String, Value>,
    #[serde(default)]
    empty: Empty,
    #[serde(default = "json")]
    content_type: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    TicketCreated,
    TicketUpdated,
    AgentReplied,
    CustomerReplied,
}

/// What becomes of a placeholder without a value; receivers have seen all three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Empty {
    #[default]
    Text,
    Null,
    Absent,
}

fn json() -> String {
    "application/json".to_owned()
}

impl Event {
    /// An internal note changes the ticket and is no reply.
    fn of(change: &Change) -> Option<(Self, u64)> {
        match *change {
            Change::TicketCreated { ticket } => Some((Self::TicketCreated, ticket)),
            Change::TicketUpdated { ticket } => Some((Self::TicketUpdated, ticket)),
            Change::ReplyAdded { ticket, internal: true, .. } => Some((Self::TicketUpdated, ticket)),
            Change::ReplyAdded { ticket, by: AuthorKind::Agent, .. } => Some((Self::AgentReplied, ticket)),
            Change::ReplyAdded { ticket, by: AuthorKind::Customer, .. } => {
                Some((Self::CustomerReplied, ticket))
            }
            _ => None,
        }
    }
}

impl Triggers {
    /// Starts the task that delivers, so a tokio runtime must be running.
    pub(crate) fn new(seed: u64) -> Self {
        Self { all: Vec::new(), courier: Courier::start(), seed, next_id: 1, fired: 0, held: None }
    }

    pub(crate) fn all(&self) -> &[Trigger] {
        &self.all
    }

    /// Registers a trigger, or tells what is wrong with it.
    pub(crate) fn add(&mut self, mut trigger: Trigger) -> Result<&Trigger, String> {
        if self.all.len() >= MAX_TRIGGERS {
            return Err(format!("more than {MAX_TRIGGERS} triggers; DELETE removes them"));
        }
        deliver::refuse_distant(&trigger.url)?;
        template::check(&trigger.template)?;
        trigger.id = self.next_id;
        self.next_id += 1;
        self.all.push(trigger);
        self.all.last().ok_or_else(|| "no trigger".to_owned())
    }

    pub(crate) fn clear(&mut self) -> usize {
        self.held = None;
        std::mem::take(&mut self.all).len()
    }

    /// Pushes what happened to whom it concerns.
    pub(crate) fn fire(&mut self, changes: &[Change], desk: &Desk, how: UdeskDelivery) {
        for (event, ticket) in changes.iter().filter_map(Event::of) {
            let Some(ticket) = desk.tickets.get(ticket) else { continue };
            let concerned = self.all.iter().filter(|trigger| trigger.events.contains(&event));
            let made: Vec<Delivery> = concerned
                .map(|trigger| Delivery {
                    trigger: trigger.id,
                    event,
                    ticket: ticket.id,
                    url: trigger.url.clone(),
                    content_type: trigger.content_type.clone(),
                    body: Value::Object(template::filled(trigger, desk, &ticket)).to_string(),
                })
                .collect();
            made.into_iter().for_each(|delivery| self.dispatch(delivery, how));
        }
    }

    fn dispatch(&mut self, delivery: Delivery, how: UdeskDelivery) {
        self.fired += 1;
        match how {
            UdeskDelivery::Once => {
                self.release();
                self.courier.send(delivery);
            }
            UdeskDelivery::Duplicate => {
                self.release();
                self.courier.send(delivery.clone());
                self.courier.send(delivery);
            }
            UdeskDelivery::WrongOrder => self.overtake(delivery),
        }
    }

    /// Holds a delivery back by chance, until the next one has overtaken it.
    fn overtake(&mut self, delivery: Delivery) {
        let late = Dice::thrown(self.seed, CHANCE, self.fired).below(2) == 0;
        match self.held.take() {
            None if late => self.held = Some(delivery),
            held => {
                self.courier.send(delivery);
                held.into_iter().for_each(|held| self.courier.send(held));
            }
        }
    }

    /// Sends what is held back; tells how many that were.
    pub(crate) fn release(&mut self) -> usize {
        let held = self.held.take();
        let count = usize::from(held.is_some());
        held.into_iter().for_each(|held| self.courier.send(held));
        count
    }

    /// What was delivered and how it was answered, oldest first.
    pub(crate) fn deliveries(&self) -> Value {
        self.courier.record()
    }
}
