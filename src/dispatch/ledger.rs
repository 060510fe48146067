//! What an event meant to make at the target: written down before each call that makes something, and answered when
//! it is known what came of it. What is open then is a thing that may be there or not.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    bangwo8::{Error, RequestId},
    json,
    store::{Answered, Claimed, Effect, Intent, Store, StoreError},
};

/// The intents of one event: those of the attempts before, and those of this one.
pub(super) struct Ledger<'a> {
    store: &'a Store,
    claimed: &'a Claimed,
    answered: Mutex<Vec<Answered>>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(store: &'a Store, claimed: &'a Claimed) -> Self {
        Self { store, claimed, answered: Mutex::default() }
    }

    /// The intents of earlier attempts at a step of which nobody knows what came, oldest first.
    pub(super) fn open(&self, step: &str) -> impl Iterator<Item = &'a Effect> {
        let effects = self.claimed.effects.iter();
        effects.filter(move |effect| effect.step == step && effect.answered_at.is_none())
    }

    /// To be called before a call that makes something: `sent` is by what the thing can be recognised.
    ///
    /// Errors: `LeaseLost` when the event is somebody else's by now, or the store's own. The call must not be made then.
    pub(super) async fn intend(
        &self,
        step: &str,
        request_id: &RequestId,
        sent: &impl Serialize,
    ) -> Result<(), StoreError> {
        let unwritable = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
        let intent = Intent {
            hold: self.claimed.hold(),
            step: step.to_owned(),
            request_id: request_id.as_str().to_owned(),
            sent: serde_json::to_string(sent).map_err(unwritable)?,
            at: Timestamp::now(),
        };
        self.store.intend(intent).await
    }

    /// This attempt's call at the step made something; whatever was open of it is settled by that.
    pub(super) fn made(&self, step: &str, target_id: &str) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.extend(self.open(step).map(|effect| Answered {
            attempt: effect.attempt,
            step: step.to_owned(),
            target_id: None,
        }));
        answered.push(self.mine(step, Some(target_id)));
    }

    /// The thing that an earlier attempt made was found.
    pub(super) fn found(&self, of: &Effect, target_id: &str) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.extend(self.open(&of.step).map(|effect| Answered {
            attempt: effect.attempt,
            step: effect.step.clone(),
            target_id: (effect.attempt == of.attempt).then(|| target_id.to_owned()),
        }));
    }

    /// This attempt's call failed. If that says that nothing was made, the intent is answered; otherwise it stays open.
    pub(super) fn failed(&self, step: &str, error: &Error) {
        if !error.effect_unknown() && !matches!(error, Error::CreatedIdUnknown { .. }) {
            let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
            answered.push(self.mine(step, None));
        }
    }

    /// What to settle.
    pub(super) fn answered(&self) -> Vec<Answered> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mine(&self, step: &str, target_id: Option<&str>) -> Answered {
        let attempt = self.claimed.attempt;
        Answered { attempt, step: step.to_owned(), target_id: target_id.map(str::to_owned) }
    }
}

/// By what an intent's thing can be recognised; nothing if it can't be read, as after a change of the program.
pub(super) fn sent<T: DeserializeOwned>(effect: &Effect) -> Option<T> {
    json::from_str(&effect.sent).ok()
}
