//! The filters of Bangwo8's lists as parameters.

use jiff::{civil::Date, tz::TimeZone};

use super::{
    super::Failure,
    window::{Direction, Moment, in_order, window},
};
use crate::bangwo8::{CompanyFilter, ContactFilter, Order, SupportAgentFilter, TicketFilter, Window};

/// The days of a list that is filtered by days.
#[derive(clap::Args)]
pub(in crate::cli::read) struct Days {
    /// Created on this day or later
    #[arg(long, value_name = "DAY")]
    created_start: Option<Date>,
    /// Created on this day or earlier
    #[arg(long, value_name = "DAY")]
    created_end: Option<Date>,
    /// Updated last on this day or later
    #[arg(long, value_name = "DAY")]
    updated_start: Option<Date>,
    /// Updated last on this day or earlier
    #[arg(long, value_name = "DAY")]
    updated_end: Option<Date>,
    /// Sorted by time of creation
    #[arg(long, value_name = "ORDER")]
    created_order: Option<Direction>,
    /// Sorted by time of the last update
    #[arg(long, value_name = "ORDER")]
    updated_order: Option<Direction>,
    /// Deleted ones too
    #[arg(long)]
    with_deleted: bool,
}

impl Days {
    fn created(&self) -> Result<Window<Date>, Failure> {
        in_order("created", self.created_start, self.created_end)
    }

    fn updated(&self) -> Result<Window<Date>, Failure> {
        in_order("updated", self.updated_start, self.updated_end)
    }

    pub(super) fn companies(&self) -> Result<CompanyFilter, Failure> {
        Ok(CompanyFilter {
            created: self.created()?,
            updated: self.updated()?,
            created_order: self.created_order.map(Order::from),
            updated_order: self.updated_order.map(Order::from),
            with_deleted: self.with_deleted,
        })
    }

    pub(super) fn contacts(&self) -> Result<ContactFilter, Failure> {
        Ok(ContactFilter {
            created: self.created()?,
            updated: self.updated()?,
            created_order: self.created_order.map(Order::from),
            updated_order: self.updated_order.map(Order::from),
            with_deleted: self.with_deleted,
        })
    }
}

/// A list of tickets, which is filtered by the second.
#[derive(clap::Args)]
pub(in crate::cli::read) struct Tickets {
    /// Created at this time or later: a day, or RFC 3339
    #[arg(long, value_name = "TIME")]
    created_start: Option<Moment>,
    /// Created at this time or earlier; of a day, its last second
    #[arg(long, value_name = "TIME")]
    created_end: Option<Moment>,
    /// Updated last at this time or later
    #[arg(long, value_name = "TIME")]
    updated_start: Option<Moment>,
    /// Updated last at this time or earlier
    #[arg(long, value_name = "TIME")]
    updated_end: Option<Moment>,
    /// Sorted by time of creation
    #[arg(long, value_name = "ORDER")]
    created_order: Option<Direction>,
    /// Sorted by time of the last update
    #[arg(long, value_name = "ORDER")]
    updated_order: Option<Direction>,
    /// Sorted by status
    #[arg(long, value_name = "ORDER")]
    status_order: Option<Direction>,
}

impl Tickets {
    pub(super) fn filter(&self, zone: &TimeZone) -> Result<TicketFilter, Failure> {
        Ok(TicketFilter {
            created: window("created", self.created_start, self.created_end, zone)?,
            updated: window("updated", self.updated_start, self.updated_end, zone)?,
            created_order: self.created_order.map(Order::from),
            updated_order: self.updated_order.map(Order::from),
            status_order: self.status_order.map(Order::from),
        })
    }
}

/// The list of support agents.
#[derive(clap::Args)]
pub(in crate::cli::read) struct Agents {
    /// Created at this time or later: a day, or RFC 3339
    #[arg(long, value_name = "TIME")]
    created_start: Option<Moment>,
    /// Created at this time or earlier; of a day, its last second
    #[arg(long, value_name = "TIME")]
    created_end: Option<Moment>,
    /// Sorted by time of creation
    #[arg(long, value_name = "ORDER")]
    created_order: Option<Direction>,
}

impl Agents {
    pub(super) fn filter(&self, zone: &TimeZone) -> Result<SupportAgentFilter, Failure> {
        Ok(SupportAgentFilter {
            created: window("created", self.created_start, self.created_end, zone)?,
            created_order: self.created_order.map(Order::from),
        })
    }
}
