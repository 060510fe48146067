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

/// The body of a vote.
#[derive(Serialize)]
struct Vote<'a> {
    ticket_id: u64,
    vote_number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    vote_desc: Option<&'a str>,
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

    /// Files the customer's answer to the survey about a ticket, with the customer's words if there are any: `PUT
    /// /open_api_v1/tickets/take_survey` (§5.1). `vote_number` is that of a [`SurveyOption`].
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn take_survey(
        &self,
        ticket_id: u64,
        vote_number: i64,
        words: Option<&str>,
    ) -> Result<(), Error> {
        let endpoint = Endpoint::v2("PUT", "/tickets/take_survey", Operation::UpdateTicket);
        let vote = Vote { ticket_id, vote_number, vote_desc: words };
        self.0.send(&Request::write(endpoint, &vote)?, |_| Ok(())).await
    }
}
