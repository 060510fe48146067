//! News of all views of a connection since a number, made once for however many want them.
//!
//! Promises: of each view one piece of news, with all that became of it; whoever has heard one batch after the other has
//! missed nothing and heard nothing twice. Doesn't know who listens.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OnceCell, watch};

use super::{
    Reading, Unavailable,
    changes::CursorError,
    desk::{Desk, Key},
    keep,
    news::News,
    view::View,
};
use crate::store::{AsOf, Store, StoreError, Version};

/// Batches that are remembered: who is a little behind the others asks for one of them. Listeners that come back
/// after a restart all ask for the same.
const REMEMBERED: usize = 16;
/// Versions that are gone through for one batch at most, some seconds of work: who has missed more reads anew.
pub(super) const MOST_VERSIONS: usize = 10_000;
/// Versions read at once.
const VERSIONS: usize = 500;

/// What happened between two numbers.
#[derive(Debug)]
pub struct Batch {
    /// What was known before it.
    pub from: i64,
    /// What is known after it.
    pub to: i64,
    /// One of each view that changed, by ascending cursor.
    pub news: Vec<News>,
    /// True if whoever has heard the news up to one of them knows everything up to its cursor. Otherwise only who has heard
    /// all of them does: of a view that changed twice, the later state is told, though others changed in between.
    pub stepwise: bool,
}

/// Where news come from.
pub(super) struct Feed {
    /// Number of the newest version.
    newest: watch::Sender<i64>,
    /// Batches made lately, or in the making.
    made: Mutex<VecDeque<Arc<Making>>>,
}

/// A batch, or why there will never be one.
pub(super) type Made = Result<Arc<Batch>, Arc<CursorError>>;

/// A batch that one makes for all who want the same; who wants another doesn't wait for it.
struct Making {
    from: i64,
    /// It goes up to here at least.
    to: i64,
    made: OnceCell<Made>,
}

impl Making {
    /// What is lost stays so.
    fn reaches(&self, to: i64) -> bool {
        let made = match self.made.get() {
            Some(Ok(batch)) => batch.to >= to,
            Some(Err(_)) => true,
            None => false,
        };
        made || self.to >= to
    }
}

impl Feed {
    pub(super) fn new(newest: i64) -> Self {
        Self { newest: watch::Sender::new(newest), made: Mutex::default() }
    }

    /// Says up to where there are versions. Who listens is woken only if there are new ones.
    pub(super) fn reached(&self, number: i64) {
        self.newest.send_if_modified(|newest| std::mem::replace(newest, number) != number);
    }

    /// Forgets what it has made, since the numbers have come to mean something else.
    pub(super) fn forget(&self) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until there are versions after `number`.
    pub(super) async fn beyond(&self, number: i64) {
        // The sender is here, so that there is no end to wait for.
        self.newest.subscribe().wait_for(|newest| *newest > number).await.ok();
    }

    /// What happened since `from`, up to `desk` at least; empty if nothing did.
    ///
    /// `Expired` and `TooManyVersions` when it can't be told.
    pub(super) async fn since(
        &self,
        store: &Store,
        connection: &str,
        from: i64,
        desk: &Desk,
    ) -> Result<Made, Unavailable> {
        // A connection's numbers have no gaps.
        let missed = usize::try_from(desk.version.saturating_sub(from)).unwrap_or(0);
        if missed > MOST_VERSIONS {
            // Unless they are others than the cursor's, as after a restore: then they tell nothing of how much happened.
            let next = store.versions_after(connection, from, 1).await?;
            let follows = next.first().is_some_and(|next| next.number == from.saturating_add(1));
            let why = if follows { CursorError::TooManyVersions(missed) } else { CursorError::Expired(from) };
            return Ok(Err(Arc::new(why)));
        }
        let making = self.making(from, desk.version);
        let make = async || match batch(store, connection, from, desk).await {
            Ok(batch) => Ok(Ok(Arc::new(batch))),
            Err(CursorError::Unavailable(error)) => Err(error),
            Err(lost) => Ok(Err(Arc::new(lost))),
        };
        making.made.get_or_try_init(make).await.cloned()
    }

    fn making(&self, from: i64, to: i64) -> Arc<Making> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(making) = made.iter().find(|making| making.from == from && making.reaches(to)) {
            return making.clone();
        }
        let making = Arc::new(Making { from, to, made: OnceCell::new() });
        made.push_front(making.clone());
        made.truncate(REMEMBERED);
        making
    }
}

impl Reading {
    /// News of each of the first `limit` versions after a number, in their order, and the number up to which they tell
    /// everything. Of a view whose state before is no longer kept, all of it is new; a state that can't be read back is
    /// left out, since nothing would bring it back.
    pub(super) async fn news_after(&self, after: i64, limit: usize) -> Result<(Vec<News>, i64), StoreError> {
        let (store, connection, desk) = (&self.store, &self.source.connection, self.board.desk());
        let (mut news, mut to) = (Vec::new(), after);
        for last in store.versions_after(connection, after, limit).await? {
            to = last.number;
            let course = Course { first: to, prior: last.prior, last };
            let told = match told(store, connection, to - 1, &course, &desk).await {
                Err(error) if is_lost(&error) => told(store, connection, 0, &course, &desk).await,
                told => told,
            };
            match told {
                Ok(told) => news.extend(told),
                Err(CursorError::Unavailable(Unavailable::Store(error))) if error.may_pass() => {
                    return Err(error);
                }
                Err(error) => tracing::error!(connection, version = to, %error, "a change can't be told"),
            }
        }
        Ok((news, to))
    }
}

/// True if what is missing won't come back.
fn is_lost(error: &CursorError) -> bool {
    match error {
        CursorError::Unavailable(Unavailable::Store(error)) => !error.may_pass(),
        CursorError::Unavailable(_) => false,
        _ => true,
    }
}

/// The first and the last of a view's versions since a number.
struct Course {
    first: i64,
    prior: i64,
    last: Version,
}

async fn batch(store: &Store, connection: &str, from: i64, desk: &Desk) -> Result<Batch, CursorError> {
    let courses = courses(store, connection, from).await?;
    let to = courses.values().map(|course| course.last.number).max().unwrap_or(from);
    let stepwise = courses.values().all(|course| course.first == course.last.number);
    let mut news = Vec::with_capacity(courses.len());
    for course in courses.into_values() {
        news.extend(readable(store, connection, from, &course, desk).await?);
    }
    news.sort_by_key(|news| news.cursor);
    Ok(Batch { from, to, news, stepwise })
}

/// What every view went through since a number, by the view's id.
async fn courses(
    store: &Store,
    connection: &str,
    from: i64,
) -> Result<BTreeMap<String, Course>, CursorError> {
    let mut courses: BTreeMap<String, Course> = BTreeMap::new();
    let (mut at, mut seen) = (from, 0);
    loop {
        let versions = store.versions_after(connection, at, VERSIONS).await?;
        let Some(newest) = versions.last() else { return Ok(courses) };
        (at, seen) = (newest.number, seen + versions.len());
        if seen > MOST_VERSIONS {
            return Err(CursorError::TooManyVersions(seen));
        }
        for version in versions {
            let (first, prior) = courses
                .get(&version.view)
                .map_or((version.number, version.prior), |course| (course.first, course.prior));
            courses.insert(version.view.clone(), Course { first, prior, last: version });
        }
    }
}

/// As `told`. Of a view whose state before can't be read back, all of it is new; one whose state of now can't be is left
/// out: the others' news are no worse for it.
async fn readable(
    store: &Store,
    connection: &str,
    from: i64,
    course: &Course,
    desk: &Desk,
) -> Result<Option<News>, CursorError> {
    let told_from = async |from| match told(store, connection, from, course, desk).await {
        Err(CursorError::Unavailable(Unavailable::Store(error))) if !error.may_pass() => Ok(Err(error)),
        told => told.map(Ok),
    };
    if let Ok(news) = told_from(from).await? {
        return Ok(news);
    }
    told_from(0).await.map(|told| {
        let version = course.last.number;
        told.inspect_err(|error| tracing::error!(connection, version, %error, "a change can't be told"))
            .unwrap_or_default()
    })
}

/// Nothing of a view that wasn't read before and isn't now.
async fn told(
    store: &Store,
    connection: &str,
    from: i64,
    course: &Course,
    desk: &Desk,
) -> Result<Option<News>, CursorError> {
    let near = desk.views.get(&Key::new(&course.last.view)).map(|standing| standing.view.clone());
    let after = state(store, connection, &course.last, near.as_ref()).await?;
    let before = match course.prior {
        _ if from == 0 => None,
        0 => None,
        prior if prior <= from => prior_state(store, connection, course, near.as_ref()).await?,
        // The one before was followed by another since, and both are forgotten.
        _ => return Err(CursorError::Expired(from)),
    };
    if before.is_none() && after.is_none() {
        return Ok(None);
    }
    let what = (course.last.view.as_str(), course.last.number, course.last.at);
    Ok(Some(News::between(store, connection, what, before.as_deref(), after.as_deref()).await?))
}

async fn prior_state(
    store: &Store,
    connection: &str,
    course: &Course,
    near: Option<&Arc<View>>,
) -> Result<Option<Arc<View>>, CursorError> {
    let kept = store.version(connection, &course.last.view, AsOf::Number(course.prior)).await?;
    let kept = kept.filter(|kept| kept.number == course.prior);
    let kept = kept.ok_or(CursorError::Expired(course.prior))?;
    Ok(state(store, connection, &kept, near).await?)
}

/// The view in a state of before or of now, if its tickets were read then.
async fn state(
    store: &Store,
    connection: &str,
    version: &Version,
    near: Option<&Arc<View>>,
) -> Result<Option<Arc<View>>, StoreError> {
    let view = match near {
        Some(near) if near.version == version.number => near.clone(),
        _ if version.about.is_none() => return Ok(None),
        near => Arc::new(keep::load(store, connection, version, near.map(|near| &**near)).await?),
    };
    Ok(Some(view).filter(|view| view.card.enabled))
}
