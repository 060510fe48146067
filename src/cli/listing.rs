//! What a command lists of the running service: page by page, as a table or a line of JSON each.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
};

use serde_json::Value;

use super::{
    Failure, say,
    tables::table,
    text::{at, items},
};
use crate::plural::counted;

/// Elements of one page at most, as the service has it.
const PAGE: usize = 500;

/// How much is printed, and as what.
#[derive(clap::Args)]
pub(super) struct Shape {
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value = "50", value_parser = at_least_one)]
    limit: NonZeroUsize,
    /// Print a line of JSON each
    #[arg(long)]
    json: bool,
}

fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "must be a whole number from 1 on")
}

/// What is listed.
pub(super) struct Listing<'a> {
    /// Where a page has its elements.
    pub(super) elements: &'a str,
    /// Where an element says what the next page begins after.
    pub(super) place: &'a str,
    /// What an element is, in the singular, and what is said if there is none.
    pub(super) word: &'a str,
    pub(super) nothing: &'a str,
}

impl Listing<'_> {
    /// Prints as many as the shape says. `page` asks the service for one page, by parameters of its query.
    pub(super) async fn put<const N: usize>(
        &self,
        shape: &Shape,
        header: [&str; N],
        row: fn(&Value) -> [String; N],
        page: impl AsyncFn(Vec<(&'static str, String)>) -> Result<Value, Failure>,
    ) -> Result<(), Failure> {
        let mut found = self.pages(shape.limit.get().saturating_add(1), page).await?;
        let has_more = found.len() > shape.limit.get();
        found.truncate(shape.limit.get());
        match shape.json {
            true => found.iter().for_each(say),
            false => say(table(header, found.iter().map(row)).unwrap_or_else(|| self.nothing.to_owned())),
        }
        // No part of what is listed: programs read that. Who doesn't listen has the list.
        if has_more {
            let shown = counted(found.len(), self.word);
            writeln!(io::stderr(), "{shown} shown, and there are more: --limit NUMBER shows more").ok();
        }
        Ok(())
    }

    /// Up to `most` elements, one more than is shown: a cursor comes with every full page, so that it doesn't tell whether
    /// there are more.
    async fn pages(
        &self,
        most: usize,
        page: impl AsyncFn(Vec<(&'static str, String)>) -> Result<Value, Failure>,
    ) -> Result<Vec<Value>, Failure> {
        let mut found: Vec<Value> = Vec::new();
        while found.len() < most {
            let size = (most - found.len()).min(PAGE);
            let mut query = vec![("limit", size.to_string())];
            query.extend(found.last().map(|last| ("cursor", at(last, self.place))));
            let page = page(query).await?;
            let page = items(&page, self.elements);
            found.extend_from_slice(page);
            if page.len() < size {
                break;
            }
        }
        Ok(found)
    }
}
