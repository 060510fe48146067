//! Writing and removing the options of a ticket field (§7.3, §7.4); an administrator's business.

use bytes::Bytes;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use super::{
    answer::Answer,
    client::Client,
    error::Error,
    query::Query,
    request::{Endpoint, Request, RequestId},
    scalar::Fields,
};

/// An option to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionWrite {
    /// The text that people choose; neither empty nor twice in one request.
    pub option_name: String,
    /// The id of the option in another system, as text: `001` keeps its zeros.
    pub extend_id: Option<String>,
    /// Where it stands in a cascade; nothing for a drop-down.
    pub parent: Option<OptionParent>,
}

/// The place of an option in a cascade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionParent {
    /// On the first level.
    Root,
    /// Below the option with this Bangwo8 id.
    Id(String),
    /// Below the option with this external id.
    ExtendId(String),
}

/// The option to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionRef {
    /// By its Bangwo8 id.
    Id(String),
    /// By its external id.
    ExtendId(String),
    /// By both. If they mean different options, `extend_id` wins; if there is none with `extend_id`, `id` is used.
    /// One of the vendor's error texts forbids to give both, so one alone is safer.
    Either {
        /// The Bangwo8 id.
        id: String,
        /// The external id.
        extend_id: String,
    },
}

/// A field and its options after a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldOptions {
    /// `columnId`: the field's id.
    pub column_id: String,
    /// The field's name.
    pub name: Option<String>,
    /// What `custom_fields` call the field.
    pub key: Option<String>,
    /// The field's type: [`DROPDOWN`](super::field_type::DROPDOWN) or [`CASCADE`](super::field_type::CASCADE).
    pub field_type: Option<u8>,
    /// The options.
    pub options: Vec<WrittenOption>,
}

/// An option as a write returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenOption {
    /// `optionId`: the Bangwo8 id. It can be 0, as in the sample of a cascade.
    pub id: String,
    /// `optionName`.
    pub name: Option<String>,
    /// `extendId`: the external id, as text.
    pub extend_id: Option<String>,
}

impl Client {
    /// Replaces all options of a drop-down: `PUT /tickets/ticket_fields/{columnId}/allOptions.json` (§7.3). What is
    /// not among `options` is gone afterwards.
    ///
    /// # Errors
    /// [`Configuration`](Error::Configuration) for an option with a parent, which a drop-down has not;
    /// [`FieldNotFound`](Error::FieldNotFound), [`NotADropDown`](Error::NotADropDown),
    /// [`OptionNameEmpty`](Error::OptionNameEmpty), [`OptionNameRepeated`](Error::OptionNameRepeated); any other
    /// [`Error`] but those of a creation.
    pub async fn replace_field_options(
        &self,
        column_id: &str,
        options: &[OptionWrite],
        request_id: &RequestId,
    ) -> Result<FieldOptions, Error> {
        if options.iter().any(|option| option.parent.is_some()) {
            let why = "only a cascade has options with a parent, and only upserting writes them";
            return Err(Error::Configuration { why, source: None });
        }
        self.put_options(replacement(column_id, options), request_id).await
    }

    /// Changes the options of a drop-down or a cascade that are there and adds the others:
    /// `PUT /tickets/ticket_fields/{columnId}/options.json` (§7.3). None is removed. Whether an option is there, is
    /// judged by its external id or its name; the document does not say by which.
    ///
    /// # Errors
    /// Those of [`replace_field_options`](Client::replace_field_options), and parents are allowed.
    pub async fn upsert_field_options(
        &self,
        column_id: &str,
        options: &[OptionWrite],
        request_id: &RequestId,
    ) -> Result<FieldOptions, Error> {
        self.put_options(upsert(column_id, options), request_id).await
    }

    /// Removes an option and returns what it was: `DELETE /tickets/ticket_fields/{columnId}/options.json` (§7.4).
    ///
    /// # Errors
    /// [`FieldNotFound`](Error::FieldNotFound), [`OptionNotFound`](Error::OptionNotFound),
    /// [`OptionIdMissing`](Error::OptionIdMissing) for empty ids; any other [`Error`] but those of a creation.
    pub async fn delete_field_option(
        &self,
        column_id: &str,
        option: &OptionRef,
        request_id: &RequestId,
    ) -> Result<WrittenOption, Error> {
        let (endpoint, query) = removal(column_id, option);
        // As in the document's sample: the media type of a form, no form, the parameters in the query.
        let request = Request::write_raw(endpoint, query, "multipart/form-data", Bytes::new(), request_id);
        self.send(&request, |answer| {
            WrittenOption::read(&answer.body, self.time_zone())
                .ok_or_else(|| answer.endpoint.bad_answer("it has no optionId"))
        })
        .await
    }

    async fn put_options(
        &self,
        (endpoint, options): (Endpoint, Vec<Wire<'_>>),
        request_id: &RequestId,
    ) -> Result<FieldOptions, Error> {
        let request = Request::write(endpoint, &options, request_id)?;
        self.send(&request, |answer| FieldOptions::read(answer, self.time_zone())).await
    }
}

/// What the replacement of all options sends.
pub(super) fn replacement<'a>(column_id: &str, options: &'a [OptionWrite]) -> (Endpoint, Vec<Wire<'a>>) {
    let endpoint = Endpoint::put(&["tickets", "ticket_fields", column_id, "allOptions"]);
    (endpoint, options.iter().map(OptionWrite::wire).collect())
}

/// What a change and addition of options sends.
pub(super) fn upsert<'a>(column_id: &str, options: &'a [OptionWrite]) -> (Endpoint, Vec<Wire<'a>>) {
    let endpoint = Endpoint::put(&["tickets", "ticket_fields", column_id, "options"]);
    (endpoint, options.iter().map(OptionWrite::wire).collect())
}

/// What the removal of an option sends.
pub(super) fn removal(column_id: &str, option: &OptionRef) -> (Endpoint, Query) {
    (Endpoint::delete(&["tickets", "ticket_fields", column_id, "options"]), option.query())
}

/// An option as the vendor reads it; all of it is text in the samples.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extend_parent_id: Option<&'a str>,
    option_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extend_id: Option<&'a str>,
}

impl OptionWrite {
    fn wire(&self) -> Wire<'_> {
        let (parent_id, extend_parent_id) = match &self.parent {
            None => (None, None),
            Some(OptionParent::Root) => (Some("0"), None),
            Some(OptionParent::Id(id)) => (Some(id.as_str()), None),
            Some(OptionParent::ExtendId(id)) => (None, Some(id.as_str())),
        };
        let extend_id = self.extend_id.as_deref();
        Wire { parent_id, extend_parent_id, option_name: &self.option_name, extend_id }
    }
}

impl OptionRef {
    fn query(&self) -> Query {
        let (id, extend_id) = match self {
            OptionRef::Id(id) => (Some(id), None),
            OptionRef::ExtendId(extend_id) => (None, Some(extend_id)),
            OptionRef::Either { id, extend_id } => (Some(id), Some(extend_id)),
        };
        Query::new().with("extendId", extend_id).with("optionId", id)
    }
}

impl FieldOptions {
    fn read(answer: &Answer, time_zone: &TimeZone) -> Result<FieldOptions, Error> {
        let bad = || answer.endpoint.bad_answer("it has no columnId");
        let fields = Fields::of(&answer.body, time_zone).ok_or_else(bad)?;
        Ok(FieldOptions {
            column_id: fields.id("columnId").ok_or_else(bad)?,
            name: fields.text("name"),
            key: fields.text("key"),
            field_type: fields.number("type"),
            options: answer.list("custom_field_options", |option| WrittenOption::read(option, time_zone))?,
        })
    }
}

impl WrittenOption {
    fn read(value: &Value, time_zone: &TimeZone) -> Option<WrittenOption> {
        let fields = Fields::of(value, time_zone)?;
        Some(WrittenOption {
            id: fields.text("optionId")?,
            name: fields.text("optionName"),
            extend_id: fields.text("extendId"),
        })
    }
}
