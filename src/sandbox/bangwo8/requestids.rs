//! `Requestid`: the vendor's only means against duplicates, documented by its purpose alone.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::{Admitted, Answer, Rejection, Reply};
use crate::sandbox::switches::DuplicateRequestid;

/// Ids remembered; the oldest are forgotten first.
const MAX_REMEMBERED: usize = 100_000;

/// The first answer to each id. Only requests that had an effect are remembered, so a refused one may be
/// corrected and sent again under its id.
#[derive(Debug, Default)]
pub(crate) struct Requestids {
    answers: HashMap<String, Reply>,
    order: VecDeque<String>,
}

impl Requestids {
    /// Acts, unless the request's id has acted before.
    pub(crate) fn once(&mut self, admitted: &Admitted<'_>, act: impl FnOnce() -> Answer) -> Answer {
        let Some(id) = admitted.call.header("requestid").filter(|id| !id.is_empty()) else {
            return act();
        };
        match (self.answers.get(id), admitted.switches.duplicate_requestid) {
            (Some(first), DuplicateRequestid::Replay) => Ok(replayed(first)),
            (Some(_), DuplicateRequestid::Error) => {
                Err(Rejection::Business("Requestid already exists".to_owned()))
            }
            (Some(_), DuplicateRequestid::Ignored) | (None, _) => {
                let reply = act()?;
                self.remember(id, &reply);
                Ok(reply)
            }
        }
    }

    fn remember(&mut self, id: &str, reply: &Reply) {
        if self.order.len() >= MAX_REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        if self.answers.insert(id.to_owned(), reply.clone()).is_none() {
            self.order.push_back(id.to_owned());
        }
    }
}

/// The same answer; its effect still names what it was about.
fn replayed(first: &Reply) -> Reply {
    let mut replayed = first.clone();
    if let Some(effect) = replayed.effect.as_mut().and_then(Value::as_object_mut) {
        effect.insert("kind".to_owned(), json!("replayed"));
    }
    replayed
}
