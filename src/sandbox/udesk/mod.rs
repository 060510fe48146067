//! The Udesk open API, its v1 family: reads only so far.

mod route;
mod sign;
mod tickets;

use serde_json::{Value, json};

use super::call::Call;
use super::door::Vendor;
use super::generate::Generator;
use super::reply::Reply;
use super::switches::SharedSwitches;
use route::Route;

/// The simulator and what the vendor stores, in its wire form.
#[derive(Debug)]
pub(crate) struct Udesk {
    tickets: Vec<Value>,
    ticket_fields: Vec<Value>,
    switches: SharedSwitches,
}

impl Udesk {
    pub(crate) fn seeded(switches: SharedSwitches, _: Generator) -> serde_json::Result<Self> {
        Ok(Self {
            tickets: serde_json::from_str(include_str!("seed/tickets.json"))?,
            ticket_fields: serde_json::from_str(include_str!("seed/ticket_fields.json"))?,
            switches,
        })
    }
}

impl Vendor for Udesk {
    fn answer(&self, call: &Call) -> Reply {
        let Some(route) = Route::of(call) else {
            return Reply::json(404, json!({"error": "404 Not Found"}));
        };
        if !sign::is_right(&call.query, self.switches.get().udesk_sign) {
            return failed(2002, "签名错,请升级版本后使用!");
        }
        match route {
            Route::ListTickets => tickets::page(&self.tickets.iter().collect::<Vec<_>>(), call),
            Route::CustomerTickets => tickets::of_customer(&self.tickets, call),
            Route::ReadTicket(id) => tickets::read(&self.tickets, &id),
            Route::TicketFields => {
                Reply::ok(json!({"status": 0, "message": "success", "ticket_fields": self.ticket_fields}))
            }
        }
    }

    fn control(&self, _: &Call) -> Option<Reply> {
        None
    }

    fn state(&self) -> Value {
        json!({"tickets": self.tickets, "ticket_fields": self.ticket_fields})
    }

    fn control_index(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
}

/// A business error: HTTP 200 with a status other than 0.
fn failed(status: u32, message: &str) -> Reply {
    Reply::ok(json!({"status": status, "message": message}))
}

/// A parameter error, which has a shape of its own.
fn invalid(error: &str) -> Reply {
    Reply::json(400, json!({"error": error}))
}
