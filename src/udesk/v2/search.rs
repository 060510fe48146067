//! What narrows the lists of customers and organizations (§5.2, §5.3).

/// Which of the customers or organizations are wanted; by default all of them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Search<'a> {
    /// `filter_id`: what a filter finds that somebody made in the console.
    pub filter_id: Option<u64>,
    /// `query`: what has this keyword, a name or a number of somebody perhaps.
    pub query: Option<&'a str>,
}

impl<'a> Search<'a> {
    /// By a keyword.
    pub fn query(words: &'a str) -> Search<'a> {
        Search { filter_id: None, query: Some(words) }
    }

    /// By a stored filter.
    pub fn filter(id: u64) -> Search<'a> {
        Search { filter_id: Some(id), query: None }
    }

    pub(super) fn parameters(self) -> Vec<(&'static str, String)> {
        let filter = self.filter_id.map(|id| ("filter_id", id.to_string()));
        filter.into_iter().chain(self.query.map(|words| ("query", words.to_owned()))).collect()
    }
}
