//! v1 lists: `size`, `total` and `total_pages` beside the contents (§2.3).

use std::ops::Range;

use serde_json::{Value, json};

use super::{Answer, Rejection};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

const DEFAULT_PER_PAGE: usize = 20;
const MAX_PER_PAGE: usize = 100;

/// Which part of a list is asked for. Past the end it is empty; a page that is no number counts as the first.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) skip: usize,
    pub(crate) size: usize,
}

impl Page {
    pub(crate) fn of(call: &Call) -> Result<Self, Rejection> {
        let size = match call.param("per_page") {
            None => Some(DEFAULT_PER_PAGE),
            Some(text) => text.parse().ok().filter(|size| (1..=MAX_PER_PAGE).contains(size)),
        };
        let out_of_range = || Rejection::Parameter("per_page should be between 1 and 100".to_owned());
        let size = size.ok_or_else(out_of_range)?;
        Ok(Self { skip: (call.positive("page").unwrap_or(1) - 1).saturating_mul(size), size })
    }

    pub(crate) fn positions(&self) -> Range<usize> {
        self.skip..self.skip.saturating_add(self.size)
    }

    /// The answer; `from_here` begins at the page's first item.
    pub(crate) fn answer(&self, total: usize, from_here: impl Iterator<Item = Value>) -> Answer {
        let contents: Vec<Value> = from_here.take(self.size).collect();
        Ok(Reply::ok(json!({
            "status": 0,
            "message": "成功",
            "size": contents.len(),
            "total": total,
            "total_pages": total.div_ceil(self.size),
            "contents": contents,
        })))
    }
}
