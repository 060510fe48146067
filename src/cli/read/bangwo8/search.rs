//! A search of companies on the command line.

use clap::ValueEnum;
use jiff::civil::Date;

use super::{super::Failure, window::Direction};
use crate::bangwo8::{CompanySearch, Comparison, DayField, Order};

#[derive(clap::Args)]
pub(in crate::cli::read) struct Args {
    /// What to look for; no spaces
    text: String,
    /// Where: companyName (part of it), serviceaccount (the whole of it) or a custom field's key (part of it)
    #[arg(long, value_name = "KEY")]
    field: Option<String>,
    /// Only those of this day, or before or after it: see --comparison and --day-of
    #[arg(long, value_name = "DAY")]
    day: Option<Date>,
    /// How the company's day compares to --day
    #[arg(long, requires = "day", default_value = "on")]
    comparison: Compared,
    /// Which day of the company --day means
    #[arg(long, requires = "day", value_name = "WHICH", default_value = "created")]
    day_of: Of,
    /// Sorted by this day
    #[arg(long, value_name = "WHICH")]
    sort: Option<Of>,
    /// The direction of --sort
    #[arg(long, requires = "sort", default_value = "desc")]
    order: Direction,
    /// Deleted ones too
    #[arg(long)]
    with_deleted: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    Created,
    Updated,
}

#[derive(Clone, Copy, ValueEnum)]
enum Compared {
    Before,
    UpTo,
    On,
    From,
    After,
}

impl Args {
    pub(super) fn search(&self) -> Result<CompanySearch, Failure> {
        let search = match &self.field {
            Some(key) => CompanySearch::field(key, &self.text),
            None => CompanySearch::text(&self.text),
        };
        let mut search = search.map_err(Failure::usage)?;
        if let Some(day) = self.day {
            search = search.on_days(self.day_of.into(), self.comparison.into(), day);
        }
        if let Some(by) = self.sort {
            search = search.sorted(by.into(), Order::from(self.order));
        }
        Ok(if self.with_deleted { search.with_deleted() } else { search })
    }
}

impl From<Of> for DayField {
    fn from(of: Of) -> Self {
        match of {
            Of::Created => Self::Created,
            Of::Updated => Self::Updated,
        }
    }
}

impl From<Compared> for Comparison {
    fn from(compared: Compared) -> Self {
        match compared {
            Compared::Before => Self::Before,
            Compared::UpTo => Self::UpTo,
            Compared::On => Self::On,
            Compared::From => Self::From,
            Compared::After => Self::After,
        }
    }
}
