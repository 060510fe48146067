//! The satisfaction survey of tickets (§5.1).

use serde::Serialize;
use serde_json::value::RawValue;

use super::V2;
use crate::udesk::{
    answer::Answer,
    error::Error,
    request::{Endpoint, Operation, Request},
    scalar::Fields,
};

/// What customers are asked when their ticket is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// The question.
    pub title: Option<String>,
    /// Whether it is asked at all.
    pub enabled: Option<bool>,
    /// What stands under the question.
    pub note: Option<String>,
    /// The possible answers.
    pub options: Vec<SurveyOption>,
}

/// One answer of a survey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SurveyOption {
    /// The number that stands for it.
    pub vote_number: i64,
    /// What customers read.
    pub name: Option<String>,
}

impl Survey {
    fn read(raw: &RawValue) -> Option<Survey> {
        let fields = Fields::of(raw)?;
        Some(Survey {
            title: fields.text("title"),
            enabled: fields.flag("enable"),
            note: fields.text("note"),
            options: fields.objects("options", |option| {
                Some(SurveyOption { vote_number: option.integer("vote_number")?, name: option.text("name") })
            }),
        })
    }
}

impl V2 {
    /// The survey: `GET /open_api_v1/tickets/surveys` (§5.1). The vendor's sample misspells the key that its
    /// table has, so both are read.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn survey(&self) -> Result<Survey, Error> {
        let endpoint = Endpoint::v2("GET", "/tickets/surveys", Operation::Read);
        let read = |answer: &Answer<'_>| {
            let key = if answer.raw("ticket_servey").is_some() { "ticket_servey" } else { "ticket_survey" };
            answer.one(key, Survey::read)
        };
        self.0.send(&Request::read(endpoint, vec![]), read).await
    }
}
