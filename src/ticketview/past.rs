//! What was known at a time before, as answers, from the versions that are kept.

use jiff::Timestamp;

use super::{
    Reading, Served, TicketViews, Unavailable,
    bodies::{self, Count, Page},
    desk::Key,
    keep,
    prepared::{Body, http_date},
    view::{Card, View},
};
use crate::store::{AsOf, StoreError, Version};

/// The views of a connection as they were known at a time.
pub struct Past<'a> {
    reading: &'a Reading,
    at: Timestamp,
}

/// A view as it was.
struct Then {
    version: Version,
    card: Card,
}

impl TicketViews {
    /// The connection's views as they were known at a time.
    pub fn as_of(&self, connection: &str, at: Timestamp) -> Result<Past<'_>, Unavailable> {
        let (reading, _) = self.desk(connection)?;
        Ok(Past { reading, at })
    }
}

impl Past<'_> {
    /// As [`TicketViews::list`].
    pub async fn list(&self) -> Result<Served, Unavailable> {
        let views = self.all().await?;
        let body = bodies::list(views.iter().map(|then| (&then.card, then.version.count)))?;
        Ok(served(body, newest(&views)))
    }

    /// As [`TicketViews::one`].
    pub async fn one(&self, id: &str) -> Result<Served, Unavailable> {
        let then = self.view(id).await?;
        Ok(served(bodies::one(&then.card, then.version.count)?, then.version.at))
    }

    /// As [`TicketViews::tickets`].
    pub async fn tickets(&self, id: &str, page: Page) -> Result<Served, Unavailable> {
        let view = self.whole(id).await?;
        Ok(served(self.reading.page(&view, page).await?, view.changed_at))
    }

    /// As [`TicketViews::count`].
    pub async fn count(&self, id: &str) -> Result<Served, Unavailable> {
        let then = self.enabled(id).await?;
        Ok(served(bodies::count(Count::new(&then.card, then.version.count))?, then.version.at))
    }

    /// As [`TicketViews::counts`].
    pub async fn counts(&self, ids: Option<&[&str]>) -> Result<Served, Unavailable> {
        let mut views = self.all().await?;
        let known = enabled_ids(&views);
        views.retain(|then| then.card.enabled);
        if let Some(ids) = ids {
            let unknown = ids.iter().find(|id| !known.iter().any(|known| known == *id));
            if let Some(view) = unknown {
                return Err(Unavailable::UnknownView { view: (*view).to_owned(), known });
            }
            let place = |then: &Then| ids.iter().position(|id| *id == then.version.view);
            views.retain(|then| place(then).is_some());
            views.sort_by_key(place);
        }
        let counts = views.iter().map(|then| Count::new(&then.card, then.version.count)).collect();
        Ok(served(bodies::counts(counts)?, newest(&views)))
    }

    /// A view with its tickets as it was.
    pub(super) async fn whole(&self, id: &str) -> Result<View, Unavailable> {
        let then = self.enabled(id).await?;
        let desk = self.reading.board.desk();
        let near = desk.view(id).ok().map(|standing| &*standing.view);
        Ok(keep::load(&self.reading.store, self.connection(), &then.version, near).await?)
    }

    async fn enabled(&self, id: &str) -> Result<Then, Unavailable> {
        let then = self.view(id).await?;
        if then.card.enabled { Ok(then) } else { Err(self.unknown(id).await) }
    }

    async fn view(&self, id: &str) -> Result<Then, Unavailable> {
        let store = &self.reading.store;
        match store.version(self.connection(), id, AsOf::Time(self.at)).await? {
            Some(version) if version.about.is_some() => Ok(then(version)?),
            Some(_) => Err(self.unknown(id).await),
            None => match store.oldest_version(self.connection(), id).await? {
                Some(oldest) if oldest.prior != 0 => Err(Unavailable::HistoryGone { oldest: oldest.at }),
                // It came later than others, or nothing was known yet.
                Some(oldest) => match self.unknown(id).await {
                    Unavailable::HistoryGone { .. } => Err(Unavailable::HistoryGone { oldest: oldest.at }),
                    unknown => Err(unknown),
                },
                None => Err(self.unknown(id).await),
            },
        }
    }

    /// All views that there were, in the order of their ids as numbers.
    async fn all(&self) -> Result<Vec<Then>, Unavailable> {
        let store = &self.reading.store;
        let found = store.versions(self.connection(), AsOf::Time(self.at)).await?;
        self.is_complete(&found).await?;
        let there = found.into_iter().filter(|version| version.about.is_some());
        let mut views: Vec<Then> = there.map(then).collect::<Result<_, _>>()?;
        views.sort_by_key(|then| Key::new(&then.version.view));
        Ok(views)
    }

    /// A view that is known now and not among those of then came later, or what it was then is forgotten.
    async fn is_complete(&self, found: &[Version]) -> Result<(), Unavailable> {
        let store = &self.reading.store;
        let mut later = Vec::new();
        for version in store.versions(self.connection(), AsOf::Now).await? {
            if !found.iter().any(|found| found.view == version.view) {
                later.extend(store.oldest_version(self.connection(), &version.view).await?);
            }
        }
        let forgotten = later.iter().filter(|version| version.prior != 0).map(|version| version.at).max();
        let beginning = later.iter().map(|version| version.at).min().filter(|_| found.is_empty());
        match forgotten.or(beginning) {
            Some(oldest) => Err(Unavailable::HistoryGone { oldest }),
            None => Ok(()),
        }
    }

    async fn unknown(&self, id: &str) -> Unavailable {
        match self.all().await {
            Ok(views) => Unavailable::UnknownView { view: id.to_owned(), known: enabled_ids(&views) },
            Err(error) => error,
        }
    }

    fn connection(&self) -> &str {
        &self.reading.source.connection
    }
}

fn then(version: Version) -> Result<Then, StoreError> {
    let card = keep::card(&version)?;
    Ok(Then { version, card })
}

fn served(body: Body, changed_at: Timestamp) -> Served {
    Served { body, last_modified: http_date(changed_at), age_s: None, stale: None }
}

fn newest(views: &[Then]) -> Timestamp {
    views.iter().map(|then| then.version.at).max().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn enabled_ids(views: &[Then]) -> Vec<String> {
    views.iter().filter(|then| then.card.enabled).map(|then| then.version.view.clone()).collect()
}
