//! The Bangwo8 data API.
//!
//! A request passes the same steps in the same order: who calls ([`auth`]), what for ([`route`]), may they,
//! was it sent before ([`requestids`]). Then one function per endpoint acts on the [`desk`].

mod auth;
mod control;
mod custom_fields;
mod desk;
mod enums;
mod fields;
mod list;
mod page;
mod people;
mod rejection;
mod render;
mod requestids;
mod route;
mod single;
mod templates;
mod ticket;
mod token;
mod view_filter;
mod views;
mod write;

use std::sync::Mutex;

use serde_json::{Value, json};

use super::call::Call;
use super::door::Vendor;
use super::generate::Generator;
use super::guard::lock;
use super::reply::Reply;
use super::switches::{SharedSwitches, Switches};
use auth::Caller;
use desk::Desk;
use rejection::Rejection;
use requestids::Requestids;
use route::{Permission, Route};
use token::Tokens;

/// The simulator: what the vendor stores, and what it remembers about callers.
#[derive(Debug)]
pub(crate) struct Bangwo8 {
    account: Mutex<Account>,
    switches: SharedSwitches,
}

/// One lock for all of it, so that two requests with one `Requestid` can never both take effect.
#[derive(Debug)]
struct Account {
    desk: Desk,
    tokens: Tokens,
    requestids: Requestids,
}

/// What an endpoint knows of a request once it is admitted.
struct Admitted<'a> {
    call: &'a Call,
    caller: Caller,
    switches: Switches,
}

impl Bangwo8 {
    pub(crate) fn seeded(switches: SharedSwitches, _: Generator) -> serde_json::Result<Self> {
        let desk = Desk::seeded()?;
        let account = Account { desk, tokens: Tokens::default(), requestids: Requestids::default() };
        Ok(Self { account: Mutex::new(account), switches })
    }
}

impl Vendor for Bangwo8 {
    fn answer(&self, call: &Call) -> Reply {
        let switches = self.switches.get();
        let account = &mut *lock(&self.account);
        if call.path == token::PATH {
            return token::answer(&mut account.tokens, call);
        }
        account.answer(call, switches).unwrap_or_else(|rejection| rejection.reply(&switches))
    }

    fn control(&self, call: &Call) -> Option<Reply> {
        control::answer(&mut lock(&self.account), call, self.switches.get())
    }

    fn state(&self) -> Value {
        json!(lock(&self.account).desk)
    }

    fn control_index(&self) -> &'static [(&'static str, &'static str)] {
        control::INDEX
    }
}

impl Account {
    fn answer(&mut self, call: &Call, switches: Switches) -> Result<Reply, Rejection> {
        let caller = auth::caller(call, &self.tokens, &self.desk).ok_or(Rejection::Unauthorized)?;
        let route = Route::of(call).ok_or(Rejection::NotFound)?;
        if route.permission() == Permission::Administrator && !caller.is_admin {
            return Err(Rejection::Forbidden);
        }
        let admitted = Admitted { call, caller, switches };
        match route {
            Route::CreateTicket => self.write(&admitted, write::create),
            Route::UpdateTicket(id) => {
                self.write(&admitted, |desk, admitted| write::update(desk, admitted, &id))
            }
            read => self.read(&admitted, read),
        }
    }

    fn write(
        &mut self,
        admitted: &Admitted<'_>,
        act: impl FnOnce(&mut Desk, &Admitted<'_>) -> Result<Reply, Rejection>,
    ) -> Result<Reply, Rejection> {
        if admitted.call.media_type().as_deref() != Some("application/json") {
            return Err(Rejection::BadRequest("Content-Type must be application/json"));
        }
        let desk = &mut self.desk;
        self.requestids.once(admitted, || act(desk, admitted))
    }

    fn read(&self, admitted: &Admitted<'_>, route: Route) -> Result<Reply, Rejection> {
        let desk = &self.desk;
        match route {
            Route::ListTickets => Ok(list::tickets(desk, admitted)),
            Route::ReadTicket(id) => single::v1(desk, admitted, &id),
            Route::ReadTicketV2(id) => single::v2(desk, admitted, &id),
            Route::TicketFields => Ok(fields::custom(desk)),
            Route::TicketFields2 => Ok(fields::all(desk)),
            Route::TicketTemplates => Ok(templates::list(desk, admitted)),
            Route::Supports => Ok(people::supports(desk, admitted)),
            Route::ListViews => Ok(views::list(desk, admitted)),
            Route::ReadView(id) => views::read(desk, admitted, &id),
            Route::ViewTickets(id) => views::tickets(desk, admitted, &id),
            Route::ViewCount(id) => views::count(desk, admitted, &id),
            Route::ViewCounts => Ok(views::counts(desk, admitted)),
            Route::CreateTicket | Route::UpdateTicket(_) => Err(Rejection::NotFound),
        }
    }
}
