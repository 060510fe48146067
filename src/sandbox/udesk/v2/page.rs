//! v2 lists: an object `meta` beside an array that each resource names its own way (§5.0).

use std::ops::Range;

use serde_json::{Value, json};

use super::{Answer, Rejection};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

const DEFAULT_SIZE: usize = 20;
const MAX_SIZE: usize = 100;
/// Customers and organizations beyond this are not reached by paging (§5.2, §5.3).
const MAX_REACHED: usize = 10_000;

/// Which part of a list is asked for. Past the end it is empty; a page that is no number counts as the first.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) number: usize,
    pub(crate) size: usize,
}

impl Page {
    pub(crate) fn of(call: &Call) -> Result<Self, Rejection> {
        Self::sized_by(call, "per_page", DEFAULT_SIZE)
    }

    /// A page whose size stands in a parameter of another name or has another default.
    pub(crate) fn sized_by(call: &Call, parameter: &str, default: usize) -> Result<Self, Rejection> {
        let size = match call.param(parameter) {
            None => Some(default),
            Some(text) => text.parse().ok().filter(|size| (1..=MAX_SIZE).contains(size)),
        };
        let out_of_range = || Rejection::invalid(&format!("{parameter} should be between 1 and {MAX_SIZE}"));
        Ok(Self { number: call.positive("page").unwrap_or(1), size: size.ok_or_else(out_of_range)? })
    }

    /// Refuses what only the vendor's export can reach.
    pub(crate) fn within_reach(self) -> Result<Self, Rejection> {
        if self.skip() >= MAX_REACHED {
            return Err(Rejection::invalid("最多查询前 10000 条数据"));
        }
        Ok(self)
    }

    pub(crate) fn skip(&self) -> usize {
        (self.number - 1).saturating_mul(self.size)
    }

    pub(crate) fn positions(&self) -> Range<usize> {
        self.skip()..self.skip().saturating_add(self.size)
    }

    /// The answer; `from_here` begins at the page's first item.
    pub(crate) fn answer(&self, key: &str, total: usize, from_here: impl Iterator<Item = Value>) -> Answer {
        let items: Vec<Value> = from_here.take(self.size).collect();
        let (number, pages) = (self.number, total.div_ceil(self.size));
        let meta = json!({"current_page": number, "total_pages": pages, "total_count": total});
        Ok(Reply::ok(json!({"code": 1000, key: items, "meta": meta})))
    }
}
