//! What is known of a run, from outside.

/// A moment in the order in which the sender saw things happen.
pub type Tick = u64;

/// All that is known of a run.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What was sent, in any order.
    pub posts: Vec<Post>,
    /// What the target did, in its own order.
    pub effects: Vec<Effect>,
    /// What the record says in the end, in any order.
    pub records: Vec<Record>,
}

/// An event as its sender knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The event's id, unique in the run.
    pub event: String,
    /// What it is about: events of one lane must take effect in the order of acceptance.
    pub lane: String,
    /// What it asks for.
    pub asks: Asks,
    /// When it was sent first.
    pub sent: Tick,
    /// The first acknowledgement; none if each attempt to send it went unanswered.
    pub answer: Option<Answer>,
}

/// What an event asks the target for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// That the lane's entity exists with these fields. To do so twice is harmless, in order.
    Fields,
    /// That a reply is added. To do so twice is a fault.
    Reply,
}

/// An acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// When it was heard.
    pub at: Tick,
    /// The place in the order of acceptance that it told.
    pub sequence: i64,
}

/// Something that the target did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The event whose content it bears.
    pub event: String,
    /// What was done.
    pub what: What,
    /// The target's id of the entity.
    pub target: String,
}

/// What the target did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It made the lane's entity.
    Made,
    /// It changed its fields.
    Changed,
    /// It added a reply.
    Replied,
}

/// Where an event stands when all is quiet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The event's id.
    pub event: String,
    /// Its place in the order of acceptance.
    pub sequence: i64,
    /// How it ended.
    pub ended: Ended,
    /// True if the record says, or once said, that nobody can tell whether it took effect or how often.
    pub uncertain: bool,
}

/// How an event ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It took effect.
    Applied,
    /// A person gave it up, as the record advised.
    GivenUp,
    /// It waits for a person, for a reason.
    Held(String),
    /// It waits behind one of its lane that is held.
    Behind,
    /// It was refused for good, for a reason.
    Refused(String),
    /// It didn't end: a status that should pass.
    Open(String),
}
