//! What is wrong with a history, each with the evidence.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use super::history::{Asks, Effect, Ended, History, Post, Record, What};

/// What a history comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whatever should not be.
    pub violations: Vec<Violation>,
    /// Events that were acknowledged.
    pub acknowledged: usize,
    /// Events without an answer: they may be there or not.
    pub unanswered: usize,
    /// What the target did.
    pub effects: usize,
    /// Changes that were made again, in order and without harm.
    pub repeated: usize,
    /// Events of which the record says that their outcome can't be told.
    pub uncertain: usize,
    /// Events that wait behind one of those.
    pub behind: usize,
}

/// Something that should not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// It was acknowledged, and the record doesn't know it.
    Lost {
        /// The event.
        event: String,
    },
    /// The record says that it took effect, and the target never saw it.
    WithoutEffect {
        /// The event.
        event: String,
    },
    /// It was acknowledged, and nothing goes on with it.
    NeverEnds {
        /// The event.
        event: String,
        /// Where it stands.
        status: String,
    },
    /// It was acknowledged, and ended in a way that nothing in the run explains.
    EndedWrongly {
        /// The event.
        event: String,
        /// How.
        how: String,
    },
    /// One reply was added more than once, and the record doesn't say so.
    Doubled {
        /// The event.
        event: String,
        /// How often.
        times: usize,
    },
    /// More than one entity was made for one lane.
    MadeTwice {
        /// The lane.
        lane: String,
        /// The target's ids.
        targets: Vec<String>,
    },
    /// An event took effect after one that was accepted later.
    OutOfOrder {
        /// The lane.
        lane: String,
        /// The one that was accepted first.
        first: String,
        /// The one that took effect before it was done.
        overtook: String,
    },
    /// An event was acknowledged before the other was sent, and was given the later place.
    PlacedWrongly {
        /// The lane.
        lane: String,
        /// The one that was acknowledged first.
        first: String,
        /// The one that was sent after that.
        before_it: String,
    },
    /// The answer to a sender named another place than the record.
    Renumbered {
        /// The event.
        event: String,
        /// The place in the answer.
        told: i64,
        /// The place in the record.
        recorded: i64,
    },
    /// The target did something that nobody asked for.
    Unasked {
        /// The event that it names.
        event: String,
    },
}

/// Compares what was promised, what was done, and what is said.
pub fn judge(history: &History) -> Verdict {
    let facts = Facts::of(history);
    let mut verdict = Verdict { effects: history.effects.len(), ..Verdict::default() };
    for post in &history.posts {
        verdict.count(post, &facts);
        verdict.violations.extend(of_event(post, &facts));
    }
    let posted: BTreeSet<&str> = history.posts.iter().map(|post| post.event.as_str()).collect();
    let strange = history.effects.iter().filter(|effect| !posted.contains(effect.event.as_str()));
    verdict.violations.extend(strange.map(|effect| Violation::Unasked { event: effect.event.clone() }));
    for (lane, posts) in facts.lanes(history) {
        verdict.violations.extend(of_lane(lane, posts, &facts));
    }
    verdict.violations.sort();
    verdict
}

impl Verdict {
    /// Adds what another part of the run came to.
    pub fn add(&mut self, other: Self) {
        self.violations.extend(other.violations);
        self.acknowledged += other.acknowledged;
        self.unanswered += other.unanswered;
        self.effects += other.effects;
        self.repeated += other.repeated;
        self.uncertain += other.uncertain;
        self.behind += other.behind;
    }

    fn count(&mut self, post: &Post, facts: &Facts<'_>) {
        match post.answer {
            Some(_) => self.acknowledged += 1,
            None => self.unanswered += 1,
        }
        let record = facts.record(post);
        self.uncertain += usize::from(record.is_some_and(|record| record.uncertain));
        self.behind += usize::from(record.is_some_and(|record| record.ended == Ended::Behind));
        if post.asks == Asks::Fields {
            self.repeated += facts.effects_of(post).len().saturating_sub(1);
        }
    }
}

/// A history by event.
struct Facts<'a> {
    records: HashMap<&'a str, &'a Record>,
    /// With the place of each in the target's order.
    effects: HashMap<&'a str, Vec<(usize, &'a Effect)>>,
}

impl<'a> Facts<'a> {
    fn of(history: &'a History) -> Self {
        let records = history.records.iter().map(|record| (record.event.as_str(), record)).collect();
        let mut effects: HashMap<&str, Vec<(usize, &Effect)>> = HashMap::new();
        for (place, effect) in history.effects.iter().enumerate() {
            effects.entry(&effect.event).or_default().push((place, effect));
        }
        Self { records, effects }
    }

    fn record(&self, post: &Post) -> Option<&'a Record> {
        self.records.get(post.event.as_str()).copied()
    }

    fn effects_of(&self, post: &Post) -> &[(usize, &'a Effect)] {
        self.effects.get(post.event.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The events of each lane that the record knows, in the order of acceptance.
    fn lanes<'p>(&self, history: &'p History) -> BTreeMap<&'p str, Vec<(&'a Record, &'p Post)>> {
        let mut lanes: BTreeMap<&str, Vec<(&Record, &Post)>> = BTreeMap::new();
        for post in &history.posts {
            let lane = lanes.entry(&post.lane).or_default();
            lane.extend(self.record(post).map(|record| (record, post)));
        }
        lanes.values_mut().for_each(|posts| posts.sort_by_key(|(record, _)| record.sequence));
        lanes
    }
}

fn of_event(post: &Post, facts: &Facts<'_>) -> Vec<Violation> {
    let (event, effects) = (post.event.clone(), facts.effects_of(post));
    let Some(record) = facts.record(post) else {
        let lost = post.answer.is_some().then_some(Violation::Lost { event: event.clone() });
        // What the record doesn't know must not have happened either.
        let unasked = (!effects.is_empty()).then_some(Violation::Unasked { event });
        return lost.into_iter().chain(unasked).collect();
    };
    let told = post.answer.map_or(record.sequence, |answer| answer.sequence);
    let renumbered = (told != record.sequence).then(|| Violation::Renumbered {
        event: event.clone(),
        told,
        recorded: record.sequence,
    });
    let doubled = (post.asks == Asks::Reply && effects.len() > 1 && !record.uncertain)
        .then(|| Violation::Doubled { event: event.clone(), times: effects.len() });
    let ended = ended_wrongly(event, record, effects);
    [renumbered, doubled, ended].into_iter().flatten().collect()
}

fn ended_wrongly(event: String, record: &Record, effects: &[(usize, &Effect)]) -> Option<Violation> {
    match &record.ended {
        Ended::Applied if effects.is_empty() => Some(Violation::WithoutEffect { event }),
        Ended::Open(status) => Some(Violation::NeverEnds { event, status: status.clone() }),
        Ended::Held(why) if !record.uncertain => {
            Some(Violation::EndedWrongly { event, how: format!("held: {why}") })
        }
        Ended::Refused(why) => Some(Violation::EndedWrongly { event, how: format!("refused: {why}") }),
        // Given up means that its effect is there already: that is what the person has looked for.
        Ended::GivenUp if effects.is_empty() || !record.uncertain => {
            Some(Violation::EndedWrongly { event, how: "given up".into() })
        }
        // Whoever waits has done nothing yet.
        Ended::Behind if !effects.is_empty() => {
            Some(Violation::EndedWrongly { event, how: "in effect, yet waiting behind another".into() })
        }
        _ => None,
    }
}

fn of_lane(lane: &str, posts: Vec<(&Record, &Post)>, facts: &Facts<'_>) -> Vec<Violation> {
    let mut found = placed_wrongly(lane, &posts);
    found.extend(out_of_order(lane, &posts, facts));
    let all = posts.iter().flat_map(|(_, post)| facts.effects_of(post));
    let targets: BTreeSet<&str> = all.clone().map(|(_, effect)| effect.target.as_str()).collect();
    let made = all.filter(|(_, effect)| effect.what == What::Made).count();
    if made > 1 || targets.len() > 1 {
        let targets = targets.into_iter().map(str::to_owned).collect();
        found.push(Violation::MadeTwice { lane: lane.to_owned(), targets });
    }
    found
}

/// Each event must be placed after all that were acknowledged before it was sent. Of those placed before one, the
/// last to be sent is the witness.
fn placed_wrongly(lane: &str, posts: &[(&Record, &Post)]) -> Vec<Violation> {
    let mut last_sent: Option<&Post> = None;
    let mut found = Vec::new();
    for (_, post) in posts {
        if let (Some(answer), Some(earlier)) = (post.answer, last_sent)
            && answer.at < earlier.sent
        {
            let (first, before_it) = (post.event.clone(), earlier.event.clone());
            found.push(Violation::PlacedWrongly { lane: lane.to_owned(), first, before_it });
        }
        last_sent = last_sent.filter(|earlier| earlier.sent > post.sent).or(Some(post));
    }
    found
}

/// Each event must be done before the next begins: its last effect comes before the first of any later one.
fn out_of_order(lane: &str, posts: &[(&Record, &Post)], facts: &Facts<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut done: Option<(usize, &Post)> = None;
    for (_, post) in posts {
        let effects = facts.effects_of(post);
        let (Some((first, _)), Some((last, _))) = (effects.first(), effects.last()) else { continue };
        if let Some((_, earlier)) = done.filter(|(end, _)| end > first) {
            let (first, overtook) = (earlier.event.clone(), post.event.clone());
            found.push(Violation::OutOfOrder { lane: lane.to_owned(), first, overtook });
        }
        done = done.filter(|(end, _)| end > last).or(Some((*last, *post)));
    }
    found
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost { event } => write!(f, "lost: {event} was answered 202, and there is no such event"),
            Self::WithoutEffect { event } => {
                write!(f, "lost: {event} is said to be in effect, and the target never saw it")
            }
            Self::NeverEnds { event, status } => {
                write!(f, "never ends: {event} was answered 202 and is still {status}")
            }
            Self::EndedWrongly { event, how } => write!(f, "ended wrongly: {event} was answered 202: {how}"),
            Self::Doubled { event, times } => {
                write!(f, "doubled: the reply of {event} was added {times} times, and its record is silent")
            }
            Self::MadeTwice { lane, targets } => {
                write!(f, "doubled: {lane} was made more than once: {}", targets.join(", "))
            }
            Self::OutOfOrder { lane, first, overtook } => {
                write!(f, "out of order: in {lane}, {overtook} took effect before {first} was done")
            }
            Self::PlacedWrongly { lane, first, before_it } => write!(
                f,
                "out of order: in {lane}, {first} was answered before {before_it} was sent, and stands behind it"
            ),
            Self::Renumbered { event, told, recorded } => {
                write!(f, "renumbered: {event} was answered with sequence {told}, its record has {recorded}")
            }
            Self::Unasked { event } => {
                write!(f, "unasked: the target did something for {event}, which is not in the record")
            }
        }
    }
}
